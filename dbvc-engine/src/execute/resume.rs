//! Going on after a broken-off run: prove what is done, find out about the statement that was under way.

use std::time::Duration;

use super::StepFailure;
use super::place::Place;
use super::retry::{Retry, why};
use super::run::{InFlight, Run};
use crate::diagnostic::Diagnostic;
use crate::driver::{Cause, Effect, Failure, Heard, Notice, Session, TransactionFit};
use crate::error::ErrorKind;
use crate::plan::{Resume, Step};
use crate::sql::Statement;

const FIRST_LOOK_AGAIN: Duration = Duration::from_millis(20);
const LONGEST_LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What a failed statement left behind.
pub(super) enum Verdict {
    /// Nothing.
    Clean,
    /// Something, or it cannot be told.
    Unclear,
}

impl Run<'_> {
    /// Brings `place` to the first statement that is still to be run.
    pub(super) async fn go_on(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        resume: &Resume,
        place: &mut Place,
    ) -> Result<(), StepFailure> {
        let mut settings = Vec::new();
        let mut gone = None;
        while place.done < resume.done
            && let Some(next) = &place.upcoming
        {
            if self.driver.sets_session(&next.statement.sql) {
                settings.push(next.statement.clone());
            } else if let Some(left) = self.driver.leaves_in_session(&next.statement.sql) {
                gone.get_or_insert((next.statement.clone(), left));
            }
            place
                .pass_with_rows()
                .map_err(|error| StepFailure::unreadable(step, &error))?;
        }
        if place.done < resume.done || place.chain.as_str() != resume.digest {
            return Err(StepFailure::finished_part_edited(step, resume.done));
        }
        if let (Some((statement, left)), None) = (&gone, self.in_flight) {
            return Err(StepFailure::left_in_session(step, statement, resume.done, left));
        }
        self.set_again(session, step, resume, &settings).await?;
        let Some(in_flight) = &resume.in_flight else {
            return Ok(());
        };
        let Some(next) = &place.upcoming else {
            return Ok(());
        };
        if self.driver.sets_session(in_flight) {
            return Ok(());
        }
        let origin = next.statement.origin;
        let statement = Statement::new(in_flight.clone(), origin);
        if self.took_effect(session, step, resume, &statement).await? {
            if next.statement.sql != *in_flight {
                return Err(StepFailure::in_flight_edited(step, &statement));
            }
            place
                .pass_with_rows()
                .map_err(|error| StepFailure::unreadable(step, &error))?;
        }
        Ok(())
    }

    /// Runs again what the finished part set for the rest of its script: that ended with its session.
    async fn set_again(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        resume: &Resume,
        settings: &[Statement],
    ) -> Result<(), StepFailure> {
        if settings.is_empty() {
            return Ok(());
        }
        let outcome = session.execute(settings, &self.limits(step), &mut Deaf).await;
        match outcome.failure {
            None => Ok(()),
            Some(failure) => Err(StepFailure::broken_off(
                step,
                &failure,
                None,
                resume.done,
                self.lock_lost(),
            )),
        }
    }

    /// Whether the statement that was under way took effect. Waits for it while it still runs on the server.
    async fn took_effect(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        resume: &Resume,
        statement: &Statement,
    ) -> Result<bool, StepFailure> {
        let mut told = false;
        let mut pause = FIRST_LOOK_AGAIN;
        loop {
            let effect = session
                .effect(statement, resume.session.as_deref())
                .await
                .map_err(|error| StepFailure::bookkeeping(step, resume.done, &error))?;
            match (effect, self.in_flight) {
                (Effect::Running(name), _) => {
                    if !told {
                        self.say(&still_running(step, &name));
                        told = true;
                    }
                }
                (Effect::Leftover { found, cleanup }, _) => {
                    self.clean_up(session, step, statement, &found, &cleanup).await?;
                    return Ok(false);
                }
                (_, Some(word)) => return Ok(word == InFlight::Done),
                (Effect::Done(found), None) => {
                    self.say(&went_through(step, &found));
                    return Ok(true);
                }
                (Effect::Absent(_), None) => return Ok(false),
                (Effect::Unknown(_), None)
                    if session.capabilities().step_with_note
                        && self.driver.transaction_fit(&statement.sql) == TransactionFit::Fits =>
                {
                    return Ok(false);
                }
                (Effect::Unknown(looked_at), None) => {
                    return Err(StepFailure::effect_unknown(
                        step,
                        statement,
                        resume.done,
                        &looked_at,
                    ));
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => pause = LONGEST_LOOK_AGAIN.min(pause * 2),
                () = self.cancel.cancelled() => {
                    return Err(StepFailure::cancelled_before(step, self.lock_lost()));
                }
            }
        }
    }

    async fn clean_up(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        statement: &Statement,
        found: &str,
        cleanup: &str,
    ) -> Result<(), StepFailure> {
        self.say(
            &Diagnostic::note_only("DBVC5012", format!("{}: {found}", step.name()))
                .note(format!("running `{cleanup}`")),
        );
        let cleanup = Statement::new(cleanup, statement.origin);
        let mut limits = self.limits(step);
        if self.driver.lets_pass(&cleanup.sql) && !self.lock_timeout_is_said(step) {
            limits.lock_timeout = None;
        }
        let mut retry = Retry::new(self.lock_patience);
        let failure = loop {
            let outcome = session
                .execute(std::slice::from_ref(&cleanup), &limits, &mut Deaf)
                .await;
            let Some(Cause::Driver(error)) = outcome.failure.as_ref().map(|failure| &failure.cause) else {
                break outcome.failure;
            };
            match retry.pause_after(error) {
                Some(pause) if !self.must_stop() => self.pause(step, &why(error), pause).await,
                _ => break outcome.failure,
            }
        };
        match failure {
            None => Ok(()),
            Some(failure) => {
                let done = step.resume.as_ref().map_or(0, |resume| resume.done);
                Err(StepFailure::broken_off(
                    step,
                    &failure,
                    Some(statement),
                    done,
                    self.lock_lost(),
                ))
            }
        }
    }

    /// Looks at what a failed statement left behind.
    pub(super) async fn aftermath(
        &self,
        session: &mut Box<dyn Session>,
        statement: Option<&Statement>,
        failure: &Failure,
        failed: &mut StepFailure,
    ) -> Verdict {
        let Some(statement) = statement else {
            return Verdict::Clean;
        };
        let fit = self.driver.transaction_fit(&statement.sql);
        if !matches!(fit, TransactionFit::Refused(_)) && !self.driver.is_atomic(&statement.sql) {
            failed.may_have_kept_part();
            return Verdict::Unclear;
        }
        if fit == TransactionFit::Fits {
            return Verdict::Clean;
        }
        // What the server refused was not done, whatever is there; what was stopped on its way may have come far.
        let refused = matches!(&failure.cause, Cause::Driver(error) if error.kind == ErrorKind::Statement);
        match session.effect(statement, None).await {
            Ok(Effect::Leftover { found, cleanup }) => {
                failed.left_behind(&found, &cleanup);
                Verdict::Unclear
            }
            Ok(Effect::Running(_)) | Err(_) => Verdict::Unclear,
            Ok(Effect::Done(found) | Effect::Unknown(found)) if !refused => {
                failed.note(found);
                Verdict::Unclear
            }
            Ok(Effect::Done(_) | Effect::Absent(_) | Effect::Unknown(_)) => Verdict::Clean,
        }
    }
}

fn still_running(step: &Step, session: &str) -> Diagnostic {
    Diagnostic::note_only(
        "DBVC5013",
        format!("a statement of {} still runs on the server", step.name()),
    )
    .note(format!(
        "session {session}, begun by a run that ended; waiting for it"
    ))
}

fn went_through(step: &Step, found: &str) -> Diagnostic {
    Diagnostic::note_only(
        "DBVC5014",
        format!("the statement of {} that was under way took effect", step.name()),
    )
    .note(found.to_owned())
}

struct Deaf;

impl Heard for Deaf {
    fn notice(&mut self, _: Notice) {}

    fn progress(&mut self, _: u32) {}
}
