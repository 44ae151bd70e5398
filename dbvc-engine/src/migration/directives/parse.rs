//! The grammar of directives.

use super::{Directives, duration};
use crate::text::LineColumn;

const NAMES: [&str; 8] = [
    "no-transaction",
    "statement-timeout",
    "lock-timeout",
    "environment",
    "requires",
    "runs-always",
    "placeholders",
    "irreversible",
];

/// Something wrong with a directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) at: LineColumn,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// Whether a comment's text (without its dashes) is a line of our own directives.
pub(crate) fn is_own(comment: &str) -> bool {
    own(comment).is_some()
}

/// Whether a comment's text is Goose's way to say `no-transaction`.
pub(crate) fn is_goose_no_transaction(comment: &str) -> bool {
    goose(comment).is_some_and(|words| words.eq_ignore_ascii_case("no transaction"))
}

fn own(comment: &str) -> Option<&str> {
    comment.trim_start().strip_prefix("dbvc:")
}

fn goose(comment: &str) -> Option<&str> {
    comment.trim().strip_prefix("+goose").map(str::trim)
}

/// Applies what a comment says; `at` is where its first dash stands.
pub(super) fn apply(
    comment: &str,
    at: LineColumn,
    directives: &mut Directives,
    complaints: &mut Vec<Complaint>,
) {
    if let Some(rest) = own(comment) {
        let before = &comment[..comment.len() - rest.len()];
        let start = at.column + 2 + count(before);
        apply_own(rest, LineColumn { column: start, ..at }, directives, complaints);
    } else if let Some(options) = dbmate_options(comment) {
        for option in options.split_whitespace() {
            match option {
                "transaction:false" => directives.no_transaction = true,
                "transaction:true" => directives.no_transaction = false,
                other => complaints.push(Complaint {
                    at,
                    message: format!("unknown dbmate option `{other}`"),
                    help: Some("dbvc knows transaction:false and transaction:true".into()),
                }),
            }
        }
    } else if let Some(words) = goose(comment) {
        apply_goose(words, at, directives, complaints);
    } else if comment.trim() == "no-transaction" {
        directives.no_transaction = true;
    } else if let Some(name) = forgotten_colon(comment) {
        complaints.push(Complaint {
            at,
            message: format!("`dbvc` is not followed by a colon, so `{name}` would not count"),
            help: Some(format!("write `-- dbvc: {name}`")),
        });
    }
}

fn apply_goose(words: &str, at: LineColumn, directives: &mut Directives, complaints: &mut Vec<Complaint>) {
    let upper = words.to_ascii_uppercase();
    match upper.as_str() {
        "NO TRANSACTION" => directives.no_transaction = true,
        "UP" | "DOWN" | "STATEMENTBEGIN" | "STATEMENTEND" | "ENVSUB OFF" => {}
        "ENVSUB ON" => complaints.push(Complaint {
            at,
            message: "goose's ENVSUB is not supported: dbvc fills in declared placeholders only".into(),
            help: Some("declare the names as placeholders of the database, and remove this line".into()),
        }),
        _ => complaints.push(Complaint {
            at,
            message: format!("unknown goose annotation `{words}`"),
            help: Some("goose has Up, Down, StatementBegin, StatementEnd and NO TRANSACTION".into()),
        }),
    }
}

fn dbmate_options(comment: &str) -> Option<&str> {
    let rest = comment.trim();
    let rest = rest
        .strip_prefix("migrate:up")
        .or_else(|| rest.strip_prefix("migrate:down"))?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(rest)
}

fn forgotten_colon(comment: &str) -> Option<&'static str> {
    let rest = comment.trim_start().strip_prefix("dbvc ")?;
    let first = rest.split([' ', '=', ':']).find(|word| !word.is_empty())?;
    NAMES
        .into_iter()
        .find(|name| *name == first && name.contains('-'))
}

fn apply_own(text: &str, at: LineColumn, directives: &mut Directives, complaints: &mut Vec<Complaint>) {
    let mut any = false;
    for (offset, item) in items(text) {
        any = true;
        if let Err((message, help)) = apply_item(item, directives) {
            let column = at.column + count(&text[..offset]);
            complaints.push(Complaint {
                at: LineColumn { column, ..at },
                message,
                help,
            });
        }
    }
    if !any {
        complaints.push(Complaint {
            at,
            message: "no directive follows `dbvc:`".into(),
            help: Some(known()),
        });
    }
}

