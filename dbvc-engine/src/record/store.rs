//! The history store of every adapter that speaks SQL.

use async_trait::async_trait;

use super::RecordSql;
use crate::driver::{
    ChainFilter, ChainHead, ChainRow, Draft, End, Execution, ExecutionFilter, Fence, HistoryStore, Identity,
    LAYOUT, NewChain, NewExecution, NewSnapshot, Progress, RecordView, Registered, Registration, Rows,
    Snapshot, SnapshotChoice, SnapshotEntry, Survey,
};
use crate::error::{DriverError, ErrorKind, Operation, Result};

/// What an adapter gives to get [`HistoryStore`].
#[async_trait]
pub trait SqlRecord: Send {
    /// The record's SQL in this database's dialect.
    fn record_sql(&self) -> &RecordSql;

    /// Runs statements that only read, in one round trip where the server can, and returns their rows.
    /// [`ErrorKind::NotInstalled`] when a table of the record is not there.
    async fn read_record(&mut self, statements: &[String], operation: Operation) -> Result<Vec<Rows>>;

    /// The same as one consistent view of the database, outside a transaction. An adapter overrides it where
    /// [`Self::read_record`] lets each statement see what was committed before it.
    async fn read_at_once(&mut self, statements: &[String], operation: Operation) -> Result<Vec<Rows>> {
        self.read_record(statements, operation).await
    }

    /// Checks the fence and runs statements, all or nothing: inside the open transaction if there is one, in one of
    /// its own otherwise. [`ErrorKind::LockLost`] when the fence is stale.
    async fn write_record(&mut self, fence: &Fence, statements: &[String]) -> Result<Vec<Rows>>;

    /// Makes or upgrades the record in one transaction. [`ErrorKind::Conflict`] when another session does so now.
    async fn install_record(&mut self, statements: &[String]) -> Result<()>;

    /// What the adapter knows of the lock's holder beyond the record's rows.
    fn complete(&self, survey: &mut Survey) {
        let _ = survey;
    }
}

