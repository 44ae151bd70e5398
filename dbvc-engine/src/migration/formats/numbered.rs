//! `20251127_143000_add_user_preferences.sql`, `0007_add_users.sql`: the version is the number at the front.
//!
//! dbmate, Goose and sqlx name files like this; the first two keep both ways in one file.

use super::{
    FileName, Help, Place, Recognised, Refusal, Rules, clean, empty_description, rename, sql_stem, undo_or,
};
use crate::migration::problem::codes;
use crate::migration::set::Kind;
use crate::migration::version::{Version, VersionScheme};

pub(super) fn read(place: Place<'_>) -> Recognised {
    let (stem, right_extension) = sql_stem(place.file)?;
    let (version, rest) = split_version(stem)?;
    if rest.starts_with('.') || version.contains('.') {
        return Some(Err(dotted(stem)));
    }
    if !right_extension {
        let message = "a migration's name ends in .sql, in small letters";
        return Some(Err(rename(codes::NAME_EXTENSION, message, format!("{stem}.sql"))));
    }
    let Some(description) = rest.strip_prefix('_') else {
        let description = clean(rest);
        return Some(Err(if description.is_empty() {
            empty_description(&format!("{version}_"), ".sql")
        } else {
            let message = format!("an underscore stands between {version} and the description");
            rename(
                codes::NAME_SEPARATOR,
                message,
                format!("{version}_{description}.sql"),
            )
        }));
    };
    let separator = if description.starts_with('_') { "__" } else { "_" };
    let description = description.strip_prefix('_').unwrap_or(description);
    let before = format!("{version}{separator}");
    if description.is_empty() {
        return Some(Err(empty_description(&before, ".sql")));
    }
    let (role, description, after) = undo_or(Kind::Versioned, description, place);
    Some(Ok(FileName {
        role,
        version: Some(version.into()),
        description: description.into(),
        rules: Rules::OursIfPlain,
        around: (before, after.into()),
    }))
}

/// The number at the front, a date and a time as far as it is one, and what follows.
pub(super) fn split_version(stem: &str) -> Option<(&str, &str)> {
    for length in [15, 13] {
        let Some((front, rest)) = stem.split_at_checked(length) else {
            continue;
        };
        let is_time = Version::parse(front, VersionScheme::Timestamp).is_ok() && front.contains('_');
        if is_time && !rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Some((front, rest));
        }
    }
    let end = stem.find(|c: char| !c.is_ascii_digit()).unwrap_or(stem.len());
    (end > 0).then(|| stem.split_at(end))
}

/// `1.1.0_add_users`: somebody forgot the prefix.
fn dotted(stem: &str) -> Refusal {
    let end = stem
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(stem.len());
    let version = stem[..end].trim_end_matches('.');
    let description = clean(&stem[version.len()..]);
    if description.is_empty() {
        return empty_description(&format!("V{version}__"), ".sql");
    }
    Refusal {
        code: codes::NAME_PREFIX,
        message: format!("a V stands before the version {version}"),
        help: Help::Rename(format!("V{version}__{description}.sql")),
    }
}
