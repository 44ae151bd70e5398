//! What to ask the catalogue of each kind of batch, and what its answer means.
//!
//! Only a batch that is one statement can be asked about: of several, the catalogue shows the effect of one and tells
//! nothing of the others.

use std::fmt;

use dbvc_engine::sql::{Dialect, Token, TokenKind, tokens};

use crate::message::literal;

/// What is asked.
pub(super) type Question = dbvc_engine::driver::Question<Thing>;

/// Something in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thing {
    kind: &'static Kind,
    /// `schema.name` or `name`, in brackets.
    name: String,
    /// The last part alone.
    last: String,
    /// The table that it belongs to, in brackets.
    table: String,
}

/// A kind of thing, by the words that a statement has for it.
#[derive(Debug, PartialEq, Eq)]
struct Kind {
    words: &'static [&'static str],
    title: &'static str,
    place: Place,
}

/// Where a thing is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// `OBJECT_ID`, with one of these types (`sys.objects.type`).
    Object(&'static str),
    /// A table of this catalogue view, by its name.
    Named(&'static str),
    /// An index of a table.
    Index,
    /// A type.
    Type,
    /// The full-text index of a table.
    FullText,
}

const fn kind(words: &'static [&'static str], title: &'static str, place: Place) -> Kind {
    Kind { words, title, place }
}

static KINDS: [Kind; 17] = [
    kind(&["DATABASE"], "database", Place::Named("sys.databases")),
    kind(
        &["FULLTEXT", "CATALOG"],
        "full-text catalogue",
        Place::Named("sys.fulltext_catalogs"),
    ),
    kind(
        &["FULLTEXT", "STOPLIST"],
        "full-text stop list",
        Place::Named("sys.fulltext_stoplists"),
    ),
    kind(&["FULLTEXT", "INDEX"], "full-text index of", Place::FullText),
    kind(&["TABLE"], "table", Place::Object("'U'")),
    kind(&["VIEW"], "view", Place::Object("'V'")),
    kind(&["PROCEDURE"], "procedure", Place::Object("'P', 'PC'")),
    kind(&["PROC"], "procedure", Place::Object("'P', 'PC'")),
    kind(
        &["FUNCTION"],
        "function",
        Place::Object("'FN', 'IF', 'TF', 'FS', 'FT', 'AF'"),
    ),
    kind(&["TRIGGER"], "trigger", Place::Object("'TR', 'TA'")),
    kind(&["SEQUENCE"], "sequence", Place::Object("'SO'")),
    kind(&["SYNONYM"], "synonym", Place::Object("'SN'")),
    kind(&["SCHEMA"], "schema", Place::Named("sys.schemas")),
    kind(&["USER"], "user", Place::Named("sys.database_principals")),
    kind(&["ROLE"], "role", Place::Named("sys.database_principals")),
    kind(&["LOGIN"], "login", Place::Named("sys.server_principals")),
    kind(&["TYPE"], "type", Place::Type),
];

static INDEX: Kind = kind(&["INDEX"], "index", Place::Index);

/// Triggers on what changes the database or the server are no objects of a schema (reference, `sys.triggers`,
/// `sys.server_triggers`).
static TRIGGERS: [(&[&str], Kind); 2] = [
    (
        &["ON", "DATABASE"],
        kind(
            &["TRIGGER"],
            "trigger on the database",
            Place::Named("sys.triggers"),
        ),
    ),
    (
        &["ON", "ALL", "SERVER"],
        kind(
            &["TRIGGER"],
            "trigger on the server",
            Place::Named("sys.server_triggers"),
        ),
    ),
];

/// Words behind `CREATE DATABASE` and `DROP DATABASE` that make it something inside one.
const INSIDE: [&[&str]; 3] = [
    &["AUDIT", "SPECIFICATION"],
    &["ENCRYPTION", "KEY"],
    &["SCOPED", "CREDENTIAL"],
];

/// Statements that do the same when they are run again, by their first words.
const REPEATABLE: [(&[&str], &str); 12] = [
    (
        &["ALTER", "DATABASE"],
        "setting a database's options again does no harm",
    ),
    (
        &["ALTER", "FULLTEXT"],
        "changing the full-text index again does no harm",
    ),
    (&["ALTER", "INDEX"], "rebuilding an index again does no harm"),
    (&["BACKUP"], "backing up again does no harm"),
    (&["CHECKPOINT"], "it changes nothing that is kept"),
    (&["DBCC"], "checking again does no harm"),
    (&["DENY"], "denying again does no harm"),
    (&["GRANT"], "granting again does no harm"),
    (&["RECONFIGURE"], "putting settings into force again does no harm"),
    (&["REVOKE"], "revoking again does no harm"),
    (&["SELECT"], "it only reads"),
    (&["UPDATE", "STATISTICS"], "counting again does no harm"),
];

