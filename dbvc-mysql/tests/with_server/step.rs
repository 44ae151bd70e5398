//! Steps outside a transaction, and what the server says meanwhile.

use std::time::Duration;

use dbvc_engine::driver::{
    Action, Actor, Fence, Limits, NewExecution, NoticeLevel, Progress, Session, StepDone,
};
use dbvc_engine::error::ErrorKind;
use mysql_async::prelude::Queryable as _;

use crate::place::{Ears, places, plain, statement};

fn progress(done: u32, next: Option<&str>) -> Progress {
    Progress {
        done,
        digest: format!("digest {done}"),
        in_flight: next.map(ToOwned::to_owned),
    }
}

async fn started(session: &mut dyn Session, fence: &Fence) -> u64 {
    let execution = NewExecution {
        run: uuid::Uuid::now_v7(),
        action: Action::Migrate,
        migration: "1.0.0".into(),
        version: Some("1.0.0".into()),
        description: "x".into(),
        kind: "versioned".into(),
        script: "V1.0.0__x.sql".into(),
        checksum: "c".into(),
        registration: None,
        statements: 2,
        transactional: false,
        actor: Actor::default(),
        environment: "test".into(),
        reason: None,
        tool_version: "0".into(),
    };
    session
        .start(fence, &execution, &progress(0, None))
        .await
        .unwrap()
}

async fn done(session: &mut dyn Session) -> u32 {
    session.survey().await.unwrap().applied[0].statements_done
}

#[tokio::test]
async fn a_step_and_its_note_are_there_together() {
    for place in places().await {
        let (mut session, fence) = place.locked().await;
        let rank = started(session.as_mut(), &fence).await;
        let script = [
            "CREATE TABLE t (a INT PRIMARY KEY)",
            "INSERT INTO t VALUES (1)",
            "DROP TABLE IF EXISTS u",
        ];
        for (index, sql) in script.iter().enumerate() {
            let after = progress(u32::try_from(index).unwrap() + 1, None);
            let note = StepDone {
                fence: &fence,
                rank,
                progress: &after,
            };
            let mut ears = Ears::default();
            let outcome = session
                .execute_step(&statement(sql), note, &Limits::default(), &mut ears)
                .await;
            assert!(
                outcome.failure.is_none() && outcome.statements == 1,
                "{outcome:?}"
            );
            assert_eq!(done(session.as_mut()).await, after.done);
            if index == 2 {
                assert_eq!(ears.0.len(), 1, "{:?}", ears.0);
                assert_eq!(ears.0[0].level, NoticeLevel::Info);
                assert_eq!(ears.0[0].code.as_deref(), Some("1051"));
            }
        }
    }
}

#[tokio::test]
async fn rows_whose_note_cannot_be_written_are_not_kept() {
    for place in places().await {
        let (mut session, fence) = place.locked().await;
        let rank = started(session.as_mut(), &fence).await;
        let mut conn = plain(&place.url).await;
        conn.query_drop("CREATE TABLE t (a INT PRIMARY KEY)")
            .await
            .unwrap();
        conn.query_drop("ALTER TABLE version_control_migration_applied_status RENAME TO elsewhere")
            .await
            .unwrap();
        let note = StepDone {
            fence: &fence,
            rank,
            progress: &progress(1, None),
        };
        let insert = statement("INSERT INTO t VALUES (1)");
        let outcome = session
            .execute_step(&insert, note, &Limits::default(), &mut Ears::default())
            .await;
        assert!(
            outcome.failure.is_some() && outcome.statements == 0,
            "{outcome:?}"
        );
        let rows: u64 = conn.query_first("SELECT COUNT(*) FROM t").await.unwrap().unwrap();
        assert_eq!(rows, 0);
    }
}

#[tokio::test]
async fn a_stale_fence_runs_no_step() {
    for place in places().await {
        let (mut session, fence) = place.locked().await;
        let rank = started(session.as_mut(), &fence).await;
        let old = Fence {
            token: fence.token - 1,
            ..fence
        };
        let note = StepDone {
            fence: &old,
            rank,
            progress: &progress(1, None),
        };
        let create = statement("CREATE TABLE t (a INT)");
        let outcome = session
            .execute_step(&create, note, &Limits::default(), &mut Ears::default())
            .await;
        let shown = format!("{outcome:?}");
        assert!(outcome.statements == 0 && shown.contains("LockLost"), "{shown}");
        let mut conn = plain(&place.url).await;
        assert!(conn.query_drop("SELECT * FROM t").await.is_err(), "it ran");
    }
}

#[tokio::test]
async fn a_metadata_lock_is_waited_for_no_longer_than_asked() {
    for place in places().await {
        let mut holder = plain(&place.url).await;
        holder.query_drop("CREATE TABLE t (a INT)").await.unwrap();
        holder.query_drop("START TRANSACTION").await.unwrap();
        holder.query_drop("SELECT * FROM t").await.unwrap();
        let mut session = place.session().await;
        let limits = Limits {
            lock_timeout: Some(Duration::from_secs(1)),
            ..Limits::default()
        };
        let clock = std::time::Instant::now();
        let alter = [statement("ALTER TABLE t ADD b INT")];
        let outcome = session.execute(&alter, &limits, &mut Ears::default()).await;
        let failure = outcome.failure.expect("it waits in vain");
        let dbvc_engine::driver::Cause::Driver(error) = failure.cause else {
            panic!("a driver's error")
        };
        assert_eq!(error.kind, ErrorKind::LockTimeout, "{error:?}");
        assert!(clock.elapsed() < Duration::from_secs(5), "{:?}", clock.elapsed());
    }
}

#[tokio::test]
async fn a_script_that_turns_away_leaves_the_record_where_it_is() {
    for place in places().await {
        let (mut session, fence) = place.locked().await;
        let rank = started(session.as_mut(), &fence).await;
        let script = [
            "USE mysql",
            "SET NAMES latin1",
            "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'",
        ];
        for (index, sql) in script.iter().enumerate() {
            let after = progress(u32::try_from(index).unwrap() + 1, Some("SELECT 'ä\\'"));
            let note = StepDone {
                fence: &fence,
                rank,
                progress: &after,
            };
            let outcome = session
                .execute_step(&statement(sql), note, &Limits::default(), &mut Ears::default())
                .await;
            assert!(outcome.failure.is_none(), "{outcome:?}");
        }
        let applied = session.survey().await.unwrap().applied.remove(0);
        assert_eq!(applied.in_flight.as_deref(), Some("SELECT 'ä\\'"));
        session.begin(&fence).await.unwrap();
        let rows = session
            .query("SELECT DATABASE(), 'a\\'b'", &Limits::default())
            .await
            .unwrap();
        assert_eq!(
            rows.cells[0][0].as_deref(),
            Some(place.target().database_name().as_str())
        );
        assert_eq!(rows.cells[0][1].as_deref(), Some("a'b"));
        session.rollback().await.unwrap();
    }
}
