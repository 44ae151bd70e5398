//! The audit trail where logins and sessions are odd.

use dbvc_engine::audit::{ChainCheck, Head, Sealed};
use dbvc_engine::driver::{
    AppliedState, ChainFilter, Driver as _, End, EntryStatus, Limits, Session, Target,
};
use dbvc_engine::error::ErrorKind;
use mysql_async::prelude::Queryable as _;

use crate::place::{Ears, Place, identity, places, plain, request, statement};
use crate::step::{execution, progress};

fn end() -> End {
    End {
        status: EntryStatus::Completed,
        statements_done: 2,
        duration: None,
        error: None,
        state: Some(AppliedState::Applied),
        error_class: None,
        of: Some(Box::new(execution())),
    }
}

async fn run(session: &mut dyn Session, sql: &str) {
    let outcome = session
        .execute(&[statement(sql)], &Limits::default(), &mut Ears::default())
        .await;
    assert!(outcome.failure.is_none(), "{:?} in {sql}", outcome.failure);
}

/// The logins of all events of a chain that is sound.
async fn logins(session: &mut dyn Session) -> Vec<String> {
    let all = ChainFilter {
        limit: 1000,
        ..ChainFilter::default()
    };
    let mut check = ChainCheck::new("target", None, None);
    let mut logins = Vec::new();
    for row in session.chain(&all).await.unwrap() {
        let key = row.sequence;
        let sealed = Sealed::from(row);
        check.event(Some(key), &sealed);
        logins.extend(sealed.event().map(|event| event.actor.login));
    }
    let head = session.chain_head().await.unwrap().map(Head::from);
    let checked = check.end(head.as_ref());
    assert!(checked.findings.is_empty(), "{:#?}", checked.findings);
    logins
}

/// Tables commit by themselves, and a first event without its head could never be begun again.
#[tokio::test]
async fn a_record_that_was_half_made_is_made_by_the_next_run() {
    for place in places().await {
        let mut conn = plain(&place.url).await;
        let mut session = place.session().await;
        session.install(&identity()).await.unwrap();
        for sql in [
            "DELETE FROM version_control_db_inventory",
            "DELETE FROM version_control_audit_heads",
            "DELETE FROM version_control_audit_events",
            "CREATE TRIGGER cut_off BEFORE UPDATE ON version_control_audit_heads FOR EACH ROW \
             SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'cut off'",
        ] {
            conn.query_drop(sql).await.unwrap();
        }
        let error = session.install(&identity()).await.unwrap_err();
        assert!(error.message.contains("cut off"), "{}: {error:?}", place.server);
        let left: Option<u64> = conn
            .query_first("SELECT count(*) FROM version_control_audit_events")
            .await
            .unwrap();
        assert_eq!(left, Some(0), "{}: half of a chain was left", place.server);
        conn.query_drop("DROP TRIGGER cut_off").await.unwrap();
        session.install(&identity()).await.unwrap();
        assert_eq!(logins(session.as_mut()).await.len(), 1, "{}", place.server);
        session.close().await.unwrap();
        conn.disconnect().await.unwrap();
        place.remove().await;
    }
}

/// A lenient session writes 0 where NULL is refused; the trail does not let itself be fooled.
#[tokio::test]
async fn what_is_missing_is_missed_in_a_lenient_session_too() {
    for place in places().await {
        let (mut session, fence) = place.locked().await;
        let session = session.as_mut();
        run(session, "SET SESSION sql_mode = ''").await;
        let rank = session
            .start(&fence, &execution(), &progress(0, None))
            .await
            .unwrap();
        let table = |name: &str| format!("version_control_{name}");
        let before = session.chain_head().await.unwrap();
        let gone = format!("DELETE FROM {}", table("migration_execution_history"));
        run(session, &gone).await;
        let error = session.finish(&fence, rank, &end()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::TrailBroken, "{}: {error:?}", place.server);
        assert!(
            error.message.contains("migration_execution_history"),
            "{}: {error}",
            place.server
        );
        assert_eq!(session.chain_head().await.unwrap(), before);
        run(session, &format!("DELETE FROM {}", table("audit_heads"))).await;
        let draft = dbvc_engine::audit::AuditEvent::new(
            dbvc_engine::audit::AuditAction::Verified,
            uuid::Uuid::nil(),
            &dbvc_engine::driver::Actor::default(),
        )
        .draft();
        let error = session.append(&fence, &[draft]).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::TrailBroken, "{}: {error:?}", place.server);
        assert!(error.message.contains("audit_heads"), "{}: {error}", place.server);
        place.remove().await;
    }
}

/// MariaDB writes control characters in upper case where the canonical form has lower case.
#[tokio::test]
async fn a_login_with_control_characters_keeps_the_canonical_form() {
    const LOGIN: &str = "u\n\u{b}\u{1b}\u{1f}\u{1}\t\"\\u001B \\\\ é";
    for place in places().await {
        let user = LOGIN.replace('\\', "\\\\").replace('\'', "\\'");
        let mut conn = plain(&place.url).await;
        for host in ["%", "localhost"] {
            for sql in [
                format!("DROP USER IF EXISTS '{user}'@'{host}'"),
                format!("CREATE USER '{user}'@'{host}' IDENTIFIED BY 'hunter2'"),
                format!("GRANT ALL ON *.* TO '{user}'@'{host}'"),
            ] {
                conn.query_drop(&sql).await.unwrap();
            }
        }
        let seen = told_of(&place, LOGIN).await;
        for host in ["%", "localhost"] {
            let sql = format!("DROP USER '{user}'@'{host}'");
            conn.query_drop(&sql).await.unwrap();
        }
        assert_eq!(seen, vec![LOGIN; 3], "{}", place.server);
        place.remove().await;
    }
}

async fn told_of(place: &Place, login: &str) -> Vec<String> {
    let mut url = url::Url::parse(&place.url).unwrap();
    url.set_username(login).unwrap();
    url.set_password(Some("hunter2")).unwrap();
    let target = Target::parse(url.as_str()).unwrap();
    let mut session = dbvc_mysql::driver().connect(&target).await.unwrap();
    let identity = dbvc_engine::driver::Identity {
        database: "app".into(),
        environment: "test".into(),
        tool_version: "0".into(),
    };
    session.install(&identity).await.unwrap();
    let dbvc_engine::driver::LockAttempt::Acquired(lease) = session.try_lock(&request()).await.unwrap()
    else {
        panic!("somebody holds the lock");
    };
    session.record(&lease.fence, &execution(), &end()).await.unwrap();
    logins(session.as_mut()).await
}
