//! `2024-01-02-030405_create_posts/up.sql` and `down.sql` (Diesel's guide, "Getting Started").
//!
//! Diesel takes the version from the folder: what stands before the first underscore, without its hyphens.

use super::{FileName, Help, Place, Recognised, Refusal, Role, Rules, clean};
use crate::migration::problem::codes;
use crate::migration::set::Kind;
use crate::migration::version::Version;

pub(super) fn read(place: Place<'_>) -> Recognised {
    let folder = place.folder?;
    let role = match place.file {
        "up.sql" => Role::Up(Kind::Versioned),
        "down.sql" => Role::Undo,
        "metadata.toml" if read_folder(folder).is_some() => {
            return Some(Err(Refusal {
                code: codes::UNSUPPORTED,
                message: "Diesel's metadata.toml is not read".into(),
                help: Help::Say(
                    "write `-- dbvc: no-transaction` at the top of up.sql if it says so, and remove the file"
                        .into(),
                ),
            }));
        }
        _ => return None,
    };
    Some(match read_folder(folder) {
        Some(name) => Ok(FileName { role, ..name }),
        None => Err(Refusal {
            code: codes::NAME_NO_VERSION,
            message: format!("its folder `{folder}` does not begin with a version"),
            help: Help::Version(clean(folder)),
        }),
    })
}

/// What a folder's name says.
pub(crate) fn read_folder(folder: &str) -> Option<FileName> {
    let (version, description) = folder.split_once('_').unwrap_or((folder, ""));
    let hyphens_only_in_dates = !version.contains('-') || version.len() >= 17;
    if !hyphens_only_in_dates || !version.starts_with(|c: char| c.is_ascii_digit()) || version.contains('.') {
        return None;
    }
    Version::detect(version).ok()?;
    Some(FileName {
        role: Role::Up(Kind::Versioned),
        version: Some(version.into()),
        description: description.into(),
        rules: Rules::Theirs,
        around: (format!("{version}_"), String::new()),
    })
}
