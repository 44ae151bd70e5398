//! When objects were changed last.
//!
//! The server keeps a time with each object (`sys.objects.modify_date`); indexes and constraints count as their table. It
//! keeps it by its own clock and zone, and is asked how far that is from UTC now, so a change from the other half of the
//! year may be an hour off where the clock is put forward; Azure's is UTC. Who it was stands at best in a trace of the
//! server's that few may read and that is soon overwritten, so that is not told.

use std::collections::BTreeMap;

use dbvc_engine::driver::{LastChange, Rows};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::schema::{ObjectKey, ObjectKind};

use super::row::rows;
use crate::ddl::names::literal;

const SQL: &str = include_str!("../../sql/last_changes.sql");

/// The question about some objects; none where nothing is asked.
pub(super) fn question(objects: &[ObjectKey]) -> Option<String> {
    if objects.is_empty() {
        return None;
    }
    let names: Vec<String> = objects
        .iter()
        .map(|key| format!("({})", literal(&key.name)))
        .collect();
    // A list of values has at most 1,000 rows (manual, "Table Value Constructor").
    let lists: Vec<String> = names
        .chunks(1000)
        .map(|chunk| format!("INSERT INTO @names VALUES {};\n", chunk.join(", ")))
        .collect();
    Some(format!(
        "DECLARE @names TABLE (name sysname NOT NULL);\n{}{SQL}",
        lists.concat()
    ))
}

pub(super) fn read(objects: &[ObjectKey], answer: &Rows) -> Result<BTreeMap<ObjectKey, LastChange>> {
    let mut found = BTreeMap::new();
    for row in rows(answer) {
        let is_about = |key: &&ObjectKey| {
            key.name == row.word("name")
                && key.schema.as_deref() == row.text("schema")
                && kinds(row.word("type")).contains(&key.kind)
                && (key.kind != ObjectKind::Trigger
                    || row.text("schema").is_none()
                    || key.parent.as_deref() == row.text("parent"))
        };
        let Some(key) = objects.iter().find(is_about) else {
            continue;
        };
        let at = row.word("changed_at").parse().map_err(|_| {
            let told = "the time of an object's last change is no time";
            DriverError::new(ErrorKind::Protocol, Operation::Query, told)
        })?;
        let change = LastChange {
            at: Some(at),
            by: None,
        };
        found.insert(key.clone(), change);
    }
    Ok(found)
}

/// What an object of the server's type (manual, `sys.objects`) is in the model.
fn kinds(letters: &str) -> &'static [ObjectKind] {
    match letters {
        "U" => &[ObjectKind::Table],
        "V" => &[ObjectKind::View],
        "SO" => &[ObjectKind::Sequence],
        "SN" => &[ObjectKind::Synonym],
        "TR" | "TA" | "DDL" => &[ObjectKind::Trigger],
        "P" | "RF" | "FN" | "IF" | "TF" => &[ObjectKind::Routine],
        _ => &[ObjectKind::Other],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_found_by_what_the_object_is() {
        let table = ObjectKey::within(ObjectKind::Table, "dbo", "t");
        let trigger = ObjectKey::within(ObjectKind::Trigger, "dbo", "t").of("u");
        let objects = [table.clone(), trigger.clone()];
        assert!(question(&objects).expect("a question").contains("(N't'), (N't')"));
        assert_eq!(question(&[]), None);
        let columns = ["type", "schema", "parent", "name", "changed_at"];
        let row = |cells: [&str; 5]| cells.map(|cell| Some(cell.to_owned())).to_vec();
        let answer = Rows {
            columns: columns.map(ToOwned::to_owned).to_vec(),
            cells: vec![
                row(["U", "dbo", "", "t", "2026-01-02T03:04:05.120Z"]),
                row(["TR", "dbo", "other", "t", "2026-01-02T03:04:06Z"]),
            ],
        };
        let found = read(&objects, &answer).expect("an answer");
        assert_eq!(found.len(), 1);
        let at = found[&table].at.expect("a time");
        assert_eq!(at.to_string(), "2026-01-02T03:04:05.12Z");
        let broken = Rows {
            cells: vec![row(["U", "dbo", "", "t", "yesterday"])],
            ..answer
        };
        assert!(read(&objects, &broken).is_err());
    }
}
