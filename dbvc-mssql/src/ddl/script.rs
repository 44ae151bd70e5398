//! A script in batches.

use dbvc_engine::driver::Written;
use dbvc_engine::schema::{Object, ObjectKey};
use dbvc_engine::sql::comment;

/// What `sqlcmd` has otherwise than every other client, and what indexes on views and on computed columns need (manual,
/// "SET options that affect results").
const HEAD: &str = "\
SET ANSI_NULLS ON;
SET ANSI_PADDING ON;
SET ANSI_WARNINGS ON;
SET ARITHABORT ON;
SET CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;
SET QUOTED_IDENTIFIER ON;
GO
";

/// Settings that the server keeps with what is made under them.
const SETTINGS: &[(&str, &str)] = &[
    ("mssql.ansi_nulls", "ANSI_NULLS"),
    ("mssql.quoted_identifier", "QUOTED_IDENTIFIER"),
    ("mssql.ansi_padding", "ANSI_PADDING"),
];

#[derive(Debug, Default)]
pub(crate) struct Script {
    sql: String,
    left_out: Vec<(ObjectKey, String)>,
    /// Statements since the last `GO`.
    is_open: bool,
    /// The settings that are off.
    off: Vec<&'static str>,
    /// Whether a statement is in it that a transaction cannot hold, and why.
    pub(crate) no_transaction: Option<&'static str>,
}

impl Script {
    pub(crate) fn with_head() -> Self {
        Self {
            sql: HEAD.to_owned(),
            ..Self::default()
        }
    }

    /// Adds a statement in a batch of its own so far; more may be added to it.
    pub(crate) fn first(&mut self, statement: &str) {
        self.go();
        self.set_back();
        self.space();
        self.end(statement);
    }

    /// Adds a statement to the batch. It must not name a column that the batch makes: a batch is understood as a whole
    /// before it runs.
    pub(crate) fn add(&mut self, statement: &str) {
        if !self.is_open {
            self.set_back();
        }
        self.end(statement);
    }

    /// Adds a view or a program, which must be alone in its batch, under the settings that it was made with.
    pub(crate) fn program(&mut self, object: &Object, statement: &str) {
        self.under(object, statement, "\n");
    }

    /// Adds a statement alone in its batch, under the settings that its object was made with.
    pub(crate) fn table(&mut self, object: &Object, statement: &str) {
        self.under(object, statement, ";\n");
    }

    fn under(&mut self, object: &Object, statement: &str, ending: &str) {
        self.go();
        self.space();
        for (option, setting) in SETTINGS {
            let wanted = object.options.get(*option).is_some_and(|value| value == "off");
            let is_off = self.off.contains(setting);
            if wanted && !is_off {
                self.off.push(setting);
                self.set(setting, "OFF");
            } else if !wanted && is_off {
                self.off.retain(|it| it != setting);
                self.set(setting, "ON");
            }
        }
        self.go();
        self.sql.push_str(statement.trim_end());
        self.sql.push_str(ending);
        self.is_open = true;
        self.go();
    }

    fn set_back(&mut self) {
        for setting in std::mem::take(&mut self.off) {
            self.set(setting, "ON");
        }
        self.go();
    }

    fn set(&mut self, setting: &str, to: &str) {
        self.end(&format!("SET {setting} {to}"));
    }

    fn end(&mut self, statement: &str) {
        self.sql.push_str(statement.trim_end().trim_end_matches(';'));
        self.sql.push_str(";\n");
        self.is_open = true;
    }

    fn go(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.sql.push_str("GO\n");
        }
    }

    /// One empty line, not two.
    fn space(&mut self) {
        if !self.sql.is_empty() && !self.sql.ends_with("\n\n") {
            self.sql.push('\n');
        }
    }

    /// Says something about the next statement, which then begins a batch.
    pub(crate) fn remark(&mut self, text: &str) {
        self.go();
        self.set_back();
        self.space();
        self.sql.push_str(&comment(&format!("{text}.")));
        self.sql.push('\n');
    }

    pub(crate) fn leave_out(&mut self, key: &ObjectKey, reason: &str) {
        self.remark(&format!("Not written: {key}: {reason}"));
        self.left_out.push((key.clone(), reason.to_owned()));
    }

    pub(crate) fn has_left_out(&self, key: &ObjectKey) -> bool {
        self.left_out.iter().any(|(left, _)| left == key)
    }

    pub(crate) fn finish(mut self) -> Written {
        self.go();
        self.set_back();
        Written {
            sql: self.sql,
            left_out: self.left_out,
        }
    }
}

#[cfg(test)]
mod tests {
    use dbvc_engine::schema::{Body, ObjectKind, Trigger};

    use super::*;

    #[test]
    fn a_name_does_not_leave_its_comment() {
        let mut script = Script::default();
        let key = ObjectKey::new(ObjectKind::Table, "x\nGO\u{85}DROP TABLE t; -- ");
        script.remark(&format!("Destroys data: {key}"));
        script.leave_out(&key, "one\r\nGO\nDROP TABLE u;");
        let sql = script.finish().sql;
        assert_eq!(
            sql.lines().filter(|line| line.starts_with("-- ")).count(),
            2,
            "{sql}"
        );
        assert!(
            sql.lines().all(|line| line.is_empty() || line.starts_with("-- ")),
            "{sql}"
        );
    }

    #[test]
    fn programs_are_alone_in_their_batches_and_settings_are_set_back() {
        let mut old = Object::new(Body::Trigger(Trigger::default()));
        let new = old.clone();
        old.options.insert("mssql.ansi_nulls".into(), "off".into());
        let mut script = Script::default();
        script.first("CREATE TABLE [a] ([b] int)");
        script.add("CREATE INDEX [c] ON [a] ([b])");
        script.program(&old, "CREATE VIEW [v] AS SELECT 1 AS a");
        script.program(&old, "CREATE VIEW [w] AS SELECT 1 AS a");
        script.program(&new, "CREATE VIEW [x] AS SELECT 1 AS a");
        script.first("DROP TABLE [a]");
        let lines: Vec<String> = script.finish().sql.lines().map(ToOwned::to_owned).collect();
        let lines: Vec<&str> = lines
            .iter()
            .map(String::as_str)
            .filter(|it| !it.is_empty())
            .collect();
        assert_eq!(
            lines,
            [
                "CREATE TABLE [a] ([b] int);",
                "CREATE INDEX [c] ON [a] ([b]);",
                "GO",
                "SET ANSI_NULLS OFF;",
                "GO",
                "CREATE VIEW [v] AS SELECT 1 AS a",
                "GO",
                "CREATE VIEW [w] AS SELECT 1 AS a",
                "GO",
                "SET ANSI_NULLS ON;",
                "GO",
                "CREATE VIEW [x] AS SELECT 1 AS a",
                "GO",
                "DROP TABLE [a];",
                "GO",
            ]
        );
    }
}
