//! `V1.1.0__Add_customers.sql`, `R__views.sql`, `B1.0.0__Baseline.sql`, `U1.1.0__Add_customers.sql`; and
//! `rollback/V1.1.0__Add_customers_rollback.sql`.
//!
//! As in Flyway's documentation ("Migrations", "Naming"): prefix, version, two underscores, description, suffix; the
//! prefix is case-sensitive, and underscores in a version are dots.

use super::{
    FileName, Help, Place, Recognised, Refusal, Role, Rules, clean, empty_description, rename, sql_stem,
    undo_or,
};
use crate::migration::problem::codes;
use crate::migration::set::Kind;
use crate::migration::version::Version;

pub(super) fn read(place: Place<'_>) -> Recognised {
    let (stem, right_extension) = sql_stem(place.file)?;
    let mut characters = stem.chars();
    let written = characters.next()?;
    let prefix = written.to_ascii_uppercase();
    let rest = characters.as_str();
    let read = match prefix {
        'R' => repeatable(rest, place)?,
        'V' | 'U' | 'B' => versioned(prefix, rest, place)?,
        _ => return None,
    };
    if written == prefix && right_extension {
        return Some(read);
    }
    let right_name = match &read {
        Ok(name) => name.with(&clean(&name.description)),
        Err(Refusal {
            help: Help::Rename(to),
            ..
        }) => to.clone(),
        // A word that happens to begin with one of the letters.
        Err(_) if written != prefix => return None,
        Err(_) => return Some(read),
    };
    Some(Err(if right_extension {
        let message = format!("the prefix is a capital {prefix}, not {written}");
        rename(codes::NAME_PREFIX, message, right_name)
    } else {
        let message = "a migration's name ends in .sql, in small letters";
        rename(codes::NAME_EXTENSION, message, right_name)
    }))
}

fn repeatable(rest: &str, place: Place<'_>) -> Recognised {
    let Some(description) = rest.strip_prefix("__") else {
        let separated = rest.strip_prefix(['_', '-', ' '])?;
        return Some(Err(rename(
            codes::NAME_SEPARATOR,
            "two underscores stand between R and the description",
            format!("R__{}.sql", clean(separated)),
        )));
    };
    if description.is_empty() {
        return Some(Err(Refusal {
            help: Help::Say("say what it defines, such as R__Customer_views.sql".into()),
            ..empty_description("R__", ".sql")
        }));
    }
    if place.rollback {
        return Some(Err(Refusal {
            code: codes::UNSUPPORTED,
            message: "a repeatable migration has no undo script".into(),
            help: Help::Say("to take it back, change the repeatable migration itself".into()),
        }));
    }
    Some(Ok(FileName {
        role: Role::Up(Kind::Repeatable),
        version: None,
        description: description.into(),
        rules: Rules::Ours,
        around: ("R__".into(), ".sql".into()),
    }))
}

fn versioned(prefix: char, rest: &str, place: Place<'_>) -> Recognised {
    let Some((version, description)) = rest.split_once("__") else {
        return one_underscore(prefix, rest).map(Err);
    };
    if version.is_empty() {
        return Some(Err(Refusal {
            code: codes::NAME_NO_VERSION,
            message: format!("there is no version after {prefix}"),
            help: Help::Version(clean(description)),
        }));
    }
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Err(error) = Version::detect(version) {
        return Some(Err(Refusal {
            code: codes::NAME_BAD_VERSION,
            message: error.to_string(),
            help: Help::Say("write a version such as 1.2.0, 7 or 20251127_143000".into()),
        }));
    }
    let before = format!("{prefix}{version}__");
    if description.is_empty() {
        return Some(Err(empty_description(&before, ".sql")));
    }
    Some(described(prefix, version, description, place))
}

fn described(prefix: char, version: &str, description: &str, place: Place<'_>) -> Result<FileName, Refusal> {
    for (suffix, right) in [(".up", 'V'), (".down", 'U')] {
        if let Some(stem) = description.strip_suffix(suffix) {
            return Err(rename(
                codes::NAME_EXTENSION,
                format!("`{suffix}.sql` belongs to names without prefix, such as 1_name{suffix}.sql"),
                format!("{right}{version}__{}.sql", clean(stem)),
            ));
        }
    }
    let (role, description, after) = match prefix {
        'U' => (Role::Undo, description, ".sql"),
        'B' => (Role::Up(Kind::Baseline), description, ".sql"),
        _ => undo_or(Kind::Versioned, description, place),
    };
    Ok(FileName {
        role,
        version: Some(version.into()),
        description: description.into(),
        rules: Rules::Ours,
        around: (format!("{prefix}{version}__"), after.into()),
    })
}

/// A version that is not followed by two underscores.
fn one_underscore(prefix: char, rest: &str) -> Option<Refusal> {
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        let separated = rest.strip_prefix(['_', '-', ' '])?;
        return Some(Refusal {
            code: codes::NAME_NO_VERSION,
            message: format!("there is no version after {prefix}"),
            help: Help::Version(clean(separated)),
        });
    }
    let prerelease = rest
        .split_once('_')
        .filter(|(version, _)| Version::detect(version).is_ok_and(|version| version.is_prerelease()));
    let (version, description) = prerelease.unwrap_or_else(|| {
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))
            .unwrap_or(rest.len());
        let version = rest[..end].trim_end_matches(['.', '_']);
        (version, &rest[version.len()..])
    });
    let description = clean(description);
    let before = format!("{prefix}{version}__");
    if description.is_empty() {
        return Some(empty_description(&before, ".sql"));
    }
    Some(rename(
        codes::NAME_SEPARATOR,
        format!("two underscores stand between the version {version} and the description"),
        format!("{before}{description}.sql"),
    ))
}
