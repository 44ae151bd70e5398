//! From files to scripts: names understood and judged, texts scanned.

use std::num::NonZero;
use std::path::PathBuf;
use std::thread;

use super::DirectoryLayout;
use super::walk::Entry;
use crate::migration::formats::{self, FileName, Help, Place, Refusal, Role, Rules};
use crate::migration::naming::LONGEST_NAME;
use crate::migration::problem::{Problem, codes};
use crate::migration::scan::{self, Part, Scan};
use crate::migration::script::Script;
use crate::migration::set::Kind;
use crate::text::{LineColumn, TextError};

/// A file that is a script, or two.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: FileName,
    pub(super) script: Script,
    /// The way down of a file that holds both.
    pub(super) down: Option<Script>,
}

/// What was found, and the files whose name lacks a version that only the whole directory can propose.
#[derive(Debug, Default)]
pub(super) struct Everything {
    pub(super) scripts: Vec<Found>,
    pub(super) without_version: Vec<(Problem, String)>,
}

/// Fewer files than this are read before a thread has begun.
const LEAST_OF_A_THREAD: usize = 64;

/// What a file's name says, and what is in the file.
type Read = (FileName, Result<Scan, TextError>);

/// Makes scripts of files. A file with something wrong is left out, and reported.
pub(super) fn understand(
    layout: &DirectoryLayout,
    entries: &[Entry],
    problems: &mut Vec<Problem>,
) -> Everything {
    let mut everything = Everything::default();
    for (entry, read) in entries.iter().zip(read_all(entries)) {
        let Some(read) = read else {
            continue;
        };
        let shown = layout.shown(&entry.path);
        match read {
            Err(refusal) => refused(shown, refusal, &mut everything, problems),
            Ok((name, scan)) => {
                let too_long = entry.file.chars().count() > LONGEST_NAME;
                if too_long {
                    let message = format!("the name is longer than {LONGEST_NAME} characters");
                    let problem = Problem::new(codes::NAME_TOO_LONG, &shown, message);
                    problems.push(problem.help("say it in fewer words; a comment in the file may say more"));
                }
                let found = script_of(layout, entry, (name, scan), shown, problems);
                everything.scripts.extend(found);
            }
        }
    }
    everything
}

/// Reads the files on all processors, each of which takes a neighbouring part.
fn read_all(entries: &[Entry]) -> Vec<Option<Result<Read, Refusal>>> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let part = entries.len().div_ceil(processors).max(LEAST_OF_A_THREAD);
    let mut parts = entries.chunks(part);
    let first = parts.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = parts
            .map(|part| scope.spawn(|| part.iter().map(read).collect::<Vec<_>>()))
            .collect();
        let mut all: Vec<_> = first.iter().map(read).collect();
        for other in others {
            match other.join() {
                Ok(part) => all.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    })
}

/// `None` for a file that is no script.
fn read(entry: &Entry) -> Option<Result<Read, Refusal>> {
    let name = formats::recognise(Place {
        folder: entry.folder.as_deref(),
        file: &entry.file,
        rollback: entry.rollback,
    })?;
    Some(name.map(|name| (name, scan::scan(&entry.path))))
}

fn refused(shown: PathBuf, refusal: Refusal, everything: &mut Everything, problems: &mut Vec<Problem>) {
    let problem = Problem::new(refusal.code, shown, refusal.message);
    match refusal.help {
        Help::Rename(to) => problems.push(problem.help(format!("rename it to {to}"))),
        Help::Say(text) => problems.push(problem.help(text)),
        Help::Version(description) => everything.without_version.push((problem, description)),
    }
}

fn script_of(
    layout: &DirectoryLayout,
    entry: &Entry,
    (name, scan): Read,
    shown: PathBuf,
    problems: &mut Vec<Problem>,
) -> Option<Found> {
    let scan = match scan {
        Ok(scan) => scan,
        Err(error) => {
            problems.push(unread(shown, &error));
            return None;
        }
    };
    for (code, complaint) in scan.complaints {
        problems.push(Problem {
            help: complaint.help,
            ..Problem::new(code, &shown, complaint.message).at(complaint.at)
        });
    }
    let ours = match name.rules {
        Rules::Ours => true,
        Rules::OursIfPlain => !scan.sectioned,
        Rules::Theirs => false,
    };
    if ours && let Err(refusal) = layout.naming.check(&name) {
        refused(shown.clone(), refusal, &mut Everything::default(), problems);
    }
    if scan.sectioned && name.role == Role::Undo {
        let message = "an undo script holds a way up and a way down of its own";
        let problem = Problem::new(codes::SECTIONS, &shown, message);
        problems.push(problem.help("keep the undo statements only, without markers"));
    }
    if scan.up.directives.runs_always && name.role != Role::Up(Kind::Repeatable) {
        let message = "`runs-always` is for repeatable migrations; one with a version runs once";
        let problem = Problem::new(codes::DIRECTIVE, &shown, message);
        problems.push(problem.help("name it R__… or remove the directive"));
    }
    let script = |part: Part| Script {
        path: entry.path.clone(),
        shown: shown.clone(),
        section: part.section,
        checksum: part.checksum,
        bytes: part.bytes,
        directives: part.directives,
        empty: part.empty,
    };
    Some(Found {
        name,
        script: script(scan.up),
        // A way down that does nothing takes nothing back.
        down: scan.down.filter(|part| !part.empty).map(script),
    })
}

pub(super) fn unread(shown: PathBuf, error: &TextError) -> Problem {
    match error {
        TextError::Encoding {
            encoding,
            byte,
            offset,
            line,
            ..
        } => Problem::new(
            codes::ENCODING,
            shown,
            format!("the file is not valid {encoding}: byte 0x{byte:02X} at offset {offset}"),
        )
        .at(LineColumn {
            line: *line,
            column: 1,
        })
        .help("save it as UTF-8, or as UTF-16 with a byte order mark"),
        TextError::Read { source, .. } => {
            Problem::new(codes::UNREADABLE, shown, format!("cannot be read: {source}"))
                .help("give the user that runs dbvc the right to read it")
        }
        other => Problem::new(codes::UNREADABLE, shown, other.to_string()),
    }
}
