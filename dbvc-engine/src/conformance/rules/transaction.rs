//! Transactions in single steps.

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, rules, stopped};
use crate::conformance::world::{Locked, count, create_table, ended, execute, execution, insert, make_table};
use crate::driver::{AppliedState, DdlRollback, Session};

rules!("transaction":
    what_is_committed_stays,
    what_is_rolled_back_is_gone,
    schema_changes_roll_back,
    the_record_joins_the_transaction,
    rolling_back_without_a_transaction_is_fine,
    committing_without_a_transaction_is_an_error,
    a_second_begin_is_refused,
    an_open_transaction_is_not_seen_by_others,
    a_failed_statement_can_be_rolled_back,
    a_dropped_session_rolls_back,
    after_a_transaction_statements_stand_alone_again,
);

/// After `commit` every session sees what was done.
async fn what_is_committed_stays(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    make_table(session.as_mut(), "target").await?;
    session.begin(&lease.fence).await?;
    done(execute(session.as_mut(), [insert("target", 1), insert("target", 2)]).await)?;
    session.commit().await?;
    ensure!(world.count("target").await? == 2, "not two rows");
    Ok(())
}

/// After `rollback` no session sees it.
async fn what_is_rolled_back_is_gone(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    make_table(session.as_mut(), "target").await?;
    session.begin(&lease.fence).await?;
    done(execute(session.as_mut(), [insert("target", 1)]).await)?;
    session.rollback().await?;
    ensure!(count(session.as_mut(), "target").await? == 0, "the row is there");
    ensure!(world.count("target").await? == 0, "the row is there for others");
    Ok(())
}

fn ddl_rolls_back(session: &dyn Session) -> Verdict {
    if session.capabilities().ddl == DdlRollback::Transaction {
        return Ok(());
    }
    Err(Stop::NotApplicable("schema changes do not roll back here".into()))
}

/// Where the session says that schema changes roll back with their transaction, they do.
async fn schema_changes_roll_back(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    ddl_rolls_back(session.as_ref())?;
    make_table(session.as_mut(), "target").await?;
    session.begin(&lease.fence).await?;
    let changes = [
        create_table("made"),
        "CREATE VIEW seen AS SELECT id FROM made".to_owned(),
        (world.samples().add_column)("target"),
        "CREATE INDEX target_name ON target (name)".to_owned(),
    ];
    done(execute(session.as_mut(), changes).await)?;
    session.rollback().await?;
    for gone in ["made", "seen", "(SELECT extra FROM target) x"] {
        ensure!(!world.has_table(gone).await?, "{gone} is there");
    }
    done(execute(session.as_mut(), ["CREATE INDEX target_name ON target (name)"]).await)?;
    Ok(())
}

/// What is written to the record inside a transaction goes and stays with it.
async fn the_record_joins_the_transaction(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    for (migration, keep) in [("1.0.0", false), ("2.0.0", true)] {
        session.begin(&lease.fence).await?;
        session
            .record(&lease.fence, &execution(migration), &ended(AppliedState::Applied))
            .await?;
        if keep {
            session.commit().await?;
        } else {
            session.rollback().await?;
        }
    }
    let applied = world.session().await?.survey().await?.applied;
    let names: Vec<&str> = applied.iter().map(|applied| applied.migration.as_str()).collect();
    ensure!(names == ["2.0.0"], "{names:?}");
    Ok(())
}

/// `rollback` when nothing is open does nothing.
async fn rolling_back_without_a_transaction_is_fine(world: &World) -> Verdict {
    let mut session = world.session().await?;
    session.rollback().await?;
    make_table(session.as_mut(), "target").await?;
    session.rollback().await?;
    ensure!(world.has_table("target").await?, "the table is gone");
    Ok(())
}

/// `commit` when nothing is open is an error, so that a script that ended the transaction is found out.
async fn committing_without_a_transaction_is_an_error(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let committed = session.commit().await;
    ensure!(committed.is_err(), "it was accepted");
    session.survey().await?;
    Ok(())
}

/// There is one transaction at a time: a second `begin` is refused, and what is done can still be rolled back.
async fn a_second_begin_is_refused(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    make_table(session.as_mut(), "target").await?;
    session.begin(&lease.fence).await?;
    done(execute(session.as_mut(), [insert("target", 1)]).await)?;
    let again = session.begin(&lease.fence).await;
    ensure!(again.is_err(), "it was accepted");
    session.rollback().await?;
    ensure!(world.count("target").await? == 0, "the row is there");
    Ok(())
}

/// Nothing of a transaction is seen before its end.
async fn an_open_transaction_is_not_seen_by_others(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    make_table(session.as_mut(), "target").await?;
    session.begin(&lease.fence).await?;
    done(execute(session.as_mut(), [insert("target", 1)]).await)?;
    ensure!(
        count(session.as_mut(), "target").await? == 1,
        "its own row is not there"
    );
    ensure!(world.count("target").await? == 0, "another session sees the row");
    session.commit().await?;
    Ok(())
}

/// After a failed statement the transaction can be rolled back, and the session goes on.
async fn a_failed_statement_can_be_rolled_back(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    make_table(session.as_mut(), "target").await?;
    session.begin(&lease.fence).await?;
    let outcome = execute(
        session.as_mut(),
        [insert("target", 1), insert("no_such_table", 1)],
    )
    .await;
    stopped(&outcome)?;
    session.rollback().await?;
    ensure!(count(session.as_mut(), "target").await? == 0, "the row is there");
    session.begin(&lease.fence).await?;
    done(execute(session.as_mut(), [insert("target", 3)]).await)?;
    session.commit().await?;
    ensure!(world.count("target").await? == 1, "the session does not go on");
    Ok(())
}

/// A session that ends with a transaction open leaves nothing of it.
async fn a_dropped_session_rolls_back(world: &World) -> Verdict {
    let Locked {
        session: keeper,
        lease,
    } = world.locked().await?;
    let mut session = world.session().await?;
    make_table(session.as_mut(), "target").await?;
    session.begin(&lease.fence).await?;
    done(execute(session.as_mut(), [insert("target", 1)]).await)?;
    drop(session);
    ensure!(world.count("target").await? == 0, "the row is there");
    let mut other = world.session().await?;
    done(execute(other.as_mut(), [insert("target", 1)]).await)?;
    drop(keeper);
    Ok(())
}

/// When a transaction has ended, the next statement is not part of one.
async fn after_a_transaction_statements_stand_alone_again(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked_for_units().await?;
    session.begin(&lease.fence).await?;
    done(execute(session.as_mut(), [world.makes("made")]).await)?;
    session.commit().await?;
    done(execute(session.as_mut(), [insert("made", 1)]).await)?;
    session.rollback().await?;
    ensure!(
        world.count("made").await? == 1,
        "the row was part of a transaction"
    );
    Ok(())
}
