//! `diff`: what leads from one schema to another.

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::diff::{Parity, diff, parity};
use dbvc_engine::driver::Target;
use serde_json::json;

use super::page;
use super::sides::side;
use crate::app::App;
use crate::args::DiffArgs;
use crate::render::{Story, json};
use crate::stop::{Done, Stop};
use crate::{codes, exit};

pub(super) async fn run(app: &App, args: &DiffArgs) -> Result<Done, Stop> {
    let before = side(app, Some(&args.before)).await?;
    let after = side(app, args.after.as_deref()).await?;
    if args.logical {
        return Ok(logical(app, &parity(&before, &after)));
    }
    if before.dialect != after.dialect {
        let message = format!(
            "a schema of {} and one of {} cannot be compared",
            before.dialect, after.dialect
        );
        let help = "`--logical` compares them by what both systems share";
        return Err(Stop::usage(
            Diagnostic::error(codes::DIALECTS, message).help(help),
        ));
    }
    let found = diff(&before, &after, args.ignore.into());
    if let Some(path) = &args.html {
        let story = Story {
            title: "Differences between two schemas".into(),
            facts: vec![
                ("before".into(), told(Some(&args.before))),
                ("after".into(), told(args.after.as_deref())),
            ],
            before: &before,
            after: &after,
            found: &found,
            scripts: Vec::new(),
        };
        page::write(&app.surroundings.directory.join(path), story)?;
    }
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

/// A side as a page may name it: an address without its password.
fn told(word: Option<&str>) -> String {
    match word {
        None => "the database of the settings".to_owned(),
        Some(word) if word.contains(':') => {
            Target::parse(word).map_or_else(|_| "an address".to_owned(), |target| target.shown())
        }
        Some(word) => word.to_owned(),
    }
}

fn logical(app: &App, found: &Parity) -> Done {
    app.output.text_unless_json(found.to_string().trim_end());
    let code = if found.is_equal() {
        exit::DONE
    } else {
        exit::FINDINGS
    };
    Done {
        value: json(found),
        code,
    }
}
