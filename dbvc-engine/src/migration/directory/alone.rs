//! A script that is no migration, taken for the only one.

use std::path::Path;

use super::DirectoryLayout;
use super::found::unread;
use crate::migration::problem::Problem;
use crate::migration::scan;
use crate::migration::script::Script;
use crate::migration::set::{Kind, Migration, MigrationSet};
use crate::migration::{MigrationKey, Version, VersionScheme};

/// A set whose only migration is this file, whatever its name: a desired schema, to be run on an empty database.
pub fn alone(layout: &DirectoryLayout, path: &Path) -> Result<MigrationSet, Vec<Problem>> {
    let shown = layout.shown(path);
    let scan = scan::scan(path).map_err(|error| vec![unread(shown.clone(), &error)])?;
    let complaints: Vec<Problem> = scan
        .complaints
        .into_iter()
        .map(|(code, complaint)| Problem {
            help: complaint.help,
            ..Problem::new(code, &shown, complaint.message).at(complaint.at)
        })
        .collect();
    if !complaints.is_empty() {
        return Err(complaints);
    }
    let script = Script {
        path: path.to_owned(),
        shown,
        section: scan.up.section,
        checksum: scan.up.checksum,
        bytes: scan.up.bytes,
        directives: scan.up.directives,
        empty: scan.up.empty,
    };
    let migration = Migration {
        key: MigrationKey::Versioned(Version::first(
            VersionScheme::Integer,
            jiff::Timestamp::UNIX_EPOCH,
        )),
        kind: Kind::Versioned,
        description: script.name(),
        up: script,
        undo: None,
    };
    MigrationSet::new(layout.clone(), Some(VersionScheme::Integer), [migration])
}
