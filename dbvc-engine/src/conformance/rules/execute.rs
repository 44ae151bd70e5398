//! Statements outside a transaction, and queries.

use crate::conformance::World;
use crate::conformance::rule::{Verdict, cell, done, ensure, refused, rules, sample, stopped, stopped_as};
use crate::conformance::script::{Ear, statement};
use crate::conformance::world::{Locked, count, create_table, execute, insert, make_table};
use crate::driver::Limits;
use crate::error::ErrorKind;

rules!("execute":
    no_statements_are_no_error,
    the_first_failure_stops_and_what_went_before_stays,
    the_failing_statement_is_told,
    inside_a_transaction_the_first_failure_stops_too,
    a_wrong_statement_is_the_statements_fault,
    rows_are_counted,
    a_session_goes_on_after_a_failure,
    odd_characters_arrive_unchanged,
    a_statement_of_a_megabyte_arrives_whole,
    two_thousand_statements_run_in_order,
    cells_are_text_and_null_is_none,
    an_answer_without_rows_is_empty,
    a_query_sees_what_its_session_did,
    a_wrong_query_is_told_as_such,
    what_the_server_says_is_heard,
    the_error_says_something,
);

/// Running nothing is fine.
async fn no_statements_are_no_error(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let outcome = done(execute(session.as_mut(), Vec::<String>::new()).await)?;
    ensure!(outcome.statements == 0 && outcome.rows == 0, "{outcome:?}");
    session.close().await?;
    Ok(())
}

/// Outside a transaction each statement stands alone: those before the failing one stay, those after it never run.
async fn the_first_failure_stops_and_what_went_before_stays(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let statements = [
        create_table("made"),
        insert("made", 1),
        insert("made", 1),
        insert("made", 3),
    ];
    let outcome = execute(session.as_mut(), statements).await;
    stopped_as(&outcome, ErrorKind::Statement)?;
    ensure!(outcome.statements == 2, "two went through: {outcome:?}");
    ensure!(world.count("made").await? == 1, "not one row");
    Ok(())
}

/// The outcome names the statement, so that the engine can find its place in the file.
async fn the_failing_statement_is_told(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let wrong = insert("no_such_table", 1);
    let outcome = execute(
        session.as_mut(),
        [create_table("made"), wrong.clone(), insert("made", 1)],
    )
    .await;
    let (failure, _) = stopped(&outcome)?;
    let told = failure.statement.as_ref().map(|statement| &statement.sql);
    ensure!(told == Some(&wrong), "{failure:?}");
    Ok(())
}

/// The same inside a transaction: the right statement, the right count, and nothing after it.
async fn inside_a_transaction_the_first_failure_stops_too(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    make_table(session.as_mut(), "target").await?;
    session.begin(&lease.fence).await?;
    let wrong = insert("no_such_table", 1);
    let statements = [
        insert("target", 1),
        insert("target", 2),
        wrong.clone(),
        insert("target", 3),
    ];
    let outcome = execute(session.as_mut(), statements).await;
    let (failure, _) = stopped(&outcome)?;
    let told = failure.statement.as_ref().map(|statement| &statement.sql);
    ensure!(told == Some(&wrong) && outcome.statements == 2, "{outcome:?}");
    session.rollback().await?;
    Ok(())
}

/// Syntax, unknown names and violated constraints are [`ErrorKind::Statement`], which no one tries again.
async fn a_wrong_statement_is_the_statements_fault(world: &World) -> Verdict {
    let mut session = world.session().await?;
    make_table(session.as_mut(), "target").await?;
    done(execute(session.as_mut(), [insert("target", 1)]).await)?;
    for wrong in [
        "SELEC 1".to_owned(),
        "SELECT no_such_column FROM target".to_owned(),
        insert("no_such_table", 1),
        insert("target", 1),
        create_table("target"),
        "INSERT INTO target (id, no_such_column) VALUES (2, 2)".to_owned(),
    ] {
        let outcome = execute(session.as_mut(), [wrong.clone()]).await;
        let error = stopped_as(&outcome, ErrorKind::Statement)?;
        ensure!(
            !error.kind.is_retryable() && !error.kind.ends_session(),
            "{wrong}: {error:?}"
        );
    }
    Ok(())
}

/// The rows that statements changed are added up; those that were only read do not count.
async fn rows_are_counted(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let statements = [
        create_table("made"),
        "INSERT INTO made (id) VALUES (1), (2), (3)".to_owned(),
        "UPDATE made SET name = 'x' WHERE id < 3".to_owned(),
        "SELECT id FROM made".to_owned(),
        "DELETE FROM made WHERE id = 9".to_owned(),
    ];
    let outcome = done(execute(session.as_mut(), statements).await)?;
    ensure!(outcome.statements == 5 && outcome.rows == 5, "{outcome:?}");
    Ok(())
}

/// A refused statement costs nothing but itself.
async fn a_session_goes_on_after_a_failure(world: &World) -> Verdict {
    let mut session = world.session().await?;
    stopped(&execute(session.as_mut(), ["SELEC 1"]).await)?;
    make_table(session.as_mut(), "target").await?;
    stopped(&execute(session.as_mut(), [create_table("target")]).await)?;
    done(execute(session.as_mut(), [insert("target", 1)]).await)?;
    ensure!(count(session.as_mut(), "target").await? == 1, "not one row");
    Ok(())
}

