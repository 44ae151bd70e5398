//! MySQL and MariaDB, proved by the kit: a database of its own for each rule.

use std::sync::Arc;

use async_trait::async_trait;
use dbvc_engine::conformance::{BadUrl, Faulty, Harness, Planted, Samples, Scratch, Script, Unavailable};
use dbvc_engine::driver::{Driver, Target};
use dbvc_tests::servers::Shareable;
use mysql_async::prelude::Queryable as _;

use super::given;

/// An interrupted `SLEEP` gives its row all the same on MySQL, so something else must take long.
macro_rules! slow {
    () => {
        "SELECT COUNT(*) FROM information_schema.collations a, information_schema.collations b, \
         information_schema.collations c, information_schema.collations d"
    };
}
const SLOW: &str = slow!();

/// One kind of server.
pub(crate) struct MySqlFamily<S> {
    server: std::marker::PhantomData<fn() -> S>,
}

impl<S> MySqlFamily<S> {
    pub(crate) fn new() -> Self {
        Self {
            server: std::marker::PhantomData,
        }
    }
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
        // What is left behind takes room and nothing else, so that a failure here fails no rule.
        runtime.block_on(async {
            let url = self
                .maintenance
                .reveal_url()
                .as_str()
                .replacen("mariadb:", "mysql:", 1);
            if let Ok(mut conn) = mysql_async::Conn::from_url(url).await {
                let _ = conn.query_drop("SET lock_wait_timeout = 5").await;
                let _ = conn
                    .query_drop(format!("DROP DATABASE IF EXISTS `{}`", self.name))
                    .await;
                let _ = conn.disconnect().await;
            }
        });
    }
}

#[async_trait]
impl<S: Shareable> Harness for MySqlFamily<S> {
    fn driver(&self) -> Arc<dyn Driver> {
        Arc::new(dbvc_mysql::driver())
    }

    fn name(&self) -> &'static str {
        S::NAME
    }

    async fn fresh(&self) -> Result<Scratch, Unavailable> {
        let server = given::server::<S>()?;
        // A server that is there and refuses is a failure, not a missing server.
        let url = server
            .create_database("conformance")
            .unwrap_or_else(|reason| panic!("no database for this rule: {reason}"));
        let target = given::parse(&url)?;
        let database = Database {
            maintenance: given::parse(server.url())?,
            name: target.database_name(),
        };
        Ok(Scratch::new(target, database))
    }

    fn samples(&self) -> Samples {
        Samples {
            literal: |text| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''")),
            identifier: |name| format!("`{}`", name.replace('`', "``")),
            slow_query: Some(SLOW),
            slow_statement: Some(concat!("INSERT INTO slow (id) ", slow!())),
            unfit: &[
                "ALTER TABLE target ADD COLUMN extra integer",
                "CREATE INDEX target_name ON target (name)",
                "OPTIMIZE TABLE target",
                "TRUNCATE TABLE target",
                "LOCK TABLES target WRITE",
                "UNLOCK TABLES",
            ],
            fit: &[
                "INSERT INTO target (id, name) VALUES (1, 'CREATE TABLE')",
                "CREATE TEMPORARY TABLE `create` (id integer)",
                "DROP TEMPORARY TABLE `create`",
                "REPLACE INTO target (id, name) VALUES (1, 'x')",
                "SET @create = 1",
            ],
            faulty: FAULTY,
            scripts: SCRIPTS,
            notice: Some("DROP TABLE IF EXISTS look_here"),
            record_table: |location, table| format!("`{}{table}`", location.prefix.replace('`', "``")),
            ..Samples::STANDARD
        }
    }

    async fn planted(&self) -> Result<Planted, Unavailable> {
        given::planted::<S>()
    }

    fn unreachable(&self) -> Option<Target> {
        Target::parse("mysql://ann@127.0.0.1:1/app?connect-timeout=3").ok()
    }

    async fn unknown_database(&self) -> Result<Target, Unavailable> {
        given::changed::<S>(|url| url.set_path("/no_such_database"))
    }

    fn bad_urls(&self) -> &[BadUrl] {
        &[
            BadUrl {
                url: "mysql://ann@localhost/app?ssl-mode=sometimes",
                named: "ssl-mode",
            },
            BadUrl {
                url: "mysql://ann@localhost/app?connect-timeout=soon",
                named: "connect-timeout",
            },
            BadUrl {
                url: "mariadb://ann@localhost/app?ssl-ca=no-such-file.pem",
                named: "ssl-ca",
            },
            BadUrl {
                url: "mysql://ann@localhost",
                named: "database",
            },
        ]
    }
}

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
        text: "-- a; b\nINSERT INTO target (id, name) VALUES (1, 'a;''b\\''); /* c; */ SELECT `id` FROM target ;;\n# d;\n",
        statements: 2,
    },
    Script {
        text: "DELIMITER $$\nCREATE PROCEDURE p()\nBEGIN\n  DECLARE i INT DEFAULT 0;\n  l: LOOP\n    SET i = i + 1;\n    \
               IF i > 2 THEN LEAVE l; END IF;\n  END LOOP l;\n  SELECT i;\n  SELECT i + 1;\nEND$$\nDELIMITER ;\nCALL p();",
        statements: 2,
    },
    Script {
        text: "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC NO SQL BEGIN RETURN CASE WHEN a > 1 THEN 2 ELSE 3 END; \
               END;\nCREATE TRIGGER g BEFORE INSERT ON target FOR EACH ROW IF NEW.id < 0 THEN SET NEW.id = 0; END IF;\n\
               /*!50003 CREATE TRIGGER h AFTER INSERT ON target FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END */;\n\
               INSERT INTO target (id) VALUES (f(1)); SELECT 1--2",
        statements: 5,
    },
];
