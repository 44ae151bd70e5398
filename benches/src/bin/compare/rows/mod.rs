//! The comparisons. In each, the tools take turns: what else happens on the machine meets all of them alike.

mod build;
mod many;
mod scripts;
mod start_up;

use std::fs;
use std::path::Path;

use crate::contender::{Contender, Means};
use crate::database::System;
use crate::options::{Options, Row};
use crate::report::{Line, Table};
use crate::scripts::{Shape, Size};
use crate::server::Servers;
use crate::set::Set;
use crate::tools::{Found, Tool, Trial};

/// What all comparisons share.
pub(crate) struct Stage<'a> {
    pub(crate) options: &'a Options,
    pub(crate) tools: &'a [Found],
    pub(crate) servers: &'a Servers,
    /// Where files are written.
    pub(crate) folder: &'a Path,
    /// Takes each part of the report as soon as it is known.
    pub(crate) tell: &'a dyn Fn(&str),
}

/// Runs what the options ask for.
pub(crate) fn run(stage: &Stage<'_>) -> Result<(), String> {
    let options = stage.options;
    if options.has(Row::StartUp) {
        start_up::run(stage);
    }
    if options.has(Row::Many) {
        for system in [System::Postgres, System::MariaDb, System::Sqlite] {
            if options.has_system(system) {
                many::run(stage, system)?;
            }
        }
    }
    if options.has(Row::Scripts) && options.has_system(System::Postgres) {
        let size = Size::Bytes(options.megabytes * 1_000_000);
        let title = format!("{} MB", options.megabytes);
        for shape in [Shape::SingleRows, Shape::Statements(5_000_000), Shape::Copy] {
            scripts::run(stage, System::Postgres, shape, size, &title, true)?;
        }
    }
    if options.has(Row::SqliteScript) && options.has_system(System::Sqlite) {
        let size = Size::Bytes(options.megabytes * 1_000_000);
        let shape = Shape::SingleRows;
        scripts::run(
            stage,
            System::Sqlite,
            shape,
            Size::Rows(12_500),
            "12,500 rows",
            true,
        )?;
        let title = format!("{} MB", options.megabytes);
        scripts::run(stage, System::Sqlite, shape, size, &title, true)?;
    }
    if options.large {
        let size = Size::Bytes(500_000_000);
        for system in [System::Postgres, System::Sqlite] {
            if options.has_system(system) {
                scripts::run(stage, system, Shape::SingleRows, size, "500 MB", false)?;
            }
        }
    }
    if options.build {
        build::run(stage);
    }
    Ok(())
}

impl Stage<'_> {
    fn means(&self) -> Means<'_> {
        Means {
            servers: self.servers,
            limit: self.options.limit(),
        }
    }

    /// The tools of a trial with their files written, and lines for those that cannot be there.
    fn contenders(
        &self,
        trial: Trial,
        set: &Set,
        takes_part: impl Fn(&dyn Tool) -> bool,
    ) -> Result<(Vec<Contender<'_>>, Vec<Line>), String> {
        let (mut here, mut absent) = (Vec::new(), Vec::new());
        let folder = self.folder.join("tools");
        let _ = fs::remove_dir_all(&folder);
        for (name, tool) in self.tools {
            match tool {
                Err(reason) => absent.push(Line {
                    tool: name.clone(),
                    costs: Err(reason.clone()),
                    trips: None,
                }),
                Ok(tool) if !takes_part(tool.as_ref()) => {}
                Ok(tool) => match tool.refuses(trial) {
                    // What is for the other database only is no news.
                    Some(reason) if reason.ends_with("only") => {}
                    Some(reason) => absent.push(Line {
                        tool: tool.name(),
                        costs: Err(reason.to_owned()),
                        trips: None,
                    }),
                    None => here.push(
                        Contender::new(tool.as_ref(), trial, set, &folder)
                            .map_err(|error| format!("{}: {error}", folder.display()))?,
                    ),
                },
            }
        }
        Ok((here, absent))
    }

    /// Takes the lines of all contenders and tells the table.
    fn table(&self, title: String, base: &str, lines: Vec<Line>, migrations: Option<usize>, memory: bool) {
        let table = Table {
            title,
            base: base.to_owned(),
            lines,
            migrations,
            server_memory: memory,
        };
        (self.tell)(&table.markdown());
    }
}

/// Says on the terminal what is under way.
fn progress(what: &str) {
    eprintln!("… {what}");
}

/// Who is the floor of a system.
fn floor(system: System) -> &'static str {
    match system {
        System::Postgres => "psql",
        System::MariaDb => "mariadb",
        System::Sqlite => "sqlite3",
    }
}

/// A whole number with commas, as people read it.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_off() {
        assert_eq!(grouped(10), "10");
        assert_eq!(grouped(5000), "5,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
