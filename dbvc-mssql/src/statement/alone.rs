//! Changes of a database that want it for themselves. A run has two connections to its own: one works, one keeps the lock.

use dbvc_engine::driver::Flaw;

use super::{RESERVED_FIRST, Words};

/// Options that are set when nobody else is in the database, and leave others in it ("ALTER DATABASE SET options",
/// "Setting options": "termination").
const WAITING: [&str; 3] = ["READ_COMMITTED_SNAPSHOT", "ENABLE_BROKER", "NEW_BROKER"];

/// Options behind which others cannot come back, or not write.
const CLOSING: [&str; 4] = ["SINGLE_USER", "OFFLINE", "EMERGENCY", "READ_ONLY"];

/// What takes the run's own database away from it, or waits for it for ever.
pub(super) fn wants_it_alone(words: &Words<'_>) -> Option<Flaw> {
    if words.is_module() {
        return None;
    }
    (0..words.len())
        .filter(|at| words.are(*at, &["ALTER", "DATABASE"]))
        .find_map(|at| change(words, at))
}

/// The change of a database that begins at `at`.
fn change(words: &Words<'_>, at: usize) -> Option<Flaw> {
    let database = if words.is(at + 2, &["CURRENT"]) {
        None
    } else {
        Some(words.name(at + 2)?)
    };
    let flaw = |what: String, advice: &str| {
        Some(Flaw {
            at: words.0[at].offset,
            what,
            advice: advice.to_owned(),
            database: database.clone(),
        })
    };
    let outside = "run it by hand while no run of dbvc is at work";
    if words.are(at + 3, &["MODIFY", "NAME"]) {
        return flaw(
            "dbvc's own connections are in the database, which cannot be renamed under them".to_owned(),
            outside,
        );
    }
    if words.is(at + 3, &["COLLATE"]) {
        return flaw(
            "`COLLATE` wants the database for itself, and dbvc's second connection keeps the lock in it"
                .to_owned(),
            outside,
        );
    }
    if !words.is(at + 3, &["SET"]) {
        return None;
    }
    let end = (at + 4..words.len())
        .find(|end| words.text(*end) == ";" || (words.is(*end, &RESERVED_FIRST) && !belongs(words, *end)))
        .unwrap_or(words.len());
    let option = |options: &[&str]| (at + 4..end).find(|at| words.is(*at, options));
    if let Some(closing) = option(&CLOSING) {
        let name = words.text(closing).to_ascii_uppercase();
        return flaw(
            format!("with `{name}` dbvc itself can no longer write to the database or keep its lock there"),
            outside,
        );
    }
    let waiting = option(&WAITING)?;
    let breaks_off = (waiting..end).any(|at| words.are(at, &["WITH", "ROLLBACK"]));
    if breaks_off {
        return None;
    }
    let name = words.text(waiting).to_ascii_uppercase();
    flaw(
        format!(
            "`{name}` waits until no other connection is in the database, and dbvc's second one keeps the lock in it"
        ),
        "write `WITH ROLLBACK IMMEDIATE` behind it: other connections are broken off, and dbvc's comes back by itself",
    )
}

/// `WITH ROLLBACK IMMEDIATE` is the statement's own.
fn belongs(words: &Words<'_>, at: usize) -> bool {
    words.is(at, &["WITH"]) || (words.is(at, &["ROLLBACK"]) && words.is(at.wrapping_sub(1), &["WITH"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(batch: &str) -> Option<Flaw> {
        wants_it_alone(&Words::of(batch))
    }

    #[test]
    fn what_waits_for_dbvcs_own_connection_is_told_with_the_way_on() {
        let flaw = found("PRINT 'x'; ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON").expect("a flaw");
        assert_eq!((flaw.at, flaw.database), (11, None));
        assert!(flaw.advice.contains("WITH ROLLBACK IMMEDIATE"), "{}", flaw.advice);
        let flaw = found("alter database [my shop] set enable_broker").expect("a flaw");
        assert_eq!(flaw.database.as_deref(), Some("my shop"));
    }

    #[test]
    fn what_takes_the_database_away_is_told() {
        for batch in [
            "ALTER DATABASE shop SET SINGLE_USER WITH ROLLBACK IMMEDIATE",
            "ALTER DATABASE shop SET OFFLINE",
            "ALTER DATABASE CURRENT SET READ_ONLY WITH NO_WAIT",
            "ALTER DATABASE shop MODIFY NAME = till",
            "ALTER DATABASE CURRENT COLLATE Latin1_General_100_CI_AS_SC_UTF8",
        ] {
            assert!(found(batch).is_some(), "{batch}");
        }
    }

    #[test]
    fn all_else_may_be_set_beside_others() {
        for batch in [
            "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE",
            "ALTER DATABASE CURRENT SET ALLOW_SNAPSHOT_ISOLATION ON",
            "ALTER DATABASE shop SET RECOVERY SIMPLE; SELECT read_only FROM t",
            "ALTER DATABASE shop SET QUERY_STORE = ON (OPERATION_MODE = READ_WRITE)",
            "ALTER DATABASE SCOPED CONFIGURATION SET MAXDOP = 4",
            "CREATE PROC p AS ALTER DATABASE CURRENT SET OFFLINE",
            "-- ALTER DATABASE CURRENT SET OFFLINE\nSELECT 1",
        ] {
            assert_eq!(found(batch), None, "{batch}");
        }
    }
}
