//! The lock: rivals, dead and paused holders, poolers, orphaned statements.

mod backup;
mod clock;
mod concurrently;
mod dead;
mod left_running;
mod orphans;
mod paused;
mod pooler;
mod starters;

use std::process::Child;
use std::time::Duration;

use dbvc_tests::stage::{Database, Open, Stage};
use dbvc_tests::{Invocation, Ran, signal, wait_for};
use sqlx::{Connection as _, Executor as _};

/// The shortest lease, so that a test need not wait half a minute for its end.
const SHORT_LEASE: &str = "lock_lease = \"2s\"";
const PAST_THE_LEASE: Duration = Duration::from_millis(2_500);

/// Migrations that take a while all together and none of which takes long.
const MANY: usize = 90;
/// So large that a server is sent one or two of them at a time, and not all at once.
const PADDING: usize = 40 * 1024;

/// A run under way.
struct Runner {
    call: Invocation,
    child: Child,
}

impl Runner {
    fn start(stage: &Stage, line: &str) -> Self {
        Self::of(stage.call(line))
    }

    fn of(call: Invocation) -> Self {
        let child = call.start();
        Self { call, child }
    }

    fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    fn end(self) -> Ran {
        self.call.finish(self.child)
    }

    fn kill(self) {
        self.signal("KILL");
        self.end().ended(-1);
    }
}

/// So many runs that begin together, each to its end.
fn all_at_once(stage: &Stage, line: &str, count: usize) -> Vec<Ran> {
    let runners: Vec<_> = (0..count).map(|_| Runner::start(stage, line)).collect();
    runners.into_iter().map(Runner::end).collect()
}

/// Writes [`MANY`] small migrations, each with a table and its row.
fn write_many(stage: &Stage) {
    let padding = format!("-- {}\n", "x".repeat(PADDING));
    for number in 0..MANY {
        let table = format!("create table many_{number}(id integer primary key);\n");
        let row = format!("insert into many_{number} values (1);\n");
        let path = format!("migrations/V2.{number}.0__Create_many_{number}.sql");
        stage.write(&path, &format!("{padding}{table}{row}"));
    }
}

/// A run of [`write_many`]'s migrations, paused while some are done and others not, and nothing of it runs on a server.
fn paused_in_the_middle(stage: &Stage) -> Runner {
    paused(stage, Runner::start(stage, "migrate"))
}

/// The same with a run that was started already.
fn paused(stage: &Stage, runner: Runner) -> Runner {
    wait_for("some migrations to be done", || stage.has("many_3").then_some(()));
    if stage.is_mssql() {
        outside_a_transaction(stage, &runner);
    } else {
        between_two(stage, || runner.signal("STOP"));
    }
    if !matches!(stage.database, Database::Sqlite(_)) {
        // Twice: what was sent last may not have been read yet.
        wait_for("the server to have nothing to do for it", || {
            let idle = running(stage, "") == 0;
            std::thread::sleep(Duration::from_millis(200));
            (idle && running(stage, "") == 0).then_some(())
        });
    }
    assert!(
        !stage.has(&format!("many_{}", MANY - 1)),
        "the run was paused too late"
    );
    runner
}

/// Does something while the run is between two transactions. On a file it waits there for our own one; a process that
/// was paused inside would keep everybody from looking. The library's own way of waiting sleeps through the short
/// moments in which a busy run lets others in, so that this asks without a pause.
fn between_two(stage: &Stage, act: impl FnOnce()) {
    let Database::Sqlite(path) = &stage.database else {
        return act();
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::ZERO);
    runtime.block_on(async {
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        while connection.execute("begin immediate").await.is_err() {}
        act();
        connection.execute("rollback").await.unwrap();
        connection.close().await.unwrap();
    });
}

/// Pauses a run of SQL Server's where it has no transaction open. A migration is several messages there, and between two
/// of them its transaction keeps everybody from looking at what it made. So it goes on for a moment, in which it can renew
/// its lease, and is paused again.
fn outside_a_transaction(stage: &Stage, runner: &Runner) {
    let sessions =
        "from sys.dm_exec_sessions s left join sys.dm_exec_requests r on r.session_id = s.session_id
         where s.database_id = db_id() and s.session_id <> @@spid and s.is_user_process = 1";
    let query = format!(
        "select case when exists (select 1 {sessions} and r.session_id is not null) then 'working'
         when exists (select 1 {sessions} and s.open_transaction_count > 0) then 'open' else 'idle' end"
    );
    let mut eye = Open::on(&stage.database);
    let mut settled = || {
        for _ in 0..10_000 {
            match eye.texts(&query)[0].as_str() {
                "working" => std::thread::sleep(Duration::from_millis(1)),
                told => return told == "idle",
            }
        }
        panic!("the server never answered");
    };
    let mut tries = 1..=60_u64;
    let is_paused = tries.any(|number| {
        runner.signal("STOP");
        // What was sent last may not have been read yet.
        let paused = settled() && {
            std::thread::sleep(Duration::from_millis(100));
            settled()
        };
        if !paused {
            runner.signal("CONT");
            std::thread::sleep(Duration::from_millis(5 + number * 3 % 11));
        }
        paused
    });
    assert!(is_paused, "it always had a transaction open");
}

/// How many of [`write_many`]'s migrations are done.
fn applied(stage: &Stage) -> usize {
    let query = "select cast(count(*) as text) from @migration_execution_history where version like '2.%' and status = 'completed'";
    stage.record(query)[0].parse().unwrap()
}

/// Each of [`write_many`]'s migrations is in the schema, and in the history once.
fn all_were_applied_once(stage: &Stage) {
    let twice = "select script from @migration_execution_history where status = 'completed' group by script having count(*) > 1";
    assert_eq!(stage.record(twice), [""; 0], "done twice");
    assert_eq!(applied(stage), MANY);
    let rows: Vec<_> = (0..MANY)
        .map(|number| format!("select id from many_{number}"))
        .collect();
    let rows = format!(
        "select cast(count(*) as text) from ({}) as found",
        rows.join(" union all ")
    );
    assert_eq!(stage.database.texts(&rows), [MANY.to_string()]);
    // A script outside a transaction that broke off is gone on with, and both are written down.
    let failed = "select script from @migration_execution_history where status <> 'completed'
        and coalesce(error_message, '') not like 'broke off; run % goes on'";
    assert_eq!(stage.record(failed), [""; 0]);
}

/// What the history says was done, in the order in which it was done.
fn completed(stage: &Stage) -> Vec<String> {
    stage.record(
        "select script from @migration_execution_history where status = 'completed' order by execution_id",
    )
}

/// How many sessions of this database run a statement with this text.
fn running(stage: &Stage, part: &str) -> usize {
    let query = if stage.is_mysql() {
        format!(
            "select id from information_schema.processlist where db = database() and id <> connection_id()
             and command = 'Query' and info like '%{part}%'"
        )
    } else if stage.is_mssql() {
        format!(
            "select cast(r.session_id as varchar(9)) from sys.dm_exec_requests r
             cross apply sys.dm_exec_sql_text(r.sql_handle) t
             where r.database_id = db_id() and r.session_id <> @@spid and t.TEXT like '%{part}%'"
        )
    } else {
        format!(
            "select pid::text from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
             and state = 'active' and backend_type = 'client backend' and query ilike '%{part}%'"
        )
    };
    stage.database.texts(&query).len()
}
