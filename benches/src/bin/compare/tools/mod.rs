//! The tools that are compared, one file each: how it is got, its layout of files, its commands.

mod alembic;
mod dbmate;
mod dbvc;
mod liquibase;
mod mariadb;
mod psql;
pub(crate) mod raw;
mod refinery;
mod sqitch;
mod sqlite_shell;
mod sqlx_cli;
mod yoyo;

use std::fmt::Debug;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::database::{Database, System};
use crate::install::{Cache, on_path};
use crate::measure::Invocation;
use crate::scripts::Shape;
use crate::set::Set;

pub(crate) use dbvc::Dbvc;

/// How many migrations the row about undoing takes back.
pub(crate) const UNDONE: usize = 100;

/// A tool that brings a database from one version to the next, or the least that could.
pub(crate) trait Tool: Debug {
    fn name(&self) -> String;

    /// Prints its version and ends.
    fn version(&self) -> Invocation;

    /// Prints which release it is, where `version` does not.
    fn release(&self) -> Invocation {
        self.version()
    }

    /// What can never be asked of it, and why.
    fn refuses(&self, _trial: Trial) -> Option<&'static str> {
        None
    }

    /// Whether it starts a process, or more, for each migration.
    fn is_slow(&self) -> bool {
        false
    }

    /// Whether it is the least that could be done, without any record.
    fn is_floor(&self) -> bool {
        false
    }

    /// Whether it is a build of dbvc.
    fn is_dbvc(&self) -> bool {
        false
    }

    /// Whether the program is one file, without a runtime beside it.
    fn is_one_file(&self) -> bool {
        false
    }

    /// Writes the set as files, below the place's folder.
    fn lay_out(&self, set: &Set, folder: &Path) -> io::Result<()>;

    /// Applies what is pending.
    fn migrate(&self, place: &Place) -> Invocation;

    /// Shows what is applied and what is pending.
    fn status(&self, _place: &Place) -> Option<Invocation> {
        None
    }

    /// Takes back the last [`UNDONE`] of so many applied migrations.
    fn undo(&self, _place: &Place, _applied: usize) -> Vec<Invocation> {
        Vec::new()
    }
}

/// Something that is asked of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trial {
    Small(System),
    Large(System, Shape),
}

impl Trial {
    pub(crate) fn system(self) -> System {
        match self {
            Self::Small(system) | Self::Large(system, _) => system,
        }
    }
}

/// A project's folder and the database it is for.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) database: Database,
}

type Find = fn(&Cache) -> Result<Box<dyn Tool>, String>;

/// Everything but dbvc itself, in the order of the tables: floors first.
const OTHERS: &[(&str, Find)] = &[
    ("psql", psql::find),
    ("psql-message", psql::find_message),
    ("raw", raw::find),
    ("mariadb", mariadb::find),
    ("sqlite3", sqlite_shell::find),
    ("sqlx", sqlx_cli::find),
    ("refinery", refinery::find),
    ("dbmate", dbmate::find),
    ("alembic", alembic::find),
    ("yoyo", yoyo::find),
    ("liquibase", liquibase::find),
    ("sqitch", sqitch::find),
];

/// The tools that `--quick` compares: the floors, and one that installs in seconds.
const QUICK: &[&str] = &["psql", "psql-message", "mariadb", "sqlite3", "dbmate"];

/// A tool, or why it is not there.
pub(crate) type Found = (String, Result<Box<dyn Tool>, String>);

/// Looks for the tools by name, all where none is named, and installs what is missing.
pub(crate) fn find(cache: &Cache, wanted: &[String], quick: bool) -> Result<Vec<Found>, String> {
    let unknown = wanted
        .iter()
        .find(|name| *name != "dbvc" && OTHERS.iter().all(|(one, _)| one != name));
    if let Some(name) = unknown {
        let known: Vec<_> = OTHERS.iter().map(|(name, _)| *name).collect();
        return Err(format!("no tool `{name}`; there are dbvc, {}", known.join(", ")));
    }
    let chosen = OTHERS.iter().filter(|(name, _)| {
        if wanted.is_empty() {
            !quick || QUICK.contains(name)
        } else {
            wanted.iter().any(|one| one == name)
        }
    });
    Ok(chosen
        .map(|(name, find)| ((*name).to_owned(), find(cache)))
        .collect())
}

/// A program of PostgreSQL itself. On Debian the one on the PATH is a wrapper in Perl, which costs more than the program.
pub(crate) fn postgres_program(name: &str) -> Result<PathBuf, String> {
    let installed = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = installed
        .map(|entry| entry.path().join("bin").join(name))
        .filter(|program| program.is_file())
        .max();
    newest
        .or_else(|| on_path(name))
        .ok_or_else(|| format!("`{name}` was not found; install PostgreSQL's client"))
}

/// The number of a migration as file names begin with it: sorted by text is sorted by number.
fn padded(number: usize) -> String {
    format!("{number:05}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_tool_is_refused_with_the_known_ones() {
        let cache = Cache::new(PathBuf::new(), false);
        let answer = find(&cache, &["flyway".to_owned()], false);
        assert!(answer.is_err_and(|reason| reason.contains("dbmate")));
    }
}