pub(super) fn about(sql: &str) -> Question {
    let words: Vec<Token<'_>> = tokens(sql, &Dialect::MSSQL)
        .filter(|token| token.kind != TokenKind::Comment)
        .collect();
    if starts(&words, &["CREATE", "OR", "ALTER"]) {
        return Question::Repeatable("it replaces what is there, which can be repeated");
    }
    presence(&words).or_else(|| repeatable(&words)).unwrap_or_else(|| {
        let head: Vec<&str> = words.iter().take(2).map(|word| word.text).collect();
        Question::Nowhere(format!(
            "no session runs it any more; the catalogue does not show whether the batch beginning with `{}` took effect",
            head.join(" ")
        ))
    })
}

impl Thing {
    /// The query to ask: it gives a number.
    pub(super) fn sql(&self) -> String {
        let (name, last, table) = (literal(&self.name), literal(&self.last), literal(&self.table));
        let from = match self.kind.place {
            Place::Object(types) => {
                format!("sys.objects WHERE object_id = OBJECT_ID({name}) AND type IN ({types})")
            }
            Place::Named(view) => format!("{view} WHERE name = {last}"),
            Place::Index => format!("sys.indexes WHERE object_id = OBJECT_ID({table}) AND name = {last}"),
            Place::Type => format!("sys.types WHERE user_type_id = TYPE_ID({name})"),
            Place::FullText => format!("sys.fulltext_indexes WHERE object_id = OBJECT_ID({table})"),
        };
        format!("SELECT COUNT(*) FROM {from}")
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = self.kind.title;
        match self.kind.place {
            Place::Index => write!(f, "{title} {} of {}", self.last, self.table),
            Place::FullText => write!(f, "{title} {}", self.table),
            _ => write!(f, "{title} {}", self.name),
        }
    }
}

