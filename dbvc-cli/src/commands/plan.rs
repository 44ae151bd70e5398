//! Shows a plan, and reads a saved one.

use std::path::Path;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::driver::Action;
use dbvc_engine::plan::{Plan, Step};
use dbvc_engine::project::{ExitClass, Failed, write_script};

use crate::codes;
use crate::render::count;
use crate::work::Work;

/// Prints what would run, in order; with `-v` the SQL too.
pub(super) fn show(on: &Work<'_>, plan: &Plan) -> Result<(), Failed> {
    on.output.diagnostics_unless_json(&plan.findings);
    if plan.steps.is_empty() {
        on.output.say("nothing to do");
        return Ok(());
    }
    let verb = if plan.steps[0].action == Action::Rollback {
        "undo"
    } else {
        "run"
    };
    on.output.say(format!(
        "would {verb} {}, from {} on:",
        count(plan.steps.len() as u64, "script"),
        plan.current.as_deref().unwrap_or("nothing")
    ));
    for (index, step) in plan.steps.iter().enumerate() {
        on.output.say(format!("  {:>3}  {}", index + 1, line(step)));
    }
    if on.output.detailed && !on.output.json && !plan.is_blocked() {
        on.output.say("");
        write_script(&on.context, plan, &mut std::io::stdout().lock())?;
    }
    Ok(())
}

fn line(step: &Step) -> String {
    let mut text = format!(
        "{:<48}  {:>14}",
        step.name(),
        count(u64::from(step.statements), "statement")
    );
    if let Some(reason) = &step.reason {
        text.push_str("  not in a transaction: ");
        text.push_str(reason);
    } else if !step.transactional {
        text.push_str("  not in a transaction");
    }
    if let Some(resume) = &step.resume {
        text.push_str("  goes on after statement ");
        text.push_str(&resume.done.to_string());
    }
    if let Some(again) = &step.again {
        text.push_str("  again: ");
        text.push_str(&again.to_string());
    }
    text
}

/// Reads the plan for this database: a file holds one plan, or a list of one per database.
pub(super) fn read(work: &Work<'_>, path: &Path) -> Result<Plan, Failed> {
    let wrong = |code: &str, message: String| Failed::one(ExitClass::Usage, Diagnostic::error(code, message));
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(codes::FILE, format!("cannot read {}: {error}", path.display())))?;
    let not_a_plan = |reason: String| {
        Failed::one(
            ExitClass::Usage,
            Diagnostic::error(codes::PLAN, format!("{} is not a plan: {reason}", path.display()))
                .help("write one with `dbvc migrate --dry-run --json > plan.json`"),
        )
    };
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| not_a_plan(error.to_string()))?;
    let plans: Vec<Plan> = if value.is_array() {
        serde_json::from_value(value)
    } else {
        serde_json::from_value(value).map(|plan| vec![plan])
    }
    .map_err(|error| not_a_plan(error.to_string()))?;
    let name = &work.context.settings.database;
    let only = plans.len() == 1;
    plans
        .into_iter()
        .find(|plan| only || plan.database == *name)
        .ok_or_else(|| not_a_plan(format!("it has none for database `{name}`")))
}
