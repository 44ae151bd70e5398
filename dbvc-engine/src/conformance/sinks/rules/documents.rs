//! Documents: kept beside the events, and replaced by later ones.

use serde_json::{Map, Value, json};

use super::sink_rules;
use crate::audit::{AuditSink, Container, Document};
use crate::conformance::rule::{Stop, Verdict, ensure};
use crate::conformance::sinks::SinkWorld;
use crate::error::ErrorKind;

sink_rules!("documents":
    a_document_comes_back_as_it_was,
    a_later_one_replaces_it,
    containers_and_databases_do_not_mix,
    any_id_is_possible,
    one_is_read_by_its_id,
    a_hundred_and_fifty_are_kept_in_order,
    what_is_kept_is_told_by_its_digest,
    a_document_of_five_megabytes_is_kept,
    a_sink_without_documents_says_so,
);

const CONTAINERS: [Container; 3] = [
    Container::SchemaSnapshots,
    Container::Migrations,
    Container::Anchors,
];

async fn keeper(world: &SinkWorld) -> Result<Box<dyn AuditSink>, Stop> {
    let sink = world.sink().await?;
    if sink.keeps_documents() {
        Ok(sink)
    } else {
        Err(Stop::NotApplicable("this sink keeps events only".into()))
    }
}

fn document(database: &str, id: &str, content: &Value) -> Document {
    Document {
        id: id.to_owned(),
        database_id: database.to_owned(),
        content: content.as_object().cloned().unwrap_or_else(Map::new),
    }
}

/// With all that is in it, nested and of every kind; also names that a container has for itself.
async fn a_document_comes_back_as_it_was(world: &SinkWorld) -> Verdict {
    let mut sink = keeper(world).await?;
    let content = json!({
        "id": 7, "databaseId": [1], "kind": "mine", "_ts": "x", "content": {"content": null},
        "version": "1.2.0", "at": "2026-11-21T04:55:54.123Z", "size": 9_007_199_254_740_991_u64,
        "share": 0.5, "flags": [true, false, null], "words": "äöü 🦀 \u{0} '\"\\", "empty": {}
    });
    let one = document("shop", "V1", &content);
    sink.keep(Container::Migrations, std::slice::from_ref(&one))
        .await?;
    let found = world
        .again()
        .await?
        .documents("shop", Container::Migrations, None)
        .await?;
    ensure!(found == [one.clone()], "kept {one:?}, and found {found:?}");
    Ok(())
}

/// The same id in the same container: the newest is found, alone. Also within one call.
async fn a_later_one_replaces_it(world: &SinkWorld) -> Verdict {
    let mut sink = keeper(world).await?;
    let versions: Vec<Document> = (1..=4)
        .map(|n| document("shop", "V1", &json!({"n": n})))
        .collect();
    sink.keep(Container::Migrations, &versions[..1]).await?;
    sink.keep(Container::Migrations, &versions[1..2]).await?;
    let found = sink.documents("shop", Container::Migrations, None).await?;
    ensure!(found == versions[1..2], "found {found:?}");
    sink.keep(Container::Migrations, &versions[2..]).await?;
    let found = sink.documents("shop", Container::Migrations, None).await?;
    ensure!(found == versions[3..], "found {found:?}");
    Ok(())
}

/// The same id in another container or of another database is another document.
async fn containers_and_databases_do_not_mix(world: &SinkWorld) -> Verdict {
    let mut sink = keeper(world).await?;
    let make = |database: &str, container: Container| {
        document(
            database,
            "same",
            &json!({"of": format!("{database} {container:?}")}),
        )
    };
    for container in CONTAINERS {
        sink.keep(container, &[make("shop", container)]).await?;
        sink.keep(container, &[make("till", container)]).await?;
    }
    for container in CONTAINERS {
        for database in ["shop", "till"] {
            let found = sink.documents(database, container, None).await?;
            ensure!(
                found == [make(database, container)],
                "{database} {container:?} has {found:?}"
            );
        }
    }
    Ok(())
}

/// File names, versions and signs; also those that a service does not allow in its own ids.
async fn any_id_is_possible(world: &SinkWorld) -> Verdict {
    let mut sink = keeper(world).await?;
    let ids = [
        "#1",
        "%2F",
        "?x=1",
        "V1.2.0",
        "a/b",
        "a\\b",
        "it's",
        "spaces in it ",
        "äöü 🦀",
    ];
    let mut documents: Vec<Document> = ids
        .iter()
        .map(|id| document("shop", id, &json!({"is": id})))
        .collect();
    sink.keep(Container::SchemaSnapshots, &documents).await?;
    let mut found = sink.documents("shop", Container::SchemaSnapshots, None).await?;
    documents.sort_by(|a, b| a.id.cmp(&b.id));
    found.sort_by(|a, b| a.id.cmp(&b.id));
    ensure!(found == documents, "found {found:?}");
    for one in &documents {
        let found = sink
            .documents("shop", Container::SchemaSnapshots, Some(&one.id))
            .await?;
        ensure!(found == [one.clone()], "by its id {}: {found:?}", one.id);
    }
    Ok(())
}

