//! The chain of the audit trail as SQL. The database itself gives each event its place, its time, the digest of the
//! event before and its own, so that an event costs no round trip and is written by the transaction of what it tells of.
//!
//! What this side knows of an event is one text already: its canonical JSON (RFC 8785), cut at the places that the
//! database fills in. All of those are plain ASCII or escaped here, so that what comes together is canonical, too.

use serde_json::{Map, Value};

use super::cells::{Cells, bad};
use super::pieces::{Piece, pieces};
use super::{RecordSql, Upsert};
use crate::audit::{GENESIS, digest};
use crate::driver::{ChainFilter, ChainHead, ChainRow, Draft, Rows};
use crate::error::Result;

/// An event that is to be appended.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// What this side knows of it.
    pub(super) fields: Map<String, Value>,
    /// When it happened.
    pub(super) when: When,
    /// What else the database fills in: a field's name, or `details.` and one; and an expression for a text of ASCII.
    pub(super) filled: Vec<(String, String)>,
    /// Only where this holds of the head, `p`.
    pub(super) only: Option<&'static str>,
}

/// When an event happened.
#[derive(Debug, Clone)]
pub(super) enum When {
    /// Now.
    Now,
    /// When the execution of this number, or with a number that is this expression, began.
    Started(String),
    /// When it ended.
    Ended(String),
    /// The same, and the event tells how long it took.
    Finished(String),
}

impl RecordSql {
    /// Events that are no part of another write.
    pub fn append(&self, events: &[Draft]) -> Vec<String> {
        let lines = events.iter().map(|event| Line {
            fields: event.0.clone(),
            when: When::Now,
            filled: Vec::new(),
            only: None,
        });
        self.chained(&lines.collect::<Vec<_>>())
    }

    /// The statements that append events to the chain, in order. The first one pins the head, so that whoever appends
    /// meanwhile waits; they come last in their transaction.
    pub(super) fn chained(&self, lines: &[Line]) -> Vec<String> {
        if lines.is_empty() {
            return Vec::new();
        }
        let mut statements: Vec<String> = lines
            .iter()
            .enumerate()
            .map(|(index, line)| self.insert_event(index, line))
            .collect();
        if self.dialect.sha256.is_some() {
            statements.push(self.move_head(lines.len()));
        }
        statements
    }

