//! The way from one schema to another as SQL.
//!
//! SQLite adds columns at the end and little else, so a table that changes otherwise is made anew and its rows are
//! copied (sqlite.org, `lang_altertable.html`, "Making Other Kinds Of Table Schema Changes"). Views and triggers that
//! name it must be away meanwhile.

use std::collections::BTreeSet;

use dbvc_engine::diff::{Change, DiffOptions, PartChange, PartWhat, What, diff};
use dbvc_engine::driver::Altered;
use dbvc_engine::schema::{
    Body, Column, Database, ForeignKey, IndexPart, Key, Object, ObjectKey, ObjectKind, Table, in_order,
};
use dbvc_engine::sql::{Dialect, TokenKind, comment, tokens};

use super::{column, index_statement, list, put, quoted, statements, table_statement};

/// The name of a table while it is made anew.
const MEANWHILE: &str = "dbvc_new_";

/// Dropping a table deletes its rows first, and the foreign keys of others would follow that
/// (sqlite.org, `foreignkeys.html`, 5).
const OFF: &str = "PRAGMA foreign_keys = off";
const ON: &str = "PRAGMA foreign_keys = on";

struct Alter<'a> {
    before: &'a Database,
    after: &'a Database,
    changes: Vec<Change>,
    written: Altered,
    /// Indexes come when all that had their names is gone.
    indexes: Vec<String>,
    foreign_keys_off: bool,
}

pub(super) fn alter(before: &Database, after: &Database) -> Altered {
    let mut way = Alter {
        before,
        after,
        changes: diff(before, after, DiffOptions::default()).changes,
        written: Altered::default(),
        indexes: Vec::new(),
        foreign_keys_off: false,
    };
    way.write();
    if way.foreign_keys_off {
        let sql = &way.written.sql;
        way.written.sql = format!("{OFF};\n{sql}\n{ON};\n");
        let why = "a table that others refer to is dropped or made anew";
        way.written.no_transaction = Some(why.to_owned());
    }
    way.written
}

impl<'a> Alter<'a> {
    fn write(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        let anew: BTreeSet<&ObjectKey> = changes
            .iter()
            .filter(|change| self.is_made_anew(change))
            .map(|change| &change.object)
            .collect();
        let away = self.away(&changes, &anew);
        for key in away.iter().rev() {
            let word = key.kind.word().to_uppercase();
            self.add(&format!("DROP {word} {}", quoted(&key.name)));
        }
        for change in &changes {
            let key = &change.object;
            match (&change.what, self.tables(key)) {
                (What::Added { object }, (_, Some(_))) => self.made(key, object),
                (What::Changed { parts, .. }, (Some(old), Some(new))) => {
                    if anew.contains(key) {
                        self.made_anew(key, old, new);
                    } else {
                        self.changed(key, new, parts);
                    }
                }
                _ => {}
            }
        }
        self.removed(&changes);
        for index in std::mem::take(&mut self.indexes) {
            self.add(&index);
        }
        for (key, object) in &self.after.objects {
            let comes = !self.before.objects.contains_key(key) || away.contains(key);
            if comes && matches!(key.kind, ObjectKind::View | ObjectKind::Trigger) {
                self.blank();
                for statement in statements(key, object).unwrap_or_default() {
                    self.add(&statement);
                }
            }
        }
    }

    fn blank(&mut self) {
        if !self.written.sql.is_empty() {
            self.written.sql.push('\n');
        }
    }

    fn add(&mut self, statement: &str) {
        self.written
            .sql
            .push_str(statement.trim_end().trim_end_matches(';'));
        self.written.sql.push_str(";\n");
    }

    fn destroys(&mut self, what: String) {
        let told = comment(&format!("Destroys data: {what}."));
        put(&mut self.written.sql, format_args!("{told}\n"));
        self.written.losses.push(what);
    }

    fn tables(&self, key: &ObjectKey) -> (Option<&'a Table>, Option<&'a Table>) {
        (table(self.before, key), table(self.after, key))
    }

    /// Views and triggers that go, change, or name a table that is made anew or goes; and those that name such a view.
    fn away(&self, changes: &[Change], anew: &BTreeSet<&ObjectKey>) -> Vec<ObjectKey> {
        let readers = |key: &&ObjectKey| matches!(key.kind, ObjectKind::View | ObjectKind::Trigger);
        let gone = changes
            .iter()
            .filter(|change| !matches!(change.what, What::Added { .. }));
        let mut away: BTreeSet<&ObjectKey> = gone.map(|change| &change.object).filter(readers).collect();
        let lost = changes
            .iter()
            .filter(|change| matches!(change.what, What::Removed { .. }))
            .map(|change| &change.object);
        let mut names: BTreeSet<String> = lost
            .chain(anew.iter().copied())
            .filter(|key| key.kind == ObjectKind::Table)
            .chain(away.iter().copied().filter(|key| key.kind == ObjectKind::View))
            .map(|key| key.name.to_lowercase())
            .collect();
        loop {
            let size = away.len();
            for (key, object) in self.before.objects.iter().filter(|(key, _)| readers(key)) {
                if !away.contains(key) && mentions(object, &names) {
                    away.insert(key);
                    if key.kind == ObjectKind::View {
                        names.insert(key.name.to_lowercase());
                    }
                }
            }
            if away.len() == size {
                break;
            }
        }
        // Views before triggers, so that triggers go first.
        away.into_iter().cloned().collect()
    }