/// The newest of that container and database, and nothing where there is none.
async fn one_is_read_by_its_id(world: &SinkWorld) -> Verdict {
    let mut sink = keeper(world).await?;
    let (old, new) = (json!({"n": 1}), json!({"n": 2}));
    for content in [&old, &new] {
        let one = document("shop", "V1", content);
        sink.keep(Container::Migrations, &[one, document("shop", "V2", content)])
            .await?;
    }
    sink.keep(Container::Anchors, &[document("shop", "V3", &old)])
        .await?;
    sink.keep(Container::Migrations, &[document("till", "V1", &old)])
        .await?;
    let mut sink = world.again().await?;
    let found = sink.documents("shop", Container::Migrations, Some("V1")).await?;
    ensure!(found == [document("shop", "V1", &new)], "found {found:?}");
    for nowhere in ["V3", "V", ""] {
        let found = sink
            .documents("shop", Container::Migrations, Some(nowhere))
            .await?;
        ensure!(found.is_empty(), "found {found:?} as `{nowhere}`");
    }
    Ok(())
}

/// More than a message holds; they come by their ids.
async fn a_hundred_and_fifty_are_kept_in_order(world: &SinkWorld) -> Verdict {
    let mut sink = keeper(world).await?;
    let documents: Vec<Document> = (0..150)
        .map(|n| document("shop", &format!("V{n:03}"), &json!({"n": n})))
        .collect();
    let mut backwards = documents.clone();
    backwards.reverse();
    sink.keep(Container::Migrations, &backwards).await?;
    let found = sink.documents("shop", Container::Migrations, None).await?;
    ensure!(found == documents, "found {} of 150, or not by id", found.len());
    Ok(())
}

/// Each id with the digest of its newest content, of this container and database alone.
async fn what_is_kept_is_told_by_its_digest(world: &SinkWorld) -> Verdict {
    let mut sink = keeper(world).await?;
    let old = document("shop", "V1", &json!({"n": 1}));
    let new = document("shop", "V1", &json!({"n": 2, "words": "äöü \" \\ 🦀"}));
    let other = document("shop", "V2", &json!({"n": 2}));
    sink.keep(Container::Migrations, &[old, other.clone()]).await?;
    sink.keep(Container::Migrations, std::slice::from_ref(&new))
        .await?;
    sink.keep(Container::Migrations, &[document("till", "V3", &json!({}))])
        .await?;
    sink.keep(Container::Anchors, &[document("shop", "V4", &json!({}))])
        .await?;
    let found = world.again().await?.kept("shop", Container::Migrations).await?;
    let wanted = [&new, &other].map(|one| (one.id.clone(), one.digest()));
    ensure!(
        found == wanted.clone().into(),
        "kept {wanted:?}, and told {found:?}"
    );
    Ok(())
}

/// A schema's snapshot has no bounds. Whoever has a limit for one item makes several of it, and tells of one.
async fn a_document_of_five_megabytes_is_kept(world: &SinkWorld) -> Verdict {
    let mut sink = keeper(world).await?;
    let small = document("shop", "snapshot-1", &json!({"content": "small"}));
    let text = "\"column\": \"ä 🦀\"\n".repeat(250_000);
    let large = document(
        "shop",
        "snapshot-2",
        &json!({"content": text, "entry": {"id": 2}}),
    );
    sink.keep(Container::SchemaSnapshots, &[small.clone(), large.clone()])
        .await?;
    // The same again, as after an answer that got lost.
    sink.keep(Container::SchemaSnapshots, std::slice::from_ref(&large))
        .await?;
    let mut sink = world.again().await?;
    let told = sink.kept("shop", Container::SchemaSnapshots).await?;
    let wanted = [&small, &large].map(|one| (one.id.clone(), one.digest()));
    ensure!(told == wanted.into(), "told {told:?}");
    let one = sink
        .documents("shop", Container::SchemaSnapshots, Some("snapshot-2"))
        .await?;
    ensure!(
        one == std::slice::from_ref(&large),
        "the large one is not as it was"
    );
    let found = sink.documents("shop", Container::SchemaSnapshots, None).await?;
    ensure!(
        found == [small, large],
        "found {} documents, or not as they were",
        found.len()
    );
    Ok(())
}

/// It refuses as [`ErrorKind::Unsupported`], and has none.
async fn a_sink_without_documents_says_so(world: &SinkWorld) -> Verdict {
    let mut sink = world.sink().await?;
    if sink.keeps_documents() {
        return Err(Stop::NotApplicable("this sink keeps documents".into()));
    }
    let one = document("shop", "V1", &json!({}));
    match sink.keep(Container::Migrations, &[one]).await {
        Err(error) if error.kind == ErrorKind::Unsupported => {}
        other => return Err(Stop::broken(format!("keeping: {other:?}"))),
    }
    let found = sink.documents("shop", Container::Migrations, None).await?;
    ensure!(found.is_empty(), "found {found:?}");
    Ok(())
}
