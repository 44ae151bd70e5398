//! `completions`: a script for a shell.

use clap::CommandFactory;
use serde_json::json;

use crate::app::App;
use crate::args::{Args, CompletionsArgs};
use crate::stop::Done;

pub(super) fn run(app: &App, args: &CompletionsArgs) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "dbvc", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    app.output.text_unless_json(&script);
    Done::well(json!({ "shell": args.shell.to_string(), "script": script }))
}
