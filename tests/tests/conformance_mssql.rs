//! SQL Server, proved by the kit: a database of its own for each rule.

#[path = "harness/given.rs"]
mod given;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use dbvc_engine::conformance::{
    BadUrl, Faulty, Harness, Planted, Samples, Scratch, Script, Unavailable, statement,
};
use dbvc_engine::driver::{Driver, Heard, Limits, Notice, Target};
use dbvc_tests::servers::{MsSqlServer, TestServer as _, one_at_a_time};
use tracing_subscriber::prelude::*;

struct MsSql;

impl MsSql {
    /// As a program does that wants to hear the server's messages.
    fn listening() -> Self {
        tracing_subscriber::registry().with(dbvc_mssql::notices()).init();
        Self
    }
}

struct Deaf;

impl Heard for Deaf {
    fn notice(&mut self, _: Notice) {}
    fn progress(&mut self, _: u32) {}
}

/// Runs statements in the maintenance database, each by itself.
async fn maintain(target: &Target, statements: &[String]) -> Result<(), String> {
    let mut session = dbvc_mssql::driver()
        .connect(target)
        .await
        .map_err(|error| format!("{error:?}"))?;
    let statements: Vec<_> = statements.iter().map(statement).collect();
    let outcome = session.execute(&statements, &Limits::default(), &mut Deaf).await;
    let _ = session.close().await;
    match outcome.failure {
        None => Ok(()),
        Some(failure) => Err(format!("{:?}", failure.cause)),
    }
}

/// Makes a database when it is its turn. Whoever waits for that keeps a thread, and so it is one of its own.
async fn made(maintenance: Target, create: String) -> Result<(), String> {
    let turn = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let statements = [create];
        one_at_a_time(|| runtime.block_on(maintain(&maintenance, &statements)))
    });
    turn.await.map_err(|error| error.to_string())?
}

/// A database that goes when its rule has ended.
struct Database {
    maintenance: Target,
    name: String,
}

impl Drop for Database {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        let alone = format!(
            "ALTER DATABASE [{}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE",
            self.name
        );
        let drop = format!("DROP DATABASE [{}]", self.name);
        // What is left behind takes room and nothing else, so that a failure here fails no rule.
        runtime.block_on(async {
            let _ = maintain(&self.maintenance, &[alone]).await;
            let _ = maintain(&self.maintenance, &[drop]).await;
        });
    }
}

#[async_trait]
impl Harness for MsSql {
    fn driver(&self) -> Arc<dyn Driver> {
        Arc::new(dbvc_mssql::driver())
    }

    async fn fresh(&self) -> Result<Scratch, Unavailable> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let maintenance = given::parse(given::server::<MsSqlServer>()?.url())?;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("conformance_{}_{number}", std::process::id());
        // A server that is there and refuses is a failure, not a missing server.
        made(
            maintenance.clone(),
            format!("CREATE DATABASE [{name}] COLLATE {COLLATION}"),
        )
        .await
        .unwrap_or_else(|reason| panic!("no database for this rule: {reason}"));
        let target = given::changed::<MsSqlServer>(|url| url.set_path(&format!("/{name}")))?;
        Ok(Scratch::new(target, Database { maintenance, name }))
    }

    fn samples(&self) -> Samples {
        Samples {
            add_column: |table| format!("ALTER TABLE {table} ADD extra integer"),
            literal: |text| format!("N'{}'", text.replace('\'', "''")),
            identifier: |name| format!("[{}]", name.replace(']', "]]")),
            slow_query: Some(SLOW),
            slow_statement: Some("WAITFOR DELAY '00:00:25'; INSERT INTO slow (id) VALUES (1)"),
            unfit: &[
                "ALTER DATABASE CURRENT SET RECURSIVE_TRIGGERS ON",
                "RECONFIGURE",
                BACKUP,
            ],
            refused: REFUSED,
            fit: &[
                "INSERT INTO target (id, name) VALUES (1, 'ALTER DATABASE a SET x')",
                "CREATE INDEX target_name ON target (name)",
                "ALTER TABLE target ADD [database] integer",
                "TRUNCATE TABLE target",
            ],
            faulty: FAULTY,
            scripts: SCRIPTS,
            notice: Some("PRINT N'look here'"),
            record_table: |location, table| format!("[{}].{table}", location.schema.replace(']', "]]")),
            ..Samples::STANDARD
        }
    }

    async fn planted(&self) -> Result<Planted, Unavailable> {
        given::planted::<MsSqlServer>()
    }

    fn unreachable(&self) -> Option<Target> {
        Target::parse("mssql://ann@127.0.0.1:1/app").ok()
    }

    async fn unknown_database(&self) -> Result<Target, Unavailable> {
        given::changed::<MsSqlServer>(|url| url.set_path("/no_such_database"))
    }

    fn bad_urls(&self) -> &[BadUrl] {
        &[
            BadUrl {
                url: "mssql://ann@localhost/app?encrypt=sometimes",
                named: "encrypt",
            },
            BadUrl {
                url: "mssql://ann@localhost/app?trust_server_certificate=perhaps",
                named: "trust_server_certificate",
            },
        ]
    }
}

/// The rules put any character into a `varchar`.
const COLLATION: &str = "Latin1_General_100_CI_AS_SC_UTF8";

/// It runs for a minute and more on any machine, and stops where it is told to.
const SLOW: &str =
    "SELECT COUNT_BIG(*) FROM sys.all_columns a, sys.all_columns b, sys.all_columns c, sys.all_columns d";

/// Of the database that the session is in, which its login owns. `tempdb` cannot be backed up (error 3147).
const BACKUP: &str = "DECLARE @own sysname = DB_NAME(); BACKUP DATABASE @own TO DISK = N'NUL'";

/// Each would go well outside a transaction and do no harm, so that nothing but the transaction can be what is wrong:
/// errors 226, 574, 3021, 8920 and 15002.
const REFUSED: &[&str] = &[
    "ALTER DATABASE CURRENT SET RECURSIVE_TRIGGERS ON",
    "RECONFIGURE",
    BACKUP,
    "DBCC SHRINKDATABASE (0) WITH NO_INFOMSGS",
    "DBCC SHRINKFILE (1) WITH NO_INFOMSGS",
    "CREATE INDEX target_by_name ON target (name) WITH (ONLINE = ON, RESUMABLE = ON)",
    "CREATE ROLE keeper; CREATE ROLE helper; EXEC sp_addrolemember N'keeper', N'helper'",
];

const FAULTY: &[Faulty] = &[
    Faulty {
        sql: "SELECT wrong_column FROM target",
        word: "wrong_column",
    },
    Faulty {
        sql: "SELECT id FROM wrong_table",
        word: "wrong_table",
    },
    Faulty {
        sql: "INSERT INTO target (id) VALUS (1)",
        word: "VALUS",
    },
    Faulty {
        sql: "CREATE INDEX i ON target (wrong_column)",
        word: "wrong_column",
    },
];

const SCRIPTS: &[Script] = &[
    Script {
        text: "INSERT INTO target (id, name) VALUES (1, 'a\nGO\n''b'); SELECT [id] FROM target\ngo -- c\nSELECT 1;\nGO\n",
        statements: 2,
    },
    Script {
        text: "CREATE PROCEDURE p AS\nBEGIN\n  DECLARE @i int = 0;\n  /* GO */\n  WHILE @i < 3 SET @i = @i + 1;\n  \
               SELECT @i;\nEND\nGO\nEXEC p",
        statements: 2,
    },
];

dbvc_engine::conformance_suite!(MsSql::listening());
