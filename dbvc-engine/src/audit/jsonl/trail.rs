//! The file itself: its lock, its lines, and where they are.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::lock::{failed, wait_for};
use crate::audit::{Admitted, Appended, Finding, FindingKind, Head, KnownChain, Sealed, admit, known, same};
use crate::error::{DriverError, ErrorKind, Operation, Result};

/// What is read of the file at once.
const PAGE: usize = 256 * 1024;
/// More bytes than a line of an event ever has.
const LONGEST: u64 = 16 << 20;

/// An open file and where its events are.
#[derive(Debug)]
pub(super) struct Trail {
    path: PathBuf,
    file: File,
    /// Whole lines up to here are in `chains`.
    seen: u64,
    lines: u64,
    chains: BTreeMap<String, Places>,
    /// Lines that are no events. Nothing is added behind such a line.
    strange: Vec<String>,
    /// Both of these and lines that stand behind others that they belong before.
    remarks: Vec<(FindingKind, String)>,
}

/// A chain's events by their places in it, each with where its line begins in the file, and how long that is. A file that
/// somebody edited may have two for one place.
type Places = BTreeMap<(u64, u64), usize>;

/// Where an event is.
#[derive(Debug, Clone, Copy)]
struct Place {
    sequence: u64,
    start: u64,
    length: usize,
}

impl From<(&(u64, u64), &usize)> for Place {
    fn from(((sequence, start), length): (&(u64, u64), &usize)) -> Self {
        Self {
            sequence: *sequence,
            start: *start,
            length: *length,
        }
    }
}

/// A line, of which the event counts here. What else somebody wrote into it makes it none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(borrow, rename = "digest")]
    _digest: Cow<'a, str>,
    #[serde(default, rename = "signature")]
    _signature: Option<String>,
}

/// The part of an event that says where it belongs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Belongs {
    database_id: String,
    sequence: u64,
}