    fn insert_event(&self, index: usize, line: &Line) -> String {
        let (at, history) = match &line.when {
            When::Now => (self.dialect.now, None),
            When::Started(rank) => ("e.started_at", Some(rank)),
            When::Ended(rank) | When::Finished(rank) => ("e.finished_at", Some(rank)),
        };
        let slots = self.slots(line, at, history.is_some());
        let text = self.event_text(&line.fields, &slots);
        let mut from = self.before(index);
        let mut conditions: Vec<String> = line.only.map(ToOwned::to_owned).into_iter().collect();
        if let Some(rank) = history {
            from = format!(
                "{from} CROSS JOIN {} e",
                self.table("migration_execution_history")
            );
            conditions.push(format!("e.execution_id = {rank}"));
        }
        let only = if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", conditions.join(" AND "))
        };
        let sealed = self
            .dialect
            .sha256
            .map_or_else(|| "''".to_owned(), |sha256| sha256("n.event"));
        format!(
            "INSERT INTO {} (sequence, event, digest) SELECT n.sequence, n.event, {sealed} FROM \
             (SELECT p.sequence + 1 AS sequence, {text} AS event FROM {from}{only}) n",
            self.table("audit_events")
        )
    }

    /// What the database fills in: a field, and the expressions that make it up.
    fn slots(&self, line: &Line, at: &str, history: bool) -> Vec<(String, Vec<String>)> {
        let sql = |text: &str| text.to_owned();
        let mut slots = vec![
            (sql("at"), vec![self.to_the_millisecond(at)]),
            (sql("databaseId"), vec![sql("p.database_id")]),
            (
                sql("id"),
                vec![sql("p.database_id"), self.text(":"), sql("p.sequence + 1")],
            ),
            (sql("previous"), vec![sql("p.digest")]),
            (sql("sequence"), vec![sql("p.sequence + 1")]),
        ];
        if let Some(login) = self.dialect.login {
            slots.push((sql("actor.login"), vec![self.escaped(login)]));
        }
        if history {
            slots.push((sql("run"), vec![sql("e.run_id")]));
            slots.push((sql("details.execution"), vec![sql("e.execution_id")]));
        }
        if let When::Finished(_) = line.when {
            let began = self.to_the_millisecond("e.started_at");
            slots.push((sql("startedAt"), vec![began]));
            slots.push((sql("durationMs"), vec![sql("coalesce(e.duration_ms, 0)")]));
        }
        let filled = line.filled.iter();
        slots.extend(filled.map(|(name, sql)| (name.clone(), vec![sql.clone()])));
        slots
    }

    /// The event before the one of this number in the write.
    fn before(&self, index: usize) -> String {
        let heads = self.table("audit_heads");
        let (hint, hold) = self.dialect.grammar.hold_row;
        if self.dialect.sha256.is_none() {
            return format!(
                "(SELECT database_id, sequence + {index} AS sequence, '' AS digest FROM {heads} WHERE chain = 'this') p"
            );
        }
        if index == 0 {
            return format!(
                "(SELECT database_id, sequence, digest FROM {heads}{hint} WHERE chain = 'this'{hold}) p"
            );
        }
        format!(
            "(SELECT h.database_id, a.sequence, a.digest FROM {heads} h JOIN {} a ON a.sequence = h.sequence + {index} \
             WHERE h.chain = 'this') p",
            self.table("audit_events")
        )
    }

    /// Where an event could not be appended, because the head is not there, the head stays where it is.
    fn move_head(&self, by: usize) -> String {
        let heads = self.table("audit_heads");
        let events = self.table("audit_events");
        // Some databases assign from left to right and see what they have assigned.
        format!(
            "UPDATE {heads} SET digest = (SELECT digest FROM {events} WHERE sequence = {heads}.sequence + {by}), \
             sequence = sequence + {by} WHERE chain = 'this' AND EXISTS (SELECT 1 FROM {events} \
             WHERE sequence = {heads}.sequence + {by})"
        )
    }

    fn to_the_millisecond(&self, time: &str) -> String {
        format!("concat(substring({}, 1, 23), 'Z')", (self.dialect.iso)(time))
    }

    /// A name as JSON has it between quotes. Servers refuse control characters in logins.
    fn escaped(&self, text: &str) -> String {
        format!(
            "replace(replace({text}, {back}, {backs}), {quote}, {quoted})",
            back = self.text("\\"),
            backs = self.text("\\\\"),
            quote = self.text("\""),
            quoted = self.text("\\\"")
        )
    }

    fn event_text(&self, fields: &Map<String, Value>, slots: &[(String, Vec<String>)]) -> String {
        let names: Vec<&str> = slots.iter().map(|(name, _)| name.as_str()).collect();
        let mut parts: Vec<String> = Vec::new();
        let mut known = String::new();
        for piece in pieces(fields, &names) {
            let (quote, slot) = match piece {
                Piece::Known(text) => {
                    known.push_str(&text);
                    continue;
                }
                Piece::Text(slot) => ("\"", slot),
                Piece::Number(slot) => ("", slot),
            };
            known.push_str(quote);
            parts.push(self.text(&std::mem::take(&mut known)));
            parts.extend(slots[slot].1.iter().cloned());
            known.push_str(quote);
        }
        parts.push(self.text(&known));
        (self.dialect.grammar.long_concat)(&parts.join(", "))
    }

    /// Where the chain ends: one row, or none.
    pub fn chain_head(&self) -> String {
        format!(
            "SELECT database_id, sequence, digest FROM {} WHERE chain = 'this'",
            self.table("audit_heads")
        )
    }

    /// Reads the answer to [`RecordSql::chain_head`].
    pub fn read_chain_head(&self, answers: &[Rows]) -> Result<Option<ChainHead>> {
        let Some(row) = answers.iter().flat_map(|rows| &rows.cells).next() else {
            return Ok(None);
        };
        let mut cells = Cells::new(row);
        Ok(Some(ChainHead {
            database_id: cells.owned()?,
            sequence: cells.parsed()?,
            digest: cells.owned()?,
        }))
    }

    /// Events of the chain.
    pub fn chain(&self, filter: &ChainFilter) -> String {
        let unsigned = if filter.unsigned {
            " AND signature IS NULL"
        } else {
            ""
        };
        let query = format!(
            "SELECT sequence, event, digest, signature FROM {} WHERE sequence > {}{unsigned} ORDER BY sequence",
            self.table("audit_events"),
            filter.after,
        );
        (self.dialect.grammar.first_rows)(&query, Some(filter.limit))
    }

    /// Reads the answer to [`RecordSql::chain`].
    pub fn read_chain(&self, answers: &[Rows]) -> Result<Vec<ChainRow>> {
        answers
            .iter()
            .flat_map(|rows| &rows.cells)
            .map(|row| {
                let mut cells = Cells::new(row);
                Ok(ChainRow {
                    sequence: cells.parsed()?,
                    text: cells.owned()?,
                    digest: cells.owned()?,
                    signature: cells.optional_owned()?,
                })
            })
            .collect()
    }

    /// Writes signatures beside events, in one statement.
    pub fn sign(&self, signatures: &[(u64, String)]) -> Vec<String> {
        if signatures.is_empty() {
            return Vec::new();
        }
        let places: Vec<String> = signatures.iter().map(|(place, _)| place.to_string()).collect();
        let cases: Vec<String> = signatures
            .iter()
            .map(|(place, signature)| format!("WHEN {place} THEN {}", self.text(signature)))
            .collect();
        vec![format!(
            "UPDATE {} SET signature = CASE sequence {} END WHERE sequence IN ({}) AND signature IS NULL",
            self.table("audit_events"),
            cases.join(" "),
            places.join(", ")
        )]
    }

    /// Reads the events that were appended and have no digest yet, for a database that cannot make one
    /// ([`super::RecordDialect::sha256`]). To be asked in the transaction that appended them.
    pub fn unsealed(&self) -> String {
        format!(
            "SELECT a.sequence, a.event, h.digest FROM {} h JOIN {} a ON a.sequence > h.sequence \
             WHERE h.chain = 'this' AND a.digest = '' ORDER BY a.sequence",
            self.table("audit_heads"),
            self.table("audit_events")
        )
    }

    /// The statements that seal what the answer to [`RecordSql::unsealed`] holds.
    pub fn seal(&self, unsealed: &Rows) -> Result<Vec<String>> {
        let mut statements = Vec::new();
        let mut head: Option<(u64, String)> = None;
        for row in &unsealed.cells {
            let mut cells = Cells::new(row);
            let sequence: u64 = cells.parsed()?;
            let text = cells.text()?;
            let before = cells.owned()?;
            let previous = head.map_or(before, |(_, digest)| digest);
            let text = linked(text, &previous)
                .ok_or_else(|| bad(format!("event {sequence} of the audit trail is no JSON")))?;
            let sealed = digest(&text);
            statements.push(format!(
                "UPDATE {} SET event = {}, digest = '{sealed}' WHERE sequence = {sequence}",
                self.table("audit_events"),
                self.text(&text)
            ));
            head = Some((sequence, sealed));
        }
        if let Some((sequence, digest)) = head {
            statements.push(format!(
                "UPDATE {} SET sequence = {sequence}, digest = '{digest}' WHERE chain = 'this'",
                self.table("audit_heads")
            ));
        }
        Ok(statements)
    }

    /// The head of a new chain.
    pub(super) fn new_head(&self, database_id: &str) -> String {
        self.upsert(&Upsert {
            table: &self.table("audit_heads"),
            columns: "chain, database_id, sequence, digest",
            values: &format!("'this', {}, 0, '{GENESIS}'", self.text(database_id)),
            key: "chain",
            assignments: None,
        })
    }
}

fn linked(text: &str, previous: &str) -> Option<String> {
    let mut fields: Map<String, Value> = serde_json::from_str(text).ok()?;
    fields.insert("previous".to_owned(), Value::from(previous));
    serde_json_canonicalizer::to_string(&fields).ok()
}
