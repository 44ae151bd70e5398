//! The chain of the audit trail as SQL. The database itself gives each event its place, its time, the digest of the
//! event before and its own, so that an event costs no round trip and is written by the transaction of what it tells of.
//!
//! What this side knows of an event is one text already: its canonical JSON (RFC 8785), cut at the places that the
//! database fills in. All of those are plain ASCII or escaped there, so that what comes together is canonical, too.
//!
//! What is not there must not pass for nothing to write: where the head, or the history's entry that an event tells of,
//! is gone, the event's place or its text is NULL, and the table refuses it ([`super::Missing`]).

use serde_json::{Map, Value};

use super::pieces::{Piece, pieces};
use super::{Chaining, RecordSql, Upsert};
use crate::audit::GENESIS;
use crate::driver::Draft;

/// Events that one statement appends at most: each is a query inside the next one's, and databases limit how deep that
/// goes.
const AT_ONCE: usize = 8;

/// An event that is to be appended.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// What this side knows of it.
    pub(super) fields: Map<String, Value>,
    /// When it happened.
    pub(super) when: When,
    /// What else the database fills in: a field's name, or `details.` and one; and an expression for a text of ASCII.
    pub(super) filled: Vec<(String, String)>,
    /// Only where this holds.
    pub(super) only: Option<Only>,
}

/// What must hold of a chain that an event is appended to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Only {
    /// It has no event yet.
    Empty,
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

impl When {
    /// The execution that the event tells of.
    fn rank(&self) -> Option<&str> {
        match self {
            Self::Now => None,
            Self::Started(rank) | Self::Ended(rank) | Self::Finished(rank) => Some(rank),
        }
    }
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
    /// meanwhile waits; they come last in their transaction. Events of executions are all of the same one.
    pub(super) fn chained(&self, lines: &[Line]) -> Vec<String> {
        let mut statements = Vec::new();
        for lines in lines.chunks(AT_ONCE) {
            match (self.dialect.sha256, self.dialect.grammar.chaining) {
                (Some(sha256), Chaining::OneStatement) => {
                    statements.push(self.append_and_move(lines, sha256));
                }
                (Some(sha256), Chaining::OneInsert) => {
                    statements.push(self.insert_together(lines, sha256));
                    statements.push(self.move_head(lines));
                }
                (Some(_), Chaining::EachAlone) => {
                    statements.extend(self.insert_each(lines, 0));
                    statements.push(self.move_head(lines));
                }
                // The head moves when they are sealed, at the end.
                (None, _) => {
                    let before = statements.len();
                    statements.extend(self.insert_each(lines, before));
                }
            }
        }
        statements
    }

    /// All events and the head in one statement, for a database where a query may hold writes.
    fn append_and_move(&self, lines: &[Line], sha256: fn(&str) -> String) -> String {
        let mut columns = vec!["p.sequence".to_owned()];
        let mut rows = Vec::new();
        for place in 1..=lines.len() {
            columns.push(format!(
                "p.e{place}, {} AS d{place}",
                sha256(&format!("p.e{place}"))
            ));
            rows.push(format!(
                "SELECT n.sequence + {place}, n.e{place}, n.d{place} FROM n"
            ));
        }
        let last = lines.len();
        format!(
            "WITH n AS (SELECT {} FROM {}), i AS (INSERT INTO {} (sequence, event, digest) {}) \
             UPDATE {} h SET sequence = n.sequence + {last}, digest = n.d{last} FROM n WHERE h.chain = 'this'",
            columns.join(", "),
            self.texts(lines, sha256),
            self.table("audit_events"),
            rows.join(" UNION ALL "),
            self.table("audit_heads"),
        )
    }

