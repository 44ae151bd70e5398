//! What to ask the catalogue of each kind of statement, and what its answer means.

use dbvc_engine::driver::Effect;

use crate::record::literal;
use crate::statement::Head;

#[cfg(test)]
mod tests;

const SETS: &str = "it sets a value, which can be repeated";

/// What is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Whether an object is there. The query gives one row: `t` or `f`, and another `t` where what is there may be a
    /// namesake in another schema of the search path.
    Presence { sql: String, what: String, makes: bool },
    /// Whether an index is there and valid. The query gives whether its table is there, and of the index, if it is
    /// there, whether it is valid and its full name.
    Index { sql: String, what: String },
    /// Whether copies are left over from `REINDEX CONCURRENTLY`. The query gives their full names.
    Copies { sql: String },
    /// How far a partition is detached. The query gives a row while it is not; `t` when that is pending.
    Detached {
        sql: String,
        table: String,
        partition: String,
    },
    /// Nothing: running it again does no harm.
    Repeatable(&'static str),
    /// Nothing: there is no place to look.
    Nowhere(String),
}

/// The catalogue's rows.
pub(super) struct Answer(pub(super) Vec<Vec<Option<String>>>);

impl Answer {
    fn cell(&self, row: usize, column: usize) -> Option<&str> {
        self.0.get(row)?.get(column)?.as_deref()
    }
}

impl Question {
    pub(super) fn about(head: &Head<'_>) -> Self {
        let told = match (head.word(0), head.word(1)) {
            ("CREATE", "UNIQUE" | "INDEX") => created_index(head),
            ("DROP", "INDEX") => dropped_index(head),
            ("REINDEX", _) => Some(reindexed(head)),
            ("ALTER", "TABLE") => detached(head),
            ("VACUUM" | "ANALYZE" | "CLUSTER" | "CHECKPOINT", _) | ("REFRESH", "MATERIALIZED") => {
                Some(Self::Repeatable("it can be repeated"))
            }
            ("ALTER", "SYSTEM") => Some(Self::Repeatable(SETS)),
            ("ALTER", "DATABASE") => ["SET", "RESET"]
                .iter()
                .any(|word| head.find(3, &[word]).is_some())
                .then_some(Self::Repeatable(SETS)),
            ("CREATE" | "DROP", _) => presence(head),
            _ => None,
        };
        told.unwrap_or_else(|| {
            Self::Nowhere(format!(
                "no session runs it any more; the catalogue does not show whether `{} {}` took effect",
                head.word(0),
                head.word(1)
            ))
        })
    }

    /// The query to ask, if there is one.
    pub(super) fn sql(&self) -> Option<&str> {
        match self {
            Self::Presence { sql, .. }
            | Self::Index { sql, .. }
            | Self::Copies { sql }
            | Self::Detached { sql, .. } => Some(sql),
            Self::Repeatable(_) | Self::Nowhere(_) => None,
        }
    }

    /// What the answer means.
    pub(super) fn effect(&self, answer: &Answer) -> Effect {
        match self {
            Self::Presence { what, makes, .. } => {
                let there = answer.cell(0, 0) == Some("t");
                let found = format!("{what} is {}", if there { "there" } else { "not there" });
                if there && answer.cell(0, 1) == Some("t") {
                    Effect::Unknown(format!(
                        "{found}, but the search path has several schemas, and it may be a namesake"
                    ))
                } else if there == *makes {
                    Effect::Done(found)
                } else {
                    Effect::Absent(found)
                }
            }
            Self::Index { what, .. } => index_effect(what, answer),
            Self::Copies { .. } => copies_effect(answer),
            Self::Detached { table, partition, .. } => match answer.cell(0, 0) {
                None => Effect::Done(format!("{partition} is no partition of {table}")),
                Some("t") => Effect::Unknown(format!(
                    "{partition} is half detached; run `ALTER TABLE {table} DETACH PARTITION {partition} FINALIZE` by \
                     hand, then go on"
                )),
                Some(_) => Effect::Absent(format!("{partition} is a partition of {table}")),
            },
            Self::Repeatable(why) => Effect::Absent((*why).to_owned()),
            Self::Nowhere(looked) => Effect::Unknown(looked.clone()),
        }
    }
}