    fn is_made_anew(&self, change: &Change) -> bool {
        let What::Changed { fields, parts } = &change.what else {
            return false;
        };
        let (Some(old), Some(new)) = self.tables(&change.object) else {
            return false;
        };
        let simple = |part: &PartChange| match (part.part, &part.what) {
            ("index", _) => true,
            ("column", PartWhat::Added { .. }) => new
                .columns
                .get(&part.name)
                .is_some_and(|it| can_be_added(&part.name, it, new)),
            _ => false,
        };
        let at_the_end = new
            .columns
            .iter()
            .filter(|(name, _)| !old.columns.contains_key(*name))
            .all(|(_, it)| it.position as usize > old.columns.len());
        !(fields.is_empty() && parts.iter().all(simple) && at_the_end)
    }

    fn made(&mut self, key: &ObjectKey, object: &Object) {
        let mut all = statements(key, object).unwrap_or_default().into_iter();
        self.blank();
        if let Some(first) = all.next() {
            self.add(&first);
        }
        self.indexes.extend(all);
    }

    fn changed(&mut self, key: &ObjectKey, new: &Table, parts: &[PartChange]) {
        self.blank();
        let name = quoted(&key.name);
        for part in parts.iter().filter(|part| part.part == "index") {
            if !matches!(part.what, PartWhat::Added { .. }) {
                self.add(&format!("DROP INDEX {}", quoted(&part.name)));
            }
            if let Some(it) = new.indexes.get(&part.name) {
                self.indexes.push(index_statement(&part.name, &name, it));
            }
        }
        for (added, it) in in_order(&new.columns) {
            let comes = |part: &PartChange| part.part == "column" && part.name == added;
            if parts.iter().any(comes) {
                self.add(&format!(
                    "ALTER TABLE {name} ADD COLUMN {}",
                    column(added, it, new)
                ));
            }
        }
    }

    fn made_anew(&mut self, key: &ObjectKey, old: &Table, new: &Table) {
        let Some(object) = self.after.objects.get(key) else {
            return;
        };
        self.blank();
        if object.options.contains_key("sqlite.virtual") || old.columns.is_empty() {
            self.destroys(format!("{key} with its rows"));
            self.add(&format!("DROP TABLE {}", quoted(&key.name)));
            self.made(key, object);
            return;
        }
        for gone in old.columns.keys().filter(|name| !new.columns.contains_key(*name)) {
            self.destroys(format!("column {gone} of {key}"));
        }
        let name = quoted(&key.name);
        let meanwhile = quoted(&format!("{MEANWHILE}{}", key.name));
        self.add(&table_statement(&meanwhile, object, new));
        let kept: Vec<(&str, &Column)> = in_order(&new.columns)
            .into_iter()
            .filter(|(column, it)| it.generated.is_none() && old.columns.contains_key(*column))
            .collect();
        let filled = |it: &Column| it.nullable || it.default.is_some() || it.generated.is_some();
        let must_be_given = |(name, it): &(&String, &Column)| !old.columns.contains_key(*name) && !filled(it);
        let in_the_key = |name: &String| {
            let named = |key: &Key| key.parts.iter().any(|part| part.column.as_ref() == Some(name));
            new.keys.values().any(|key| key.primary && named(key))
        };
        if new
            .columns
            .iter()
            .any(|pair| must_be_given(&pair) && !in_the_key(pair.0))
        {
            self.written
                .sql
                .push_str("-- Fails where the table has rows: give the new column a default.\n");
        }
        if !kept.is_empty() {
            let columns: Vec<String> = kept.iter().map(|(column, _)| (*column).to_owned()).collect();
            let values: Vec<String> = kept.iter().map(|(column, it)| value(column, it, old)).collect();
            self.add(&format!(
                "INSERT INTO {meanwhile} ({}) SELECT {} FROM {name}",
                list(&columns),
                values.join(", ")
            ));
        }
        let sound =
            |side: &Database, table: &Table| table.foreign_keys.values().all(|it| has_its_key(side, it));
        let sound = sound(self.before, old) && sound(self.after, new);
        self.foreign_keys_off |= !sound || self.is_referred_to(&key.name);
        self.add(&format!("DROP TABLE {name}"));
        self.add(&format!("ALTER TABLE {meanwhile} RENAME TO {name}"));
        self.indexes.extend(
            new.indexes
                .iter()
                .map(|(index, it)| index_statement(index, &name, it)),
        );
    }