    /// All events in one statement.
    fn insert_together(&self, lines: &[Line], sha256: fn(&str) -> String) -> String {
        let from = self.texts(lines, sha256);
        let events = self.table("audit_events");
        if lines.len() == 1 {
            let sealed = sha256("p.e1");
            return format!(
                "INSERT INTO {events} (sequence, event, digest) SELECT p.sequence + 1, p.e1, {sealed} FROM {from}"
            );
        }
        let places: Vec<String> = (2..=lines.len())
            .map(|place| format!(" UNION ALL SELECT {place}"))
            .collect();
        let cases: Vec<String> = (1..=lines.len())
            .map(|place| format!("WHEN {place} THEN p.e{place}"))
            .collect();
        let text = format!("CASE k.k {} END", cases.join(" "));
        format!(
            "INSERT INTO {events} (sequence, event, digest) SELECT p.sequence + k.k, {text}, {} FROM {from} \
             CROSS JOIN (SELECT 1 AS k{}) k",
            sha256(&text),
            places.concat()
        )
    }

    /// One row, `p`, with the text of each event as `e1`, `e2` and so on: each is made from the one before.
    fn texts(&self, lines: &[Line], sha256: fn(&str) -> String) -> String {
        let fence = self.dialect.grammar.fence;
        let mut from = format!("({}{fence}) p", self.ground(lines, &self.head()));
        for (index, line) in lines.iter().enumerate() {
            let previous = match index {
                0 => "p.digest".to_owned(),
                _ => sha256(&format!("p.e{index}")),
            };
            let text = self.event_text(line, &previous, index + 1);
            from = format!("(SELECT p.*, {text} AS e{} FROM {from}{fence}) p", index + 1);
        }
        from
    }

    /// Each event in a statement of its own, behind `before` others of this write.
    fn insert_each(&self, lines: &[Line], before: usize) -> Vec<String> {
        let insert = |(index, line): (usize, &Line)| {
            let text = self.event_text(line, "p.digest", 1);
            let sealed = self
                .dialect
                .sha256
                .map_or_else(|| "''".to_owned(), |sha256| sha256("n.event"));
            let ground = self.ground(std::slice::from_ref(line), &self.behind(before + index));
            format!(
                "INSERT INTO {} (sequence, event, digest) SELECT n.sequence, n.event, {sealed} FROM \
                 (SELECT p.sequence + 1 AS sequence, {text} AS event FROM ({ground}) p) n",
                self.table("audit_events")
            )
        };
        lines.iter().enumerate().map(insert).collect()
    }

    /// One row, whatever is there: the event before, which is `head`, and the execution that is told of.
    fn ground(&self, lines: &[Line], head: &str) -> String {
        let grammar = &self.dialect.grammar;
        let rank = lines.iter().find_map(|line| line.when.rank());
        let needed = |column: &str, missing: Option<&str>| match missing {
            Some(missing) => {
                let name = column.split_once('.').map_or(column, |(_, name)| name);
                format!("CASE WHEN {column} IS NULL THEN {missing} ELSE {column} END AS {name}")
            }
            None => column.to_owned(),
        };
        let sequence = needed("h.sequence", grammar.no_head);
        let (columns, join) = match rank {
            Some(rank) => (
                format!(
                    ", {}, e.run_id, e.started_at, e.finished_at, e.duration_ms",
                    needed("e.execution_id", grammar.no_entry)
                ),
                format!(
                    " LEFT JOIN {} e ON e.execution_id = {rank}",
                    self.table("migration_execution_history")
                ),
            ),
            None => (String::new(), String::new()),
        };
        let only = match lines.iter().find_map(|line| line.only) {
            Some(Only::Empty) => " WHERE h.sequence = 0",
            None => "",
        };
        format!(
            "SELECT h.database_id, {sequence}, h.digest{columns} FROM (SELECT 1 AS one) o \
             LEFT JOIN ({head}) h ON 1 = 1{join}{only}"
        )
    }

    /// The chain's head, pinned.
    fn head(&self) -> String {
        let (hint, hold) = self.dialect.grammar.hold_row;
        format!(
            "SELECT database_id, sequence, digest FROM {}{hint} WHERE chain = 'this'{hold}",
            self.table("audit_heads")
        )
    }

