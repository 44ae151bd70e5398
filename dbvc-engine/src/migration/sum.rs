//! `dbvc.sum`: the checksums of all scripts in one file, kept in version control beside them.
//!
//! Git merges two branches that each add a migration without a word, although nobody ever ran the two together. The
//! first line of `dbvc.sum` is a digest over all other lines, so both branches change it and git reports a conflict.
//! Whoever resolves it looks at the order of the migrations and writes the file anew.
//!
//! ```text
//! dbvc.sum v1:5f0c…
//! v1:9a3b…  V1.0.0__Create_customers.sql
//! v1:77e1…  ../rollback/V1.0.0__Create_customers_rollback.sql
//! ```
//!
//! Names are relative to the migrations folder. The way down of a file that holds both ways is `name#down`.

use std::fmt;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use super::checksum::{Checksum, ChecksumBuilder, ChecksumMatch};
use super::problem::{Problem, codes};
use super::script::Script;
use super::set::MigrationSet;
use crate::text::{LineColumn, Origin};

#[cfg(test)]
mod tests;

/// The file's name, in the migrations folder.
pub const FILE_NAME: &str = "dbvc.sum";

/// What `dbvc.sum` holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// The first line's digest.
    pub total: Checksum,
    /// Checksum and name of each script, in the order of the migrations.
    pub lines: Vec<(Checksum, String)>,
}

/// A text that is not a sum file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct SumError {
    /// 1-based.
    pub line: u32,
    /// What is wrong there.
    pub reason: &'static str,
}

impl Sum {
    /// The sum of a set as it is now.
    pub fn of(set: &MigrationSet) -> Self {
        let migrations = &set.layout().migrations;
        let line = |script: &Script| (script.checksum.clone(), listed(migrations, script));
        let lines: Vec<_> = set.scripts().map(line).collect();
        Self {
            total: total(&lines),
            lines,
        }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FILE_NAME} {}", self.total)?;
        self.lines
            .iter()
            .try_for_each(|(checksum, name)| writeln!(f, "{checksum}  {name}"))
    }
}

impl FromStr for Sum {
    type Err = SumError;

    fn from_str(text: &str) -> Result<Self, SumError> {
        let mut numbered = (1..).zip(text.trim_start_matches('\u{feff}').lines());
        let bad = |line, reason| SumError { line, reason };
        let (_, first) = numbered.next().ok_or(bad(1, "the file is empty"))?;
        if is_conflict(first) {
            return Err(bad(1, CONFLICT));
        }
        let total = first
            .strip_prefix(FILE_NAME)
            .and_then(|rest| rest.trim().parse().ok())
            .ok_or(bad(
                1,
                "its first line is not `dbvc.sum` and a digest of all others",
            ))?;
        let mut lines = Vec::new();
        for (number, line) in numbered {
            if is_conflict(line) {
                return Err(bad(number, CONFLICT));
            }
            if line.trim().is_empty() {
                continue;
            }
            let read = line
                .split_once("  ")
                .and_then(|(checksum, name)| Some((checksum.parse().ok()?, name.trim_end().to_owned())));
            lines.push(read.ok_or(bad(number, "it is not a checksum, two spaces and a file name"))?);
        }
        Ok(Self { total, lines })
    }
}

const CONFLICT: &str = "git left a conflict here";

fn is_conflict(line: &str) -> bool {
    ["<<<<<<<", "=======", ">>>>>>>", "|||||||"]
        .iter()
        .any(|mark| line.starts_with(mark))
}

/// Where the sum file of a set lies.
pub fn path(set: &MigrationSet) -> PathBuf {
    set.layout().migrations.join(FILE_NAME)
}

/// Writes the sum file of a set as it is now: into a file beside it that then takes its name, so that no reader sees
/// half of it.
pub fn write(set: &MigrationSet) -> io::Result<()> {
    let target = path(set);
    let fresh = target.with_extension("sum.new");
    std::fs::write(&fresh, Sum::of(set).to_string())?;
    std::fs::rename(&fresh, &target).inspect_err(|_| {
        let _ = std::fs::remove_file(&fresh);
    })
}