async fn read_layout<T: SqlRecord + ?Sized>(session: &mut T) -> Result<Option<u32>> {
    let sql = session.record_sql().layout();
    match session.read_record(&[sql], Operation::Install).await {
        Ok(answers) => Ok(session.record_sql().read_survey(&answers)?.layout),
        Err(error) if error.kind == ErrorKind::NotInstalled => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the record's tables are to blame, and not the connection.
fn is_of_the_record(error: &DriverError) -> bool {
    matches!(
        error.kind,
        ErrorKind::NotInstalled | ErrorKind::Statement | ErrorKind::Protocol | ErrorKind::Unsupported
    )
}

/// A record of which something is not there any more.
fn lost(what: &str) -> DriverError {
    DriverError::new(ErrorKind::TrailBroken, Operation::Survey, what)
        .with_note("without it nobody can tell what was applied, so nothing is run")
}

/// Whether a record that lacks a table was complete once: it says its layout, or its history has entries. One whose making
/// was cut off has neither, where the database makes tables outside of transactions. A database without a record is asked
/// once more.
async fn was_in_use<T: SqlRecord + ?Sized>(session: &mut T, error: &DriverError) -> Result<bool> {
    let first = error.message.contains("db_inventory");
    if !first && let Some(layout) = read_layout(session).await? {
        return Ok(layout == LAYOUT);
    }
    let newest = ExecutionFilter {
        limit: Some(1),
        ..ExecutionFilter::default()
    };
    let sql = session.record_sql().executions(&newest);
    match session.read_record(&[sql], Operation::Survey).await {
        Ok(answers) => Ok(answers.iter().any(|rows| !rows.cells.is_empty())),
        Err(error) if error.kind == ErrorKind::NotInstalled => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether it is the audit trail that is not there, or not for this login: all the rest is asked for before it.
fn lacks_trail(error: &DriverError) -> bool {
    let tables = ["audit_heads", "audit_events"];
    matches!(error.kind, ErrorKind::NotInstalled | ErrorKind::Denied)
        && tables.iter().any(|table| error.message.contains(table))
}

/// One survey.
async fn look<T: SqlRecord>(session: &mut T) -> Result<Survey> {
    let mut statements = session.record_sql().survey();
    let mut read = session.read_record(&statements, Operation::Survey).await;
    if read.as_ref().is_err_and(lacks_trail) {
        statements.pop();
        read = session.read_record(&statements, Operation::Survey).await;
    }
    match read {
        Ok(answers) => {
            let mut survey = session.record_sql().read_survey(&answers)?;
            if survey.layout.is_none() && !survey.applied.is_empty() {
                return Err(lost("the row of dbvc's record in `db_inventory` is gone"));
            }
            session.complete(&mut survey);
            Ok(survey)
        }
        // Were a table that was dropped taken for a record that is not there, everything would run again.
        Err(error) if error.kind == ErrorKind::NotInstalled => {
            if was_in_use(session, &error).await? {
                return Err(lost("a table of dbvc's record is gone")
                    .with_note(format!("the database said: {}", error.message)));
            }
            Ok(Survey::default())
        }
        Err(error) => Err(error),
    }
}

#[async_trait]
impl<T: SqlRecord> HistoryStore for T {
    async fn survey(&mut self) -> Result<Survey> {
        match look(self).await {
            // Another run may have made the record between two of our questions.
            Err(error) if error.kind == ErrorKind::TrailBroken => look(self).await,
            other => other,
        }
    }

    async fn install(&mut self, identity: &Identity) -> Result<()> {
        let found = read_layout(self).await?;
        if let Some(newer) = found.filter(|found| *found > LAYOUT) {
            return Err(DriverError::unsupported(
                Operation::Install,
                format!(
                    "the record has layout {newer}, written by a newer dbvc; this one knows up to {LAYOUT}"
                ),
            ));
        }
        let mut statements = self.record_sql().install(found, identity);
        if found == Some(LAYOUT) {
            // Somebody may have dropped them: whoever begins a chain anew needs them.
            statements.extend(self.record_sql().trail_tables());
        }
        self.install_record(&statements).await
    }

    async fn executions(&mut self, filter: &ExecutionFilter) -> Result<Vec<Execution>> {
        let sql = self.record_sql().executions(filter);
        let answers = self.read_record(&[sql], Operation::Survey).await?;
        self.record_sql().read_executions(&answers)
    }

    async fn registration(&mut self, migration: &str) -> Result<Option<Registration>> {
        let sql = self.record_sql().registration(migration);
        let answers = self.read_record(&[sql], Operation::Survey).await?;
        self.record_sql().read_registration(&answers)
    }

    async fn start(&mut self, fence: &Fence, execution: &NewExecution, progress: &Progress) -> Result<u64> {
        let statements = self.record_sql().start(fence, execution, progress);
        let answers = self.write_record(fence, &statements).await?;
        self.record_sql().read_rank(&answers)
    }

    async fn advance(&mut self, fence: &Fence, rank: u64, progress: &Progress) -> Result<()> {
        let statements = self.record_sql().advance(rank, progress);
        self.write_record(fence, &statements).await.map(drop)
    }

    async fn finish(&mut self, fence: &Fence, rank: u64, end: &End) -> Result<()> {
        let statements = self.record_sql().finish(rank, end);
        self.write_record(fence, &statements).await.map(drop)
    }

    async fn record(&mut self, fence: &Fence, execution: &NewExecution, end: &End) -> Result<()> {
        let statements = self.record_sql().record(fence, execution, end);
        self.write_record(fence, &statements).await.map(drop)
    }

    async fn keep_snapshot(&mut self, fence: &Fence, snapshot: &NewSnapshot) -> Result<u64> {
        let statements = self.record_sql().keep_snapshot(snapshot);
        let answers = self.write_record(fence, &statements).await?;
        self.record_sql().read_rank(&answers)
    }

    async fn snapshots(&mut self) -> Result<Vec<SnapshotEntry>> {
        let sql = self.record_sql().snapshots();
        let answers = self.read_record(&[sql], Operation::Survey).await?;
        self.record_sql().read_snapshots(&answers)
    }

    async fn snapshot(&mut self, choice: &SnapshotChoice) -> Result<Option<Snapshot>> {
        let sql = self.record_sql().snapshot(choice);
        let answers = self.read_record(&[sql], Operation::Survey).await?;
        self.record_sql().read_snapshot(&answers)
    }

    async fn append(&mut self, fence: &Fence, events: &[Draft]) -> Result<()> {
        let statements = self.record_sql().append(events);
        self.write_record(fence, &statements).await.map(drop)
    }

    async fn chain_head(&mut self) -> Result<Option<ChainHead>> {
        let sql = self.record_sql().chain_head();
        match self.read_record(&[sql], Operation::Survey).await {
            Ok(answers) => self.record_sql().read_chain_head(&answers),
            Err(error) if error.kind == ErrorKind::NotInstalled => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn chain(&mut self, filter: &ChainFilter) -> Result<Vec<ChainRow>> {
        let sql = self.record_sql().chain(filter);
        let answers = self.read_record(&[sql], Operation::Survey).await?;
        self.record_sql().read_chain(&answers)
    }

    async fn registry(&mut self) -> Result<Vec<Registered>> {
        let sql = self.record_sql().registry();
        let answers = self.read_record(&[sql], Operation::Survey).await?;
        self.record_sql().read_registry(&answers)
    }

    async fn record_view(&mut self) -> Result<RecordView> {
        let parts = self.record_sql().view();
        let statements: Vec<String> = parts.iter().map(|part| part.sql.clone()).collect();
        let mut view = RecordView::default();
        match self.read_at_once(&statements, Operation::Survey).await {
            Ok(answers) => {
                self.record_sql().read_view(&answers, &mut view);
                return Ok(view);
            }
            Err(error) if is_of_the_record(&error) => {}
            Err(error) => return Err(error),
        }
        // Something is not there or was altered: what is left is read piece by piece, without one view.
        for part in &parts {
            match self
                .read_record(std::slice::from_ref(&part.sql), Operation::Survey)
                .await
            {
                Ok(answers) => self.record_sql().read_view(&answers, &mut view),
                Err(error) if error.kind == ErrorKind::NotInstalled => {
                    if !view.lost.iter().any(|table| table == part.table) {
                        view.lost.push(part.table.to_owned());
                    }
                }
                // Layout 3 gave it columns that are asked for here, and layout 4 the events to compare it with.
                Err(_) if part.table == "schema_snapshots" && view.layout.is_some_and(|at| at < LAYOUT) => {}
                Err(error) if is_of_the_record(&error) => {
                    view.unreadable.push(format!(
                        "the table {} cannot be read: {}",
                        part.table, error.message
                    ));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(view)
    }

    async fn last_signed(&mut self) -> Result<Option<ChainRow>> {
        let sql = self.record_sql().last_signed();
        let answers = self.read_record(&[sql], Operation::Survey).await?;
        Ok(self.record_sql().read_chain(&answers)?.pop())
    }

    async fn begin_chain(&mut self, fence: &Fence, chain: &NewChain) -> Result<()> {
        let statements = self.record_sql().begin_chain(chain);
        self.write_record(fence, &statements).await.map(drop)
    }

    async fn sign(&mut self, fence: &Fence, signatures: &[(u64, String)]) -> Result<()> {
        let statements = self.record_sql().sign(signatures);
        if statements.is_empty() {
            return Ok(());
        }
        self.write_record(fence, &statements).await.map(drop)
    }
}
