//! Comments and other notes, which the server keeps as extended properties.

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::schema::{Body, Object, ObjectKey, ObjectKind, RoutineForm, Table};

use super::names::{literal, put};
use super::script::Script;
use super::tables::option;
use super::unwritten::{self, OF_COLUMN, PROPERTY};
use crate::introspect::DESCRIPTION;

type Options = BTreeMap<String, String>;

/// What a note is on, from the outside to the inside: `SCHEMA`, `dbo`, `TABLE`, `t`.
type Levels = Vec<(&'static str, String)>;

/// A thing with its notes.
struct Noted<'a> {
    levels: Levels,
    comment: Option<&'a str>,
    options: &'a Options,
    /// On a column's default; those stand among the column's.
    of_default: bool,
}

impl Noted<'_> {
    /// All notes by name.
    fn all(&self) -> BTreeMap<&str, &str> {
        let notes = self.options.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix(PROPERTY)?;
            let name = match name.strip_prefix("default.") {
                Some(name) if self.of_default => name,
                None if !self.of_default && !name.starts_with(OF_COLUMN) => name,
                _ => return None,
            };
            Some((name, value.as_str()))
        });
        notes
            .chain(self.comment.map(|comment| (DESCRIPTION, comment)))
            .collect()
    }
}

pub(super) fn of_object(script: &mut Script, key: &ObjectKey, object: &Object) {
    for noted in noted(key, object).values() {
        for (name, value) in noted.all() {
            call(script, "add", &noted.levels, name, Some(value));
        }
    }
    unwritten::say(script, key, None, object);
}

/// The notes of something that stays.
pub(super) fn changed(
    script: &mut Script,
    key: &ObjectKey,
    old: &Object,
    new: &Object,
    anew: &BTreeSet<String>,
) {
    let (before, after) = (noted(key, old), noted(key, new));
    for (place, noted) in &after {
        // What goes takes its notes along.
        let was = before.get(place).filter(|_| !anew.contains(place));
        let was = was.map(Noted::all).unwrap_or_default();
        let is = noted.all();
        for (name, value) in &is {
            match was.get(name) {
                None => call(script, "add", &noted.levels, name, Some(value)),
                Some(old) if old != value => call(script, "update", &noted.levels, name, Some(value)),
                Some(_) => {}
            }
        }
        for name in was.keys().filter(|name| !is.contains_key(*name)) {
            call(script, "drop", &noted.levels, name, None);
        }
    }
    unwritten::say(script, key, Some(old), new);
}

fn call(script: &mut Script, verb: &str, levels: &Levels, name: &str, value: Option<&str>) {
    let mut sql = format!("EXEC sys.sp_{verb}extendedproperty @name = {}", literal(name));
    if let Some(value) = value {
        put(&mut sql, format_args!(", @value = {}", literal(value)));
    }
    for (level, (sort, name)) in levels.iter().enumerate() {
        put(
            &mut sql,
            format_args!(
                ", @level{level}type = N'{sort}', @level{level}name = {}",
                literal(name)
            ),
        );
    }
    script.first(&sql);
}

/// The name of a part among the notes, such as `column name`.
pub(super) fn part(word: &str, name: &str) -> String {
    format!("{word} {name}")
}

