//! Which server answers, and what that means.

use dbvc_engine::driver::{Capabilities, DdlRollback, LockKind};

use crate::driver::CAPABILITIES;

/// Which server it is, as far as that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    MySql,
    MariaDb,
    /// Speaks MySQL's protocol, with a storage of its own: no shared row locks, and schema changes that run in the
    /// cluster's background. Not proved by our tests.
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

/// `10.11.14-MariaDB-0+deb12u2` is 10.11.14; `TiDB` writes its own version behind the one it imitates.
pub(crate) fn version(text: &str) -> String {
    let own = text.split_once("TiDB-v").map_or(text, |(_, own)| own);
    own.split(['-', '+']).next().unwrap_or(own).to_owned()
}

/// MySQL 8.0 and MariaDB 10.6 made single schema changes atomic; before, a crash could leave half of one.
pub(crate) fn capabilities(flavour: Flavour, version: &str) -> Capabilities {
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
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
        assert_eq!(flavour("10.11.14-MariaDB-0+deb12u2"), Flavour::MariaDb);
        assert_eq!(version("10.11.14-MariaDB-0+deb12u2"), "10.11.14");
        assert_eq!(version("9.7.4-2"), "9.7.4");
        assert_eq!(flavour("8.0.11-TiDB-v7.5.1"), Flavour::TiDb);
        assert_eq!(version("8.0.11-TiDB-v7.5.1"), "7.5.1");
        assert_eq!(capabilities(Flavour::MariaDb, "10.5.2").ddl, DdlRollback::None);
        assert_eq!(capabilities(Flavour::MySql, "8.4.0").ddl, DdlRollback::Statement);
        assert_eq!(capabilities(Flavour::TiDb, "7.5.1").lock, LockKind::Lease);
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
}
