//! Which server answers, and what that means.

use dbvc_engine::driver::{Capabilities, DdlRollback, LockKind};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use crate::driver::CAPABILITIES;

/// Which server it is, as far as that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    MySql,
    MariaDb,
    /// Speaks MySQL's protocol, with a storage of its own: no shared row locks, no number of the session that has a
    /// `GET_LOCK`, and schema changes that run in the cluster's background. Not proved by our tests.
    TiDb,
}

pub(crate) fn flavour(version: &str) -> Flavour {
    if version.contains("MariaDB") {
        Flavour::MariaDb
    } else if version.contains("TiDB") {
        Flavour::TiDb
    } else {
        Flavour::MySql
    }
}

pub(crate) fn product(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::MySql => "MySQL",
        Flavour::MariaDb => "MariaDB",
        Flavour::TiDb => "TiDB",
    }
}

/// `10.11.14-MariaDB-0+deb12u2` is 10.11.14, and so is `5.5.5-10.11.14-MariaDB`, as replication and some proxies write
/// it; `TiDB` writes its own version behind the one it imitates.
pub(crate) fn version(text: &str) -> String {
    let own = text.split_once("TiDB-v").map_or(text, |(_, own)| own);
    let own = match own.strip_prefix("5.5.5-") {
        Some(behind) if flavour(text) == Flavour::MariaDb => behind,
        _ => own,
    };
    own.split(['-', '+']).next().unwrap_or(own).to_owned()
}