    /// The event before, where it is the one of number `index` in the same write.
    fn behind(&self, index: usize) -> String {
        let heads = self.table("audit_heads");
        if self.dialect.sha256.is_none() {
            return format!(
                "SELECT database_id, sequence + {index} AS sequence, '' AS digest FROM {heads} WHERE chain = 'this'"
            );
        }
        if index == 0 {
            return self.head();
        }
        format!(
            "SELECT h.database_id, a.sequence, a.digest FROM {heads} h JOIN {} a ON a.sequence = h.sequence + {index} \
             WHERE h.chain = 'this'",
            self.table("audit_events")
        )
    }

    fn move_head(&self, lines: &[Line]) -> String {
        let heads = self.table("audit_heads");
        let events = self.table("audit_events");
        let by = lines.len();
        let only = match lines.iter().find_map(|line| line.only) {
            Some(Only::Empty) => " AND sequence = 0",
            None => "",
        };
        // Some databases assign from left to right and see what they have assigned.
        format!(
            "UPDATE {heads} SET digest = (SELECT digest FROM {events} WHERE sequence = {heads}.sequence + {by}), \
             sequence = sequence + {by} WHERE chain = 'this'{only}"
        )
    }

    /// An event's canonical text; NULL where the execution that it tells of is not there.
    fn event_text(&self, line: &Line, previous: &str, place: usize) -> String {
        let slots = self.slots(line, previous, place);
        let text = self.pieced(&line.fields, &slots);
        match line.when.rank() {
            Some(_) => format!("CASE WHEN p.execution_id IS NOT NULL THEN {text} END"),
            None => text,
        }
    }

    /// What the database fills in: a field, and the expressions that make it up.
    fn slots(&self, line: &Line, previous: &str, place: usize) -> Vec<(String, Vec<String>)> {
        let sql = |text: &str| text.to_owned();
        let at = match &line.when {
            When::Now => self.dialect.now,
            When::Started(_) => "p.started_at",
            When::Ended(_) | When::Finished(_) => "p.finished_at",
        };
        let sequence = format!("p.sequence + {place}");
        let mut slots = vec![
            (sql("at"), vec![self.to_the_millisecond(at)]),
            (sql("databaseId"), vec![sql("p.database_id")]),
            (
                sql("id"),
                vec![sql("p.database_id"), self.text(":"), sequence.clone()],
            ),
            (sql("previous"), vec![sql(previous)]),
            (sql("sequence"), vec![sequence]),
        ];
        if let Some(login) = self.dialect.login {
            slots.push((sql("actor.login"), vec![(self.dialect.json)(login)]));
        }
        if line.when.rank().is_some() {
            slots.push((sql("run"), vec![sql("p.run_id")]));
            slots.push((sql("details.execution"), vec![sql("p.execution_id")]));
        }
        if let When::Finished(_) = line.when {
            let began = self.to_the_millisecond("p.started_at");
            slots.push((sql("startedAt"), vec![began]));
            slots.push((sql("durationMs"), vec![sql("coalesce(p.duration_ms, 0)")]));
        }
        let filled = line.filled.iter();
        slots.extend(filled.map(|(name, sql)| (name.clone(), vec![sql.clone()])));
        slots
    }

    fn to_the_millisecond(&self, time: &str) -> String {
        format!("concat(substring({}, 1, 23), 'Z')", (self.dialect.iso)(time))
    }

    fn pieced(&self, fields: &Map<String, Value>, slots: &[(String, Vec<String>)]) -> String {
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
                Piece::Json(slot) => ("", slot),
            };
            known.push_str(quote);
            parts.push(self.text(&std::mem::take(&mut known)));
            parts.extend(slots[slot].1.iter().cloned());
            known.push_str(quote);
        }
        parts.push(self.text(&known));
        (self.dialect.grammar.long_concat)(&parts.join(", "))
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

#[cfg(test)]
mod tests;
