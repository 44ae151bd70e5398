//! Steps outside a transaction, and what the server says meanwhile.

use std::time::{Duration, Instant};

use dbvc_engine::driver::{
    Action, Actor, AppliedState, Cause, End, EntryStatus, Fence, Limits, NewExecution, NoticeLevel, Progress,
    Registration, Session, StepAfter, StepEntry, StepNotes, Stepped,
};
use dbvc_engine::error::ErrorKind;
use mysql_async::prelude::Queryable as _;

use crate::place::{Ears, places, plain, statement};

pub(crate) fn progress(done: u32, next: Option<&str>) -> Progress {
    Progress {
        done,
        digest: format!("digest {done}"),
        in_flight: next.map(ToOwned::to_owned),
    }
}

pub(crate) fn execution() -> NewExecution {
    NewExecution {
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
        in_run: None,
    }
}

async fn started(session: &mut dyn Session, fence: &Fence) -> u64 {
    session
        .start(fence, &execution(), &progress(0, None))
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
            let note = StepNotes {
                fence: &fence,
                entry: StepEntry::Open(rank),
                after: StepAfter::Advance(&after),
                begun: Instant::now(),
            };
            let mut ears = Ears::default();
            let outcome = session
                .execute_step(&statement(sql), &note, &Limits::default(), &mut ears)
                .await
                .outcome;
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

fn completed() -> End {
    End {
        status: EntryStatus::Completed,
        statements_done: 1,
        duration: None,
        error: None,
        state: Some(AppliedState::Applied),
        error_class: None,
        of: None,
    }
}

#[tokio::test]
async fn a_script_of_one_statement_is_begun_run_and_ended_in_one_call() {
    for sql in [
        "CREATE TABLE t (a INT PRIMARY KEY)",
        "SET @a = 1",
        "SELECT 1 -- open",
    ] {
        for place in places().await {
            let (mut session, fence) = place.locked().await;
            let stepped = whole(session.as_mut(), &fence, sql).await;
            assert!(stepped.outcome.failure.is_none(), "{stepped:?}");
            let survey = session.survey().await.unwrap();
            let applied = &survey.applied[0];
            assert_eq!(stepped.rank, Some(applied.rank));
            assert_eq!(applied.state, AppliedState::Applied);
            assert_eq!(applied.statements_done, 1);
            assert_eq!(applied.in_flight, None);
        }
    }
}

#[tokio::test]
async fn locked_tables_do_not_keep_the_note_from_being_written_and_it_is_told() {
    for place in places().await {
        let (mut session, fence) = place.locked().await;
        let mut conn = plain(&place.url).await;
        conn.query_drop("CREATE TABLE t (a INT)").await.unwrap();
        let rank = started(session.as_mut(), &fence).await;
        let notes = StepNotes {
            fence: &fence,
            entry: StepEntry::Open(rank),
            after: StepAfter::Advance(&progress(1, None)),
            begun: Instant::now(),
        };
        let mut ears = Ears::default();
        let lock = statement("LOCK TABLES t WRITE");
        let stepped = session
            .execute_step(&lock, &notes, &Limits::default(), &mut ears)
            .await;
        assert!(stepped.outcome.failure.is_none(), "{stepped:?}");
        assert_eq!(done(session.as_mut()).await, 1);
        assert!(
            ears.0
                .iter()
                .any(|notice| notice.message.contains("unlocked again")),
            "{:?}",
            ears.0
        );
    }
}

#[tokio::test]
async fn a_statement_that_fails_leaves_its_intent_behind() {
    for place in places().await {
        let (mut session, fence) = place.locked().await;
        let stepped = whole(session.as_mut(), &fence, "CREATE TABLE t (a NOTYPE)").await;
        assert!(
            stepped.outcome.failure.is_some() && stepped.outcome.statements == 0,
            "{stepped:?}"
        );
        let survey = session.survey().await.unwrap();
        let applied = &survey.applied[0];
        assert_eq!(stepped.rank, Some(applied.rank));
        assert_eq!(applied.state, AppliedState::Partial);
        assert_eq!(applied.in_flight.as_deref(), Some("CREATE TABLE t (a NOTYPE)"));
    }
}

#[tokio::test]
async fn without_the_lock_no_intent_is_written() {
    for place in places().await {
        let (mut session, fence) = place.locked().await;
        let old = Fence {
            token: fence.token - 1,
            ..fence
        };
        let stepped = whole(session.as_mut(), &old, "CREATE TABLE t (a INT)").await;
        let shown = format!("{stepped:?}");
        assert!(stepped.rank.is_none() && shown.contains("LockLost"), "{shown}");
        assert!(session.survey().await.unwrap().applied.is_empty());
    }
}

async fn whole(session: &mut dyn Session, fence: &Fence, sql: &str) -> Stepped {
    let notes = StepNotes {
        fence,
        entry: StepEntry::New(&execution(), &progress(0, Some(sql))),
        after: StepAfter::Finish(&progress(1, None), &completed()),
        begun: Instant::now(),
    };
    session
        .execute_step(&statement(sql), &notes, &Limits::default(), &mut Ears::default())
        .await
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
        let note = StepNotes {
            fence: &fence,
            entry: StepEntry::Open(rank),
            after: StepAfter::Advance(&progress(1, None)),
            begun: Instant::now(),
        };
        let insert = statement("INSERT INTO t VALUES (1)");
        let outcome = session
            .execute_step(&insert, &note, &Limits::default(), &mut Ears::default())
            .await
            .outcome;
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
        let note = StepNotes {
            fence: &old,
            entry: StepEntry::Open(rank),
            after: StepAfter::Advance(&progress(1, None)),
            begun: Instant::now(),
        };
        let create = statement("CREATE TABLE t (a INT)");
        let outcome = session
            .execute_step(&create, &note, &Limits::default(), &mut Ears::default())
            .await
            .outcome;
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
            let note = StepNotes {
                fence: &fence,
                entry: StepEntry::Open(rank),
                after: StepAfter::Advance(&after),
                begun: Instant::now(),
            };
            let outcome = session
                .execute_step(&statement(sql), &note, &Limits::default(), &mut Ears::default())
                .await
                .outcome;
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

#[tokio::test]
async fn what_a_rollback_leaves_in_tables_without_transactions_is_told() {
    for place in places().await {
        let (mut session, fence) = place.locked().await;
        let mut conn = plain(&place.url).await;
        conn.query_drop("CREATE TABLE t (a INT PRIMARY KEY) ENGINE = MyISAM")
            .await
            .unwrap();
        let stepped = whole(session.as_mut(), &fence, "INSERT INTO t VALUES (1), (1)").await;
        let failure = stepped.outcome.failure.unwrap();
        let Cause::Driver(error) = failure.cause else {
            panic!("{failure:?}");
        };
        assert!(
            error
                .notes
                .iter()
                .any(|note| note.contains("was not rolled back")),
            "{}: {error:?}",
            place.server
        );
        let kept: Option<u32> = conn.query_first("SELECT COUNT(*) FROM t").await.unwrap();
        assert_eq!(kept, Some(1));
    }
}

#[tokio::test]
async fn a_statement_near_the_servers_limit_is_sent_apart_from_its_notes() {
    for place in places().await {
        let (mut session, fence) = place.locked().await;
        let mut conn = plain(&place.url).await;
        conn.query_drop("CREATE TABLE t (a LONGTEXT)").await.unwrap();
        let limit: Option<usize> = conn.query_first("SELECT @@max_allowed_packet").await.unwrap();
        let longest = limit.unwrap() / 2 - 100;
        let sql = format!("INSERT INTO t VALUES ('{}')", "x".repeat(longest - 30));
        let mut execution = execution();
        execution.registration = Some(Registration {
            up_script: Some("y".repeat(longest)),
            down_script: None,
        });
        let notes = StepNotes {
            fence: &fence,
            entry: StepEntry::New(&execution, &progress(0, Some("x"))),
            after: StepAfter::Finish(&progress(1, None), &completed()),
            begun: Instant::now(),
        };
        let stepped = session
            .execute_step(&statement(&sql), &notes, &Limits::default(), &mut Ears::default())
            .await;
        assert!(stepped.outcome.failure.is_none(), "{:?}", stepped.rank);
        assert_eq!(done(session.as_mut()).await, 1);
    }
}
