//! Runs killed at any moment: the next one ends where an undisturbed run ends, with everything done once.
//!
//! A round goes from one version of a set of migrations to another, forward or back. Its run is killed, often its
//! successor too; then runs are let be until one succeeds. Where dbvc says that a statement cannot be proven done or
//! not done, the harness does what a person would: it reads the message, looks into the database, and answers. After
//! each round schema, rows and record are what they are after an undisturbed run.

mod asked;
mod backend;
mod eye;
mod hot_journal;
mod look;
mod mariadb;
mod moment;
mod mssql;
mod mysql;
mod postgres;
mod rounds;
mod settle;
mod sqlite;
mod undisturbed;
mod wire;

use std::io::Write as _;

use asked::Asked;
use backend::Backend;
use dbvc_tests::for_every_database;
use moment::{Counts, Moment};
use rounds::Rounds;

/// One test for each database system; each has its set in the module of its name.
macro_rules! kill_on_each {
    ($($(#[$about:meta])* $database:ident $test:ident $stage:expr;)*) => {
        mod at_random_moments {
            $(#[test]
            $(#[$about])*
            fn $database() {
                super::at_random_moments(&super::$database::BACKEND);
            })*
        }

        /// Every message of a whole run forward and of one back: killed before the server has it, and after.
        mod at_every_message {
            $(#[test]
            $(#[$about])*
            fn $database() {
                super::at_every_message(&super::$database::BACKEND);
            })*
        }
    };
}

for_every_database! { kill_on_each }

/// Fewer kills may miss something.
const ENOUGH: u32 = 60;

fn at_random_moments(backend: &Backend) {
    let asked = Asked::from_environment(backend);
    let Some(mut rounds) = Rounds::begin(backend) else {
        return;
    };
    rounds.at_random_moments(asked);
    tell(backend, &format!("seed {}", asked.seed), &rounds.counts);
    if asked.round.is_none() && asked.kills >= ENOUGH {
        let few = asked.kills / 20;
        for moment in [Moment::InATransaction, Moment::Stepwise] {
            assert!(rounds.counts.at(moment) >= few, "too few kills: {moment:?}");
        }
        assert!(
            rounds.counts.at(Moment::BeforeTheLock) > 0,
            "no kill before the lock"
        );
    }
}

fn at_every_message(backend: &Backend) {
    let asked = Asked::from_environment(backend);
    let Some(protocol) = backend.protocol.filter(|_| asked.round.is_none()) else {
        return;
    };
    let Some(mut rounds) = Rounds::begin(backend) else {
        return;
    };
    rounds.at_every_message(protocol, asked);
    let how = match backend.stride {
        1 => "at every message".to_owned(),
        stride => format!("at one message of {stride}, seed {}", asked.seed),
    };
    tell(backend, &how, &rounds.counts);
    assert!(
        rounds.counts.kills() >= 100 / backend.stride,
        "every message is reached"
    );
}

/// Past the test harness, which would swallow it: that kills are spread is a part of the result.
fn tell(backend: &Backend, how: &str, counts: &Counts) {
    let _ = writeln!(std::io::stderr(), "{}, {how}: {counts}", backend.name);
}
