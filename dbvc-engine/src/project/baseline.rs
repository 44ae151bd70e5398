//! `baseline`: declare that a database is at a version already.

use super::migrate::give_back;
use super::{Context, Failed};
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, Action, AppliedState, End, EntryStatus, NewExecution};
use crate::migration::Version;

/// What was asked for.
#[derive(Debug, Clone)]
pub struct BaselineOptions {
    /// The version that the database is at.
    pub version: Version,
    /// What to call it.
    pub description: String,
}

/// Writes the baseline into the record. Nothing of the project runs. Refused when a migration is in the record
/// already.
pub async fn baseline(context: &Context<'_>, options: &BaselineOptions) -> Result<(), Failed> {
    let mut opening = context.open(Access::ReadWrite).await?;
    refuse_second(&opening.known)?;
    let lease = context.take_lock(&mut opening, "baseline").await?;
    let written = async {
        opening.ask_again(context).await?;
        refuse_second(&opening.known)?;
        opening
            .session
            .record(&lease.fence, &entry(context, options), &end())
            .await
            .map_err(|error| Failed::driver(&context.target, &error))
    }
    .await;
    if let Err(failed) = written {
        return Err(give_back(opening, &lease, failed).await);
    }
    let unlocked = opening.session.unlock(&lease).await;
    opening.close().await;
    unlocked.map_err(|error| Failed::driver(&context.target, &error))
}

fn refuse_second(known: &crate::plan::Known) -> Result<(), Failed> {
    let Some((version, applied)) = known.current() else {
        return Ok(());
    };
    Err(Failed::findings(vec![
        Diagnostic::error(
            "DBVC3040",
            format!("this database is at version {version} already"),
        )
        .note(format!("since {}, by {}", applied.at, applied.by))
        .help("a baseline is for a database that dbvc has not worked on; `dbvc migrate` goes on from here"),
    ]))
}

fn entry(context: &Context<'_>, options: &BaselineOptions) -> NewExecution {
    NewExecution {
        run: context.run,
        action: Action::Baseline,
        migration: options.version.to_string(),
        version: Some(options.version.to_string()),
        description: options.description.clone(),
        kind: "baseline".into(),
        script: "(baseline)".into(),
        checksum: String::new(),
        registration: None,
        statements: 0,
        transactional: true,
        actor: context.actor.clone(),
        environment: context.settings.environment.clone(),
        reason: context.reason.clone(),
        tool_version: context.tool_version.clone(),
        in_run: None,
    }
}

fn end() -> End {
    End {
        status: EntryStatus::Completed,
        statements_done: 0,
        duration: None,
        error: None,
        state: Some(AppliedState::Baseline),
        error_class: None,
        of: None,
    }
}
