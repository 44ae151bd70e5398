//! What must be away while columns turn over to the new form of their type.
//!
//! The server makes checks and indexes of such a column again from their text, in which words are still of the old type;
//! where a policy, a computed column or a partition key reads it, it refuses (manual, `ALTER TABLE`).

use std::collections::BTreeSet;

use dbvc_engine::schema::{Index, ObjectKey, Policy, Table};

use super::super::indexes::{index, index_name};
use super::super::names::{full, quoted};
use super::super::policies::policy;
use super::super::tables::check;
use super::Alter;
use super::parts::goes;
use super::plan::{Plan, parts_of};
use super::tables::{comment_constraint, told_of_index};

/// A part of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    key: &'a ObjectKey,
    word: &'static str,
    name: &'a str,
}

impl Part<'_> {
    /// As what is away already is remembered.
    fn taken(&self) -> (ObjectKey, &'static str, String) {
        (self.key.clone(), self.word, self.name.to_owned())
    }
}

/// Where to look, and for what.
pub(super) struct Readers<'a> {
    /// Tables that have the type.
    pub(super) tables: BTreeSet<&'a ObjectKey>,
    /// The type's columns, and the type.
    pub(super) names: BTreeSet<&'a str>,
}

impl<'a> Readers<'a> {
    fn read(&self, text: &str) -> bool {
        self.names.iter().any(|name| says(text, name))
    }

    /// Why the columns cannot be turned over, if they cannot.
    pub(super) fn obstacle(&self, plan: &Plan<'a>) -> Option<String> {
        self.tables.iter().find_map(|key| {
            let table = plan.table_before(key)?;
            let computed = table.columns.iter().find(|(_, column)| {
                column
                    .generated
                    .as_ref()
                    .is_some_and(|it| self.read(&it.expression) || self.read(&column.data_type.raw))
            });
            if let Some((column, _)) = computed {
                return Some(format!("the computed column {column} of {key} reads it"));
            }
            let divided = table.partitioning.as_ref();
            divided
                .filter(|it| self.read(&it.definition))
                .map(|_| format!("{key} is divided by it"))
        })
    }

    /// The parts of tables that must be away.
    pub(super) fn parts(&self, plan: &Plan<'a>) -> Vec<Part<'a>> {
        let tables = plan
            .before
            .tables()
            .filter(|(key, _)| !plan.removed.contains(key));
        tables
            .flat_map(|(key, table)| self.of_table(key, table))
            .collect()
    }

    fn of_table(&self, key: &'a ObjectKey, table: &'a Table) -> Vec<Part<'a>> {
        let has_it = self.tables.contains(key);
        let part = |word, name: &'a String| Part { key, word, name };
        // Another table's policy may look into this one.
        let asks = |it: &Policy| {
            [&it.using, &it.check].into_iter().flatten().any(|text| {
                self.read(text) && (has_it || self.tables.iter().any(|table| says(text, &table.name)))
            })
        };
        let policies = table.policies.iter().filter(|(_, it)| asks(it));
        let mut found: Vec<Part<'a>> = policies.map(|(name, _)| part("policy", name)).collect();
        if has_it {
            let indexes = table.indexes.iter().filter(|(_, it)| self.is_in(it));
            found.extend(indexes.map(|(name, _)| part("index", name)));
            let checks = table.checks.iter().filter(|(_, it)| self.read(&it.expression));
            found.extend(checks.map(|(name, _)| part("check", name)));
            let exclusions = table
                .exclusions
                .iter()
                .filter(|(_, it)| self.read(&it.definition));
            found.extend(exclusions.map(|(name, _)| part("exclusion", name)));
        }
        found
    }

    /// Whether an index computes something from it; one of plain columns goes along.
    fn is_in(&self, index: &Index) -> bool {
        let parts = index.parts.iter().filter_map(|part| part.expression.as_ref());
        parts.chain(&index.filter).any(|text| self.read(text))
    }
}

/// Whether a word of the text is this name.
fn says(text: &str, name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$');
    if name.chars().all(is_part) {
        return text
            .split(|character| !is_part(character))
            .any(|word| word == name);
    }
    text.contains(&name.replace('"', "\"\""))
}

/// Takes them away, and gives those that come back as they were; of the others the table itself has the new ones.
pub(super) fn take<'a>(way: &mut Alter, plan: &Plan<'a>, parts: Vec<Part<'a>>) -> Vec<Part<'a>> {
    let mut back = Vec::new();
    for part in parts {
        if way.taken.contains(&part.taken()) {
            continue;
        }
        let (table, name) = (full(part.key), quoted(part.name));
        way.script.add(&match part.word {
            "policy" => format!("DROP POLICY {name} ON {table}"),
            "index" => format!("DROP INDEX {}", index_name(part.key, part.name)),
            _ => format!("ALTER TABLE {table} DROP CONSTRAINT {name}"),
        });
        let changes = parts_of(plan.changes.get(part.key))
            .iter()
            .any(|it| it.part == part.word && it.name == part.name && goes(it));
        if changes {
            way.taken.insert(part.taken());
        } else {
            back.push(part);
        }
    }
    back
}

/// Makes what was taken away again.
pub(super) fn bring(way: &mut Alter, plan: &Plan<'_>, parts: &[Part<'_>]) {
    for part in parts.iter().rev() {
        let Some(table) = plan.table_after(part.key) else {
            continue;
        };
        let name = full(part.key);
        match part.word {
            "policy" => {
                if let Some(it) = table.policies.get(part.name) {
                    policy(&mut way.script, &name, part.name, it);
                }
            }
            "index" => {
                if let Some(it) = table.indexes.get(part.name) {
                    index(&mut way.script, part.key, part.name, it);
                    told_of_index(way, &name, part.name, &it.options);
                }
            }
            "check" => {
                if let Some(it) = table.checks.get(part.name) {
                    let ending = if it.unvalidated { " NOT VALID" } else { "" };
                    let definition = check(part.name, it);
                    way.script
                        .add(&format!("ALTER TABLE {name} ADD {definition}{ending}"));
                    comment_constraint(way, &name, part.name, it.comment.as_deref(), false);
                }
            }
            _ => {
                if let Some(it) = table.exclusions.get(part.name) {
                    let constraint = quoted(part.name);
                    way.script.add(&format!(
                        "ALTER TABLE {name} ADD CONSTRAINT {constraint} {}",
                        it.definition
                    ));
                    comment_constraint(way, &name, part.name, it.comment.as_deref(), false);
                }
            }
        }
    }
}
