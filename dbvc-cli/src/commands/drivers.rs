//! `drivers`: what this build can work with.

use dbvc_engine::driver::{DdlRollback, LockKind};
use serde_json::Value;

use crate::app::App;
use crate::render::{json, table};
use crate::stop::Done;

pub(super) fn run(app: &App) -> Done {
    let mut rows = Vec::new();
    let mut infos = Vec::new();
    let mut examples = Vec::new();
    for driver in app.registry.drivers() {
        let info = driver.info();
        let can = &info.capabilities;
        infos.push(json(info));
        examples.push(format!("  {:<12}  {}", info.title, info.example_url));
        rows.push(vec![
            info.title.to_owned(),
            info.schemes.join(", "),
            ddl(can.ddl).to_owned(),
            lock(can.lock).to_owned(),
            yes(can.fenced_transactions),
            yes(can.cancel),
            yes(can.statement_timeout),
            yes(can.lock_timeout),
            yes(can.error_position),
            yes(can.copy_rows),
            yes(can.schemas),
            yes(can.resolve),
        ]);
    }
    let header = [
        "database",
        "URL",
        "DDL rolls back",
        "lock",
        "fence",
        "cancel",
        "statement limit",
        "lock limit",
        "error place",
        "COPY",
        "schemas",
        "resume",
    ];
    app.output.text_unless_json(table(&header, rows));
    app.output.text_unless_json(format!("\n{}", examples.join("\n")));
    Done::well(Value::Array(infos))
}

fn ddl(ddl: DdlRollback) -> &'static str {
    match ddl {
        DdlRollback::Transaction => "with its transaction",
        DdlRollback::Statement => "statement by statement",
        DdlRollback::None => "no",
    }
}

fn lock(lock: LockKind) -> &'static str {
    match lock {
        LockKind::Session => "session",
        LockKind::Lease => "lease",
        LockKind::File => "file",
    }
}

fn yes(can: bool) -> String {
    if can { "yes" } else { "-" }.to_owned()
}
