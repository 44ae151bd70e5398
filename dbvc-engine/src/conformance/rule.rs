//! A rule, and how it ends.

use std::fmt::{Debug, Display};
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;

use super::World;
use crate::driver::{Cause, Failure, Outcome, Rows};
use crate::error::{DriverError, ErrorKind};

/// How a rule ends: it holds, or it stopped.
pub type Verdict = Result<(), Stop>;

/// Why a rule did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It has no meaning here: the session cannot do what it is about.
    NotApplicable(String),
    /// There is no server to run it against.
    Unavailable(String),
    /// The adapter broke it.
    Broken(String),
}

impl Stop {
    /// The adapter broke the rule; the place of the check is added.
    #[track_caller]
    pub(super) fn broken(why: impl Display) -> Self {
        let at = Location::caller();
        Self::Broken(format!("{why}\n(checked at {}:{})", at.file(), at.line()))
    }
}

impl From<DriverError> for Stop {
    #[track_caller]
    fn from(error: DriverError) -> Self {
        let (kind, doing) = (error.kind, error.operation);
        let notes = error.notes.join("\n  ");
        Self::broken(format_args!(
            "unexpected error of kind {kind:?} while {doing:?}: {error}\n  {notes}"
        ))
    }
}

/// A running rule.
pub type Running<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// One promise of the port. Its function's name says it in short, and the function's doc comment is the contract.
#[derive(Clone, Copy)]
pub struct Rule {
    /// What it is about, such as `lock`.
    pub topic: &'static str,
    /// Its name, such as `stale_fence_is_refused`.
    pub name: &'static str,
    /// Tries the promise out.
    pub run: for<'a> fn(&'a World) -> Running<'a>,
}

impl Rule {
    /// The name of the trial: `postgres::lock::stale_fence_is_refused`.
    pub fn trial(&self, driver: &str) -> String {
        format!("{driver}::{}::{}", self.topic, self.name)
    }
}

impl Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}::{}", self.topic, self.name)
    }
}

/// `rules!("lock": a, b)`: the functions `a` and `b` as rules about the lock.
macro_rules! rules {
    ($topic:literal: $($name:ident),+ $(,)?) => {
        pub(super) const RULES: &[$crate::conformance::rule::Rule] = &[$($crate::conformance::rule::Rule {
            topic: $topic,
            name: stringify!($name),
            run: |world| Box::pin($name(world)),
        }),+];
    };
}

/// Stops the rule as broken unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($why:tt)+) => {
        $crate::conformance::rule::holds($condition, || format!($($why)+))?
    };
}

pub(super) use {ensure, rules};

#[track_caller]
pub(super) fn holds(condition: bool, why: impl FnOnce() -> String) -> Verdict {
    if condition {
        Ok(())
    } else {
        Err(Stop::broken(why()))
    }
}

/// Stops the rule as not applicable unless the session can do it.
pub(super) fn needs(able: bool, what: &str) -> Verdict {
    if able {
        Ok(())
    } else {
        Err(Stop::NotApplicable(format!("this session has no {what}")))
    }
}

/// The sample, or the rule does not apply.
pub(super) fn sample<T>(sample: Option<T>, what: &str) -> Result<T, Stop> {
    sample.ok_or_else(|| Stop::NotApplicable(format!("the harness has no sample of {what}")))
}

/// The call must fail, and in this kind.
#[track_caller]
pub(super) fn refused<T: Debug>(
    result: Result<T, DriverError>,
    kind: ErrorKind,
    what: &str,
) -> Result<DriverError, Stop> {
    match result {
        Ok(value) => Err(Stop::broken(format_args!("{what} went through: {value:?}"))),
        Err(error) if error.kind == kind => Ok(error),
        Err(error) => Err(Stop::broken(format_args!(
            "{what} must fail as {kind:?}, not as {:?}: {error}",
            error.kind
        ))),
    }
}

/// The call must go through.
#[track_caller]
pub(super) fn done(outcome: Outcome) -> Result<Outcome, Stop> {
    match &outcome.failure {
        None => Ok(outcome),
        Some(failure) => Err(Stop::broken(format_args!("stopped: {failure:?}"))),
    }
}

/// The database must refuse a statement. Its failure.
#[track_caller]
pub(super) fn stopped(outcome: &Outcome) -> Result<(&Failure, &DriverError), Stop> {
    match &outcome.failure {
        None => Err(Stop::broken(format_args!("no failure was told: {outcome:?}"))),
        Some(failure) => match &failure.cause {
            Cause::Driver(error) => Ok((failure, error)),
            Cause::Script(error) => Err(Stop::broken(format_args!("the script stopped it: {error}"))),
        },
    }
}

/// The database must refuse a statement, and in this kind.
#[track_caller]
pub(super) fn stopped_as(outcome: &Outcome, kind: ErrorKind) -> Result<&DriverError, Stop> {
    let (_, error) = stopped(outcome)?;
    holds(error.kind == kind, || {
        format!("must stop as {kind:?}, not as {:?}: {error}", error.kind)
    })?;
    Ok(error)
}

/// The only cell of the answer.
#[track_caller]
pub(super) fn cell(rows: &Rows) -> Result<&str, Stop> {
    match rows.cells.as_slice() {
        [row] => match row.as_slice() {
            [Some(cell)] => Ok(cell),
            _ => Err(Stop::broken(format_args!(
                "one filled cell was asked for: {rows:?}"
            ))),
        },
        _ => Err(Stop::broken(format_args!("one row was asked for: {rows:?}"))),
    }
}
