//! Reading the chain, signing it, and sealing what a database without digests appends.

use serde_json::{Map, Value};

use super::cells::{Cells, bad};
use super::{Missing, RecordSql};
use crate::audit::digest;
use crate::driver::{ChainFilter, ChainHead, ChainRow, Rows};
use crate::error::{Operation, Result};

impl RecordSql {
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

    /// The statements that seal what the answer to [`RecordSql::unsealed`] holds: all events that `statements` have
    /// appended. [`crate::error::ErrorKind::TrailBroken`] where one of them is not there.
    pub fn seal(&self, statements: &[String], unsealed: &Rows) -> Result<Vec<String>> {
        let append = format!("INSERT INTO {} ", self.table("audit_events"));
        let appended = statements.iter().filter(|sql| sql.starts_with(&append)).count();
        if unsealed.cells.len() < appended {
            return Err(Missing::Event.error(Operation::Record));
        }
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
}

fn linked(text: &str, previous: &str) -> Option<String> {
    let mut fields: Map<String, Value> = serde_json::from_str(text).ok()?;
    fields.insert("previous".to_owned(), Value::from(previous));
    serde_json_canonicalizer::to_string(&fields).ok()
}
