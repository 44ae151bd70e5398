//! `migrate --to-file`: what would run, as one script to be read.

use std::fs::{File, OpenOptions};
use std::io::BufWriter;
use std::path::Path;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::plan::Plan;
use dbvc_engine::project::{ExitClass, Failed, write_script};

use crate::codes;
use crate::stop::Stop;
use crate::work::Work;

/// Standard output, as a file's name.
pub(super) const STDOUT: &str = "-";

/// Makes the file empty, so that every database can add its part.
pub(super) fn begin(path: &Path) -> Result<(), Stop> {
    if path == Path::new(STDOUT) {
        return Ok(());
    }
    File::create(path)
        .map(drop)
        .map_err(|error| Stop::file("write", path, &error))
}

/// Adds one database's part.
pub(super) fn write(work: &Work<'_>, plan: &Plan, path: &Path) -> Result<(), Failed> {
    if path == Path::new(STDOUT) {
        return write_script(&work.context, plan, &mut std::io::stdout().lock());
    }
    let file = OpenOptions::new().append(true).open(path).map_err(|error| {
        let message = format!("cannot write {}: {error}", path.display());
        Failed::one(ExitClass::Usage, Diagnostic::error(codes::FILE, message))
    })?;
    let mut out = BufWriter::new(file);
    write_script(&work.context, plan, &mut out)?;
    drop(out);
    work.output.say(format!("written  {}", path.display()));
    Ok(())
}

/// Whether standard output belongs to the script alone.
pub(super) fn takes_stdout(path: Option<&Path>) -> bool {
    path == Some(Path::new(STDOUT))
}
