//! `diff`: what leads from one schema to another.

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::diff::{DiffOptions, diff};
use serde_json::json;

use super::sides::side;
use crate::app::App;
use crate::args::DiffArgs;
use crate::render::json;
use crate::stop::{Done, Stop};
use crate::{codes, exit};

pub(super) async fn run(app: &App, args: &DiffArgs) -> Result<Done, Stop> {
    let before = side(app, Some(&args.before)).await?;
    let after = side(app, args.after.as_deref()).await?;
    if before.dialect != after.dialect {
        let message = format!(
            "a schema of {} and one of {} cannot be compared",
            before.dialect, after.dialect
        );
        let help = "both must be of one database system";
        return Err(Stop::usage(
            Diagnostic::error(codes::DIALECTS, message).help(help),
        ));
    }
    let options = DiffOptions {
        owners: !args.ignore_owners,
        grants: !args.ignore_grants,
        column_order: !args.ignore_column_order,
    };
    let found = diff(&before, &after, options);
    app.output.text_unless_json(found.to_string().trim_end());
    let (added, changed, removed) = found.counts();
    let mut value = json(&found);
    value["counts"] = json!({ "added": added, "changed": changed, "removed": removed });
    let code = if found.is_empty() {
        exit::DONE
    } else {
        exit::FINDINGS
    };
    Ok(Done { value, code })
}
