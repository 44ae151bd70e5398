//! What schema files make, found out on a scratch database.

use std::path::Path;

use super::rehearsal::{Rehearsal, on_scratch};
use super::{Context, Failed, MigrateOptions, MigrateRequest, Settings, migrate, read_schema};
use crate::migration::{DirectoryLayout, Version, directory};
use crate::schema::Database;

/// The schema that the project's migrations make: all of them, or those up to `version`; 0 is before the first. Repeatable migrations belong to
/// the newest version only: what they refer to may not be there in an older one.
///
/// The migrations run on a scratch database, as `migrate` runs them; the database itself is not touched.
pub async fn replay(context: &Context<'_>, version: Option<&Version>) -> Result<Database, Failed> {
    let target = older(context, version)?;
    let nothing = target
        .as_ref()
        .is_some_and(|version| matches!(version.to_string().as_str(), "0" | "0.0.0"));
    let scratch = context.scratch().await?;
    let replayed = if nothing {
        read_schema(scratch.context()).await
    } else {
        on(scratch.context(), target).await
    };
    scratch
        .end(replayed.map_err(|failed| on_scratch(context, failed)))
        .await
}

/// The same with the migrations of another folder.
pub async fn replay_directory(context: &Context<'_>, folder: &Path) -> Result<Database, Failed> {
    let own = &context.settings.layout;
    let layout = DirectoryLayout {
        migrations: folder.to_owned(),
        // Undo scripts have no say in what the migrations make.
        rollback: None,
        scheme: None,
        ..own.clone()
    };
    let there = Context {
        driver: context.driver.clone(),
        target: context.target.clone(),
        settings: Settings {
            layout,
            ..context.settings.clone()
        },
        observer: context.observer,
        cancel: context.cancel.clone(),
        actor: context.actor.clone(),
        pid: context.pid,
        run: context.run,
        tool_version: context.tool_version.clone(),
        reason: context.reason.clone(),
    };
    Box::pin(replay(&there, None)).await
}

/// The version to stop at; none for the newest.
fn older(context: &Context<'_>, version: Option<&Version>) -> Result<Option<Version>, Failed> {
    let Some(version) = version else {
        return Ok(None);
    };
    let set = directory::read(&context.settings.layout).map_err(|problems| Failed::problems(&problems))?;
    Ok(Some(version)
        .filter(|version| set.newest() != Some(version))
        .cloned())
}

async fn on(context: &Context<'_>, target: Option<Version>) -> Result<Database, Failed> {
    let request = MigrateRequest {
        options: MigrateOptions {
            target,
            ..MigrateOptions::default()
        },
        in_flight: None,
    };
    migrate(context, &request, &mut |_| Ok(())).await?;
    read_schema(context).await
}

/// The schema that a SQL file makes in an empty database, such as a desired state or a snapshot's script.
pub async fn schema_of_file(context: &Context<'_>, path: &Path) -> Result<Database, Failed> {
    let set = directory::alone(&context.settings.layout, path);
    let set = set.map_err(|problems| Failed::problems(&problems))?;
    let scratch = context.scratch().await?;
    let made = async {
        let mut rehearsal = Rehearsal::of(scratch.context(), set).await?;
        let made = async {
            let steps = rehearsal.forward()?.steps;
            rehearsal.run(steps).await?;
            rehearsal.schema().await
        }
        .await;
        rehearsal.close().await;
        made
    }
    .await;
    scratch
        .end(made.map_err(|failed| on_scratch(context, failed)))
        .await
}
