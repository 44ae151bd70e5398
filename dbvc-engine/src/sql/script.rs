//! A script read statement by statement, in memory that does not grow with it.

use std::path::PathBuf;

use super::{
    Batch, Dialect, ScriptError, Segment, SegmentKind, Splitter, Statement,
    client::{self, Verdict},
    copy::is_binary_copy,
    feed::Feed,
    sqlcmd, tokens,
};
use crate::text::{Filler, Origin, Placeholders, TextError, TextSource};

/// The next thing of a script that someone must act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Run it.
    Statement(Statement),
    /// Open this COPY; its rows follow.
    CopyStart(Statement),
    /// Rows as they are in the script: whole lines, unless a line is larger than 64 KiB.
    CopyRows(String),
    /// Close the COPY.
    CopyEnd,
    /// `\connect`: harmless if what [`connect_database`](super::connect_database) reads in it is the database at hand.
    ClientCommand {
        /// The line from the backslash to its last character.
        text: String,
        /// Where the backslash stands.
        origin: Origin,
    },
}

/// Reads a script from a source: fills in placeholders, splits, and knows where everything stands in the file.
///
/// Holds the largest single statement with what was read ahead of it, and nothing more.
#[derive(Debug)]
pub struct ScriptReader<S> {
    feed: Feed<S>,
    splitter: Splitter,
    dialect: Dialect,
    /// A statement that runs again, and how often.
    again: Option<(Statement, u32)>,
}

impl<S: TextSource> ScriptReader<S> {
    /// A reader of `source`, whose first character stands at `start` of the file `path`.
    pub fn new(
        source: S,
        dialect: &Dialect,
        placeholders: Placeholders,
        path: impl Into<PathBuf>,
        start: Origin,
    ) -> Self {
        let filler = Filler::new(placeholders, path.into(), start);
        Self {
            feed: Feed::new(source, filler, start),
            splitter: Splitter::new(dialect),
            dialect: *dialect,
            again: None,
        }
    }

