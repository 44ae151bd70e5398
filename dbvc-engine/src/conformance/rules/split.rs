//! The dialect is that of the server, and what does not fit into a transaction is known.

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, rules, sample, stopped};
use crate::conformance::script::Statements;
use crate::conformance::world::{Locked, execute, make_table};
use crate::driver::{DdlRollback, Limits, TransactionFit};
use crate::sql::{SegmentKind, split};

rules!("split":
    the_segments_joined_are_the_script,
    a_hard_script_has_its_statements,
    the_server_takes_the_statements_one_by_one,
    what_is_unfit_is_known_by_its_text,
    what_is_unfit_is_known_behind_comments_and_in_any_case,
    what_is_refused_fails_in_a_transaction,
    what_is_unfit_runs_alone,
    what_fits_runs_in_a_transaction,
);

fn statements(world: &World, text: &str) -> Vec<String> {
    let dialect = world.driver.dialect();
    let parts = split(text, dialect).into_iter();
    parts
        .filter(|part| part.segment.kind == SegmentKind::Statement)
        .map(|part| part.code(text).to_owned())
        .collect()
}

/// Splitting neither loses nor changes a byte.
async fn the_segments_joined_are_the_script(world: &World) -> Verdict {
    let scripts = world.samples().scripts;
    sample(scripts.first(), "scripts that are hard to split")?;
    for script in scripts {
        for cut in (0..=script.text.len()).filter(|at| script.text.is_char_boundary(*at)) {
            let text = &script.text[..cut];
            let joined: String = split(text, world.driver.dialect())
                .iter()
                .map(|part| part.text(text))
                .collect();
            ensure!(joined == text, "{text:?} became {joined:?}");
        }
    }
    Ok(())
}

/// A semicolon in a string, a comment or a body ends no statement.
async fn a_hard_script_has_its_statements(world: &World) -> Verdict {
    let scripts = world.samples().scripts;
    sample(scripts.first(), "scripts that are hard to split")?;
    for script in scripts {
        let found = statements(world, script.text);
        ensure!(
            found.len() == script.statements,
            "{} statements: {found:#?}",
            found.len()
        );
    }
    Ok(())
}

/// The server accepts each statement as the splitter cut it.
async fn the_server_takes_the_statements_one_by_one(world: &World) -> Verdict {
    let scripts = world.samples().scripts;
    sample(scripts.first(), "scripts that are hard to split")?;
    let mut session = world.session().await?;
    make_table(session.as_mut(), "target").await?;
    for script in scripts {
        done(execute(session.as_mut(), statements(world, script.text)).await)?;
    }
    Ok(())
}

fn unfit(world: &World) -> Result<&'static [&'static str], Stop> {
    let unfit = world.samples().unfit;
    sample(unfit.first(), "statements that are unfit for a transaction")?;
    Ok(unfit)
}

/// What the server refuses in a transaction is known without asking it, with a reason.
async fn what_is_unfit_is_known_by_its_text(world: &World) -> Verdict {
    for sql in unfit(world)? {
        let fit = world.driver.transaction_fit(sql);
        ensure!(fit != TransactionFit::Fits, "{sql}");
        if let TransactionFit::Refused(reason) = fit {
            ensure!(!reason.is_empty(), "no reason: {sql}");
        }
    }
    for sql in world.samples().fit {
        let fit = world.driver.transaction_fit(sql);
        ensure!(fit == TransactionFit::Fits, "{sql}: {fit:?}");
    }
    Ok(())
}

/// Comments, line ends and capital letters hide nothing.
async fn what_is_unfit_is_known_behind_comments_and_in_any_case(world: &World) -> Verdict {
    for sql in unfit(world)? {
        let shouted = sql.to_uppercase();
        let spread = sql.replacen(' ', "\n /* a ; b */\t", 1);
        let behind = format!("-- first\n/* then */ {}", sql.to_lowercase());
        for dressed in [shouted, spread, behind] {
            let fit = world.driver.transaction_fit(&dressed);
            ensure!(fit != TransactionFit::Fits, "{dressed}");
        }
    }
    Ok(())
}

/// The server refuses it there: the driver is right to be careful, and so is the sample.
async fn what_is_refused_fails_in_a_transaction(world: &World) -> Verdict {
    let refused = world.samples().refused;
    sample(
        refused.first(),
        "statements that the server refuses in a transaction",
    )?;
    let mut locked = world.locked().await?;
    make_table(locked.session.as_mut(), "target").await?;
    for sql in refused {
        let fit = world.driver.transaction_fit(sql);
        ensure!(matches!(fit, TransactionFit::Refused(_)), "{sql}: {fit:?}");
        let outcome = locked
            .apply("1.0.0", &mut Statements::new([*sql]), &Limits::default())
            .await;
        stopped(&outcome)?;
    }
    Ok(())
}

/// Alone it runs, also several in one call.
async fn what_is_unfit_runs_alone(world: &World) -> Verdict {
    let unfit = unfit(world)?;
    let mut session = world.session().await?;
    make_table(session.as_mut(), "target").await?;
    let outcome = done(execute(session.as_mut(), unfit.iter().copied()).await)?;
    ensure!(outcome.statements as usize == unfit.len(), "{outcome:?}");
    Ok(())
}

/// What looks unfit and is not runs in a transaction.
async fn what_fits_runs_in_a_transaction(world: &World) -> Verdict {
    let fit = world.samples().fit;
    sample(
        fit.first(),
        "statements that look unfit for a transaction and are not",
    )?;
    let Locked { mut session, lease } = world.locked().await?;
    if session.capabilities().ddl != DdlRollback::Transaction {
        return Err(Stop::NotApplicable("schema changes do not roll back here".into()));
    }
    make_table(session.as_mut(), "target").await?;
    session.begin(&lease.fence).await?;
    done(execute(session.as_mut(), fit.iter().copied()).await)?;
    session.commit().await?;
    Ok(())
}
