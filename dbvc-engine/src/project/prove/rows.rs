//! What the tables of a scratch database hold.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::losses::{Deed, deeds};
use crate::driver::Rows;
use crate::plan::Step;
use crate::project::Failed;
use crate::project::rehearsal::Rehearsal;
use crate::schema::{Database, ObjectKey, Table};

/// More rows than this are only counted.
const MOST: usize = 2000;
/// Tables counted with one query; `SQLite` joins 500 at the most (sqlite.org, `limits.html`).
const AT_ONCE: usize = 50;

/// What one table holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) rows: u64,
    /// The same for the same rows in whatever order; none where there are too many to look at.
    pub(super) digest: Option<u64>,
}

/// What the tables hold that hold anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Contents(BTreeMap<ObjectKey, Held>);

impl Contents {
    /// Looks at every table.
    pub(super) async fn of(rehearsal: &mut Rehearsal<'_>, schema: &Database) -> Result<Self, Failed> {
        Self::default().looked_up(rehearsal, schema, |_| true).await
    }

    /// What they hold after a step, this being what they held before it.
    pub(super) async fn read_again(
        &self,
        rehearsal: &mut Rehearsal<'_>,
        step: &Step,
        schema: &Database,
    ) -> Result<Self, Failed> {
        let deeds = deeds(rehearsal.context(), &step.script)?;
        if self.0.is_empty() && !deeds.iter().any(Deed::may_write) {
            return Ok(Self::default());
        }
        let opaque = deeds.iter().any(Deed::is_opaque);
        let named: BTreeSet<&String> = deeds.iter().flat_map(|deed| &deed.names).collect();
        let may_differ = |key: &ObjectKey| opaque || named.contains(&key.name.to_lowercase());
        self.looked_up(rehearsal, schema, may_differ).await
    }

    pub(super) fn get(&self, key: &ObjectKey) -> Option<&Held> {
        self.0.get(key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&ObjectKey, &Held)> {
        self.0.iter()
    }

    async fn looked_up(
        &self,
        rehearsal: &mut Rehearsal<'_>,
        schema: &Database,
        may_differ: impl Fn(&ObjectKey) -> bool,
    ) -> Result<Self, Failed> {
        let backticks = rehearsal.context().driver.dialect().backtick_identifiers
            && rehearsal.context().driver.dialect().double_quoted_strings;
        let tables: Vec<&ObjectKey> = schema
            .tables()
            .filter(|(_, table)| holds_rows_of_its_own(table))
            .map(|(key, _)| key)
            .collect();
        let mut found = Self::default();
        for some in tables.chunks(AT_ONCE) {
            for (key, rows) in counted(rehearsal, some, backticks).await? {
                let known = self
                    .0
                    .get(key)
                    .filter(|held| held.rows == rows && !may_differ(key));
                let held = match known {
                    Some(known) => known.clone(),
                    None => Held {
                        rows,
                        digest: digest(rehearsal, key, rows, backticks).await,
                    },
                };
                found.0.insert(key.clone(), held);
            }
        }
        Ok(found)
    }
}

/// The rows of a part are counted with those of the whole.
fn holds_rows_of_its_own(table: &Table) -> bool {
    table.partition_of.is_none()
}

/// Those that hold rows, and how many.
async fn counted<'k>(
    rehearsal: &mut Rehearsal<'_>,
    tables: &[&'k ObjectKey],
    backticks: bool,
) -> Result<Vec<(&'k ObjectKey, u64)>, Failed> {
    let queries: Vec<String> = tables
        .iter()
        .enumerate()
        .map(|(number, key)| format!("SELECT {number}, count(*) FROM {}", name(key, backticks)))
        .collect();
    let mut answers = Vec::new();
    match rehearsal.query(&queries.join(" UNION ALL ")).await {
        Ok(rows) => answers.push(rows),
        // One of them cannot be read (a foreign table without its server); the others can.
        Err(_) => {
            for query in &queries {
                answers.extend(rehearsal.query(query).await.ok());
            }
        }
    }
    let cells = answers.iter().flat_map(|rows| &rows.cells);
    let counts = cells.filter_map(|row| {
        let number = |at: usize| row.get(at)?.as_deref()?.parse::<u64>().ok();
        let key = *tables.get(usize::try_from(number(0)?).ok()?)?;
        Some((key, number(1)?))
    });
    Ok(counts.filter(|(_, rows)| *rows > 0).collect())
}

async fn digest(rehearsal: &mut Rehearsal<'_>, key: &ObjectKey, rows: u64, backticks: bool) -> Option<u64> {
    if usize::try_from(rows).ok()? > MOST {
        return None;
    }
    let query = format!("SELECT * FROM {}", name(key, backticks));
    let rows = rehearsal.query(&query).await.ok()?;
    Some(digest_of(&rows))
}

/// Whatever the order of rows and of columns.
fn digest_of(rows: &Rows) -> u64 {
    let mut columns: Vec<(usize, &String)> = rows.columns.iter().enumerate().collect();
    columns.sort_by_key(|(_, name)| *name);
    let row = |cells: &Vec<Option<String>>| {
        let mut hasher = Sha256::new();
        for (at, name) in &columns {
            let cell = cells.get(*at).cloned().flatten();
            let cell = cell.map_or_else(|| "-".to_owned(), |text| format!("{}:{text}", text.len()));
            hasher.update(format!("{}:{name}={cell};", name.len()));
        }
        let digest = hasher.finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_le_bytes(first)
    };
    rows.cells.iter().map(row).fold(0, u64::wrapping_add)
}

fn name(key: &ObjectKey, backticks: bool) -> String {
    let quoted = |name: &str| {
        if backticks {
            format!("`{}`", name.replace('`', "``"))
        } else {
            format!("\"{}\"", name.replace('"', "\"\""))
        }
    };
    match &key.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&key.name)),
        None => quoted(&key.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(columns: &[&str], cells: &[&[Option<&str>]]) -> Rows {
        Rows {
            columns: columns.iter().map(ToString::to_string).collect(),
            cells: cells
                .iter()
                .map(|row| row.iter().map(|cell| cell.map(ToOwned::to_owned)).collect())
                .collect(),
        }
    }

    #[test]
    fn the_same_rows_have_one_digest_in_whatever_order() {
        let one = rows(&["a", "b"], &[&[Some("1"), None], &[Some("2"), Some("x")]]);
        let other = rows(&["b", "a"], &[&[Some("x"), Some("2")], &[None, Some("1")]]);
        assert_eq!(digest_of(&one), digest_of(&other));
    }

    #[test]
    fn other_rows_have_another() {
        let one = digest_of(&rows(&["a"], &[&[Some("1")], &[None]]));
        let text = digest_of(&rows(&["a"], &[&[Some("1")], &[Some("")]]));
        let fewer = digest_of(&rows(&["a"], &[&[Some("1")]]));
        let more = digest_of(&rows(&["a"], &[&[Some("1")], &[None], &[None]]));
        for other in [text, fewer, more] {
            assert_ne!(one, other);
        }
    }
}
