//! How often a run on MySQL or MariaDB waits for the server. On PostgreSQL the adapter's own tests count.

use dbvc_tests::on_mysql_and_mariadb;
use dbvc_tests::proxy::{Fault, Protocol, Proxy};
use dbvc_tests::stage::Stage;

/// Never reached: the proxy only counts.
const NEVER: u32 = u32::MAX;

/// How many messages a command sends.
fn messages(stage: &Stage, line: &str) -> u32 {
    let proxy = Proxy::before(&stage.url(), Protocol::MySql);
    proxy.plan(NEVER, Fault::CutBefore);
    stage
        .call(line)
        .env("DBVC_URL", &proxy.to(&stage.url()))
        .run()
        .ok();
    proxy.messages()
}

/// Writes migrations `from..to`, each of this text with its number for `#`.
fn write(stage: &Stage, numbers: std::ops::Range<u32>, text: &str) {
    for number in numbers {
        let path = format!("migrations/V2.{number}.0__Step_{number}.sql");
        stage.write(&path, &text.replace('#', &number.to_string()));
    }
}

/// What ten migrations more cost, and what ten cost that are there already.
fn ten_more(stage: &Stage, text: &str) -> u32 {
    write(stage, 0..10, text);
    let first = messages(stage, "migrate --target 2.4.0");
    let second = messages(stage, "migrate --target 2.9.0");
    write(stage, 10..25, text);
    let more = messages(stage, "migrate");
    assert!(
        first >= second,
        "{first} messages with the record to be made, then {second}"
    );
    more - second
}

on_mysql_and_mariadb! {
    fn a_statement_that_changes_the_schema_costs_one(stage) {
        let text = "create table t#(id integer primary key, name varchar(50));\ncreate index t#_name on t#(name);\n";
        assert_eq!(ten_more(&stage, text), 20);
    }

    fn a_migration_of_data_costs_one(stage) {
        stage.write("migrations/V1.0.0__Create_t.sql", "create table t(id integer primary key, n integer);\n");
        messages(&stage, "migrate");
        let text = "insert into t values (#, 1);\nupdate t set n = n + 1;\ndelete from t where id < 0;\n";
        assert_eq!(ten_more(&stage, text), 10);
    }

    fn nothing_to_do_costs_five_at_most(stage) {
        write(&stage, 0..5, "create table t#(id integer primary key);\n");
        messages(&stage, "migrate");
        let idle = messages(&stage, "migrate");
        assert!(idle <= 5, "{idle} messages");
    }
}
