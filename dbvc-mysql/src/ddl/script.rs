//! A script while it is written.

use std::collections::BTreeMap;

use dbvc_engine::driver::Written;
use dbvc_engine::schema::{Object, ObjectKey};
use dbvc_engine::sql::comment;

use crate::introspect::string;

/// Texts in the script are UTF-8, whatever the client is set to.
const HEAD: &str = "SET NAMES utf8mb4;\n";

/// Settings under which programs are made, in the model's words, how they are set, and how they are set back.
const SETTINGS: [(&str, &str, &str); 3] = [
    ("mysql.sql_mode", "SET sql_mode = ", "SET sql_mode = DEFAULT"),
    (
        "mysql.collation_connection",
        "SET collation_connection = ",
        "SET NAMES utf8mb4",
    ),
    ("mysql.time_zone", "SET time_zone = ", "SET time_zone = DEFAULT"),
];

/// What can stand for the end of a program.
const ENDS: [&str; 4] = [";;", "//", "$$", "@@@"];

#[derive(Debug, Default)]
pub(super) struct Script {
    sql: String,
    left_out: Vec<(ObjectKey, String)>,
    /// The settings that are not as they were.
    set: BTreeMap<&'static str, String>,
}

impl Script {
    pub(super) fn with_head() -> Self {
        Self {
            sql: HEAD.to_owned(),
            ..Self::default()
        }
    }

    /// Adds a statement, after an empty line if it is the first about something.
    pub(super) fn first(&mut self, statement: &str) {
        self.set_back();
        self.space();
        self.end(statement);
    }

    /// Adds a statement that belongs to the one before.
    pub(super) fn add(&mut self, statement: &str) {
        self.set_back();
        self.end(statement);
    }

    fn space(&mut self) {
        if !self.sql.is_empty() {
            self.sql.push('\n');
        }
    }

    fn end(&mut self, statement: &str) {
        self.sql.push_str(statement.trim_end());
        self.sql.push_str(";\n");
    }

    /// Adds a statement whose text is kept and run later, under the settings that it was made with. One with several
    /// statements in it ends with something else than they do, for the clients.
    pub(super) fn program(&mut self, object: &Object, statement: &str) {
        self.space();
        for (option, set, back) in SETTINGS {
            let wanted = object.options.get(option);
            if self.set.get(option) == wanted {
                continue;
            }
            if let Some(value) = wanted {
                self.end(&format!("{set}{}", string(value)));
                self.set.insert(option, value.clone());
            } else {
                self.end(back);
                self.set.remove(option);
            }
        }
        let statement = statement.trim_end();
        if !statement.contains(';') && !statement.contains("--") && !statement.contains('#') {
            self.end(statement);
            return;
        }
        let ending = ENDS.iter().find(|ending| !statement.contains(**ending));
        let ending = ending.copied().unwrap_or("--dbvc--");
        self.sql = format!(
            "{}DELIMITER {ending}\n{statement}\n{ending}\nDELIMITER ;\n",
            self.sql
        );
    }

    fn set_back(&mut self) {
        for (option, _, back) in SETTINGS {
            if self.set.remove(option).is_some() {
                self.end(back);
            }
        }
    }

    /// Tells what the next statement destroys.
    pub(super) fn warn(&mut self, losses: &[String]) {
        self.set_back();
        self.space();
        for loss in losses {
            self.sql.push_str(&comment(&format!("Destroys data: {loss}.")));
            self.sql.push('\n');
        }
    }

    pub(super) fn leave_out(&mut self, key: &ObjectKey, reason: &str) {
        self.set_back();
        let told = comment(&format!("Not written: {key}: {reason}."));
        self.sql = format!("{}\n{told}\n", self.sql);
        self.left_out.push((key.clone(), reason.to_owned()));
    }

    pub(super) fn finish(mut self) -> Written {
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
    use dbvc_engine::sql::{Dialect, SegmentKind, split};

    use super::*;

    fn under(mode: &str) -> Object {
        let mut object = Object::new(Body::Trigger(Trigger::default()));
        object.options.insert("mysql.sql_mode".into(), mode.into());
        object
    }

    #[test]
    fn a_name_does_not_leave_its_comment() {
        let mut script = Script::with_head();
        let key = ObjectKey::new(ObjectKind::Table, "x\nDROP TABLE t; -- \u{2028}");
        script.warn(&[key.to_string()]);
        script.leave_out(&key, "one\r\nDROP TABLE u;");
        let sql = script.finish().sql;
        let bare: Vec<&str> = sql.lines().filter(|line| !line.starts_with("-- ")).collect();
        assert_eq!(bare, ["SET NAMES utf8mb4;", "", ""], "{sql}");
    }

    #[test]
    fn programs_are_one_statement_each_and_settings_are_set_back() {
        let mut script = Script::with_head();
        script.first("CREATE TABLE `t` (`a` int)");
        script.program(&under("X"), "CREATE TRIGGER `a` BEGIN SELECT 1; END");
        script.program(&under("X"), "CREATE TRIGGER `b` SET @a = 1");
        script.program(&under("Y"), "CREATE TRIGGER `c` BEGIN SELECT ';;'; END -- ;");
        script.first("CREATE TABLE `u` (`a` int)");
        let sql = script.finish().sql;
        let statements: Vec<_> = split(&sql, &Dialect::MYSQL)
            .into_iter()
            .filter(|placed| placed.segment.kind == SegmentKind::Statement)
            .map(|placed| placed.code(&sql).to_owned())
            .collect();
        assert_eq!(
            statements,
            [
                "SET NAMES utf8mb4",
                "CREATE TABLE `t` (`a` int)",
                "SET sql_mode = 'X'",
                "CREATE TRIGGER `a` BEGIN SELECT 1; END",
                "CREATE TRIGGER `b` SET @a = 1",
                "SET sql_mode = 'Y'",
                "CREATE TRIGGER `c` BEGIN SELECT ';;'; END",
                "SET sql_mode = DEFAULT",
                "CREATE TABLE `u` (`a` int)",
            ]
        );
    }
}
