//! `baseline`: declare an existing database to be at a version.

use dbvc_engine::project::{BaselineOptions, baseline};
use serde_json::json;

use crate::app::App;
use crate::args::BaselineArgs;
use crate::config::Config;
use crate::stop::{Done, Stop};
use crate::work::each;

pub(super) async fn run(app: &App, config: &Config, args: &BaselineArgs) -> Result<Done, Stop> {
    each(app, config, args.reason.as_deref(), async |work| {
        work.heading();
        let version = work.version(&args.version)?;
        work.confirm("baseline")?;
        let options = BaselineOptions {
            version,
            description: args.description.clone(),
        };
        baseline(&work.context, &options).await?;
        work.output.say(format!("baseline  {}", options.version));
        Ok(Done::well(json!({
            "database": work.context.settings.database,
            "environment": work.context.settings.environment,
            "version": options.version.to_string(),
            "description": options.description,
        })))
    })
    .await
}
