//! `create`: a new migration with its undo script.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{ExitClass, Failed};
use crate::diagnostic::{Diagnostic, Label};
use crate::migration::{
    CreateError, DirectoryLayout, MigrationSet, NewMigration, Request, create as design, directory, sum,
};

/// What was written.
#[derive(Debug, Serialize)]
pub struct CreateReport {
    /// The new version.
    pub version: String,
    /// The migration, as people are shown it.
    pub migration: PathBuf,
    /// Its undo script.
    pub undo: PathBuf,
    /// The sum file, where the folder keeps one.
    pub sum: Option<PathBuf>,
}

/// What stands in a new migration and in its undo script.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bodies<'a> {
    pub(super) up: &'a str,
    pub(super) undo: &'a str,
}

/// Writes the files of a new migration; never over one that is there. A sum file that the folder keeps is renewed.
pub fn create(layout: &DirectoryLayout, request: &Request) -> Result<CreateReport, Failed> {
    create_with(layout, request, None)
}

pub(super) fn create_with(
    layout: &DirectoryLayout,
    request: &Request,
    bodies: Option<Bodies<'_>>,
) -> Result<CreateReport, Failed> {
    let (_, mut new) = design_new(layout, request)?;
    if let Some(bodies) = bodies {
        new.up_text.push_str(bodies.up);
        new.undo_text.push_str(bodies.undo);
    }
    write_new(layout, &new.up_path, &new.up_text)?;
    if let Err(failed) = write_new(layout, &new.undo_path, &new.undo_text) {
        // The pair is written whole or not at all.
        let _ = std::fs::remove_file(&new.up_path);
        return Err(failed);
    }
    let sum = renew_sum(layout, false)?;
    Ok(report(layout, &new, sum))
}

/// The migrations that are there, and the new one.
pub(super) fn design_new(
    layout: &DirectoryLayout,
    request: &Request,
) -> Result<(MigrationSet, NewMigration), Failed> {
    let set = if layout.migrations.exists() {
        directory::read(layout)
    } else {
        MigrationSet::new(layout.clone(), layout.scheme, [])
    }
    .map_err(|problems| Failed::problems(&problems))?;
    let new = design(&set, request).map_err(|error| refused(&error))?;
    Ok((set, new))
}

/// Writes the sum file anew where the folder keeps one, or where `begin` asks for one.
pub(super) fn renew_sum(layout: &DirectoryLayout, begin: bool) -> Result<Option<PathBuf>, Failed> {
    let set = directory::read(layout).map_err(|problems| Failed::problems(&problems))?;
    let path = sum::path(&set);
    if !begin && !path.exists() {
        return Ok(None);
    }
    sum::write(&set).map_err(|error| unwritable(layout, &path, &error))?;
    Ok(Some(layout.shown(&path)))
}

fn report(layout: &DirectoryLayout, new: &NewMigration, sum: Option<PathBuf>) -> CreateReport {
    CreateReport {
        version: new.version.to_string(),
        migration: layout.shown(&new.up_path),
        undo: layout.shown(&new.undo_path),
        sum,
    }
}

fn refused(error: &CreateError) -> Failed {
    let say = |message: String| Diagnostic::error("DBVC1020", message);
    let diagnostic = match error {
        CreateError::VersionExists {
            version,
            existing,
            next,
        } => say(format!("version {version} is there already"))
            .label(Label::file(existing))
            .help(format!("the next free version is {next}")),
        CreateError::Version { error, next } => {
            say(error.to_string()).help(format!("the next free version is {next}"))
        }
        CreateError::Description { reason, help, .. } => say(reason.clone()).help(help.clone()),
    };
    Failed::one(ExitClass::Findings, diagnostic)
}

fn write_new(layout: &DirectoryLayout, path: &Path, text: &str) -> Result<(), Failed> {
    let write = || -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| unwritable(layout, path, &error))
}

fn unwritable(layout: &DirectoryLayout, path: &Path, error: &std::io::Error) -> Failed {
    let shown = layout.shown(path);
    Failed::one(
        ExitClass::Findings,
        Diagnostic::error("DBVC1021", format!("cannot write {}: {error}", shown.display()))
            .label(Label::file(shown))
            .help("check that the folder may be written to and that there is room on the disk"),
    )
}
