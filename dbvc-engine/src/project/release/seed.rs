//! The rows of chosen tables as `INSERT`s.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::folder::unwritten;
use crate::diagnostic::Diagnostic;
use crate::driver::{Limits, RowSql, Session};
use crate::project::{Context, ExitClass, Failed};
use crate::schema::{Database, ObjectKey, Table};
use crate::sql::comment;

/// So many rows are in memory at once.
const PAGE: usize = 1000;

/// A table whose rows are wanted.
pub(super) struct Seed {
    key: ObjectKey,
    rows: RowSql,
}

impl Seed {
    /// What the rows that are written lose, for people.
    pub(super) fn altered(&self) -> impl Iterator<Item = String> {
        let told = move |what: &String| format!("rows of {}: {what}", self.key);
        self.rows.altered.iter().map(told)
    }
}

/// The tables that the project chose, those that others refer to first.
pub(super) fn chosen(context: &Context<'_>, database: &Database) -> Result<Vec<Seed>, Failed> {
    let mut problems = Vec::new();
    let mut wanted: Vec<(&ObjectKey, &Table)> = Vec::new();
    for name in &context.settings.seed_tables {
        let is_meant = |key: &ObjectKey| key.full_name() == *name || key.name == *name;
        let found: Vec<_> = database.tables().filter(|(key, _)| is_meant(key)).collect();
        match found.as_slice() {
            [one] => wanted.push(*one),
            [] => problems.push(
                Diagnostic::error(
                    "DBVC3064",
                    format!("there is no table `{name}` to take rows from"),
                )
                .help("correct `seed_tables` in dbvc.toml"),
            ),
            several => {
                let names: Vec<String> = several.iter().map(|(key, _)| key.full_name()).collect();
                problems.push(
                    Diagnostic::error("DBVC3064", format!("several tables are named `{name}`")).help(
                        format!("write one with its schema in `seed_tables`: {}", names.join(", ")),
                    ),
                );
            }
        }
    }
    if !problems.is_empty() {
        return Err(Failed {
            exit: ExitClass::Configuration,
            diagnostics: problems,
            steps: Vec::new(),
        });
    }
    let ddl = context.driver.ddl();
    let seeds = in_order(wanted).into_iter().filter_map(|(key, table)| {
        Some(Seed {
            key: key.clone(),
            rows: ddl?.rows(key, table)?,
        })
    });
    Ok(seeds.collect())
}

/// A table after those that it refers to. Where that goes in a circle, by name.
fn in_order<'a>(mut waiting: Vec<(&'a ObjectKey, &'a Table)>) -> Vec<(&'a ObjectKey, &'a Table)> {
    waiting.sort_by_key(|(key, _)| *key);
    waiting.dedup_by_key(|(key, _)| *key);
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let names: BTreeSet<(Option<String>, String)> = waiting
            .iter()
            .map(|(key, _)| (key.schema.clone(), key.name.clone()))
            .collect();
        let free = waiting.iter().position(|(key, table)| {
            table.foreign_keys.values().all(|foreign| {
                let other = (
                    foreign.references.schema.clone(),
                    foreign.references.table.clone(),
                );
                let itself = other == (key.schema.clone(), key.name.clone());
                itself || !names.contains(&other)
            })
        });
        order.push(waiting.remove(free.unwrap_or(0)));
    }
    order
}

/// Writes the rows, page by page. Gives their number.
pub(super) async fn write(
    context: &Context<'_>,
    session: &mut dyn Session,
    seeds: &[Seed],
    path: PathBuf,
) -> Result<u64, Failed> {
    let failed = |error: &std::io::Error| unwritten(&path, error);
    let mut file = BufWriter::new(File::create(&path).map_err(|error| failed(&error))?);
    let mut count = 0;
    if seeds.is_empty() {
        file.write_all(b"-- No tables are chosen: `seed_tables` in dbvc.toml.\n")
            .map_err(|error| failed(&error))?;
    }
    for seed in seeds {
        count += one(context, session, seed, &mut file, &path).await?;
    }
    let written = file.into_inner().map_err(std::io::IntoInnerError::into_error);
    written
        .and_then(|file| file.sync_all())
        .map_err(|error| failed(&error))?;
    Ok(count)
}

async fn one(
    context: &Context<'_>,
    session: &mut dyn Session,
    seed: &Seed,
    file: &mut BufWriter<File>,
    path: &Path,
) -> Result<u64, Failed> {
    let failed = |error: std::io::Error| unwritten(path, &error);
    let limits = Limits {
        cancel: context.cancel.clone(),
        ..Limits::default()
    };
    writeln!(file, "{}", comment(&seed.key.full_name())).map_err(failed)?;
    for altered in &seed.rows.altered {
        writeln!(file, "{}", comment(altered)).map_err(failed)?;
    }
    for sql in &seed.rows.before {
        writeln!(file, "{sql};").map_err(failed)?;
    }
    let (mut count, mut last) = (0, None);
    loop {
        let sql = seed.rows.query(last.as_deref(), PAGE);
        let page = context.unless_cancelled(session.query(&sql, &limits)).await?;
        let page = page
            .map_err(|error| Failed::driver(&context.target, &error))?
            .cells;
        for row in &page {
            let values: Vec<&str> = row.iter().map(|cell| cell.as_deref().unwrap_or("NULL")).collect();
            writeln!(file, "{} ({});", seed.rows.insert, values.join(", ")).map_err(failed)?;
        }
        count += page.len() as u64;
        let full = page.len() == PAGE;
        last = page.into_iter().next_back();
        if !full || seed.rows.key.is_empty() {
            break;
        }
    }
    for sql in &seed.rows.after {
        writeln!(file, "{sql};").map_err(failed)?;
    }
    writeln!(file).map_err(failed)?;
    Ok(count)
}