/// The object under an empty name, and its parts.
fn noted<'a>(key: &ObjectKey, object: &'a Object) -> BTreeMap<String, Noted<'a>> {
    let Some(levels) = levels(key, object) else {
        return BTreeMap::new();
    };
    let mut all = BTreeMap::new();
    let mut add = |word: &str, sort: &'static str, name: &str, comment: &'a Option<String>, options| {
        let mut levels = levels.clone();
        levels.push((sort, name.to_owned()));
        let comment = comment.as_deref();
        let noted = Noted {
            levels,
            comment,
            options,
            of_default: false,
        };
        all.insert(part(word, name), noted);
    };
    match &object.body {
        Body::Table(table) => {
            for (name, it) in &table.columns {
                add("column", "COLUMN", name, &it.comment, &it.options);
            }
            of_parts(table, &mut add);
        }
        Body::View(view) => {
            for (name, it) in &view.columns {
                add("column", "COLUMN", name, &it.comment, &it.options);
            }
            for (name, it) in &view.indexes {
                add("index", "INDEX", name, &it.comment, &it.options);
            }
        }
        _ => {}
    }
    if let Body::Table(table) = &object.body {
        for (name, it) in &table.columns {
            let Some(constraint) = option(&it.options, "default_name") else {
                continue;
            };
            let mut levels = levels.clone();
            levels.push(("CONSTRAINT", constraint.to_owned()));
            let noted = Noted {
                levels,
                comment: None,
                options: &it.options,
                of_default: true,
            };
            all.insert(part("default", name), noted);
        }
    }
    let noted = Noted {
        levels,
        of_default: false,
        comment: object.comment.as_deref(),
        options: &object.options,
    };
    all.insert(String::new(), noted);
    all
}

/// Parts whose name somebody gave: of another one nobody knows where it would be found.
fn of_parts<'a>(
    table: &'a Table,
    add: &mut impl FnMut(&str, &'static str, &str, &'a Option<String>, &'a Options),
) {
    for (name, it) in table.keys.iter().filter(|(_, it)| !it.generated_name) {
        add("key", "CONSTRAINT", name, &it.comment, &it.options);
    }
    for (name, it) in table.checks.iter().filter(|(_, it)| !it.generated_name) {
        add("check", "CONSTRAINT", name, &it.comment, &it.options);
    }
    for (name, it) in table.foreign_keys.iter().filter(|(_, it)| !it.generated_name) {
        add("foreign key", "CONSTRAINT", name, &it.comment, &it.options);
    }
    for (name, it) in &table.indexes {
        add("index", "INDEX", name, &it.comment, &it.options);
    }
}

/// How the procedures for notes name a thing (manual, `sp_addextendedproperty`); none for what they do not know.
fn levels(key: &ObjectKey, object: &Object) -> Option<Levels> {
    let outer = |sort| vec![(sort, key.name.clone())];
    let sort = match &object.body {
        Body::Schema {} => return Some(outer("SCHEMA")),
        Body::Table(_) => "TABLE",
        Body::View(_) => "VIEW",
        Body::Type(_) => "TYPE",
        Body::Sequence(_) => "SEQUENCE",
        Body::Synonym(_) => "SYNONYM",
        Body::Routine(routine) if routine.form == RoutineForm::Function => "FUNCTION",
        Body::Routine(_) => "PROCEDURE",
        Body::Trigger(_) => {
            return match (&key.schema, &key.parent) {
                (Some(schema), Some(parent)) => Some(vec![
                    ("SCHEMA", schema.clone()),
                    (trigger_parent(object), parent.clone()),
                    ("TRIGGER", key.name.clone()),
                ]),
                _ => Some(outer("TRIGGER")),
            };
        }
        Body::Other(_) => match key.parent.as_deref() {
            Some("database") => return Some(Vec::new()),
            Some("role") => return Some(outer("USER")),
            Some("partition function") => return Some(outer("PARTITION FUNCTION")),
            Some("partition scheme") => return Some(outer("PARTITION SCHEME")),
            Some("assembly") => return Some(outer("ASSEMBLY")),
            Some("default") => "DEFAULT",
            Some("rule") => "RULE",
            Some("xml schema collection") => "XML SCHEMA COLLECTION",
            _ => return None,
        },
        Body::Extension(_) | Body::Event(_) => return None,
    };
    let schema = key.schema.clone()?;
    Some(vec![("SCHEMA", schema), (sort, key.name.clone())])
}

fn trigger_parent(trigger: &Object) -> &'static str {
    let views = trigger
        .requires
        .iter()
        .any(|needed| needed.kind == ObjectKind::View);
    let tables = trigger
        .requires
        .iter()
        .any(|needed| needed.kind == ObjectKind::Table);
    // Of a trigger that needs both, that of a view is the one that runs instead.
    if views && !tables { "VIEW" } else { "TABLE" }
}
