//! `000001_create_users.up.sql` and `000001_create_users.down.sql` (golang-migrate's MIGRATIONS.md; sqlx and others too).

use super::numbered::split_version;
use super::{FileName, Help, Place, Recognised, Refusal, Role, Rules, clean};
use crate::migration::problem::codes;
use crate::migration::set::Kind;

pub(super) fn read(place: Place<'_>) -> Recognised {
    let file = place.file;
    let (stem, role, after) = if let Some(stem) = file.strip_suffix(".up.sql") {
        (stem, Role::Up(Kind::Versioned), ".up.sql")
    } else {
        (file.strip_suffix(".down.sql")?, Role::Undo, ".down.sql")
    };
    match split_version(stem) {
        Some((version, rest)) if rest.is_empty() || rest.starts_with(['_', '-']) => {
            let description = rest.trim_start_matches(['_', '-']);
            Some(Ok(FileName {
                role,
                version: Some(version.into()),
                description: description.into(),
                rules: Rules::Theirs,
                around: (format!("{version}_"), after.into()),
            }))
        }
        None if !stem.starts_with(['V', 'U', 'B', 'R']) => Some(Err(Refusal {
            code: codes::NAME_NO_VERSION,
            message: "the name does not begin with a version".into(),
            help: Help::Version(clean(stem)),
        })),
        _ => None,
    }
}