fn index_effect(what: &str, answer: &Answer) -> Effect {
    if answer.cell(0, 0) != Some("t") {
        return Effect::Unknown(format!("the table of {what} was not found on the search path"));
    }
    match (answer.cell(0, 1), answer.cell(0, 2)) {
        (Some("t"), _) => Effect::Done(format!("{what} is there and valid")),
        (Some(_), Some(name)) => Effect::Leftover {
            found: format!("{what} is there, but invalid: it was not built to the end"),
            cleanup: format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"),
        },
        _ => Effect::Absent(format!("{what} is not there")),
    }
}

fn copies_effect(answer: &Answer) -> Effect {
    let names: Vec<&str> = answer.0.iter().flatten().flatten().map(String::as_str).collect();
    let Some(first) = names.first() else {
        return Effect::Absent("no half-built copies of indexes are there; it can be repeated".into());
    };
    Effect::Leftover {
        found: format!("half-built copies of indexes are there: {}", names.join(", ")),
        cleanup: match names.len() {
            1 => format!("DROP INDEX CONCURRENTLY IF EXISTS {first}"),
            // Only one index can be dropped concurrently by a statement; these are used by nobody.
            _ => format!("DROP INDEX IF EXISTS {}", names.join(", ")),
        },
    }
}

/// `CREATE [UNIQUE] INDEX [CONCURRENTLY] [[IF NOT EXISTS] name] ON [ONLY] table`.
fn created_index(head: &Head<'_>) -> Option<Question> {
    let at = head.skip(1, &["UNIQUE"]);
    let at = head.skip(at, &["INDEX"]);
    let at = head.skip(at, &["CONCURRENTLY"]);
    let at = head.skip(at, &["IF", "NOT", "EXISTS"]);
    if head.word(at) == "ON" {
        return Some(Question::Nowhere(
            "the statement gives the index no name, so it cannot be looked for".into(),
        ));
    }
    let (index, after) = head.name(at)?;
    let table = head.skip(head.skip(after, &["ON"]), &["ONLY"]);
    let (table, _) = head.name(table)?;
    // An index stands in its table's schema, and `indisvalid` is set last (manual, "Building Indexes Concurrently").
    let sql = format!(
        "SELECT t.oid IS NOT NULL, i.indisvalid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) \
         FROM (SELECT to_regclass({})::oid AS oid) t LEFT JOIN (pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
         AND c.relname = {} JOIN pg_namespace n ON n.oid = c.relnamespace) ON i.indrelid = t.oid",
        literal(&table),
        literal(&folded(&index))
    );
    Some(Question::Index {
        sql,
        what: format!("index {index}"),
    })
}

fn dropped_index(head: &Head<'_>) -> Option<Question> {
    let at = head.skip(2, &["CONCURRENTLY"]);
    let (name, _) = head.name(head.skip(at, &["IF", "EXISTS"]))?;
    Some(relation("index", &name, false))
}

/// What `REINDEX CONCURRENTLY` leaves: indexes with a suffix (manual, REINDEX, "Rebuilding Indexes Concurrently").
fn reindexed(head: &Head<'_>) -> Question {
    let at = head.skip_parentheses(1);
    let concurrently = head
        .find(1, &["CONCURRENTLY"])
        .is_some_and(|found| found <= at + 1);
    if !concurrently {
        return Question::Repeatable("it can be repeated");
    }
    let kind = head.word(at).to_owned();
    let name = head
        .name(head.skip(at + 1, &["CONCURRENTLY"]))
        .map(|(name, _)| name);
    let of = |name: &str| format!("to_regclass({})", literal(name));
    let only = match (kind.as_str(), &name) {
        ("TABLE", Some(name)) => format!(
            " AND i.indrelid IN ({0}, (SELECT reltoastrelid FROM pg_class WHERE oid = {0}))",
            of(name)
        ),
        ("INDEX", Some(name)) => format!(
            " AND i.indrelid = (SELECT indrelid FROM pg_index WHERE indexrelid = {})",
            of(name)
        ),
        ("SCHEMA", Some(name)) => format!(" AND n.nspname = {}", literal(&folded(name))),
        _ => String::new(),
    };
    Question::Copies {
        sql: format!(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
             JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'{only} ORDER BY 1"
        ),
    }
}

