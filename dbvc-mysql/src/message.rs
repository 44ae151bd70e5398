//! What is sent at once: statements of the script and of our own, and which is which.

use dbvc_engine::sql::Statement;

/// What a statement of a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Ours; its answer tells nothing.
    Own,
    /// Ours, and about the fence: it fails when the fence is stale.
    Fence,
    /// Ours; its rows are wanted.
    Asked,
    /// The record's; its rows are wanted.
    Record,
    /// A statement of the script, by its place among the message's statements.
    Script(usize),
    /// What the server has to say of the statement before.
    Warnings,
    /// Ours; ends what the script may have ended before us.
    Closing,
}

/// Statements that travel together. The server runs them in order and stops at the first that fails.
#[derive(Debug, Default)]
pub(crate) struct Message {
    sql: String,
    parts: Vec<Part>,
    statements: Vec<Statement>,
}

impl Message {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Appends a statement of ours.
    pub(crate) fn push(&mut self, part: Part, sql: &str) {
        if !self.sql.is_empty() {
            // A statement may end with a comment that only its line's end closes.
            self.sql.push_str("\n;\n");
        }
        self.sql.push_str(sql);
        self.parts.push(part);
    }

    /// Appends a statement of the script. What the server has to say of it is asked for right behind.
    pub(crate) fn statement(&mut self, statement: &Statement) {
        self.push(Part::Script(self.statements.len()), &statement.sql);
        self.push(Part::Warnings, "SHOW WARNINGS LIMIT 20");
        self.statements.push(statement.clone());
    }

    /// Appends a statement of the script that nothing can follow.
    pub(crate) fn last_statement(&mut self, statement: &Statement) {
        self.push(Part::Script(self.statements.len()), &statement.sql);
        self.statements.push(statement.clone());
    }

    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    pub(crate) fn len(&self) -> usize {
        self.sql.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Statements in it, ours and the script's.
    pub(crate) fn parts(&self) -> usize {
        self.parts.len()
    }

    pub(crate) fn part(&self, index: usize) -> Option<Part> {
        self.parts.get(index).copied()
    }

    pub(crate) fn script(&self, index: usize) -> Option<&Statement> {
        self.statements.get(index)
    }

    /// Statements of the script among the first `parts`.
    pub(crate) fn completed(&self, parts: usize) -> u32 {
        let done = self.parts.iter().take(parts);
        let count = done.filter(|part| matches!(part, Part::Script(_))).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Statements of the script in it.
    pub(crate) fn statements(&self) -> u32 {
        u32::try_from(self.statements.len()).unwrap_or(u32::MAX)
    }
}
