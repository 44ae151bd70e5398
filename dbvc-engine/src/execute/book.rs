//! Writing down how a script outside a transaction goes on.

use super::retry::{Retry, why};
use super::run::Run;
use crate::driver::{End, NewExecution, Progress, Session};
use crate::error::DriverError;
use crate::plan::Step;

/// One thing to write; all of it is written or nothing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Note<'a> {
    /// The intent.
    Start(&'a NewExecution, &'a Progress),
    /// How far the execution came.
    Advance(u64, &'a Progress),
    /// How it ended.
    Finish(u64, &'a End),
}

impl Run<'_> {
    /// Writes it, again where it only had to wait for another writer: a script whose statement is done and not written
    /// down would be left in doubt. Gives the execution's number.
    pub(super) async fn write_down(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        note: Note<'_>,
    ) -> Result<u64, DriverError> {
        self.write_after(session, step, note, None).await
    }

    /// The same where a first try may have `failed` already.
    pub(super) async fn write_after(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        note: Note<'_>,
        mut failed: Option<DriverError>,
    ) -> Result<u64, DriverError> {
        let mut retry = Retry::new(self.lock_patience);
        loop {
            let written = match failed.take() {
                Some(error) => Err(error),
                None => self.write(session, note).await,
            };
            let Err(error) = written else {
                return written;
            };
            match retry.pause_after(&error) {
                Some(pause) if !self.must_stop() => self.pause(step, &why(&error), pause).await,
                _ => return Err(error),
            }
        }
    }

    async fn write(&self, session: &mut Box<dyn Session>, note: Note<'_>) -> Result<u64, DriverError> {
        match note {
            Note::Start(execution, progress) => session.start(&self.fence, execution, progress).await,
            Note::Advance(rank, progress) => {
                session.advance(&self.fence, rank, progress).await.map(|()| rank)
            }
            Note::Finish(rank, end) => session.finish(&self.fence, rank, end).await.map(|()| rank),
        }
    }
}
