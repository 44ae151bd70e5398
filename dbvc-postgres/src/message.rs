//! One message of the simple query protocol: many statements in one text, and which part of it is which.

use dbvc_engine::sql::Statement;

/// Between two statements. On lines of its own, so that a `--` comment at the end of one does not hide it.
const SEPARATOR: &str = "\n;\n";
/// The characters of [`SEPARATOR`].
const SEPARATOR_CHARS: usize = 3;

/// How a message with migrations begins.
pub(crate) const HEAD: &str = "/* dbvc: ";

/// Who wrote a part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// dbvc.
    Own,
    /// dbvc asks for the server process.
    Backend,
    /// dbvc asks how many microseconds the migration took.
    Elapsed,
    /// dbvc, and its rows are kept.
    Asked,
    /// dbvc writes to its record.
    Record,
    /// dbvc; it ends the transaction or what guards it.
    Closing,
    /// The script: its statement of this number in the message.
    Script(usize),
}

/// A message under construction. Each part is one statement, which the server answers with one completion.
#[derive(Debug, Default)]
pub(crate) struct Message {
    sql: String,
    chars: usize,
    parts: Vec<(usize, Part)>,
    statements: Vec<Statement>,
    /// The first part of each migration in it, where it holds several.
    units: Vec<usize>,
}

/// A part of a message and a place in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) part: Part,
    /// The part's number in the message.
    pub(crate) index: usize,
    /// 0-based character in the part; none when the server gave none.
    pub(crate) at: Option<usize>,
}

impl Message {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// One that begins with a comment.
    pub(crate) fn about(what: &str) -> Self {
        let mut message = Self::default();
        // Comments nest (manual, 4.1.5).
        let what = what.replace("*/", "* /").replace("/*", "/ *");
        message.sql = format!("{HEAD}{what} */ ");
        message.chars = message.sql.chars().count();
        message
    }

    /// What is added from here on is another migration, with its own beginning and end.
    pub(crate) fn begin_unit(&mut self) {
        self.units.push(self.parts.len());
    }

    /// The migration that part `index` belongs to.
    pub(crate) fn unit_of(&self, index: usize) -> Option<usize> {
        let last = self.parts.len().checked_sub(1)?;
        self.units
            .partition_point(|first| *first <= index.min(last))
            .checked_sub(1)
    }

    /// The migration that ends with part `index`.
    pub(crate) fn ends_unit(&self, index: usize) -> Option<usize> {
        let unit = self.unit_of(index)?;
        let end = self.units.get(unit + 1).copied().unwrap_or(self.parts.len());
        (index + 1 == end).then_some(unit)
    }

    /// How many migrations it holds.
    pub(crate) fn units(&self) -> usize {
        self.units.len()
    }

    /// The statements of a migration among the first `completed` parts.
    pub(crate) fn completed_in(&self, unit: usize, completed: usize) -> u32 {
        let first = self.units.get(unit).copied().unwrap_or_default();
        let end = self.units.get(unit + 1).copied().unwrap_or(self.parts.len());
        self.completed(completed.min(end)) - self.completed(first.min(completed))
    }

    /// The statements of each migration, for messages of their own.
    pub(crate) fn into_units(self) -> Vec<Vec<Statement>> {
        let mut units: Vec<Vec<Statement>> = self.units.iter().map(|_| Vec::new()).collect();
        let mut statements = self.statements.into_iter();
        for (index, (_, part)) in self.parts.iter().enumerate() {
            let unit = self.units.partition_point(|first| *first <= index).checked_sub(1);
            if let (Part::Script(_), Some(unit)) = (part, unit) {
                units[unit].extend(statements.next());
            }
        }
        units
    }

    pub(crate) fn push(&mut self, part: Part, sql: &str) {
        if !self.parts.is_empty() {
            self.sql.push_str(SEPARATOR);
            self.chars += SEPARATOR_CHARS;
        }
        self.parts.push((self.chars, part));
        self.sql.push_str(sql);
        self.chars += sql.chars().count();
    }

    pub(crate) fn statement(&mut self, statement: Statement) {
        self.push(Part::Script(self.statements.len()), &statement.sql);
        self.statements.push(statement);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The text's length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.sql.len()
    }

    /// The script's statements in it.
    pub(crate) fn statements(&self) -> u32 {
        u32::try_from(self.statements.len()).unwrap_or(u32::MAX)
    }

    /// The text, taken out to be sent.
    pub(crate) fn take_sql(&mut self) -> String {
        std::mem::take(&mut self.sql)
    }

    /// How many parts it has.
    pub(crate) fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The part of number `index`, in order.
    pub(crate) fn part(&self, index: usize) -> Option<Part> {
        self.parts.get(index).map(|(_, part)| *part)
    }

    pub(crate) fn take_statement(&mut self, index: usize) -> Option<Statement> {
        (index < self.statements.len()).then(|| self.statements.swap_remove(index))
    }

    pub(crate) fn script(&self, index: usize) -> Option<&Statement> {
        self.statements.get(index)
    }

    /// The script's statements among the first `completed` parts.
    pub(crate) fn completed(&self, completed: usize) -> u32 {
        let done = self.parts.iter().take(completed);
        let count = done.filter(|(_, part)| matches!(part, Part::Script(_))).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Where an error belongs: by the server's character, else to the first part that did not complete.
    pub(crate) fn locate(&self, position: Option<usize>, completed: usize) -> Option<Place> {
        let Some(at) = position else {
            let last = self.parts.len().checked_sub(1)?;
            let index = completed.min(last);
            return self.part(index).map(|part| Place {
                part,
                index,
                at: None,
            });
        };
        let index = self
            .parts
            .partition_point(|(start, _)| *start <= at)
            .checked_sub(1)?;
        let (start, part) = self.parts[index];
        Some(Place {
            part,
            index,
            at: Some(at - start),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbvc_engine::text::Origin;

    fn message() -> Message {
        let mut message = Message::new();
        message.push(Part::Own, "begin");
        message.statement(Statement::new("select 'ä→ö'", Origin::START));
        message.statement(Statement::new("select x -- why", Origin::START));
        message.push(Part::Closing, "commit");
        message
    }

    #[test]
    fn a_character_of_the_message_becomes_one_of_its_statement() {
        let mut message = message();
        let sql = message.take_sql();
        let byte = sql.find("x --").expect("the name");
        let at = sql[..byte].chars().count();
        let place = message.locate(Some(at), 0).expect("a place");
        assert_eq!(
            place,
            Place {
                part: Part::Script(1),
                index: 2,
                at: Some(7)
            }
        );
    }

    #[test]
    fn without_a_character_the_first_that_did_not_complete_is_meant() {
        let message = message();
        assert_eq!(
            message.locate(None, 2).map(|place| place.part),
            Some(Part::Script(1))
        );
        assert_eq!(
            message.locate(None, 9).map(|place| place.part),
            Some(Part::Closing)
        );
        assert_eq!(message.completed(2), 1);
        assert_eq!(Message::new().locate(None, 0), None);
    }

    #[test]
    fn a_comment_at_the_end_of_a_statement_hides_nothing() {
        let mut message = message();
        assert!(message.take_sql().contains("-- why\n;\ncommit"));
    }
}
