//! `lock`: who holds it, and taking it from the dead.

use dbvc_engine::driver::Holder;
use dbvc_engine::project::{Failed, lock_break, lock_status};

use crate::app::App;
use crate::args::LockCommand;
use crate::config::Config;
use crate::render::{json, moment};
use crate::stop::{Done, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with};

pub(super) async fn run(app: &App, config: &Config, command: LockCommand) -> Result<Done, Stop> {
    let trail = Trail::where_it_writes(matches!(command, LockCommand::Break { .. }));
    each_with(app, config, None, trail, async |work| one(work, command).await).await
}

async fn one(work: &Work<'_>, command: LockCommand) -> Result<Done, Failed> {
    work.heading();
    let report = match command {
        LockCommand::Status => lock_status(&work.context).await?,
        LockCommand::Break { force } => {
            let mut approve = |holder: &Holder| {
                work.output.progress(describe(holder));
                work.confirm("break the lock of")
            };
            lock_break(&work.context, force, &mut approve).await?
        }
    };
    match (&report.holder, command) {
        (None, _) => work.output.say("the lock is free"),
        (Some(holder), LockCommand::Status) => work.output.say(describe(holder)),
        (Some(_), LockCommand::Break { .. }) => work.output.say("the lock is broken: it is free now"),
    }
    Ok(Done::well(json(&report)))
}

/// Who holds the lock, in one line.
pub(super) fn describe(holder: &Holder) -> String {
    let actor = &holder.owner.actor;
    let life = match (holder.alive, holder.expired) {
        (Some(true), _) => "alive",
        (Some(false), _) => "gone",
        (None, true) => "its lease has ended",
        (None, false) => "its lease still runs",
    };
    let mut text = format!(
        "locked by {} on {} (process {}) to {} since {}: {life}",
        actor.user,
        actor.host,
        holder.owner.pid,
        holder.owner.purpose,
        moment(holder.acquired_at)
    );
    if let Some(job) = &actor.ci_job {
        text.push_str("; CI job ");
        text.push_str(job);
    }
    text
}
