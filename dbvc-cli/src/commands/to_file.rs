//! `migrate --to-file`: what would run, as one script to be read.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::plan::{Plan, Step, StepScript};
use dbvc_engine::project::{ExitClass, Failed};

use crate::codes;
use crate::render::count;
use crate::stop::Stop;
use crate::work::Work;

/// Makes the file empty, so that every database can add its part.
pub(super) fn begin(path: &Path) -> Result<(), Stop> {
    std::fs::write(path, "").map_err(|error| Stop::file("write", path, &error))
}

/// Adds one database's part. Placeholders are left as they are: their values may be secret.
pub(super) fn write(work: &Work<'_>, plan: &Plan, path: &Path) -> Result<(), Failed> {
    let mut text = format!(
        "-- dbvc: what `migrate` would run on {} in {}, now at {}.\n\
         -- For review. It does not write dbvc's record, so run it with `dbvc migrate --plan`, not by hand.\n",
        plan.database,
        plan.environment,
        plan.current.as_deref().unwrap_or("nothing"),
    );
    for step in &plan.steps {
        add(&mut text, step).map_err(|reason| failed(&step.name(), &reason))?;
    }
    let append = || {
        OpenOptions::new()
            .append(true)
            .open(path)?
            .write_all(text.as_bytes())
    };
    append().map_err(|error: std::io::Error| failed(&path.display().to_string(), &error.to_string()))?;
    work.output.say(format!("written  {}", path.display()));
    Ok(())
}

fn add(text: &mut String, step: &Step) -> Result<(), String> {
    let script = match &step.script {
        StepScript::File(script) => script.read_to_string().map_err(|error| error.to_string())?,
        StepScript::Stored { text, .. } => text.clone(),
    };
    let mode = if step.transactional {
        "one transaction"
    } else {
        "not in a transaction"
    };
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        "\n-- {}: {}, {mode}",
        step.name(),
        count(u64::from(step.statements), "statement")
    );
    if let Some(resume) = &step.resume {
        let _ = writeln!(
            text,
            "-- {} done already; goes on after them",
            count(u64::from(resume.done), "statement")
        );
    }
    if step.transactional {
        text.push_str("BEGIN;\n");
    }
    text.push_str(script.trim_end());
    text.push('\n');
    if step.transactional {
        text.push_str("COMMIT;\n");
    }
    Ok(())
}

fn failed(what: &str, reason: &str) -> Failed {
    Failed::one(
        ExitClass::Usage,
        Diagnostic::error(codes::FILE, format!("{what}: {reason}")),
    )
}
