//! PostgreSQL's own client, without any record of what ran: the floor.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Place, Tool, Trial, UNDONE, postgres_program};
use crate::database::System;
use crate::install::Cache;
use crate::measure::Invocation;
use crate::scripts::Shape;
use crate::set::{Script, Set};

/// How the files reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// As `psql` reads a file: a message for each statement, and for `BEGIN` and `COMMIT`.
    Statements,
    /// All statements of a file in one message, which the server takes as one transaction.
    Messages,
}

#[derive(Debug)]
struct Psql {
    program: PathBuf,
    way: Way,
}

pub(super) fn find(cache: &Cache) -> Result<Box<dyn Tool>, String> {
    find_way(cache, Way::Statements)
}

pub(super) fn find_message(cache: &Cache) -> Result<Box<dyn Tool>, String> {
    find_way(cache, Way::Messages)
}

fn find_way(_cache: &Cache, way: Way) -> Result<Box<dyn Tool>, String> {
    let program = postgres_program("psql")?;
    Ok(Box::new(Psql { program, way }))
}

impl Psql {
    fn run(&self, place: &Place, file: &str) -> Invocation {
        let url = place.database.url("postgres", "", "");
        let arguments = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file, &url];
        // Without it, psql would say for each table that no table was dropped, and the like.
        Invocation::new(&self.program, arguments).with("PGOPTIONS", "-c client_min_messages=warning")
    }
}

impl Tool for Psql {
    fn name(&self) -> String {
        match self.way {
            Way::Statements => "psql",
            Way::Messages => "psql, one message a file",
        }
        .to_owned()
    }

    fn version(&self) -> Invocation {
        Invocation::new(&self.program, ["--version"])
    }

    fn refuses(&self, trial: Trial) -> Option<&'static str> {
        match (trial, self.way) {
            (trial, _) if trial.system() != System::Postgres => Some("PostgreSQL only"),
            (Trial::Large(..), Way::Messages) => Some("the server would hold the whole script"),
            (Trial::Large(_, Shape::Copy), _) | (_, Way::Statements | Way::Messages) => None,
        }
    }

    fn is_floor(&self) -> bool {
        true
    }

    fn lay_out(&self, set: &Set, folder: &Path) -> io::Result<()> {
        let mut all = String::new();
        for one in &set.migrations {
            let file = format!("{:05}.sql", one.number);
            let (before, after) = match &one.up {
                Script::Statements(statements) if self.way == Way::Messages => {
                    fs::write(folder.join(&file), format!("{};\n", statements.join("\\;\n")))?;
                    ("", "")
                }
                script => {
                    script.write(&folder.join(&file), "", "")?;
                    ("BEGIN;\n", "COMMIT;\n")
                }
            };
            let _ = write!(all, "{before}\\i {file}\n{after}");
        }
        fs::write(folder.join("all.sql"), all)?;
        let last = set.migrations.iter().rev().take(UNDONE);
        let undo: String = last
            .map(|one| match self.way {
                Way::Statements => format!("BEGIN;\n{};\nCOMMIT;\n", one.down),
                Way::Messages => format!("{};\n", one.down),
            })
            .collect();
        fs::write(folder.join("undo.sql"), undo)
    }

    fn migrate(&self, place: &Place) -> Invocation {
        self.run(place, "all.sql")
    }

    fn undo(&self, place: &Place, _applied: usize) -> Vec<Invocation> {
        vec![self.run(place, "undo.sql")]
    }
}
