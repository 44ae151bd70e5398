//! The questions, and what becomes of their answers.

use dbvc_engine::driver::Rows;
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::schema::Database;

use super::model::Model;
use super::row::rows;
use super::{
    checks, columns, depends, grants, indexes, modules, others, properties, relations, spaces, types,
};
use crate::ddl::names::literal;

/// A query and what becomes of its rows, in an order in which each finds what it builds on.
type Step = (&'static str, fn(&mut Model, &Rows));

pub(super) const STEPS: &[Step] = &[
    (include_str!("../../sql/names.sql"), spaces::add),
    (include_str!("../../sql/types.sql"), types::add),
    (include_str!("../../sql/sequences.sql"), types::add_sequences),
    (include_str!("../../sql/partitions.sql"), others::add_partitions),
    (include_str!("../../sql/tables.sql"), relations::add),
    (include_str!("../../sql/modules.sql"), modules::add),
    (include_str!("../../sql/columns.sql"), columns::add),
    (include_str!("../../sql/indexes.sql"), indexes::add),
    (include_str!("../../sql/checks.sql"), checks::add),
    (
        include_str!("../../sql/foreign_keys.sql"),
        checks::add_foreign_keys,
    ),
    (include_str!("../../sql/policies.sql"), others::add_policies),
    (include_str!("../../sql/others.sql"), others::add),
    (include_str!("../../sql/properties.sql"), properties::add),
    (include_str!("../../sql/grants.sql"), grants::add),
    (include_str!("../../sql/dependencies.sql"), depends::add),
];

/// The names of the queries' files.
#[cfg(test)]
pub(super) const STEP_NAMES: [&str; 15] = [
    "names",
    "types",
    "sequences",
    "partitions",
    "tables",
    "modules",
    "columns",
    "indexes",
    "checks",
    "foreign_keys",
    "policies",
    "others",
    "properties",
    "grants",
    "dependencies",
];

/// What a server's catalogue has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    /// 13 for SQL Server 2016, 14 for 2017, and so on; Azure has what the newest has.
    pub(crate) major: u32,
    /// Azure SQL Database.
    pub(crate) is_azure: bool,
}

/// What the comments behind the lines of a query mark.
const SINCE: &str = " -- since ";
const NOT_ON_AZURE: &str = " -- not on Azure";

/// A query without what a server does not have. A column that is left out reads as NULL.
pub(super) fn fit(sql: &str, version: Version) -> String {
    let has = |line: &&str| {
        let since = line.rsplit_once(SINCE).and_then(|(_, since)| since.parse().ok());
        since.is_none_or(|since: u32| version.major >= since)
            && !(version.is_azure && line.ends_with(NOT_ON_AZURE))
    };
    let lines: Vec<&str> = sql.lines().filter(has).collect();
    lines.join("\n")
}

/// All questions as one batch. dbvc's own schema is left out.
pub(super) fn batch(version: Version, record: &str) -> String {
    let mut sql = format!("DECLARE @record sysname = {};\n", literal(record));
    for (query, _) in STEPS {
        sql.push_str(&fit(query, version));
        sql.push_str(";\n");
    }
    sql
}

/// What a login needs that is not the owner (reference, "Metadata Visibility Configuration"; `sys.sql_expression_dependencies`,
/// "Permissions").
const RIGHTS: &str = "the rights are given with: GRANT VIEW DEFINITION TO [the user]; GRANT SELECT ON \
     sys.sql_expression_dependencies TO [the user]";

/// The server refuses the one view that is not simply empty for whoever may not read it.
pub(super) fn with_grant(error: DriverError) -> DriverError {
    if error.kind == ErrorKind::Denied {
        error.with_note(RIGHTS)
    } else {
        error
    }
}

/// The model, from the answers in the order of the questions.
pub(super) fn database(answers: &[Rows]) -> Result<Database> {
    if answers.len() != STEPS.len() {
        return Err(DriverError::new(
            ErrorKind::Protocol,
            Operation::Query,
            format!(
                "the catalogue gave {} answers to {} questions",
                answers.len(),
                STEPS.len()
            ),
        ));
    }
    let first = answers.first().into_iter().flat_map(rows);
    if let Some(row) = first.into_iter().find(|row| row.word("kind") == "database")
        && !row.flag("sees_all")
    {
        return Err(DriverError::new(
            ErrorKind::Denied,
            Operation::Query,
            "this login does not see every definition in the database, so its schema cannot be read",
        )
        .with_note(RIGHTS));
    }
    let mut model = Model::default();
    for ((_, add), answer) in STEPS.iter().zip(answers) {
        add(&mut model, answer);
    }
    Ok(model.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_takes_at_most_fifteen_questions() {
        assert!(STEPS.len() <= 15);
    }

    #[test]
    fn a_line_is_asked_only_of_servers_that_know_it() {
        let old = Version {
            major: 13,
            is_azure: false,
        };
        let sql = "SELECT a,\n  b, -- since 14\n  c -- not on Azure\nFROM t";
        assert_eq!(fit(sql, old), "SELECT a,\n  c -- not on Azure\nFROM t");
        let azure = Version {
            major: 17,
            is_azure: true,
        };
        assert_eq!(fit(sql, azure), "SELECT a,\n  b, -- since 14\nFROM t");
    }

    #[test]
    fn half_an_answer_and_a_login_that_sees_half_are_errors() {
        let told = database(&[]).expect_err("an error");
        assert_eq!(told.kind, ErrorKind::Protocol);
        let mut answers = vec![Rows::default(); STEPS.len()];
        answers[0] = Rows {
            columns: vec!["kind".into(), "sees_all".into()],
            cells: vec![vec![Some("database".into()), Some("0".into())]],
        };
        assert_eq!(database(&answers).expect_err("an error").kind, ErrorKind::Denied);
    }
}
