//! The runs that events tell of.

use super::report::who;
use super::{AuditAction, AuditEvent};

/// What one run did, as its events tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// Its number.
    pub(super) number: String,
    pub(super) environment: String,
    /// When its first event happened.
    pub(super) at: String,
    pub(super) who: String,
    /// The CI job, commit and branch, as far as they are known.
    pub(super) origin: Vec<String>,
    pub(super) why: String,
    pub(super) plan: String,
    /// Each migration with what became of it.
    pub(super) migrations: Vec<(String, &'static str)>,
    /// How it ended.
    pub(super) ended: &'static str,
}

/// The runs in the order in which they began. What belongs to no run that changes something is none.
pub(super) fn runs(events: &[AuditEvent]) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for event in events.iter().filter(|event| is_of_a_run(event.action)) {
        let place = *places.entry(event.run.as_str()).or_insert_with(|| {
            found.push(begun(event));
            found.len() - 1
        });
        tell(&mut found[place], event);
    }
    found
}

fn is_of_a_run(action: AuditAction) -> bool {
    use AuditAction as A;
    matches!(
        action,
        A::RunStarted
            | A::RunCompleted
            | A::RunFailed
            | A::Started
            | A::Completed
            | A::Failed
            | A::RolledBack
    )
}

fn begun(event: &AuditEvent) -> Run {
    let actor = &event.actor;
    let named = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
    Run {
        number: event.run.clone(),
        environment: event.environment.clone(),
        at: event.at.clone(),
        who: who(event),
        origin: [
            named("CI", &actor.ci_job),
            named("commit", &actor.git_commit),
            named("branch", &actor.git_branch),
        ]
        .into_iter()
        .flatten()
        .collect(),
        why: event.reason.clone().unwrap_or_default(),
        plan: event.plan_digest.clone().unwrap_or_default(),
        migrations: Vec::new(),
        ended: "end not seen",
    }
}

fn tell(run: &mut Run, event: &AuditEvent) {
    let became = match event.action {
        AuditAction::Started => "begun",
        AuditAction::Completed => "applied",
        AuditAction::Failed => "failed",
        AuditAction::RolledBack => "undone",
        AuditAction::RunCompleted => {
            run.ended = "completed";
            return;
        }
        AuditAction::RunFailed => {
            run.ended = "failed";
            return;
        }
        _ => return,
    };
    let Some(name) = event.script.as_ref().or(event.migration.as_ref()) else {
        return;
    };
    match run.migrations.iter_mut().rfind(|(known, _)| known == name) {
        Some(known) if became != "begun" => known.1 = became,
        _ => run.migrations.push((name.clone(), became)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::sample;

    fn events(actions: &[(&str, AuditAction, &str)]) -> Vec<AuditEvent> {
        let chain = sample::chain("shop", actions.len() as u64);
        let with = |(sealed, (run, action, script)): (&crate::audit::Sealed, &(&str, AuditAction, &str))| {
            let mut event = sealed.event().expect("an event");
            event.run = (*run).to_owned();
            event.action = *action;
            event.script = (!script.is_empty()).then(|| (*script).to_owned());
            event
        };
        chain.iter().zip(actions).map(with).collect()
    }

    #[test]
    fn a_migration_is_told_once_with_what_became_of_it() {
        let found = runs(&events(&[
            ("1", AuditAction::RunStarted, ""),
            ("1", AuditAction::Started, "V1"),
            ("1", AuditAction::Completed, "V1"),
            ("1", AuditAction::Started, "V2"),
            ("1", AuditAction::Failed, "V2"),
            ("1", AuditAction::RunFailed, ""),
        ]));
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].migrations,
            [("V1".to_owned(), "applied"), ("V2".to_owned(), "failed")]
        );
        assert_eq!(found[0].ended, "failed");
    }

    #[test]
    fn a_run_that_was_cut_off_says_that_its_end_was_not_seen() {
        let found = runs(&events(&[
            ("1", AuditAction::RunStarted, ""),
            ("1", AuditAction::Started, "V1"),
            ("2", AuditAction::RunStarted, ""),
            ("2", AuditAction::RunCompleted, ""),
            ("3", AuditAction::Snapshot, ""),
        ]));
        let ends: Vec<_> = found.iter().map(|run| (run.number.as_str(), run.ended)).collect();
        assert_eq!(ends, [("1", "end not seen"), ("2", "completed")]);
        assert_eq!(found[0].migrations, [("V1".to_owned(), "begun")]);
    }
}