impl Trail {
    /// Opens the file; makes it where it is not there.
    pub(super) fn open(path: PathBuf) -> Result<Self> {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            let message = format!("the folder {} does not exist; create it first", folder.display());
            return Err(DriverError::new(
                ErrorKind::Unreachable,
                Operation::Connect,
                message,
            ));
        }
        let there = path.exists();
        if there && !path.is_file() {
            let message = format!("{} is no file, but a device, a pipe or a folder", path.display());
            return Err(
                DriverError::new(ErrorKind::Unsupported, Operation::Connect, message).with_note(
                    "a sink of this kind is a file that lines are added to, and that can be read again",
                ),
            );
        }
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(|error| failed(&path, Operation::Connect, &error))?;
        if !there {
            // The name of a new file must reach the disk as well as what is in it.
            let folder = folder.unwrap_or(Path::new("."));
            if let Ok(folder) = File::open(folder) {
                let _ = folder.sync_all();
            }
        }
        Ok(Self {
            path,
            file,
            seen: 0,
            lines: 0,
            chains: BTreeMap::new(),
            strange: Vec::new(),
            remarks: Vec::new(),
        })
    }

    /// See [`crate::audit::AuditSink::append`].
    pub(super) fn append(&mut self, events: &[Sealed]) -> Result<Appended> {
        let admitted = admit(events)?;
        let Some(first) = admitted.first() else {
            return Ok(Appended::default());
        };
        let file = self.handle()?;
        let _locked = wait_for(&file, &self.path, File::try_lock)?;
        self.mend()?;
        if let Some(line) = self.strange.first() {
            return Err(DriverError::new(
                ErrorKind::Protocol,
                Operation::Record,
                line.clone(),
            ));
        }
        let chain = first.event.database_id.clone();
        let head = self.end_of(&chain)?;
        let count = known(head.as_ref(), &admitted)?;
        same(&admitted[..count], &self.digests(&chain, &admitted[..count])?)?;
        self.write(&admitted[count..])?;
        Ok(Appended {
            new: (admitted.len() - count) as u64,
            known: count as u64,
        })
    }

    /// See [`crate::audit::AuditSink::head`].
    pub(super) fn head(&mut self, chain: &str) -> Result<Option<Head>> {
        self.look()?;
        self.end_of(chain)
    }

    /// See [`crate::audit::AuditSink::read`].
    pub(super) fn read(&mut self, chain: &str, after: u64, limit: usize) -> Result<Vec<Sealed>> {
        self.look()?;
        let Some(places) = self.chains.get(chain) else {
            return Ok(Vec::new());
        };
        let behind = (Bound::Excluded((after, u64::MAX)), Bound::Unbounded);
        let places: Vec<Place> = places.range(behind).take(limit).map(Place::from).collect();
        places.iter().map(|place| self.at(place)).collect()
    }

    /// See [`crate::audit::AuditSink::chains`].
    pub(super) fn chains(&mut self) -> Result<Vec<KnownChain>> {
        self.look()?;
        let first = |places: &Places| places.iter().next().map(Place::from);
        let firsts: Vec<(String, Place)> = self
            .chains
            .iter()
            .filter_map(|(chain, places)| Some((chain.clone(), first(places)?)))
            .collect();
        firsts
            .into_iter()
            .map(|(chain, place)| Ok(KnownChain::of(&chain, &self.at(&place)?.text)))
            .collect()
    }

    /// See [`crate::audit::AuditSink::remarks`].
    pub(super) fn remarks(&mut self) -> Vec<Finding> {
        let finding = |(kind, message)| Finding {
            place: String::new(),
            sequence: None,
            kind,
            message,
            differences: Vec::new(),
        };
        self.remarks.drain(..).map(finding).collect()
    }

    /// Reads the lines that have come since.
    fn look(&mut self) -> Result<()> {
        let file = self.handle()?;
        let _locked = wait_for(&file, &self.path, File::try_lock_shared)?;
        self.catch_up().map(|_| ())
    }

    fn handle(&self) -> Result<File> {
        self.file.try_clone().map_err(|error| self.failed(&error))
    }

    /// Reads whole lines from where the last look ended; what is behind the last line's end is given back.
    fn catch_up(&mut self) -> Result<Vec<u8>> {
        let length = self.file.metadata().map_err(|error| self.failed(&error))?.len();
        if length < self.seen {
            (self.seen, self.lines) = (0, 0);
            self.chains.clear();
            self.strange.clear();
            self.remarks.clear();
        }
        let file = self.handle()?;
        let mut reader = BufReader::with_capacity(PAGE, &file);
        let found = reader.seek(SeekFrom::Start(self.seen));
        found.map_err(|error| self.failed(&error))?;
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut reader).take(LONGEST).read_until(b'\n', &mut line);
            let length = read.map_err(|error| self.failed(&error))?;
            if length as u64 == LONGEST {
                let message = format!(
                    "line {} of {} is longer than any event",
                    self.lines + 1,
                    self.path.display()
                );
                return Err(DriverError::new(ErrorKind::Protocol, Operation::Record, message)
                    .with_note("the file was written to by something else"));
            }
            if line.pop_if(|last| *last == b'\n').is_none() {
                return Ok(line);
            }
            self.note(&line);
            self.seen += length as u64;
        }
    }

    fn note(&mut self, line: &[u8]) {
        self.lines += 1;
        let read = serde_json::from_slice(line)
            .and_then(|line: Line<'_>| serde_json::from_str::<Belongs>(&line.text));
        match read {
            Ok(belongs) => {
                let places = self.chains.entry(belongs.database_id).or_default();
                let last = places.last_key_value().map_or(0, |((sequence, _), _)| *sequence);
                if belongs.sequence < last {
                    let message = format!(
                        "{}:{} holds event {}, which belongs before event {last} above it: lines were moved",
                        self.path.display(),
                        self.lines,
                        belongs.sequence
                    );
                    self.remarks.push((FindingKind::Misplaced, message));
                }
                places.insert((belongs.sequence, self.seen), line.len());
            }
            Err(error) => {
                let message = format!(
                    "{}:{} is no event of the audit trail: {error}",
                    self.path.display(),
                    self.lines
                );
                self.remarks.push((FindingKind::Unreadable, message.clone()));
                self.strange.push(message);
            }
        }
    }

    /// Looks, and mends what a writer left that was killed: nobody else writes now. Its last line is completed where only
    /// the end of the line is missing, and cut away where a part of the event is: that was never acknowledged.
    fn mend(&mut self) -> Result<()> {
        let torn = self.catch_up()?;
        if torn.is_empty() {
            return Ok(());
        }
        let whole = serde_json::from_slice::<Sealed>(&torn).is_ok_and(|sealed| sealed.event().is_ok());
        if whole {
            tracing::warn!(file = %self.path.display(), "completing the last line of the audit trail");
            self.put(b"\n")?;
        } else {
            tracing::warn!(
                file = %self.path.display(),
                bytes = torn.len(),
                "cutting off a torn last line of the audit trail: its writer was killed before it had finished"
            );
            let cut = self.file.set_len(self.seen).and_then(|()| self.file.sync_all());
            cut.map_err(|error| {
                self.failed(&error)
                    .with_note("its last line is torn, and must be cut off before another one can follow")
            })?;
        }
        self.catch_up().map(|_| ())
    }

    fn write(&mut self, events: &[Admitted<'_>]) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        for one in events {
            let line = serde_json::to_string(one.sealed).map_err(|error| {
                DriverError::new(ErrorKind::Protocol, Operation::Record, error.to_string())
            })?;
            text.push_str(&line);
            text.push('\n');
        }
        self.put(text.as_bytes())?;
        self.catch_up().map(|_| ())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.file.write_all(bytes).and_then(|()| self.file.sync_data());
        written.map_err(|error| self.failed(&error))
    }

    fn end_of(&mut self, chain: &str) -> Result<Option<Head>> {
        let last = self
            .chains
            .get(chain)
            .and_then(|places| places.iter().next_back());
        let Some(last) = last.map(Place::from) else {
            return Ok(None);
        };
        Ok(Some(Head {
            database_id: chain.to_owned(),
            sequence: last.sequence,
            digest: self.at(&last)?.digest,
        }))
    }

    fn digests(&mut self, chain: &str, wanted: &[Admitted<'_>]) -> Result<Vec<(u64, String)>> {
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else {
            return Ok(Vec::new());
        };
        let range = (first.event.sequence, 0)..=(last.event.sequence, u64::MAX);
        let places = self.chains.get(chain).into_iter();
        let places: Vec<Place> = places
            .flat_map(|places| places.range(range.clone()))
            .map(Place::from)
            .collect();
        places
            .iter()
            .map(|place| Ok((place.sequence, self.at(place)?.digest)))
            .collect()
    }

    fn at(&mut self, place: &Place) -> Result<Sealed> {
        let mut line = vec![0; place.length];
        self.file
            .seek(SeekFrom::Start(place.start))
            .and_then(|_| self.file.read_exact(&mut line))
            .map_err(|error| self.failed(&error))?;
        serde_json::from_slice(&line).map_err(|error| {
            let message = format!("{} changed while it was read: {error}", self.path.display());
            DriverError::new(ErrorKind::Protocol, Operation::Record, message)
        })
    }

    fn failed(&self, error: &std::io::Error) -> DriverError {
        failed(&self.path, Operation::Record, error)
    }
}
