//! Runs that nobody kills: what all others are compared with.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use dbvc_tests::stage::Stage;

use super::backend::Backend;
use super::eye::Eye;
use super::look::{Begun, Look};
use super::moment::Traces;

/// From which stop to which.
pub(super) type Way = (usize, usize);

/// How it looks after an undisturbed run.
#[derive(Debug)]
pub(super) struct Undisturbed {
    pub(super) look: Look,
    /// How long the run took, start-up included.
    pub(super) took: Duration,
    /// The execution that the run did last.
    pub(super) goal: Option<String>,
}

/// A project with its files, and a database with nothing but the tallies.
pub(super) fn prepared(backend: &Backend) -> Option<Stage> {
    let stage = (backend.stage)()?;
    for (path, text) in backend.files {
        stage.write(path, text);
    }
    let rows: Vec<String> = backend
        .tallies()
        .iter()
        .map(|name| format!("('{name}', 0)"))
        .collect();
    stage.database.run(&format!(
        "create table tally(name varchar(100) primary key, n integer not null); insert into tally values {}",
        rows.join(", ")
    ));
    Some(stage)
}

/// The command line that goes this way.
pub(super) fn line(backend: &Backend, (from, to): Way) -> String {
    let version = backend.stops[to];
    if to < from {
        format!("rollback --to {version} --yes")
    } else if to + 1 < backend.stops.len() {
        format!("migrate --target {version}")
    } else {
        "migrate".to_owned()
    }
}

/// Goes every way once, and ends where it began: at nothing.
///
/// # Panics
/// Where a run fails, or the look of a stop depends on the way to it.
pub(super) fn every_way(backend: &Backend, stage: &Stage, eye: &Eye) -> BTreeMap<Way, Undisturbed> {
    let last = backend.stops.len() - 1;
    // Once up and down first: what was rolled back is recorded otherwise than what never was there.
    for way in [(0, last), (last, 0)] {
        stage.run(&line(backend, way)).ok();
    }
    let mut known: BTreeMap<Way, Undisturbed> = BTreeMap::new();
    let mut at = 0;
    loop {
        let unknown = |from: usize| (0..=last).find(|to| *to != from && !known.contains_key(&(from, *to)));
        let to = match unknown(at) {
            Some(to) => to,
            None => match (0..=last).find(|from| unknown(*from).is_some()) {
                Some(from) => from,
                None if at == 0 => return known,
                None => 0,
            },
        };
        let found = once(backend, stage, eye, (at, to));
        for (way, other) in &known {
            if way.1 == to {
                let differences = found.look.differences_there(&other.look).join("\n");
                assert!(
                    differences.is_empty(),
                    "{:?} and {way:?} end differently:\n{differences}",
                    (at, to)
                );
            }
        }
        known.insert((at, to), found);
        at = to;
    }
}

fn once(backend: &Backend, stage: &Stage, eye: &Eye, way: Way) -> Undisturbed {
    let begun = Begun::now(eye);
    let clock = Instant::now();
    stage.run(&line(backend, way)).ok();
    let took = clock.elapsed();
    let look = begun.look(backend, eye);
    for line in &look.done {
        assert!(line.ends_with(" 1"), "once each when undisturbed: {line}");
    }
    Undisturbed {
        look,
        took,
        goal: Traces::of(eye).last_execution().map(str::to_owned),
    }
}
