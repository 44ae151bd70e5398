//! What the harness must know of a database system.

use dbvc_tests::proxy::Protocol;
use dbvc_tests::stage::{Database, Stage};

use super::eye::Eye;

/// A database system with a set of migrations that shows whatever is lost or done twice.
///
/// Each script counts itself in the table `tally`, which no migration makes or drops: `update tally set n = n + 1 where
/// name = 'ID ACTION NUMBER'` adds exactly one where the migration `ID` ran once.
#[derive(Debug)]
pub(super) struct Backend {
    /// Its short name.
    pub(super) name: &'static str,
    /// How often a run is killed where nobody asks for another number.
    pub(super) kills: u32,
    /// A project with an empty database; none where there is no server, which is then told.
    pub(super) stage: fn() -> Option<Stage>,
    /// How to find the messages on the wire; none where there is no wire.
    pub(super) protocol: Option<Protocol>,
    /// One message of so many is met on the wire, from a place that the seed chooses: all take minutes where each
    /// statement is a message.
    pub(super) stride: u32,
    /// The scripts, by their paths in the project.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// The versions at which a round may end, lowest first: `0` is nothing, the last one is everything.
    pub(super) stops: &'static [&'static str],
    /// How to find out about statements outside a transaction that dbvc cannot know about, other than the tally's.
    pub(super) truths: &'static [Truth],
    /// All rows but the tally's, as texts.
    pub(super) data: fn(&Eye) -> Vec<String>,
    /// Where to look after a kill without doing the next run's work; none where looking does nothing of it.
    pub(super) copied: Option<fn(&Database) -> Database>,
}

/// How somebody who knows the set finds out what became of a statement.
#[derive(Debug)]
pub(super) struct Truth {
    /// How the statement begins.
    pub(super) starts: &'static str,
    /// A query that gives a row where it took effect.
    pub(super) took_effect: &'static str,
}

impl Backend {
    /// The names of all tallies in the scripts.
    pub(super) fn tallies(&self) -> Vec<&'static str> {
        let names = self.files.iter().flat_map(|(_, text)| {
            let statements = text.split("update tally set n = n + 1 where name = '").skip(1);
            statements.filter_map(|rest| rest.split('\'').next())
        });
        names.collect()
    }
}
