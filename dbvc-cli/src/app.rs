//! From arguments to an exit code.

use std::ffi::OsString;

use clap::Parser;
use clap::error::ErrorKind;
use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::driver::Actor;
use dbvc_engine::project::StepOutcome;
use dbvc_engine::registry::Registry;

use crate::actor::actor;
use crate::args::Args;
use crate::args::Global;
use crate::config::Surroundings;
use crate::interrupt::Interrupt;
use crate::render::Output;
use crate::stop::Stop;
use crate::{codes, commands, exit, logging};

/// What every command works with.
pub(crate) struct App {
    pub(crate) registry: Registry,
    pub(crate) global: Global,
    pub(crate) output: Output,
    pub(crate) surroundings: Surroundings,
    pub(crate) interrupt: Interrupt,
    pub(crate) actor: Actor,
    /// What this process was started with, the program's name first.
    pub(crate) arguments: Vec<OsString>,
}

/// Does what the arguments say.
pub(crate) fn run(registry: Registry, arguments: Vec<OsString>) -> u8 {
    let json = arguments.iter().any(|argument| argument == "--json");
    let args = match Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(error) => return refused(&error, json),
    };
    let output = Output::new(&args.global);
    match begin(registry, args, output, arguments) {
        Ok(code) => code,
        Err(stop) => ended(output, &stop),
    }
}

fn begin(registry: Registry, args: Args, output: Output, arguments: Vec<OsString>) -> Result<u8, Stop> {
    let internal = |what: &str, error: &std::io::Error| {
        Stop::configuration(vec![Diagnostic::error(
            codes::INTERNAL,
            format!("{what}: {error}"),
        )])
    };
    let surroundings =
        Surroundings::of_process().map_err(|error| internal("cannot find the working directory", &error))?;
    logging::start(&args.global, &surroundings).map_err(|problem| Stop::configuration(vec![*problem]))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| internal("cannot start", &error))?;
    let app = App {
        registry,
        global: args.global,
        output,
        actor: actor(&surroundings),
        surroundings,
        interrupt: Interrupt::default(),
        arguments,
    };
    let code = runtime.block_on(async {
        app.interrupt.listen();
        match commands::run(&app, args.command).await {
            Ok(done) => {
                output.document(&done.value);
                done.code
            }
            Err(stop) => ended(output, &stop),
        }
    });
    // A blocking read on standard input must not keep the process.
    runtime.shutdown_background();
    Ok(code)
}

fn ended(output: Output, stop: &Stop) -> u8 {
    if output.json {
        output.document(&stop.document());
    } else {
        output.diagnostics(&stop.diagnostics);
        for step in &stop.steps {
            if step.outcome == StepOutcome::NotRun {
                output.aside(format!("  not run   {}", step.script));
            }
        }
    }
    stop.code
}

/// Help and version are what was asked for; everything else is a usage error.
fn refused(error: &clap::Error, json: bool) -> u8 {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if json && !asked {
        let text = error.to_string();
        let message = text.lines().next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(message);
        let stop = Stop::usage(
            Diagnostic::error(codes::WORDS, message).help("`dbvc --help` lists commands and flags"),
        );
        let output = Output {
            json: true,
            ..Output::default()
        };
        return ended(output, &stop);
    }
    // A closed pipe is the reader's choice, not an error.
    let _ = error.print();
    if asked { exit::DONE } else { exit::USAGE }
}