fn detached(head: &Head<'_>) -> Option<Question> {
    let at = head.skip(head.skip(2, &["IF", "EXISTS"]), &["ONLY"]);
    let (table, _) = head.name(at)?;
    let (partition, _) = head.name(head.find(at, &["DETACH", "PARTITION"])? + 2)?;
    Some(Question::Detached {
        sql: format!(
            "SELECT inhdetachpending FROM pg_inherits WHERE inhparent = to_regclass({}) AND inhrelid = to_regclass({})",
            literal(&table),
            literal(&partition)
        ),
        table,
        partition,
    })
}

/// `CREATE` or `DROP` of what has a name of its own. Both are all or nothing, so that being there tells.
fn presence(head: &Head<'_>) -> Option<Question> {
    let makes = head.word(0) == "CREATE";
    let mut at = 1;
    for word in ["UNLOGGED", "GLOBAL", "LOCAL"] {
        at = head.skip(at, &[word]);
    }
    if head.word(at) == "OR" {
        return Some(Question::Repeatable(
            "it replaces what is there, which can be repeated",
        ));
    }
    let kind = head.word(at).to_owned();
    at += if head.has(at, &["MATERIALIZED", "VIEW"]) {
        2
    } else {
        1
    };
    at = head.skip(at, &["IF", "NOT", "EXISTS"]);
    at = head.skip(at, &["IF", "EXISTS"]);
    let (name, _) = head.name(at)?;
    let row = |catalogue: &str, column: &str| {
        let sql = format!(
            "SELECT EXISTS (SELECT FROM {catalogue} WHERE {column} = {})",
            literal(&folded(&name))
        );
        Some(named(&kind, &name, sql, makes))
    };
    match kind.as_str() {
        "TABLE" | "VIEW" | "MATERIALIZED" | "SEQUENCE" => Some(relation(&kind, &name, makes)),
        "DATABASE" => row("pg_database", "datname"),
        "TABLESPACE" => row("pg_tablespace", "spcname"),
        "SCHEMA" => row("pg_namespace", "nspname"),
        "EXTENSION" => row("pg_extension", "extname"),
        "SUBSCRIPTION" => row("pg_subscription", "subname"),
        "PUBLICATION" => row("pg_publication", "pubname"),
        "ROLE" | "USER" | "GROUP" => row("pg_roles", "rolname"),
        "TYPE" | "DOMAIN" => {
            let sql = visible("to_regtype", "pg_type", ["typname", "typnamespace"], &name, makes);
            Some(named(&kind, &name, sql, makes))
        }
        _ => None,
    }
}

fn relation(kind: &str, name: &str, makes: bool) -> Question {
    let sql = visible(
        "to_regclass",
        "pg_class",
        ["relname", "relnamespace"],
        name,
        makes,
    );
    named(kind, name, sql, makes)
}

/// Asks for what a statement that names it without a schema means: what is made goes into the first schema of the search
/// path, and what is dropped is the first of that name on it (manual, 5.9.3 "The Schema Search Path").
fn visible(find: &str, catalogue: &str, [name_column, schema]: [&str; 2], name: &str, makes: bool) -> String {
    let found = format!("{find}({}) IS NOT NULL", literal(name));
    if is_qualified(name) {
        return format!("SELECT {found}");
    }
    if makes {
        return format!(
            "SELECT EXISTS (SELECT FROM {catalogue} WHERE {name_column} = {} AND {schema} = \
             (SELECT oid FROM pg_namespace WHERE nspname = current_schema()))",
            literal(&folded(name))
        );
    }
    format!("SELECT {found}, cardinality(current_schemas(false)) > 1")
}

/// Whether a name has more than one part.
fn is_qualified(name: &str) -> bool {
    name.split('"').step_by(2).any(|bare| bare.contains('.'))
}

fn named(kind: &str, name: &str, sql: String, makes: bool) -> Question {
    Question::Presence {
        sql,
        what: format!("{} {name}", kind.to_lowercase()),
        makes,
    }
}

/// The last part of a name as the catalogue has it: in lower case unless it was quoted (manual, 4.1.1).
fn folded(name: &str) -> String {
    if let Some(inner) = name.strip_suffix('"') {
        let mut start = 0;
        let mut quotes = 0;
        for (at, character) in inner.char_indices() {
            if character == '"' {
                quotes += 1;
            } else if character == '.' && quotes % 2 == 0 {
                start = at + 1;
            }
        }
        let last = inner[start..].strip_prefix('"').unwrap_or(&inner[start..]);
        return last.replace("\"\"", "\"");
    }
    name.rsplit('.').next().unwrap_or(name).to_lowercase()
}
