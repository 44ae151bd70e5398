//! Tables in PostgreSQL: a database for each rule.

use std::sync::Arc;

use async_trait::async_trait;
use dbvc_engine::audit::{AuditDriver, SinkTarget};
use dbvc_engine::conformance::Unavailable;
use dbvc_engine::conformance::sinks::{BadTarget, SinkHarness, SinkPlanted, SinkScratch, target};
use dbvc_tests::servers::{PostgresServer, TestServer as _, shared_or_reason};
use sqlx::{Connection as _, PgConnection};

pub(crate) struct Postgres;

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

fn server() -> Result<&'static PostgresServer, Unavailable> {
    shared_or_reason::<PostgresServer>().map_err(|reason| Unavailable::new(reason.to_string()))
}

#[async_trait]
impl SinkHarness for Postgres {
    fn driver(&self) -> Arc<dyn AuditDriver> {
        dbvc_postgres::audit_driver()
    }

    fn name(&self) -> &'static str {
        "postgres"
    }

    async fn fresh(&self) -> Result<SinkScratch, Unavailable> {
        let server = server()?;
        // A server that is there and refuses is a failure, not a missing server.
        let url = server
            .create_database("trail")
            .unwrap_or_else(|reason| panic!("no database for this rule: {reason}"));
        let name = url.rsplit('/').next().unwrap_or_default().to_owned();
        let database = Database {
            maintenance: server.url().to_owned(),
            name,
        };
        Ok(SinkScratch::new(target(&url, &[]), database))
    }

    fn bad_targets(&self) -> Vec<BadTarget> {
        [
            ("postgres://ann@localhost", "database"),
            ("postgres://ann@localhost/app?sslmode=sometimes", "sslmode"),
        ]
        .map(|(url, named)| BadTarget {
            target: target(url, &[]),
            named,
        })
        .into_iter()
        .chain([BadTarget {
            target: target("postgres://ann@localhost/app", &[("shcema", "x")]),
            named: "shcema",
        }])
        .collect()
    }

    async fn planted(&self) -> Result<SinkPlanted, Unavailable> {
        let secret = "pl@nted hunter2+/ü";
        let mut url =
            url::Url::parse(server()?.url()).map_err(|error| Unavailable::new(error.to_string()))?;
        let _ = url.set_password(None);
        Ok(SinkPlanted {
            target: target(url.as_str(), &[("password", secret)]),
            secret: secret.to_owned(),
        })
    }

    fn unreachable(&self) -> Option<SinkTarget> {
        Some(target("postgres://ann@127.0.0.1:1/app?connect_timeout=3", &[]))
    }
}
