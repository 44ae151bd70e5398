//! What a script holds, as far as planning must know.

use crate::driver::{Driver, Flaw, TransactionFit};
use crate::sql::{self, Piece, ScriptError, ScriptReader, Statement, TokenKind};
use crate::text::{LineColumn, TextSource};

/// What a script holds. At most [`ScriptFacts::SHOWN`] places of each sort are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptFacts {
    /// Its statements, each `COPY` counted once.
    pub statements: u32,
    /// Statements that cannot run in a transaction, with the reason.
    pub unfit: Vec<(LineColumn, String)>,
    /// How many there are of those.
    pub unfit_count: u32,
    /// The first statement that commits by itself: the script cannot be one transaction.
    pub commits: Option<LineColumn>,
    /// Statements that would begin or end the transaction.
    pub control: Vec<(LineColumn, String)>,
    /// `COPY … FROM STDIN` whose rows are in the script.
    pub copies: u32,
    /// The databases that `\connect` names.
    pub connects: Vec<(LineColumn, String)>,
    /// Whether its statements are batches, each of which may hold a whole transaction.
    pub batches: bool,
    /// Statements that the server is known to refuse, with the place of the fault.
    pub flaws: Vec<(LineColumn, Flaw)>,
    /// The databases that statements go to (`USE`).
    pub uses: Vec<(LineColumn, String)>,
    /// Statements that change something beside the database, with what.
    pub beyond: Vec<(LineColumn, String)>,
}

impl ScriptFacts {
    /// How many places of each sort are kept.
    pub const SHOWN: usize = 20;

    /// Whether all of it can run in one transaction.
    pub fn fits_transaction(&self) -> bool {
        self.unfit_count == 0 && self.commits.is_none()
    }

    /// The first statement that keeps it from being one transaction, in words.
    pub fn reason(&self) -> Option<String> {
        let refused = self.unfit.first();
        let refused = refused.map(|(at, why)| format!("line {}: {why}", at.line));
        refused.or_else(|| {
            self.commits
                .map(|at| format!("line {}: the statement commits by itself", at.line))
        })
    }

    /// Whether some statements can and some cannot run in a transaction.
    pub fn is_mixed(&self) -> bool {
        self.unfit_count > 0 && self.unfit_count < self.statements
    }
}

/// Reads a script through once; memory does not grow with it.
pub fn inspect<S: TextSource>(
    mut reader: ScriptReader<S>,
    driver: &dyn Driver,
) -> Result<ScriptFacts, ScriptError> {
    let mut facts = ScriptFacts::default();
    while let Some(piece) = reader.next_piece()? {
        match piece {
            Piece::Statement(statement) => facts.add(&statement, driver),
            Piece::CopyStart(_) => {
                facts.statements += 1;
                facts.copies += 1;
            }
            Piece::CopyRows(_) | Piece::CopyEnd => {}
            Piece::ClientCommand { text, origin } => {
                if facts.connects.len() < ScriptFacts::SHOWN {
                    facts.connects.push((origin.at, text));
                }
            }
        }
    }
    Ok(facts)
}

impl ScriptFacts {
    fn add(&mut self, statement: &Statement, driver: &dyn Driver) {
        self.statements += 1;
        let first =
            sql::tokens(&statement.sql, driver.dialect()).find(|token| token.kind != TokenKind::Comment);
        let place = statement.locate(first.map_or(0, |token| token.offset)).at;
        match driver.transaction_fit(&statement.sql) {
            TransactionFit::Refused(reason) => {
                self.unfit_count += 1;
                if self.unfit.len() < Self::SHOWN {
                    self.unfit.push((place, reason.to_owned()));
                }
            }
            TransactionFit::CommitsImplicitly => {
                self.commits.get_or_insert(place);
            }
            TransactionFit::Fits => {}
        }
        if let Some(what) = driver.reaches_beyond(&statement.sql)
            && self.beyond.len() < Self::SHOWN
        {
            self.beyond.push((place, what.to_owned()));
        }
        self.batches = driver.dialect().go_batches;
        for (at, words) in sql::transaction_controls(&statement.sql, driver.dialect()) {
            if self.control.len() < Self::SHOWN {
                self.control.push((statement.locate(at).at, words));
            }
        }
        if let Some(flaw) = driver.flaw(&statement.sql)
            && self.flaws.len() < Self::SHOWN
        {
            self.flaws.push((statement.locate(flaw.at).at, flaw));
        }
        let names = driver.uses_databases(&statement.sql).into_iter();
        self.uses.extend(
            names
                .take(Self::SHOWN.saturating_sub(self.uses.len()))
                .map(|name| (place, name)),
        );
    }
}
