//! Where in a statement the fault is.

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, ensure, needs, rules, sample, stopped};
use crate::conformance::samples::Faulty;
use crate::conformance::script::Statements;
use crate::conformance::world::{Locked, execute, make_table};
use crate::driver::{Limits, Session, TransactionFit};
use crate::error::{DriverError, Position};

rules!("position":
    it_points_at_the_wrong_word,
    it_is_right_after_letters_of_several_bytes,
    it_is_right_in_a_later_line,
    it_is_relative_to_its_own_statement,
    it_is_right_inside_a_transaction,
    it_is_right_in_a_unit,
    it_is_right_in_a_query,
);

/// Each fault, in a statement made of it, with a table `target` there.
async fn faults(world: &World) -> Result<(Box<dyn Session>, &'static [Faulty]), Stop> {
    let mut session = world.session().await?;
    needs(session.capabilities().error_position, "places in errors")?;
    let faulty = world.samples().faulty;
    sample(faulty.first(), "statements with a fault")?;
    make_table(session.as_mut(), "target").await?;
    Ok((session, faulty))
}

/// The error must point at `word` in `sql`.
fn points_at(error: &DriverError, sql: &str, word: &str) -> Verdict {
    let Some(position) = error.position else {
        return Err(Stop::broken(format_args!(
            "no place for `{word}` in `{sql}`: {error:?}"
        )));
    };
    let rest = match position {
        Position::Byte(at) => sql.get(at as usize..).unwrap_or_default().to_owned(),
        Position::Char(at) => sql.chars().skip(at as usize).collect(),
        Position::Line(line) => {
            let text = sql
                .lines()
                .nth((line as usize).saturating_sub(1))
                .unwrap_or_default();
            text.find(word)
                .map(|at| text[at..].to_owned())
                .unwrap_or_default()
        }
    };
    ensure!(
        rest.starts_with(word),
        "{position:?} is not `{word}` in `{sql}` but `{rest}`"
    );
    Ok(())
}

async fn check_each(world: &World, before: &[String], dress: impl Fn(&str) -> String) -> Verdict {
    let (mut session, faulty) = faults(world).await?;
    for fault in faulty {
        let sql = dress(fault.sql);
        let mut statements = before.to_vec();
        statements.push(sql.clone());
        let outcome = execute(session.as_mut(), statements).await;
        points_at(stopped(&outcome)?.1, &sql, fault.word)?;
    }
    Ok(())
}

/// The place is that of the word at fault.
async fn it_points_at_the_wrong_word(world: &World) -> Verdict {
    check_each(world, &[], ToOwned::to_owned).await
}

/// Bytes, characters and UTF-16 units are not mixed up.
async fn it_is_right_after_letters_of_several_bytes(world: &World) -> Verdict {
    let comment = world.samples().wide_comment;
    check_each(world, &[], |sql| format!("{comment}{sql}")).await
}

/// Line ends before the fault count, those of Windows as two.
async fn it_is_right_in_a_later_line(world: &World) -> Verdict {
    check_each(world, &[], |sql| {
        format!("/* a\r\n b\n */\n\n  {}", sql.replace(' ', "\r\n  "))
    })
    .await
}

/// Statements before it, in the same call, do not move the place.
async fn it_is_relative_to_its_own_statement(world: &World) -> Verdict {
    let before = ["DELETE FROM target", "UPDATE target SET name = 'Äöü 🦀'"].map(str::to_owned);
    check_each(world, &before, |sql| format!("  {sql}")).await
}

/// Nor do those before it in the same transaction.
async fn it_is_right_inside_a_transaction(world: &World) -> Verdict {
    let (session, faulty) = faults(world).await?;
    drop(session);
    let Locked { mut session, lease } = world.locked().await?;
    let wide = world.samples().wide_comment;
    for fault in faulty {
        let sql = format!("{wide}{}", fault.sql);
        session.begin(&lease.fence).await?;
        let first = format!("{wide}DELETE FROM target");
        let outcome = execute(session.as_mut(), [first.clone(), first, sql.clone()]).await;
        session.rollback().await?;
        points_at(stopped(&outcome)?.1, &sql, fault.word)?;
    }
    Ok(())
}

/// Nor what the adapter itself sends before a unit's statements.
async fn it_is_right_in_a_unit(world: &World) -> Verdict {
    let (session, faulty) = faults(world).await?;
    drop(session);
    let mut locked = world.locked_for_units().await?;
    let wide = world.samples().wide_comment;
    for fault in faulty {
        if world.is_rows_only() && world.driver.transaction_fit(fault.sql) != TransactionFit::Fits {
            continue;
        }
        for filler in [10, 100_000] {
            let sql = format!("{wide}{}", fault.sql);
            let long = format!("DELETE FROM target /* {} */", "ä".repeat(filler));
            let mut script = Statements::new([world.makes("made"), long, sql.clone(), world.makes("more")]);
            let outcome = locked.apply("1.0.0", &mut script, &Limits::default()).await;
            let (failure, error) = stopped(&outcome)?;
            let told = failure.statement.as_ref().map(|statement| &statement.sql);
            ensure!(told == Some(&sql), "`{sql}` failed: {failure:?}");
            points_at(error, &sql, fault.word)?;
        }
    }
    Ok(())
}

/// A query's fault has a place, too.
async fn it_is_right_in_a_query(world: &World) -> Verdict {
    let (mut session, faulty) = faults(world).await?;
    let wide = world.samples().wide_comment;
    for fault in faulty.iter().filter(|fault| fault.sql.starts_with("SELECT")) {
        let sql = format!("{wide}{}", fault.sql);
        match session.query(&sql, &Limits::default()).await {
            Ok(rows) => return Err(Stop::broken(format_args!("`{sql}` gave {rows:?}"))),
            Err(error) => points_at(&error, &sql, fault.word)?,
        }
    }
    Ok(())
}
