//! Compares dbvc with other tools on this machine: `cargo xtask bench`. `docs/benchmarks.md` tells the method.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool for developers speaks through the terminal"
)]

mod contender;
mod database;
mod install;
mod machine;
mod measure;
mod options;
mod proxy;
mod report;
mod rows;
mod scripts;
mod server;
mod set;
mod tools;

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser as _;

use database::System;
use install::Cache;
use options::{Options, Row};
use rows::Stage;
use server::Servers;
use tools::{Dbvc, Found, raw};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    // Before anything else: this process must stay small.
    let first = std::env::args_os().nth(1);
    if first
        .as_deref()
        .is_some_and(|word| word == measure::CHILD_COMMAND)
    {
        arguments.next();
        return answer(measure::child(arguments).map_err(|error| error.to_string()));
    }
    if first.as_deref().is_some_and(|word| word == raw::COMMAND) {
        let words: Vec<_> = std::env::args().skip(2).collect();
        let [url, script] = words.as_slice() else {
            return answer(Err("a URL and a script are wanted".to_owned()));
        };
        return answer(raw::run(url, Path::new(script)).map(|()| true));
    }
    answer(compare(&Options::parse()).map(|()| true))
}

fn answer(result: Result<bool, String>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("bench: {message}");
            ExitCode::FAILURE
        }
    }
}

fn compare(options: &Options) -> Result<(), String> {
    let cache = std::path::absolute(&options.cache).map_err(|error| error.to_string())?;
    let cache = Cache::new(cache, !options.no_install);
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let asks_server = options.large || [Row::Many, Row::Scripts].into_iter().any(|row| options.has(row));
    let servers = Servers::start(|system| match system {
        System::Postgres => asks_server && options.has_system(system),
        System::MariaDb => options.has(Row::Many) && options.has_system(system),
        System::Sqlite => false,
    })?;
    // After the servers, whose packages bring their clients where they were missing.
    let mut tools: Vec<Found> = builds(options)?;
    tools.extend(tools::find(&cache, &options.tools, options.quick)?);
    let report = RefCell::new(String::new());
    let tell = |part: &str| {
        println!("{part}");
        let mut report = report.borrow_mut();
        report.push_str(part);
        report.push('\n');
    };
    let stage = Stage {
        options,
        tools: &tools,
        servers: &servers,
        folder: folder.path(),
        tell: &tell,
    };
    tell(&machine::describe(&stage));
    rows::run(&stage)?;
    if let Some(file) = &options.output {
        let before = fs::read_to_string(file).unwrap_or_default();
        fs::write(file, report::below_mark(&before, &report.borrow()))
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

/// The builds of dbvc to measure: `PATH` or `LABEL=PATH`.
fn builds(options: &Options) -> Result<Vec<Found>, String> {
    let given = options.dbvc.iter().map(|text| {
        let (label, path) = text.split_once('=').unwrap_or(("dbvc", text));
        let program = std::path::absolute(path).map_err(|error| error.to_string())?;
        if !program.is_file() {
            return Err(format!(
                "there is no {}; `cargo xtask bench` builds it",
                program.display()
            ));
        }
        let tools = [false, true].map(|each_durable| {
            let tool = Dbvc {
                label: label.to_owned(),
                program: program.clone(),
                each_durable,
            };
            (label.to_owned(), Ok(Box::new(tool) as Box<dyn tools::Tool>))
        });
        Ok(tools)
    });
    let found: Vec<Found> = given
        .collect::<Result<Vec<_>, String>>()?
        .into_iter()
        .flatten()
        .collect();
    if found.is_empty() {
        let default = PathBuf::from("target/release/dbvc");
        let here = Options {
            dbvc: vec![default.display().to_string()],
            ..options.clone()
        };
        return builds(&here);
    }
    Ok(found)
}
