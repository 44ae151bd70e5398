//! `migrate --to-file`: what would run, as one script to be read.

use std::fs::OpenOptions;
use std::io::BufWriter;
use std::path::Path;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::plan::Plan;
use dbvc_engine::project::{ExitClass, Failed, write_script};

use crate::codes;
use crate::stop::Stop;
use crate::work::Work;

/// Makes the file empty, so that every database can add its part.
pub(super) fn begin(path: &Path) -> Result<(), Stop> {
    std::fs::write(path, "").map_err(|error| Stop::file("write", path, &error))
}

/// Adds one database's part.
pub(super) fn write(work: &Work<'_>, plan: &Plan, path: &Path) -> Result<(), Failed> {
    let file = OpenOptions::new().append(true).open(path).map_err(|error| {
        Failed::one(
            ExitClass::Usage,
            Diagnostic::error(codes::FILE, format!("cannot write {}: {error}", path.display())),
        )
    })?;
    write_script(&work.context, plan, &mut BufWriter::new(file))?;
    work.output.say(format!("written  {}", path.display()));
    Ok(())
}