    /// Whether a table other than itself refers to it, before or afterwards.
    fn is_referred_to(&self, name: &str) -> bool {
        [self.before, self.after].iter().any(|side| {
            side.tables().any(|(key, table)| {
                !key.name.eq_ignore_ascii_case(name)
                    && table
                        .foreign_keys
                        .values()
                        .any(|it| it.references.table.eq_ignore_ascii_case(name))
            })
        })
    }

    /// Those that refer to others go before them.
    fn removed(&mut self, changes: &[Change]) {
        let mut waiting: Vec<String> = changes
            .iter()
            .filter(|change| {
                change.object.kind == ObjectKind::Table && matches!(change.what, What::Removed { .. })
            })
            .map(|change| change.object.name.clone())
            .collect();
        while !waiting.is_empty() {
            let free = waiting.iter().position(|name| {
                let others = waiting.iter().filter(|other| *other != name);
                !others.into_iter().any(|other| self.refers(other, name))
            });
            self.foreign_keys_off |= free.is_none();
            let name = waiting.remove(free.unwrap_or(0));
            self.blank();
            self.destroys(format!("table {name} with its rows"));
            self.add(&format!("DROP TABLE {}", quoted(&name)));
        }
    }

    fn refers(&self, from: &str, to: &str) -> bool {
        let key = ObjectKey::new(ObjectKind::Table, from);
        table(self.before, &key).is_some_and(|table| {
            table
                .foreign_keys
                .values()
                .any(|it| it.references.table.eq_ignore_ascii_case(to))
        })
    }
}

fn table<'d>(database: &'d Database, key: &ObjectKey) -> Option<&'d Table> {
    match &database.objects.get(key)?.body {
        Body::Table(table) => Some(table),
        _ => None,
    }
}

/// Whether what it refers to is a key; if not, SQLite refuses to write to the table while it looks at foreign keys
/// (sqlite.org, `foreignkeys.html`, 3).
fn has_its_key(database: &Database, key: &ForeignKey) -> bool {
    let wanted = &key.references.columns;
    let names = |parts: &[IndexPart]| -> BTreeSet<String> {
        parts
            .iter()
            .filter_map(|part| part.column.as_deref())
            .map(str::to_lowercase)
            .collect()
    };
    let parent = database
        .tables()
        .find(|(other, _)| other.name.eq_ignore_ascii_case(&key.references.table));
    let Some((_, parent)) = parent else {
        return false;
    };
    if wanted.is_empty() {
        return parent
            .keys
            .values()
            .any(|it| it.primary && it.parts.len() == key.columns.len());
    }
    let wanted: BTreeSet<String> = wanted.iter().map(|name| name.to_lowercase()).collect();
    let unique = parent
        .indexes
        .values()
        .filter(|it| it.unique && it.filter.is_none());
    parent.keys.values().any(|it| names(&it.parts) == wanted)
        || unique.into_iter().any(|it| names(&it.parts) == wanted)
}

fn mentions(object: &Object, names: &BTreeSet<String>) -> bool {
    let text = match &object.body {
        Body::View(view) => &view.definition,
        Body::Trigger(trigger) => &trigger.definition,
        _ => return false,
    };
    tokens(text, &Dialect::SQLITE)
        .filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::Symbol))
        .any(|token| {
            let bare = token.text.trim_matches(['"', '`', '[', ']', '\'']);
            names.contains(&bare.to_lowercase())
        })
}

/// What `ADD COLUMN` takes (sqlite.org, `lang_altertable.html`, "ALTER TABLE ADD COLUMN").
fn can_be_added(name: &str, it: &Column, table: &Table) -> bool {
    let in_a_key = table
        .keys
        .values()
        .any(|key| key.parts.iter().any(|part| part.column.as_deref() == Some(name)));
    let refers = table
        .foreign_keys
        .values()
        .any(|key| key.columns.iter().any(|column| column == name));
    let stored = it.generated.as_ref().is_some_and(|it| it.stored);
    let constant = it.default.as_ref().is_none_or(|default| {
        default.starts_with('\'') || default.parse::<f64>().is_ok() || default.eq_ignore_ascii_case("null")
    });
    let filled = it.nullable
        || it
            .default
            .as_ref()
            .is_some_and(|it| !it.eq_ignore_ascii_case("null"));
    !in_a_key && !refers && !stored && constant && (filled || it.generated.is_some())
}

/// What a row had in a column; where that may be nothing and must be something now, what stands in for it.
fn value(name: &str, it: &Column, old: &Table) -> String {
    let was_nullable = old.columns.get(name).is_some_and(|was| was.nullable);
    match &it.default {
        Some(default) if was_nullable && !it.nullable => format!("coalesce({}, {default})", quoted(name)),
        _ => quoted(name),
    }
}