/// Text in a statement arrives as it was written, and comes back so.
async fn odd_characters_arrive_unchanged(world: &World) -> Verdict {
    let mut session = world.session().await?;
    make_table(session.as_mut(), "target").await?;
    let odd = "it's \"x\" \\n $1 ? :a ${b} %s -- /* ;\n\tÄ 数据 🦀";
    let literal = (world.samples().literal)(odd);
    let sql = format!("INSERT INTO target (id, name) VALUES (1, {literal})");
    done(execute(session.as_mut(), [sql]).await)?;
    let rows = session
        .query("SELECT name FROM target", &Limits::default())
        .await?;
    let read = cell(&rows)?;
    ensure!(read == odd, "{read:?}");
    Ok(())
}

/// No part of a large statement is lost.
async fn a_statement_of_a_megabyte_arrives_whole(world: &World) -> Verdict {
    let mut session = world.session().await?;
    make_table(session.as_mut(), "target").await?;
    let filler = "x".repeat(1024 * 1024);
    let sql = format!("INSERT INTO target (id, name) VALUES (1, /* {filler} */ 'end')");
    done(execute(session.as_mut(), [sql]).await)?;
    let rows = session
        .query("SELECT name FROM target", &Limits::default())
        .await?;
    ensure!(cell(&rows)? == "end", "{rows:?}");
    Ok(())
}

/// Many statements of one call run in order, however they are sent.
async fn two_thousand_statements_run_in_order(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    make_table(session.as_mut(), "target").await?;
    session.begin(&lease.fence).await?;
    done(execute(session.as_mut(), [insert("target", 1)]).await)?;
    let steps = (2..2_000).map(|id| {
        format!(
            "UPDATE target SET id = {id}, name = 'n{id}' WHERE id = {}",
            id - 1
        )
    });
    let outcome = done(execute(session.as_mut(), steps).await)?;
    session.commit().await?;
    ensure!(
        outcome.statements == 1_998 && outcome.rows == 1_998,
        "{outcome:?}"
    );
    let rows = session
        .query("SELECT name FROM target", &Limits::default())
        .await?;
    ensure!(cell(&rows)? == "n1999", "{rows:?}");
    Ok(())
}

/// Whatever a cell's type, it is read as text; NULL is none, and an empty text is not NULL.
async fn cells_are_text_and_null_is_none(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let sql = "SELECT 42 AS number, 'Ä' AS word, NULL AS missing, '' AS blank, 1.5 AS part \
               UNION ALL SELECT -7, 'b', NULL, '', 2.5";
    let rows = session.query(sql, &Limits::default()).await?;
    ensure!(
        rows.columns == ["number", "word", "missing", "blank", "part"],
        "{rows:?}"
    );
    let cells: Vec<Vec<Option<&str>>> = rows
        .cells
        .iter()
        .map(|row| row.iter().map(Option::as_deref).collect())
        .collect();
    let wanted = [
        [Some("42"), Some("Ä"), None, Some(""), Some("1.5")],
        [Some("-7"), Some("b"), None, Some(""), Some("2.5")],
    ];
    ensure!(cells == wanted, "{rows:?}");
    Ok(())
}

/// No rows are no error.
async fn an_answer_without_rows_is_empty(world: &World) -> Verdict {
    let mut session = world.session().await?;
    make_table(session.as_mut(), "target").await?;
    let rows = session.query("SELECT id FROM target", &Limits::default()).await?;
    ensure!(rows.cells.is_empty(), "{rows:?}");
    Ok(())
}

/// A query inside a transaction sees what the transaction did.
async fn a_query_sees_what_its_session_did(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    session.begin(&lease.fence).await?;
    done(execute(session.as_mut(), [create_table("made"), insert("made", 1)]).await)?;
    ensure!(count(session.as_mut(), "made").await? == 1, "not one row");
    session.rollback().await?;
    Ok(())
}

/// A query with a fault is [`ErrorKind::Statement`], and the session goes on.
async fn a_wrong_query_is_told_as_such(world: &World) -> Verdict {
    let mut session = world.session().await?;
    for wrong in ["SELEC 1", "SELECT id FROM no_such_table"] {
        let answer = session.query(wrong, &Limits::default()).await;
        refused(answer, ErrorKind::Statement, wrong)?;
    }
    make_table(session.as_mut(), "target").await?;
    Ok(())
}

/// A notice of the server reaches whoever listens.
async fn what_the_server_says_is_heard(world: &World) -> Verdict {
    let sql = sample(
        world.samples().notice,
        "a statement that makes the server say something",
    )?;
    let mut session = world.session().await?;
    let mut ear = Ear::default();
    let outcome = session
        .execute(&[statement(sql)], &Limits::default(), &mut ear)
        .await;
    done(outcome)?;
    ensure!(!ear.notices.is_empty(), "nothing was heard");
    ensure!(
        ear.notices.iter().all(|notice| !notice.message.is_empty()),
        "{:?}",
        ear.notices
    );
    Ok(())
}

/// An error has the server's own words in one line, without a full stop of ours, and the server's code if it has one.
async fn the_error_says_something(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let outcome = execute(session.as_mut(), [insert("no_such_table", 1)]).await;
    let (_, error) = stopped(&outcome)?;
    ensure!(error.message.contains("no_such_table"), "{error:?}");
    ensure!(
        error.code.as_deref().is_some_and(|code| !code.is_empty()),
        "no code: {error:?}"
    );
    Ok(())
}
