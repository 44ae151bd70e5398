//! The commands, one file each.

mod audit;
mod baseline;
mod completions;
mod config;
mod create;
mod diff;
mod drift;
mod drivers;
mod generate;
mod history;
mod infrastructure;
mod init;
mod lock;
mod migrate;
mod page;
mod plan;
mod release;
mod rollback;
mod rules;
mod sides;
mod snapshot;
mod status;
mod test;
mod to_file;
mod validate;
mod verify;

use crate::app::App;
use crate::args::{Command, TestArgs, What, place};
use crate::exit;
use crate::stop::{Done, Stop};
use crate::work::settings;

/// Runs a command.
pub(crate) async fn run(app: &App, command: Command) -> Result<Done, Stop> {
    let flag = app.global.environment.as_ref();
    match command {
        Command::Init(args) if args.infrastructure => {
            infrastructure::run(app, &settings(app, flag.cloned())?).await
        }
        Command::Init(args) => init::run(app, &args),
        Command::Create(args) if args.auto => generate::run(app, &settings(app, flag.cloned())?, &args).await,
        Command::Create(args) => create::run(app, &settings(app, flag.cloned())?, &args),
        Command::Drivers => Ok(drivers::run(app)),
        Command::Completions(args) => Ok(completions::run(app, &args)),
        Command::Config(args) => config::run(app, &settings(app, place(flag, args.place.as_ref())?)?),
        Command::Validate(args) => {
            let config = settings(app, place(flag, args.place.as_ref())?)?;
            let checked = validate::run(app, &config, &args)?;
            if !args.replay || checked.code != exit::DONE {
                return Ok(checked);
            }
            test::run(app, &config, &TestArgs::default()).await
        }
        Command::Test(args) => {
            let config = settings(app, place(flag, args.place.as_ref())?)?;
            test::run(app, &config, &args).await
        }
        Command::Migrate(args) => {
            let config = settings(app, place(flag, args.place.as_ref())?)?;
            migrate::run(app, &config, &args).await
        }
        Command::Rollback(args) => {
            let what = What::read(&args.words)?;
            let config = settings(app, place(flag, what.environment.as_ref())?)?;
            rollback::refuse_a_stray_word(&config, what.environment.as_deref())?;
            rollback::run(app, &config, &args, what.migration).await
        }
        Command::Status(args) => {
            let config = settings(app, place(flag, args.place.as_ref())?)?;
            status::run(app, &config, &args).await
        }
        Command::History(args) => {
            let config = settings(app, place(flag, args.place.as_ref())?)?;
            history::run(app, &config, &args).await
        }
        Command::Baseline(args) => baseline::run(app, &settings(app, flag.cloned())?, &args).await,
        Command::Verify(args) => verify::run(app, &settings(app, flag.cloned())?, &args).await,
        Command::Snapshot(args) => snapshot::run(app, &settings(app, flag.cloned())?, &args).await,
        Command::Diff(args) => diff::run(app, &args).await,
        Command::Rules(args) => rules::run(app, &settings(app, flag.cloned())?, &args).await,
        Command::Drift(args) => {
            let config = settings(app, place(flag, args.place.as_ref())?)?;
            drift::run(app, &config, &args).await
        }
        Command::Version(args) => release::run(app, &settings(app, flag.cloned())?, &args).await,
        Command::List(args) => release::list(app, &settings(app, flag.cloned())?, &args),
        Command::Audit(args) => audit::run(app, &settings(app, flag.cloned())?, &args.command).await,
        Command::Lock(args) => lock::run(app, &settings(app, flag.cloned())?, args.command).await,
    }
}
