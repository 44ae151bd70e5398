//! Files that no format took: what looks like a migration is refused, never ignored.

use super::{Help, Place, Recognised, Refusal, clean, rename, sql_stem};
use crate::migration::problem::codes;
use crate::migration::version::Version;

/// In these, other tools keep migrations.
const CODE: [&str; 10] = ["go", "java", "js", "kt", "mjs", "php", "pl", "py", "rb", "ts"];

pub(super) fn read(place: Place<'_>) -> Recognised {
    if let Some((stem, _)) = sql_stem(place.file) {
        return Some(Err(if is_callback(stem) {
            Refusal {
                code: codes::UNSUPPORTED,
                message: format!("dbvc does not run Flyway's callback `{stem}`"),
                help: Help::Say(
                    "make it a repeatable migration with `-- dbvc: runs-always`, or move it away".into(),
                ),
            }
        } else {
            Refusal {
                code: codes::NAME_NO_VERSION,
                message: "the name does not begin with a version".into(),
                help: Help::Version(clean(stem)),
            }
        }));
    }
    let (stem, extension) = stem_and_extension(place.file);
    if extension == "conf" && place.file.ends_with(".sql.conf") {
        return Some(Err(Refusal {
            code: codes::UNSUPPORTED,
            message: "Flyway's script configuration is not read".into(),
            help: Help::Say(format!(
                "write its settings at the top of {stem}.sql, such as `-- dbvc: no-transaction`, and remove the file"
            )),
        }));
    }
    let was_sql = place.file.contains(".sql");
    let is_code = CODE.contains(&extension.to_ascii_lowercase().as_str());
    let begins_with_number = stem.starts_with(|c: char| c.is_ascii_digit()) && stem.contains('_');
    if !(looks_like_flyway(stem) || (begins_with_number && (was_sql || is_code))) {
        return None;
    }
    Some(Err(if is_code {
        Refusal {
            code: codes::UNSUPPORTED,
            message: format!("it looks like a migration written in .{extension}, and dbvc runs SQL only"),
            help: Help::Say("write it as SQL, or move it out of the migrations folder".into()),
        }
    } else {
        let message = "it looks like a migration, but its name does not end in .sql";
        rename(
            codes::NAME_EXTENSION,
            message,
            format!("{}.sql", stem.trim_end_matches('.')),
        )
    }))
}

/// `V1__x.sql.bak` is `V1__x` and `bak`. In `V1.1.0__x` no dot begins an extension.
fn stem_and_extension(file: &str) -> (&str, &str) {
    if let Some((stem, rest)) = file.split_once(".sql") {
        return (stem, rest.trim_start_matches('.'));
    }
    file.rsplit_once('.')
        .filter(|(_, extension)| extension.bytes().all(|b| b.is_ascii_alphanumeric()))
        .unwrap_or((file, ""))
}

fn looks_like_flyway(stem: &str) -> bool {
    let Some((front, _)) = stem.split_once("__") else {
        return false;
    };
    let version = front.strip_prefix(['V', 'v', 'U', 'u', 'B', 'b']);
    matches!(front, "R" | "r") || version.is_some_and(|version| Version::detect(version).is_ok())
}

/// Flyway's documentation, "Callback Events": `beforeMigrate`, `afterEachMigrateStatement`, `createSchema`, …
fn is_callback(stem: &str) -> bool {
    let event = stem.split("__").next().unwrap_or(stem);
    let capital_after = |word: &str| {
        event
            .strip_prefix(word)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    capital_after("before") || capital_after("after") || event == "createSchema"
}
