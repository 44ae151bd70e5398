//! Statements and rights on MySQL and MariaDB.
//!
//! What a failing script committed there stays; [`crate::stories`] tells of that. Here nothing was committed.

use super::case::Case;
use crate::filters::unique;

/// On MariaDB.
fn mariadb(up: &str, code: i32) -> Option<Case> {
    Some(failing(Case::mariadb()?, up, code))
}

/// The same on Oracle's MySQL, whose words differ.
fn mysql(up: &str, code: i32) -> Option<Case> {
    Some(failing(Case::mysql()?, up, code))
}

fn failing(case: Case, up: &str, code: i32) -> Case {
    let case = case.run(&["migrate"]).second(up);
    case.records_failure().fails(&["migrate"], code)
}

/// A project with a login of its own that may do little.
fn login(rights: &str) -> Option<Case> {
    let login = unique("gardener");
    let rights = rights.replace("<LOGIN>", &login);
    let case = Case::mariadb()?.sql(&format!(
        "create user {login} identified by 'hunter2-SECRET'; grant {rights} on `<DATABASE>`.* to {login};"
    ));
    Some(case.file(
        "dbvc.toml",
        &format!("[databases.plants]\nurl = \"mysql://{login}:hunter2-SECRET@<HOST>:<PORT>/<DATABASE>\"\n"),
    ))
}

const SYNTAX: &str = "-- 大きさ\ninsert into plants(id, name)\nvalues (1, '🌵'),\n       (2, 'moss') where;\n";
const COLUMN: &str = "insert into plants(id, name) values (1, '🌵');\nupdate plants set nmae = 'fern' where id = 1;\n";
const TWICE: &str = "insert into plants(id, name) values (1, 'aloe');\ninsert into plants(id, name) values (1, 'moss');\n";
const PROGRAM: &str = "create procedure sow()\nbegin\n  insert into plants(id, name) values (1, 'aloe');\n  insrt into \
                       plants(id, name) values (2, 'moss');\nend;\n";
const RAISED: &str = "insert into plants(id, name) values (1, 'aloe');\nsignal sqlstate '45000' set message_text = 'no \
                      pots left';\n";
const TABLE: &str = "create table plants(id integer);\n";
const UNKNOWN: &str = "insert into flowers values (1);\n";

bad_inputs! {
    mariadb_syntax_error_after_wide_letters: mariadb(SYNTAX, 6);
    mysql_syntax_error_after_wide_letters: mysql(SYNTAX, 6);
    mariadb_unknown_column: mariadb(COLUMN, 6);
    mysql_unknown_column: mysql(COLUMN, 6);
    mariadb_row_twice: mariadb(TWICE, 6);
    mysql_row_twice: mysql(TWICE, 6);
    mariadb_syntax_error_in_a_program: mariadb(PROGRAM, 6);
    mysql_syntax_error_in_a_program: mysql(PROGRAM, 6);
    mariadb_error_that_the_script_raises: mariadb(RAISED, 6);
    mysql_error_that_the_script_raises: mysql(RAISED, 6);
    mariadb_table_that_is_there: mariadb(TABLE, 6);
    mysql_table_that_is_there: mysql(TABLE, 6);
    mariadb_unknown_table: mariadb(UNKNOWN, 6);
    mysql_unknown_table: mysql(UNKNOWN, 6);
    mariadb_statement_that_takes_too_long: mariadb(
        "-- dbvc: statement-timeout=200ms\ninsert into plants(id, name) select 7, max(sleep(20)) from (select 1 union all select 2) as twice;\n", 6);
    mariadb_commit_in_a_script: Case::mariadb().map(|case| case.second("insert into plants(id, name) values (1, 'aloe');\ncommit;\n").fails(&["migrate"], 1));
    mariadb_login_that_may_only_read: login("select").map(|case| case.fails(&["migrate"], 4));
}
