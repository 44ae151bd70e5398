//! What is in the database, by name, and the questions about it.

use dbvc_engine::driver::Rows;

use super::place::Place;
use crate::record::literal;

/// What there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Catalogue {
    pub(super) items: Vec<Item>,
}

/// One thing that the server writes a statement for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) sort: Sort,
    pub(super) name: String,
}

/// What it is, as far as the server is asked differently about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sort {
    Table,
    View,
    Sequence,
    /// `PROCEDURE`, `FUNCTION`, `PACKAGE`, `PACKAGE BODY`.
    Routine(String),
    Trigger,
    Event,
    /// A table that the server cannot open, and why.
    Broken(String),
}

/// One cell of a row; empty where it is NULL.
pub(super) fn cell(row: &[Option<String>], at: usize) -> &str {
    row.get(at).and_then(Option::as_deref).unwrap_or_default()
}

/// How many questions [`questions`] asks before those about names.
pub(super) const LISTS: usize = 4;

/// What every reading begins with: tables of any sort, routines, triggers, events. dbvc's own are left out.
pub(super) fn lists(database: &str, prefix: &str) -> [String; LISTS] {
    let (database, prefix) = (literal(database), literal(prefix));
    [
        format!(
            "SELECT table_name, table_type, engine, table_comment FROM information_schema.tables \
             WHERE table_schema = {database} AND LEFT(table_name, CHAR_LENGTH({prefix})) <> {prefix} ORDER BY 1"
        ),
        format!(
            "SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema = {database} \
             ORDER BY 2, 1"
        ),
        format!(
            "SELECT trigger_name, event_object_table, action_timing, event_manipulation, definer, sql_mode, \
             collation_connection FROM information_schema.triggers WHERE event_object_schema = {database} \
             ORDER BY event_object_table, action_timing, event_manipulation, action_order, trigger_name"
        ),
        format!(
            "SELECT event_name, definer, sql_mode, collation_connection, '', event_type, execute_at, \
             interval_value, interval_field, {}, ends, status, on_completion, event_comment, time_zone \
             FROM information_schema.events WHERE event_schema = {database} ORDER BY 1",
            // A repeated event has a beginning whether or not one was asked for: the moment when that was said.
            "CASE WHEN ABS(TIMESTAMPDIFF(SECOND, CONVERT_TZ(starts, time_zone, '+00:00'), created)) < 2 \
             OR ABS(TIMESTAMPDIFF(SECOND, CONVERT_TZ(starts, time_zone, '+00:00'), last_altered)) < 2 \
             THEN NULL ELSE starts END"
        ),
    ]
}

/// What the database is made with, the session's collation, and the collation of each character set.
pub(super) fn about(database: &str) -> [String; 2] {
    [
        format!(
            "SELECT default_collation_name, @@SESSION.collation_connection FROM information_schema.schemata \
             WHERE schema_name = {}",
            literal(database)
        ),
        "SELECT character_set_name, default_collate_name FROM information_schema.character_sets".to_owned(),
    ]
}

pub(super) fn place(database: &str, about: &[Rows]) -> Place {
    let mut place = Place {
        database: database.to_owned(),
        ..Place::default()
    };
    for row in about.get(1).iter().flat_map(|rows| &rows.cells) {
        let charset = cell(row, 0);
        let charset = if charset == "utf8" { "utf8mb3" } else { charset };
        let collation = place.canonical(cell(row, 1));
        place.collations.insert(charset.to_owned(), collation);
    }
    if let Some(row) = about.first().and_then(|rows| rows.cells.first()) {
        place.collation = place.canonical(cell(row, 0));
        cell(row, 1).clone_into(&mut place.usual);
    }
    place
}

impl Catalogue {
    /// From the answers to [`lists`].
    pub(super) fn read(lists: &[Rows]) -> Self {
        let tables = lists.first().into_iter().flat_map(|rows| &rows.cells);
        let tables = tables.map(|row| Item {
            name: cell(row, 0).to_owned(),
            sort: match cell(row, 1) {
                "VIEW" => Sort::View,
                "SEQUENCE" => Sort::Sequence,
                _ if row.get(2).is_none_or(Option::is_none) => Sort::Broken(cell(row, 3).to_owned()),
                _ => Sort::Table,
            },
        });
        let routines = lists.get(1).into_iter().flat_map(|rows| &rows.cells);
        let routines = routines.map(|row| Item {
            name: cell(row, 0).to_owned(),
            sort: Sort::Routine(cell(row, 1).to_owned()),
        });
        let named = |at: usize, sort: Sort| {
            let rows = lists.get(at).into_iter().flat_map(|rows| &rows.cells);
            rows.map(move |row| Item {
                name: cell(row, 0).to_owned(),
                sort: sort.clone(),
            })
        };
        Self {
            items: tables
                .chain(routines)
                .chain(named(2, Sort::Trigger))
                .chain(named(3, Sort::Event))
                .collect(),
        }
    }

    /// What the server is asked to write, in order: one statement for each that it can write one for.
    pub(super) fn shown(&self) -> impl Iterator<Item = (&Item, String)> {
        self.items.iter().filter_map(|item| {
            let word = match &item.sort {
                Sort::Table => "TABLE",
                Sort::View => "VIEW",
                Sort::Sequence => "SEQUENCE",
                Sort::Routine(word) => word,
                Sort::Trigger => "TRIGGER",
                Sort::Event => "EVENT",
                Sort::Broken(_) => return None,
            };
            let name = item.name.replace('`', "``");
            Some((item, format!("SHOW CREATE {word} `{name}`")))
        })
    }
}

/// What there is one question for, whatever the size.
pub(super) fn whole(database: &str) -> Vec<String> {
    let database = literal(database);
    vec![
        format!(
            "SELECT table_name, grantee, privilege_type, is_grantable FROM information_schema.table_privileges \
             WHERE table_schema = {database}"
        ),
        format!(
            "SELECT table_name, grantee, privilege_type, is_grantable, column_name \
             FROM information_schema.column_privileges WHERE table_schema = {database}"
        ),
    ]
}

/// Rights on routines, which only those see who may read the server's own tables.
pub(super) fn routine_rights(database: &str) -> String {
    format!(
        "SELECT routine_name, routine_type, CONCAT('''', user, '''@''', host, ''''), proc_priv, CONCAT(user, '@', host) \
         FROM mysql.procs_priv WHERE db = {} ORDER BY 1, 2, 3",
        literal(database)
    )
}
