//! `COPY … FROM STDIN`, its rows passed on piece by piece.

use dbvc_engine::driver::{Cause, CopyRows, Limits, Outcome};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Position};
use dbvc_engine::sql::{ScriptError, Statement};
use sqlx::postgres::PgConnection;

use crate::error;
use crate::quiet::Quiet;
use crate::send::{Stopper, abandoned, unheard};
use crate::session::PostgresSession;

/// How the sending ended.
enum Sent {
    Done(u64),
    Server(sqlx::Error),
    Script(ScriptError),
}

impl PostgresSession {
    /// Loads the rows. An error of the server comes with its context: the table, the line of the data, the column.
    pub(crate) async fn copy(
        &mut self,
        statement: &Statement,
        rows: &mut dyn CopyRows,
        limits: &Limits,
    ) -> Outcome {
        let outcome = Outcome::default();
        let Some(mut connection) = self.connection.take() else {
            let error = sqlx::Error::Io(std::io::ErrorKind::NotConnected.into());
            let error = error::from_sqlx(&error, Operation::Execute, &self.target);
            return outcome.stopped(Some(statement.clone()), error);
        };
        let mut stopper = None;
        let mut quiet = Quiet::new(&self.settings);
        let mut unanswered = None;
        let sent = {
            let mut sending = Box::pin(pass(&mut connection, &statement.sql, rows));
            tokio::select! {
                sent = &mut sending => Some(sent),
                // While rows are sent, the server is at work.
                () = quiet.lost(&self.settings, &self.target, self.backend) => {
                    unanswered = Some(unheard(Operation::Execute));
                    None
                }
                () = limits.cancel.cancelled() => {
                    stopper = self.backend.map(|backend| Stopper::start(&self.settings, &self.target, backend));
                    // A COPY reads what it is sent before it looks up; so sending goes on meanwhile.
                    tokio::time::timeout(crate::send::PATIENCE, sending).await.ok()
                }
            }
        };
        let cancelled = stopper.is_some();
        drop(stopper);
        match sent {
            Some(Sent::Done(rows)) => {
                self.connection = Some(connection);
                Outcome {
                    statements: 1,
                    rows,
                    ..outcome
                }
            }
            Some(Sent::Script(error)) => {
                self.connection = Some(connection);
                outcome.stopped(None, Cause::Script(error))
            }
            Some(Sent::Server(sent)) => {
                let error = self.refused(&sent, cancelled);
                if !error.kind.ends_session() {
                    self.connection = Some(connection);
                }
                outcome.stopped(Some(statement.clone()), error)
            }
            None => {
                let error = unanswered.unwrap_or_else(|| abandoned(Operation::Execute));
                outcome.stopped(Some(statement.clone()), error)
            }
        }
    }

    /// What the server said, and where in the statement.
    fn refused(&self, sent: &sqlx::Error, cancelled: bool) -> DriverError {
        let mut error = error::from_sqlx(sent, Operation::Execute, &self.target);
        if cancelled && error.code.as_deref() == Some("57014") {
            error.kind = ErrorKind::Cancelled;
        }
        if let Some(at) = error::position(sent) {
            error.position = Some(Position::Char(u32::try_from(at).unwrap_or(u32::MAX)));
        }
        error
    }
}

async fn pass(connection: &mut PgConnection, sql: &str, rows: &mut dyn CopyRows) -> Sent {
    let mut copy = match connection.copy_in_raw(sql).await {
        Ok(copy) => copy,
        Err(error) => return Sent::Server(error),
    };
    loop {
        match rows.next_rows() {
            Ok(Some(piece)) => {
                if let Err(error) = copy.send(piece.into_bytes()).await {
                    return Sent::Server(error);
                }
            }
            Ok(None) => break,
            Err(error) => {
                return match copy.abort("the script cannot be read further").await {
                    Ok(()) => Sent::Script(error),
                    Err(server) => Sent::Server(server),
                };
            }
        }
    }
    match copy.finish().await {
        Ok(rows) => Sent::Done(rows),
        Err(error) => Sent::Server(error),
    }
}