    /// The next piece, or `None` after the last.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, ScriptError> {
        if let Some(statement) = self.run_again() {
            return Ok(Some(Piece::Statement(statement)));
        }
        while let Some(segment) = self.segment()? {
            match segment.kind {
                SegmentKind::Trivia | SegmentKind::Delimiter => self.feed.skip(segment.length),
                SegmentKind::Statement => {
                    let statement = self.statement(&segment);
                    if segment.times > 1 {
                        self.again = Some((statement.clone(), segment.times - 1));
                    }
                    return Ok(Some(Piece::Statement(statement)));
                }
                SegmentKind::CopyStart => {
                    let copy = self.statement(&segment);
                    check_copy(&copy, &self.dialect)?;
                    return Ok(Some(Piece::CopyStart(copy)));
                }
                SegmentKind::CopyRows => {
                    return Ok(Some(Piece::CopyRows(
                        self.feed.take(segment.code, segment.length),
                    )));
                }
                SegmentKind::CopyEnd => {
                    self.feed.skip(segment.length);
                    return Ok(Some(Piece::CopyEnd));
                }
                SegmentKind::ClientCommand => {
                    let line = self.statement(&segment);
                    if self.dialect.go_batches {
                        return Err(sqlcmd::refusal(&line));
                    }
                    if let Some(piece) = client_command(line, &self.dialect)? {
                        return Ok(Some(piece));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Statements of about `max_bytes` in all, at least one, up to a COPY with rows; `None` when nothing is left.
    ///
    /// Rows that were not read are passed over, and so is `\connect`: who plans a script has compared it.
    pub fn read_batch(&mut self, max_bytes: usize) -> Result<Option<Batch>, ScriptError> {
        let mut batch = Batch::default();
        let mut bytes = 0;
        while let Some(piece) = self.next_piece()? {
            match piece {
                Piece::Statement(statement) => {
                    bytes += statement.sql.len();
                    batch.statements.push(statement);
                    if bytes >= max_bytes {
                        break;
                    }
                }
                Piece::CopyStart(copy) => {
                    batch.copy = Some(copy);
                    return Ok(Some(batch));
                }
                Piece::CopyRows(_) | Piece::CopyEnd | Piece::ClientCommand { .. } => {}
            }
        }
        if batch.statements.is_empty() {
            return Ok(None);
        }
        batch.last = !self.more_follows()?;
        Ok(Some(batch))
    }

    /// The next rows of the COPY that the last batch ended with; `None` when there are no more.
    pub fn read_copy_rows(&mut self) -> Result<Option<String>, ScriptError> {
        if !self.splitter.is_in_rows() {
            return Ok(None);
        }
        match self.next_piece()? {
            Some(Piece::CopyRows(rows)) => Ok(Some(rows)),
            _ => Ok(None),
        }
    }

    /// The statement before a `GO 5`, once more.
    fn run_again(&mut self) -> Option<Statement> {
        let (statement, left) = self.again.take()?;
        if left > 1 {
            self.again = Some((statement.clone(), left - 1));
        }
        Some(statement)
    }

    /// The segment ahead.
    fn segment(&mut self) -> Result<Option<Segment>, TextError> {
        loop {
            let front = self.feed.front();
            if let Some(segment) = self.splitter.next(front, self.feed.is_finished()) {
                return Ok(Some(segment));
            }
            if self.feed.is_finished() {
                return Ok(None);
            }
            let unfinished = front.len() - self.splitter.settled();
            self.feed.more(unfinished)?;
        }
    }

    fn statement(&mut self, segment: &Segment) -> Statement {
        let code = segment.code.clone();
        self.feed.skip(code.start);
        let origin = self.feed.place();
        let substitutions = self.feed.substitutions(code.len());
        let sql = self.feed.take(0..code.len(), segment.length - code.start);
        Statement {
            sql,
            origin,
            substitutions,
        }
    }

    /// Whether anything to run is ahead. Only looks: nothing is stepped over.
    fn more_follows(&mut self) -> Result<bool, TextError> {
        if self.again.is_some() {
            return Ok(true);
        }
        let mut ahead = self.splitter.clone();
        let mut at = 0;
        loop {
            let finished = self.feed.is_finished();
            let front = &self.feed.front()[at..];
            match ahead.next(front, finished) {
                Some(segment) if is_harmless(&segment, front) => at += segment.length,
                Some(_) => return Ok(true),
                None if ahead.has_begun() => return Ok(true),
                None if finished => return Ok(false),
                None => {
                    let unfinished = front.len() - ahead.settled();
                    self.feed.more(unfinished)?;
                }
            }
        }
    }
}

/// Whether nothing is to be done for a segment.
fn is_harmless(segment: &Segment, text: &str) -> bool {
    match segment.kind {
        SegmentKind::Trivia | SegmentKind::Delimiter => true,
        SegmentKind::ClientCommand => {
            let line = &text[segment.code.clone()];
            line.starts_with('\\')
                && matches!(client::judge(client::name(line)), Verdict::Drop | Verdict::Pass)
        }
        _ => false,
    }
}

/// What a client command's line means: `None` when it can be dropped.
fn client_command(line: Statement, dialect: &Dialect) -> Result<Option<Piece>, ScriptError> {
    // Behind a statement without its end, the command begins later in the segment.
    let at = tokens(&line.sql, dialect)
        .find(|token| token.is_symbol('\\'))
        .map_or(0, |token| token.offset);
    let command = client::name(&line.sql[at..]);
    let advice = match client::judge(command) {
        Verdict::Drop if at == 0 => return Ok(None),
        Verdict::Pass if at == 0 => {
            return Ok(Some(Piece::ClientCommand {
                text: line.sql,
                origin: line.origin,
            }));
        }
        Verdict::Drop | Verdict::Pass => "end the statement before it with `;`",
        Verdict::Refuse(advice) => advice,
    };
    Err(ScriptError::ClientCommand {
        origin: line.locate(at),
        command: command.to_owned(),
        client: "psql",
        advice: advice.to_owned(),
    })
}

fn check_copy(copy: &Statement, dialect: &Dialect) -> Result<(), ScriptError> {
    if tokens(&copy.sql, dialect).any(|token| token.is_symbol(';')) {
        return Err(ScriptError::AfterCopy { origin: copy.origin });
    }
    if is_binary_copy(&copy.sql, dialect) {
        return Err(ScriptError::BinaryCopy { origin: copy.origin });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
