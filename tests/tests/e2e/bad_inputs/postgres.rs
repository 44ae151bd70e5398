//! Logins and rights on PostgreSQL.

use super::case::Case;
use crate::filters::unique;

/// A project with a login of its own that may do little.
fn login(rights: impl FnOnce(&str) -> String) -> Option<Case> {
    let role = unique("gardener");
    let case = Case::postgres()?.sql(&format!(
        "create role {role} login password 'hunter2-SECRET'; grant connect on database \"<DATABASE>\" to {role};"
    ));
    let case = case.sql(&rights(&role));
    Some(case.file(
        "dbvc.toml",
        &format!("[databases.plants]\nurl = \"postgres://{role}:hunter2-SECRET@<HOST>:<PORT>/<DATABASE>\"\n"),
    ))
}

fn at(url: &str, code: i32) -> Option<Case> {
    Some(Case::postgres()?.fails(&["migrate", "--url", url], code))
}

bad_inputs! {
    postgres_wrong_password: at("postgres://<USER>:hunter2-SECRET@<HOST>:<PORT>/<DATABASE>", 4);
    postgres_no_password: at("postgres://<USER>@<HOST>:<PORT>/<DATABASE>", 4);
    postgres_unknown_user: at("postgres://nobody_here:hunter2-SECRET@<HOST>:<PORT>/<DATABASE>", 4);
    postgres_unknown_database: at("postgres://<USER>:<PASSWORD>@<HOST>:<PORT>/no_such_garden", 4);
    postgres_tls_where_the_server_has_none:
        at("postgres://<USER>:<PASSWORD>@<HOST>:<PORT>/<DATABASE>?sslmode=require", 4);
    postgres_wrong_password_for_status: Case::postgres().map(|case| case.fails(
        &["status", "--url", "postgres://<USER>:hunter2-SECRET@<HOST>:<PORT>/<DATABASE>"], 4));
    postgres_wrong_password_from_a_file: Case::postgres().map(|case| case
        .file("secrets/plants", "hunter2-SECRET\n")
        .file("dbvc.toml", "[databases.plants]\nurl = \"postgres://<USER>@<HOST>:<PORT>/<DATABASE>\"\n\
                            password_file = \"secrets/plants\"\n")
        .fails(&["migrate"], 4));
    postgres_login_that_may_not_create_a_schema:
        login(|_| String::new()).map(|case| case.fails(&["migrate"], 4));
    postgres_login_that_may_only_read: login(|role| format!("alter role {role} set default_transaction_read_only = on;"))
        .map(|case| case.fails(&["migrate"], 4));
    postgres_login_that_may_not_create_tables:
        login(|role| format!("grant create on database \"<DATABASE>\" to {role};"))
            .map(|case| case.records_failure().fails(&["migrate"], 6));
}
