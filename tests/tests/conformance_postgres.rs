//! PostgreSQL, proved by the kit: a database of its own for each rule.

#[path = "harness/given.rs"]
mod given;

use std::sync::Arc;

use async_trait::async_trait;
use dbvc_engine::conformance::{
    BadUrl, Copy, Faulty, Harness, Planted, Samples, Scratch, Script, Unavailable,
};
use dbvc_engine::driver::{Driver, Target};
use dbvc_tests::servers::{PostgresServer, TestServer as _};
use sqlx::{Connection as _, PgConnection};
use tracing_subscriber::prelude::*;

struct Postgres;

impl Postgres {
    /// As a program does that wants to hear the server's notices.
    fn listening() -> Self {
        tracing_subscriber::registry()
            .with(dbvc_postgres::notices())
            .init();
        Self
    }
}

/// A database that goes when its rule has ended.
struct Database {
    maintenance: String,
    name: String,
}

impl Drop for Database {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        let sql = format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name);
        // What is left behind takes room and nothing else, so that a failure here fails no rule.
        runtime.block_on(async {
            if let Ok(mut connection) = PgConnection::connect(&self.maintenance).await {
                let _ = sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
                    .execute(&mut connection)
                    .await;
            }
        });
    }
}

#[async_trait]
impl Harness for Postgres {
    fn driver(&self) -> Arc<dyn Driver> {
        Arc::new(dbvc_postgres::driver())
    }

    async fn fresh(&self) -> Result<Scratch, Unavailable> {
        let server = given::server::<PostgresServer>()?;
        // A server that is there and refuses is a failure, not a missing server.
        let url = server
            .create_database("conformance")
            .unwrap_or_else(|reason| panic!("no database for this rule: {reason}"));
        let target = given::parse(&url)?;
        let database = Database {
            maintenance: server.url().to_owned(),
            name: target.database_name(),
        };
        Ok(Scratch::new(target, database))
    }

    fn samples(&self) -> Samples {
        Samples {
            literal: |text| format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
            slow_query: Some("SELECT pg_sleep(30)"),
            slow_statement: Some("INSERT INTO slow (id) SELECT 1 FROM pg_sleep(30)"),
            unfit: &[
                "VACUUM target",
                "CREATE INDEX CONCURRENTLY target_name ON target (name)",
                "REINDEX TABLE CONCURRENTLY target",
                "DROP INDEX CONCURRENTLY target_name",
                "ALTER SYSTEM RESET work_mem",
            ],
            refused: &[
                "VACUUM target",
                "CREATE INDEX CONCURRENTLY target_name ON target (name)",
                "REINDEX TABLE CONCURRENTLY target",
                "ALTER SYSTEM RESET work_mem",
            ],
            fit: &[
                "CREATE INDEX \"concurrently\" ON target (name)",
                "REINDEX TABLE target",
                "DROP INDEX \"concurrently\"",
                "CREATE TABLE vacuum (id integer)",
                "COMMENT ON TABLE target IS 'VACUUM'",
            ],
            faulty: &[
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
            ],
            scripts: SCRIPTS,
            notice: Some("DO $$ BEGIN RAISE NOTICE 'look here'; END $$"),
            copy: Some(Copy {
                statement: "COPY copied (id, name) FROM STDIN",
                row: |id| format!("{id}\tn{id}\n"),
                bad_row: "no number\tx\n",
            }),
            ..Samples::STANDARD
        }
    }

    async fn planted(&self) -> Result<Planted, Unavailable> {
        given::planted::<PostgresServer>()
    }

    fn unreachable(&self) -> Option<Target> {
        Target::parse("postgres://ann@127.0.0.1:1/app?connect_timeout=3").ok()
    }

    async fn unknown_database(&self) -> Result<Target, Unavailable> {
        given::changed::<PostgresServer>(|url| url.set_path("/no_such_database"))
    }

    fn bad_urls(&self) -> &[BadUrl] {
        &[
            BadUrl {
                url: "postgres://ann@localhost/app?sslmode=sometimes",
                named: "sslmode",
            },
            BadUrl {
                url: "postgres://ann@localhost/app?connect_timeout=soon",
                named: "connect_timeout",
            },
            BadUrl {
                url: "postgres://ann@localhost/app?sslrootcert=no-such-file.pem",
                named: "sslrootcert",
            },
            BadUrl {
                url: "postgres://ann@localhost/app?aplication_name=x",
                named: "application_name",
            },
        ]
    }
}

const SCRIPTS: &[Script] = &[
    Script {
        text: "-- a; b\nINSERT INTO target (id, name) VALUES (1, 'a;''b'); /* c; /* d; */ e; */ SELECT \"id\" FROM \
               target ;;\n",
        statements: 2,
    },
    Script {
        text: "CREATE FUNCTION f() RETURNS integer LANGUAGE plpgsql AS $f$\nBEGIN\n  PERFORM $$;$$; RETURN 1;\nEND\n\
               $f$;\nSELECT E'it\\';s', U&'\\00e4;', 'x';",
        statements: 2,
    },
    Script {
        text: "CREATE FUNCTION g() RETURNS integer BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;\n\
               SELECT g() AS \"a;b\", $x$ ; $x$::text IS NULL",
        statements: 2,
    },
];

dbvc_engine::conformance_suite!(Postgres::listening());