/// Reads the sum file of a set; `None` when there is none.
pub fn read(set: &MigrationSet) -> Result<Option<Sum>, Problem> {
    let file = path(set);
    let shown = set.layout().shown(&file);
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Problem::new(
                codes::UNREADABLE,
                shown,
                format!("cannot be read: {error}"),
            ));
        }
    };
    text.parse().map(Some).map_err(|error: SumError| {
        let at = LineColumn {
            line: error.line,
            column: 1,
        };
        Problem::new(codes::SUM_MALFORMED, shown, error.reason)
            .at(at)
            .help(RENEW)
    })
}

const RENEW: &str = "look at the order of the migrations, then write it anew with `dbvc validate --fix`";

/// Compares a set with its sum file.
pub fn check(set: &MigrationSet, sum: &Sum) -> Vec<Problem> {
    let now = Sum::of(set);
    let file = set.layout().shown(&path(set));
    let mut problems = Vec::new();
    for (script, (checksum, name)) in set.scripts().zip(&now.lines) {
        match sum.lines.iter().find(|(_, listed)| listed == name) {
            None => problems.push(
                Problem::new(
                    codes::SUM_UNLISTED,
                    &script.shown,
                    format!("is not listed in {FILE_NAME}"),
                )
                .help(RENEW),
            ),
            Some((listed, _)) if listed.compare(checksum) != ChecksumMatch::Same => {
                problems.push(changed(script, checksum, listed));
            }
            Some(_) => {}
        }
    }
    for (_, name) in &sum.lines {
        if !now.lines.iter().any(|(_, existing)| existing == name) {
            let message = format!("lists {name}, which does not exist");
            let problem = Problem::new(codes::SUM_MISSING, &file, message);
            problems
                .push(problem.help("restore the file, or write the list anew with `dbvc validate --fix`"));
        }
    }
    let in_order = problems.is_empty() && sum.lines == now.lines;
    if sum.total.compare(&total(&sum.lines)) != ChecksumMatch::Same || (problems.is_empty() && !in_order) {
        let message =
            "its first line does not fit the others; a merge may have put two branches' migrations together";
        let problem = Problem::new(codes::SUM_TOTAL, file, message).at(LineColumn::START);
        problems.push(problem.help(RENEW));
    }
    problems
}

fn changed(script: &Script, now: &Checksum, listed: &Checksum) -> Problem {
    let message = if listed.compare(now) == ChecksumMatch::CannotCompare {
        format!(
            "{} cannot be compared: {FILE_NAME} has a checksum of kind {}",
            script.name(),
            listed.algorithm()
        )
    } else {
        format!(
            "{} is not what {FILE_NAME} lists: {} there, {} now",
            script.name(),
            listed.short(),
            now.short()
        )
    };
    Problem::new(codes::SUM_CHANGED, &script.shown, message)
        .help("undo the change if the migration has run anywhere; else write the list anew with `dbvc validate --fix`")
}

fn total(lines: &[(Checksum, String)]) -> Checksum {
    let mut builder = ChecksumBuilder::new();
    for (checksum, name) in lines {
        builder.update(&format!("{checksum}  {name}\n"));
    }
    builder.finish()
}

/// A script's name in the list, with `/` on every system.
fn listed(migrations: &Path, script: &Script) -> String {
    let from: Vec<Component<'_>> = parts(migrations);
    let to = parts(&script.path);
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[common..].iter().map(|_| "..".to_owned());
    let down = to[common..]
        .iter()
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    let name = up.chain(down).collect::<Vec<_>>().join("/");
    if script.section.start == Origin::START {
        name
    } else {
        format!("{name}#down")
    }
}

fn parts(path: &Path) -> Vec<Component<'_>> {
    path.components()
        .filter(|part| *part != Component::CurDir)
        .collect()
}
