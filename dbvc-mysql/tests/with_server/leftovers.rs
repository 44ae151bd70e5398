//! What a script leaves behind in its session, and that the next one does not meet it.

use dbvc_engine::driver::{Limits, Session};

use crate::place::{Ears, places, statement};

const LEAVES: [&str; 7] = [
    "SET foreign_key_checks = 0, group_concat_max_len = 7, sql_mode = ''",
    "SET @answer = 42",
    "SET NAMES latin1",
    "CREATE TEMPORARY TABLE leftover (a INT)",
    "PREPARE leftover FROM 'SELECT 1'",
    "CREATE TABLE kept (a INT)",
    "USE mysql",
];

const SETTINGS: &str = "SELECT @@SESSION.foreign_key_checks, @@SESSION.group_concat_max_len, @@SESSION.sql_mode, \
    @@SESSION.character_set_client, DATABASE()";

async fn run(session: &mut dyn Session, sql: &str) -> Result<(), String> {
    let outcome = session
        .execute(&[statement(sql)], &Limits::default(), &mut Ears::default())
        .await;
    outcome
        .failure
        .map_or(Ok(()), |failure| Err(format!("{:?}", failure.cause)))
}

async fn asked(session: &mut dyn Session, sql: &str) -> Vec<Option<String>> {
    let rows = session.query(sql, &Limits::default()).await.unwrap();
    rows.cells.into_iter().next().unwrap_or_default()
}

#[tokio::test]
async fn the_next_script_meets_nothing_of_it() {
    for place in places().await {
        let mut session = place.session().await;
        let before = asked(session.as_mut(), SETTINGS).await;
        for sql in LEAVES {
            run(session.as_mut(), sql).await.unwrap();
        }
        assert_ne!(
            asked(session.as_mut(), SETTINGS).await,
            before,
            "{}",
            place.server
        );
        session.refresh().await.unwrap();
        assert_eq!(
            asked(session.as_mut(), SETTINGS).await,
            before,
            "{}",
            place.server
        );
        assert_eq!(asked(session.as_mut(), "SELECT @answer").await, [None]);
        for sql in ["SELECT * FROM leftover", "EXECUTE leftover"] {
            run(session.as_mut(), sql).await.unwrap_err();
        }
        run(session.as_mut(), "INSERT INTO kept VALUES (1)")
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_session_that_proves_the_lock_keeps_it() {
    for place in places().await {
        let (mut session, _) = place.locked().await;
        let before = asked(session.as_mut(), SETTINGS).await;
        for sql in LEAVES {
            run(session.as_mut(), sql).await.unwrap();
        }
        session.refresh().await.unwrap();
        let after = asked(session.as_mut(), SETTINGS).await;
        assert_eq!(after[0], before[0], "{}", place.server);
        assert_eq!(after[2..], before[2..], "{}", place.server);
        let mut rival = place.session().await;
        let survey = rival.survey().await.unwrap();
        assert_eq!(survey.holder.unwrap().alive, Some(true), "{}", place.server);
    }
}
