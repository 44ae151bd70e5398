//! Where a script outside a transaction is, and what proves that its finished part was not edited.

use sha2::{Digest, Sha256};

use crate::driver::{CopyRows, Progress, StatementSource};
use crate::sql::{Piece, ScriptError, ScriptReader, Statement};
use crate::text::TextSource;

type Reader = ScriptReader<Box<dyn TextSource>>;

/// The digest of the statements that are done, each chained to those before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain(String);

impl Chain {
    pub(super) fn start() -> Self {
        Self(String::new())
    }

    pub(super) fn add(&mut self, text: &str) {
        let mut hasher = Sha256::new();
        hasher.update(self.0.as_bytes());
        hasher.update(text.as_bytes());
        self.0 = hex::encode(hasher.finalize());
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// One statement of a script, or a `COPY` whose rows come from the reader.
#[derive(Debug, Clone)]
pub(super) struct Next {
    pub(super) statement: Statement,
    pub(super) copy: bool,
}

/// The next statement that runs.
fn next(reader: &mut Reader) -> Result<Option<Next>, ScriptError> {
    while let Some(piece) = reader.next_piece()? {
        match piece {
            Piece::Statement(statement) => {
                return Ok(Some(Next {
                    statement,
                    copy: false,
                }));
            }
            Piece::CopyStart(statement) => {
                return Ok(Some(Next {
                    statement,
                    copy: true,
                }));
            }
            Piece::CopyRows(_) | Piece::CopyEnd | Piece::ClientCommand { .. } => {}
        }
    }
    Ok(None)
}

/// The rows of a `COPY`, added to the chain as they pass.
pub(super) struct ChainedRows<'a> {
    pub(super) reader: &'a mut Reader,
    pub(super) chain: &'a mut Chain,
}

impl CopyRows for ChainedRows<'_> {
    fn next_rows(&mut self) -> Result<Option<String>, ScriptError> {
        let rows = self.reader.next_copy_rows()?;
        if let Some(rows) = &rows {
            self.chain.add(rows);
        }
        Ok(rows)
    }
}

/// Where a stepwise script is.
pub(super) struct Place {
    pub(super) reader: Reader,
    pub(super) chain: Chain,
    pub(super) done: u32,
    pub(super) upcoming: Option<Next>,
}

impl Place {
    /// Before the first statement.
    pub(super) fn before(mut reader: Reader) -> Result<Self, ScriptError> {
        Ok(Self {
            upcoming: next(&mut reader)?,
            reader,
            chain: Chain::start(),
            done: 0,
        })
    }

    pub(super) fn progress(&self) -> Progress {
        Progress {
            done: self.done,
            digest: self.chain.as_str().to_owned(),
            in_flight: self.upcoming.as_ref().map(|next| next.statement.sql.clone()),
        }
    }

    /// Counts the upcoming statement as done and reads the one after it.
    pub(super) fn pass(&mut self) -> Result<(), ScriptError> {
        if let Some(next) = self.upcoming.take() {
            self.chain.add(&next.statement.sql);
            self.done += 1;
        }
        self.upcoming = next(&mut self.reader)?;
        Ok(())
    }

    /// To where it was before the upcoming statement was passed.
    pub(super) fn go_back(&mut self, (chain, done, upcoming): (Chain, u32, Option<Next>)) {
        self.chain = chain;
        self.done = done;
        self.upcoming = upcoming;
    }

    /// The same for a `COPY` whose rows were not sent by us just now: they are read over.
    pub(super) fn pass_with_rows(&mut self) -> Result<(), ScriptError> {
        if self.upcoming.as_ref().is_some_and(|next| next.copy) {
            let mut rows = ChainedRows {
                reader: &mut self.reader,
                chain: &mut self.chain,
            };
            while rows.next_rows()?.is_some() {}
        }
        self.pass()
    }
}