/// `CREATE` or `DROP` of one thing, and nothing else in the batch.
fn presence(words: &[Token<'_>]) -> Option<Question> {
    let makes = words.first()?.is_word("CREATE");
    if !makes && !words.first()?.is_word("DROP") {
        return None;
    }
    // A body of statements belongs to what is made; anything else would be a statement of its own.
    let mut rest = &words[1..];
    skip(&mut rest, &["UNIQUE", "CLUSTERED", "NONCLUSTERED", "COLUMNSTORE"]);
    let thing = if rest.first()?.is_word("INDEX") {
        rest = &rest[1..];
        index(&mut rest)?
    } else {
        let kind = KINDS.iter().find(|kind| begins(rest, kind.words))?;
        rest = &rest[kind.words.len()..];
        if kind.title == "database" && INSIDE.iter().any(|words| starts(rest, words)) {
            return None;
        }
        named(&mut rest, kind)?
    };
    let other = !is_module(thing.kind) && holds_another(rest);
    let is_list = !makes && rest.iter().any(|word| word.is_symbol(','));
    (!other && !is_list).then_some(Question::Presence { thing, makes })
}

fn named(rest: &mut &[Token<'_>], kind: &'static Kind) -> Option<Thing> {
    if kind.place == Place::FullText {
        // `CREATE FULLTEXT INDEX ON table`: it has no name.
        if !rest.first()?.is_word("ON") {
            return None;
        }
        *rest = &rest[1..];
    }
    skip(rest, &["IF", "EXISTS"]);
    let (name, last) = full_name(rest)?;
    let triggers = TRIGGERS.iter().find(|(place, _)| starts(rest, place));
    let kind = match triggers {
        Some((_, of_all)) if kind.title == "trigger" => of_all,
        _ => kind,
    };
    Some(Thing {
        kind,
        table: name.clone(),
        name,
        last,
    })
}

fn index(rest: &mut &[Token<'_>]) -> Option<Thing> {
    skip(rest, &["IF", "EXISTS"]);
    let (name, last) = full_name(rest)?;
    if !rest.first()?.is_word("ON") {
        return None;
    }
    *rest = &rest[1..];
    let (table, _) = full_name(rest)?;
    Some(Thing {
        kind: &INDEX,
        name,
        last,
        table,
    })
}

/// Steps over these words, in any order.
fn skip(rest: &mut &[Token<'_>], words: &[&str]) {
    while let Some(first) = rest.first()
        && words.iter().any(|word| first.is_word(word))
    {
        *rest = &rest[1..];
    }
}

/// Whether these keywords stand first.
fn starts(words: &[Token<'_>], keywords: &[&str]) -> bool {
    words.len() >= keywords.len()
        && keywords
            .iter()
            .zip(words)
            .all(|(keyword, word)| word.is_word(keyword))
}

/// The same, with something behind them.
fn begins(words: &[Token<'_>], keywords: &[&str]) -> bool {
    words.len() > keywords.len() && starts(words, keywords)
}

fn is_module(kind: &Kind) -> bool {
    matches!(
        kind.words,
        ["VIEW" | "PROCEDURE" | "PROC" | "FUNCTION" | "TRIGGER"]
    )
}

/// A name with its parts in brackets, and its last part as it is.
fn full_name(rest: &mut &[Token<'_>]) -> Option<(String, String)> {
    let mut parts = Vec::new();
    loop {
        let first = rest.first()?;
        if !matches!(first.kind, TokenKind::Word | TokenKind::QuotedName) {
            return None;
        }
        parts.push(unquoted(first.text));
        *rest = &rest[1..];
        if !rest.first().is_some_and(|word| word.is_symbol('.')) {
            break;
        }
        *rest = &rest[1..];
    }
    let last = parts.last()?.clone();
    let name: Vec<String> = parts.iter().map(|part| crate::message::bracketed(part)).collect();
    Some((name.join("."), last))
}

fn unquoted(name: &str) -> String {
    let inside = |open: char, close: char| {
        let inner = name.strip_prefix(open)?.strip_suffix(close)?;
        Some(inner.replace(&format!("{close}{close}"), &close.to_string()))
    };
    inside('[', ']')
        .or_else(|| inside('"', '"'))
        .unwrap_or_else(|| name.to_owned())
}

/// Words that begin a statement and do not stand inside one that makes or drops a thing.
const BEGINNINGS: [&str; 19] = [
    "CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE", "MERGE", "EXEC", "EXECUTE", "DECLARE", "IF",
    "WHILE", "BEGIN", "GRANT", "DENY", "REVOKE", "USE", "PRINT", "TRUNCATE",
];

/// Whether another statement begins in these words.
fn holds_another(words: &[Token<'_>]) -> bool {
    (0..words.len()).any(|at| {
        let word = &words[at];
        let before = at.checked_sub(1).map(|before| &words[before]);
        // `ON DELETE CASCADE`, `WITH GRANT OPTION`
        let goes_on = before.is_some_and(|before| before.is_word("ON") || before.is_word("WITH"));
        let begins = !goes_on && BEGINNINGS.iter().any(|beginning| word.is_word(beginning));
        let switches = word.is_word("TRIGGER")
            && before.is_some_and(|before| before.is_word("ENABLE") || before.is_word("DISABLE"));
        let behind_an_end = before.is_some_and(|before| before.is_symbol(';')) && !word.is_symbol(';');
        begins || switches || behind_an_end
    })
}

fn repeatable(words: &[Token<'_>]) -> Option<Question> {
    let (keywords, why) = REPEATABLE.iter().find(|(keywords, _)| starts(words, keywords))?;
    // From behind the words that were just read on, and behind the rights that are given.
    let rest = &words[keywords.len()..];
    let rest = match keywords {
        ["GRANT" | "DENY" | "REVOKE"] => {
            let is_end = |word: &Token<'_>| ["ON", "TO", "FROM"].iter().any(|end| word.is_word(end));
            &rest[rest.iter().position(is_end)?..]
        }
        _ => rest,
    };
    let has = |options: &[&str]| {
        options
            .iter()
            .any(|option| rest.iter().any(|word| word.is_word(option)))
    };
    let changes = match keywords {
        // What is renamed or moved is not there any more the second time.
        ["ALTER", ..] => has(&["MODIFY", "ADD", "REMOVE"]) || holds_another(rest),
        // It makes a table, or takes a sequence's next number.
        ["SELECT"] => has(&["INTO", "NEXT"]) || holds_another(rest),
        _ => holds_another(rest),
    };
    (!changes).then_some(Question::Repeatable(why))
}

#[cfg(test)]
mod tests;