/// The items of a line with their byte offsets: separated by spaces, where quoted values keep theirs. A comma at an
/// item's end, as people write lists, does not count.
fn items(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = None;
    let mut quoted = false;
    for (index, character) in text.char_indices() {
        quoted ^= character == '"';
        if character.is_whitespace() && !quoted {
            if let Some(from) = start.take() {
                found.push((from, &text[from..index]));
            }
        } else if start.is_none() {
            start = Some(index);
        }
    }
    found.extend(start.map(|from| (from, &text[from..])));
    found
        .into_iter()
        .map(|(from, item)| (from, item.trim_end_matches([',', ';'])))
        .filter(|(_, item)| !item.is_empty())
        .collect()
}

type Wrong = (String, Option<String>);

fn apply_item(item: &str, directives: &mut Directives) -> Result<(), Wrong> {
    let (name, value) = match item.split_once('=') {
        Some((name, value)) => (name, Some(unquote(value)?)),
        None => (item, None),
    };
    let plain = |message: String| (message, None);
    let wanted = |example: &str| {
        value.filter(|value| !value.is_empty()).ok_or_else(|| {
            (
                format!("`{name}` has no value"),
                Some(format!("write {name}={example}")),
            )
        })
    };
    match name {
        "no-transaction" => directives.no_transaction = flag(name, value)?,
        "runs-always" => directives.runs_always = flag(name, value)?,
        "placeholders" => directives.placeholders = switch(name, wanted("off")?)?,
        "statement-timeout" => {
            let limit = duration::parse(wanted("30s")?).map_err(plain)?;
            once(name, &mut directives.statement_timeout, limit)?;
        }
        "lock-timeout" => {
            let limit = duration::parse(wanted("5s")?).map_err(plain)?;
            once(name, &mut directives.lock_timeout, limit)?;
        }
        "environment" => directives.environments.extend(list(wanted("production")?)),
        "requires" => {
            for text in list(wanted("1.2.0")?) {
                let key = text.parse().map_err(|error| plain(format!("{error}")))?;
                directives.requires.push(key);
            }
        }
        "irreversible" => {
            let reason = wanted("\"reason\"")?.to_owned();
            once(name, &mut directives.irreversible, reason)?;
        }
        _ => return Err(unknown(name)),
    }
    Ok(())
}

/// Two different values cannot both be meant.
fn once<T: PartialEq>(name: &str, place: &mut Option<T>, value: T) -> Result<(), Wrong> {
    if place.as_ref().is_some_and(|first| *first != value) {
        return Err((
            format!("`{name}` is there already with another value"),
            Some("keep one of them".into()),
        ));
    }
    *place = Some(value);
    Ok(())
}

fn unquote(value: &str) -> Result<&str, Wrong> {
    match value.strip_prefix('"') {
        None => Ok(value),
        Some(rest) => rest
            .strip_suffix('"')
            .ok_or_else(|| (format!("the quote of `{value}` is not closed"), None)),
    }
}

fn flag(name: &str, value: Option<&str>) -> Result<bool, Wrong> {
    match value {
        None => Ok(true),
        Some(value) => switch(name, value),
    }
}

fn switch(name: &str, value: &str) -> Result<bool, Wrong> {
    match value {
        "on" | "true" => Ok(true),
        "off" | "false" => Ok(false),
        _ => Err((format!("`{name}` is on or off, not `{value}`"), None)),
    }
}

fn list(value: &str) -> impl Iterator<Item = String> {
    value
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
}

fn unknown(name: &str) -> Wrong {
    let nearest = NAMES
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .min()
        .filter(|(distance, known)| *distance <= known.len() / 3);
    let help = match nearest {
        Some((_, known)) => format!("did you mean `{known}`?"),
        None => known(),
    };
    (format!("unknown directive `{name}`"), Some(help))
}

fn known() -> String {
    format!("known are {}", NAMES.join(", "))
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}