/// The first two numbers of a version.
fn release(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// The oldest release of each flavour that has what a run is made of, and what that is.
const fn oldest(flavour: Flavour) -> ((u32, u32), &'static str) {
    match flavour {
        // Manual, "What Is New in MySQL 8.0": `NOWAIT`, and schema changes that happen whole or not at all.
        Flavour::MySql => ((8, 0), "FOR UPDATE NOWAIT"),
        // Knowledge base, "WAIT and NOWAIT".
        Flavour::MariaDb => ((10, 3), "FOR UPDATE NOWAIT"),
        // TiDB's documentation, "SAVEPOINT".
        Flavour::TiDb => ((6, 2), "SAVEPOINT"),
    }
}

/// Refuses a server that is too old for a run, before a run finds that out in the middle.
pub(crate) fn check(flavour: Flavour, version: &str) -> Result<()> {
    let (least, what) = oldest(flavour);
    if release(version) >= least {
        return Ok(());
    }
    let (product, (major, minor)) = (product(flavour), least);
    let error = DriverError::new(
        ErrorKind::Unsupported,
        Operation::Connect,
        format!("{product} {version} is too old: {major}.{minor} is the least that dbvc works with"),
    );
    Err(error.with_note(format!("older ones lack `{what}`, which a run rests on")))
}

/// What scripts can use from which version on: MySQL, MariaDB, `TiDB` (MySQL manual, "What Is New in MySQL 8.0" and the
/// release notes; MariaDB knowledge base; `TiDB`'s documentation, "MySQL Compatibility").
const FEATURES: [(&str, [Option<Version>; 3]); 6] = [
    ("atomic-ddl", [Some((8, 0, 0)), Some((10, 6, 0)), Some((6, 2, 0))]),
    ("instant-add-column", [Some((8, 0, 12)), Some((10, 3, 2)), None]),
    ("check-constraints", [Some((8, 0, 16)), Some((10, 2, 1)), None]),
    ("delete-returning", [None, Some((10, 0, 5)), None]),
    ("insert-returning", [None, Some((10, 5, 0)), None]),
    ("skip-locked", [Some((8, 0, 1)), Some((10, 6, 0)), None]),
];

type Version = (u32, u32, u32);

/// Which of them a server has.
pub(crate) fn features(flavour: Flavour, version: &str) -> Vec<String> {
    let (major, minor) = release(version);
    let patch = version.split('.').nth(2).and_then(|part| part.parse().ok());
    let has = (major, minor, patch.unwrap_or(0));
    let column = match flavour {
        Flavour::MySql => 0,
        Flavour::MariaDb => 1,
        Flavour::TiDb => 2,
    };
    FEATURES
        .iter()
        .filter(|(_, since)| since[column].is_some_and(|since| has >= since))
        .map(|(name, _)| (*name).to_owned())
        .collect()
}

/// MySQL 8.0 and MariaDB 10.6 made single schema changes atomic; before, a crash could leave half of one.
pub(crate) fn capabilities(flavour: Flavour, version: &str) -> Capabilities {
    let version = release(version);
    let atomic = match flavour {
        Flavour::MySql => version >= (8, 0),
        Flavour::MariaDb => version >= (10, 6),
        Flavour::TiDb => true,
    };
    Capabilities {
        ddl: if atomic {
            DdlRollback::Statement
        } else {
            DdlRollback::None
        },
        lock: if flavour == Flavour::TiDb {
            LockKind::Lease
        } else {
            LockKind::Session
        },
        ..CAPABILITIES
    }
}

/// A `sql_mode` without what changes the meaning of quotes and backslashes, and whether that changed it: scripts are
/// split before anybody is connected to, so they all begin alike.
pub(crate) fn plain_mode(mode: &str) -> (String, bool) {
    const CHANGING: [&str; 9] = [
        "ANSI_QUOTES",
        "NO_BACKSLASH_ESCAPES",
        "ANSI",
        "DB2",
        "MAXDB",
        "MSSQL",
        "ORACLE",
        "POSTGRESQL",
        "",
    ];
    let kept: Vec<&str> = mode
        .split(',')
        .filter(|one| !CHANGING.contains(&one.trim()))
        .collect();
    let plain = kept.join(",");
    let changed = plain != mode;
    (plain, changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flavours_and_versions_are_told_apart() {
        for (text, product, number) in [
            ("10.11.14-MariaDB-0+deb12u2", Flavour::MariaDb, "10.11.14"),
            ("5.5.5-10.6.12-MariaDB-log", Flavour::MariaDb, "10.6.12"),
            ("10.6.11-7-MariaDB-enterprise-log", Flavour::MariaDb, "10.6.11"),
            ("12.0.2-MariaDB-ubu2404", Flavour::MariaDb, "12.0.2"),
            ("9.7.4-2", Flavour::MySql, "9.7.4"),
            ("8.0.36-28", Flavour::MySql, "8.0.36"),
            ("8.0.37-azure", Flavour::MySql, "8.0.37"),
            ("8.4.3-google", Flavour::MySql, "8.4.3"),
            ("8.0.32", Flavour::MySql, "8.0.32"),
            ("8.0.11-TiDB-v7.5.1", Flavour::TiDb, "7.5.1"),
            ("5.7.25-TiDB-v6.5.0-serverless", Flavour::TiDb, "6.5.0"),
        ] {
            assert_eq!(
                (flavour(text), version(text).as_str()),
                (product, number),
                "{text}"
            );
            assert!(check(product, number).is_ok(), "{text}");
        }
        assert_eq!(capabilities(Flavour::MariaDb, "10.5.2").ddl, DdlRollback::None);
        assert_eq!(capabilities(Flavour::MySql, "8.4.0").ddl, DdlRollback::Statement);
        assert_eq!(capabilities(Flavour::TiDb, "7.5.1").lock, LockKind::Lease);
    }

    #[test]
    fn a_server_that_is_too_old_is_refused_with_the_least_version() {
        for (flavour, version, words) in [
            (
                Flavour::MySql,
                "5.7.44",
                "MySQL 5.7.44 is too old: 8.0 is the least",
            ),
            (Flavour::MariaDb, "10.2.44", "MariaDB 10.2.44 is too old: 10.3"),
            (Flavour::TiDb, "6.1.7", "TiDB 6.1.7 is too old: 6.2"),
        ] {
            let error = check(flavour, version).expect_err("too old");
            assert!(error.message.contains(words), "{error}");
        }
    }

    #[test]
    fn quotes_and_backslashes_mean_the_same_in_every_session() {
        assert_eq!(
            plain_mode("STRICT_ALL_TABLES"),
            ("STRICT_ALL_TABLES".into(), false)
        );
        assert_eq!(
            plain_mode("REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ANSI"),
            ("REAL_AS_FLOAT,PIPES_AS_CONCAT,IGNORE_SPACE".into(), true)
        );
    }

    #[test]
    fn a_server_is_told_by_what_scripts_can_use_there() {
        let has = |flavour, version| features(flavour, version).join(" ");
        assert_eq!(
            has(Flavour::MySql, "8.4.3"),
            "atomic-ddl instant-add-column check-constraints skip-locked"
        );
        assert_eq!(has(Flavour::MySql, "8.0.11"), "atomic-ddl skip-locked");
        assert_eq!(
            has(Flavour::MariaDb, "10.5.9"),
            "instant-add-column check-constraints delete-returning insert-returning"
        );
        assert_eq!(has(Flavour::TiDb, "8.5.1"), "atomic-ddl");
    }
}
