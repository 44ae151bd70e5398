//! A `REFERENCES` clause (`sqlite.org/syntax/foreign-key-clause.html`).

use dbvc_engine::schema::{Deferral, ForeignKey, Reference};

use super::cursor::{Cursor, only_name};

/// Reads what follows `REFERENCES`.
pub(super) fn read(cursor: &mut Cursor<'_>, columns: Vec<String>) -> ForeignKey {
    let table = cursor.name().unwrap_or_default();
    let listed = cursor.list().map(|list| list.items()).unwrap_or_default();
    let mut key = ForeignKey {
        columns,
        references: Reference {
            schema: None,
            table,
            columns: listed.iter().filter_map(only_name).collect(),
        },
        ..ForeignKey::default()
    };
    loop {
        if cursor.take(&["ON", "DELETE"]) {
            key.on_delete = action(cursor);
        } else if cursor.take(&["ON", "UPDATE"]) {
            key.on_update = action(cursor);
        } else if cursor.take(&["MATCH"]) {
            // SQLite reads it and treats every one as the simple one.
            key.matching = cursor
                .name()
                .map(|name| name.to_ascii_lowercase())
                .filter(|name| name != "simple");
        } else if cursor.take(&["NOT", "DEFERRABLE"]) {
            key.deferral = None;
            initially(cursor);
        } else if cursor.take(&["DEFERRABLE"]) {
            key.deferral = Some(if initially(cursor) {
                Deferral::Deferred
            } else {
                Deferral::Deferrable
            });
        } else {
            return key;
        }
    }
}

fn initially(cursor: &mut Cursor<'_>) -> bool {
    let deferred = cursor.take(&["INITIALLY", "DEFERRED"]);
    if !deferred {
        cursor.take(&["INITIALLY", "IMMEDIATE"]);
    }
    deferred
}

fn action(cursor: &mut Cursor<'_>) -> Option<String> {
    for (words, action) in [
        (["SET", "NULL"].as_slice(), "set null"),
        (&["SET", "DEFAULT"], "set default"),
        (&["CASCADE"], "cascade"),
        (&["RESTRICT"], "restrict"),
    ] {
        if cursor.take(words) {
            return Some(action.to_owned());
        }
    }
    cursor.take(&["NO", "ACTION"]);
    None
}
