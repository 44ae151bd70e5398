//! The sink.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use azure_data_cosmos::{ContainerClient, Query};
use dbvc_engine::audit::{
    Admitted, Appended, AuditSink, Container, Document, Finding, Head, KnownChain, Sealed, admit, conflict,
    known, same,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use crate::batch::{Way, Written, fitting, write};
use crate::client::Client;
use crate::document::{KeptDigest, KeptDocument, Parts, by_place, items, kind_of_parts};
use crate::error::Trouble;
use crate::item::{EVENTS, FirstEvent, Item, KeptEvent, LIST, LISTED, Place, container_of};
use crate::query::ask;

/// How often a batch is looked at that is told to be there and is not seen yet; reads may lag behind writes.
const LOOKS: u32 = 8;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// An account that is open.
#[derive(Debug)]
pub(crate) struct CosmosSink {
    client: Client,
    /// The ends of chains as this sink last saw them. They only move on, so an old one costs time and nothing else.
    heads: BTreeMap<String, Head>,
    remarks: Vec<Finding>,
}

impl CosmosSink {
    pub(crate) async fn open(mut client: Client) -> Result<Self> {
        client.container(EVENTS).await?;
        Ok(Self {
            client,
            heads: BTreeMap::new(),
            remarks: Vec::new(),
        })
    }

    async fn query<T: serde::de::DeserializeOwned + Send + 'static>(
        &mut self,
        container: &'static str,
        partition: &str,
        query: azure_data_cosmos::Result<Query>,
        at_most: usize,
    ) -> Result<Vec<T>> {
        let failed = self.client.failed(Operation::Record);
        let container = self.client.container(container).await?;
        let query = query.map_err(Trouble::from).map_err(&failed)?;
        let found = ask(&container, partition, &query, at_most, self.client.longest()).await;
        found.map_err(failed)
    }

    /// The digests of what is kept of these.
    async fn digests(&mut self, chain: &str, events: &[Admitted<'_>]) -> Result<Vec<(u64, String)>> {
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            return Ok(Vec::new());
        };
        let query = Query::from(
            "SELECT c.sequence, c.digest FROM c WHERE c.databaseId = @chain AND c.sequence >= @from AND c.sequence <= @to \
             ORDER BY c.sequence",
        )
        .with_parameter("@chain", chain)
        .and_then(|query| query.with_parameter("@from", first.event.sequence))
        .and_then(|query| query.with_parameter("@to", last.event.sequence));
        let places: Vec<Place> = self.query(EVENTS, chain, query, usize::MAX).await?;
        let pairs = places.into_iter().map(|place| (place.sequence, place.digest));
        Ok(pairs.collect())
    }

    /// How many of the events are kept already; looks again where what it remembers is too old.
    async fn known(&mut self, chain: &str, events: &[Admitted<'_>]) -> Result<usize> {
        if let Some(head) = self.heads.get(chain)
            && let Ok(count) = known(Some(head), events)
        {
            return Ok(count);
        }
        let head = self.head(chain).await?;
        known(head.as_ref(), events)
    }

    /// Puts a chain that begins on the list of chains, before its first event: one that is kept is always listed.
    async fn list(&mut self, begun: &Admitted<'_>) -> Result<()> {
        let failed = self.client.failed(Operation::Record);
        let container = self.client.container(EVENTS).await?;
        let item = Item::first(begun)?;
        let written = write(&container, LIST, &[item], Way::Create, self.client.patience()).await;
        // Where it is there, another run was first.
        written.map(drop).map_err(failed)
    }

    /// Writes new events, a batch at a time.
    async fn add(&mut self, chain: &str, events: &[Admitted<'_>]) -> Result<Appended> {
        let container = self.client.container(EVENTS).await?;
        let mut appended = Appended::default();
        let mut done = 0;
        while done < events.len() {
            // Only what may go into the next batch is turned into JSON.
            let window = &events[done..events.len().min(done + 100)];
            let items = window.iter().map(Item::event).collect::<Result<Vec<Item>>>()?;
            let count = fitting(&items);
            let batch = self
                .add_batch(&container, chain, &window[..count], &items[..count])
                .await?;
            appended.new += batch.new;
            appended.known += batch.known;
            done += count;
        }
        Ok(appended)
    }

    /// One batch. Where an id of it is there, another run shipped the same events, or an answer got lost: what is there is
    /// compared, and the rest is written.
    async fn add_batch(
        &mut self,
        container: &ContainerClient,
        chain: &str,
        events: &[Admitted<'_>],
        items: &[Item],
    ) -> Result<Appended> {
        let failed = self.client.failed(Operation::Record);
        let patience = self.client.patience();
        let mut missing: Vec<usize> = (0..events.len()).collect();
        for _ in 0..LOOKS {
            let part: Vec<Item> = missing.iter().map(|index| items[*index].clone()).collect();
            let written = write(container, chain, &part, Way::Create, patience).await;
            if written.map_err(&failed)? == Written::All {
                return Ok(Appended {
                    new: missing.len() as u64,
                    known: (events.len() - missing.len()) as u64,
                });
            }
            let before = missing.len();
            let kept: BTreeMap<u64, String> = self.digests(chain, events).await?.into_iter().collect();
            missing.clear();
            for (index, one) in events.iter().enumerate() {
                match kept.get(&one.event.sequence) {
                    Some(digest) if *digest == one.sealed.digest => {}
                    Some(digest) => return Err(conflict(&one.event.id, digest, &one.sealed.digest)),
                    None => missing.push(index),
                }
            }
            if missing.is_empty() {
                return Ok(Appended {
                    new: 0,
                    known: events.len() as u64,
                });
            }
            if missing.len() == before {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        }
        let message = format!("events of {chain} are said to be there, and are not seen");
        Err(DriverError::new(ErrorKind::Conflict, Operation::Record, message))
    }
}

/// A query for what is of one kind.
fn of_kind(select: &str, chain: &str, kind: &str) -> azure_data_cosmos::Result<Query> {
    Query::from(format!("{select} WHERE c.databaseId = @chain AND c.kind = @kind"))
        .with_parameter("@chain", chain)
        .and_then(|query| query.with_parameter("@kind", kind))
}

/// The same, of one document where it is named.
fn of_document(select: &str, chain: &str, kind: &str, id: Option<&str>) -> azure_data_cosmos::Result<Query> {
    let Some(id) = id else {
        return of_kind(select, chain, kind);
    };
    let one = format!("{select} WHERE c.documentId = @document AND c.databaseId = @chain AND c.kind = @kind");
    Query::from(one)
        .with_parameter("@document", id)
        .and_then(|query| query.with_parameter("@chain", chain))
        .and_then(|query| query.with_parameter("@kind", kind))
}

#[async_trait]
impl AuditSink for CosmosSink {
    async fn append(&mut self, events: &[Sealed]) -> Result<Appended> {
        let admitted = admit(events)?;
        let (Some(first), Some(last)) = (admitted.first(), admitted.last()) else {
            return Ok(Appended::default());
        };
        let chain = first.event.database_id.clone();
        let count = self.known(&chain, &admitted).await?;
        let (old, new) = admitted.split_at(count);
        if !old.is_empty() {
            same(old, &self.digests(&chain, old).await?)?;
        }
        if let Some(begun) = new.first().filter(|begun| begun.event.sequence == 1) {
            self.list(begun).await?;
        }
        let mut appended = self.add(&chain, new).await?;
        appended.known += count as u64;
        if !new.is_empty() {
            let head = Head {
                database_id: chain.clone(),
                sequence: last.event.sequence,
                digest: last.sealed.digest.clone(),
            };
            self.heads.insert(chain, head);
        }
        Ok(appended)
    }

    async fn head(&mut self, database_id: &str) -> Result<Option<Head>> {
        let query = Query::from(
            "SELECT TOP 1 c.sequence, c.digest FROM c WHERE c.databaseId = @chain ORDER BY c.sequence DESC",
        )
        .with_parameter("@chain", database_id);
        let found: Vec<Place> = self.query(EVENTS, database_id, query, 1).await?;
        let head = found.into_iter().next().map(|place| Head {
            database_id: database_id.to_owned(),
            sequence: place.sequence,
            digest: place.digest,
        });
        if let Some(head) = &head {
            self.heads.insert(database_id.to_owned(), head.clone());
        }
        Ok(head)
    }

    async fn read(&mut self, database_id: &str, after: u64, limit: usize) -> Result<Vec<Sealed>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let query = Query::from(
            "SELECT * FROM c WHERE c.databaseId = @chain AND c.sequence > @after ORDER BY c.sequence",
        )
        .with_parameter("@chain", database_id)
        .and_then(|query| query.with_parameter("@after", after));
        let found: Vec<KeptEvent> = self.query(EVENTS, database_id, query, limit).await?;
        self.remarks.extend(found.iter().filter_map(KeptEvent::remark));
        Ok(found.into_iter().map(Sealed::from).collect())
    }

    async fn chains(&mut self) -> Result<Vec<KnownChain>> {
        let query = of_kind("SELECT c.chain, c.event FROM c", LIST, LISTED);
        let firsts: Vec<FirstEvent> = self.query(EVENTS, LIST, query, usize::MAX).await?;
        let mut chains: Vec<KnownChain> = firsts.iter().map(FirstEvent::chain).collect();
        chains.sort_by(|a, b| a.database_id.cmp(&b.database_id));
        Ok(chains)
    }

    fn remarks(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.remarks)
    }

    async fn keep(&mut self, container: Container, documents: &[Document]) -> Result<()> {
        let failed = self.client.failed(Operation::Record);
        let client = self.client.container(container_of(container)).await?;
        let mut by_chain: BTreeMap<&str, Vec<Item>> = BTreeMap::new();
        for document in documents {
            let items = items(container, document)?;
            by_chain.entry(&document.database_id).or_default().extend(items);
        }
        for (chain, items) in by_chain {
            let mut rest = &items[..];
            while !rest.is_empty() {
                let (batch, later) = rest.split_at(fitting(rest));
                let written = write(&client, chain, batch, Way::Replace, self.client.patience()).await;
                if written.map_err(&failed)? == Written::There {
                    return Err(DriverError::new(
                        ErrorKind::Conflict,
                        Operation::Record,
                        "another one writes the same documents",
                    ));
                }
                rest = later;
            }
        }
        Ok(())
    }

    async fn documents(
        &mut self,
        database_id: &str,
        container: Container,
        id: Option<&str>,
    ) -> Result<Vec<Document>> {
        let (select, kind) = (
            "SELECT c.documentId, c.digest, c.parts, c.text, c.content FROM c",
            container.name(),
        );
        let place = container_of(container);
        let query = of_document(select, database_id, kind, id);
        let found: Vec<KeptDocument> = self.query(place, database_id, query, usize::MAX).await?;
        let parts = if found.iter().any(KeptDocument::is_in_parts) {
            let select = "SELECT c.documentId, c.digest, c.part, c.text FROM c";
            let query = of_document(select, database_id, &kind_of_parts(container), id);
            by_place(self.query(place, database_id, query, usize::MAX).await?)
        } else {
            Parts::default()
        };
        self.remarks.extend(found.iter().filter_map(KeptDocument::remark));
        let documents = found
            .into_iter()
            .map(|kept| kept.into_document(database_id, &parts));
        let mut documents = documents.collect::<Result<Vec<Document>>>()?;
        documents.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(documents)
    }

    async fn kept(&mut self, database_id: &str, container: Container) -> Result<BTreeMap<String, String>> {
        let query = of_kind(
            "SELECT c.documentId, c.digest FROM c",
            database_id,
            container.name(),
        );
        let place = container_of(container);
        let found: Vec<KeptDigest> = self.query(place, database_id, query, usize::MAX).await?;
        Ok(found
            .into_iter()
            .map(|kept| (kept.document_id, kept.digest))
            .collect())
    }

    fn keeps_documents(&self) -> bool {
        true
    }

    async fn close(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
