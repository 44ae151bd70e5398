//! What the kit needs of SQLite: a file of its own for each rule.

use std::sync::Arc;

use async_trait::async_trait;
use dbvc_engine::conformance::{BadUrl, Faulty, Harness, Samples, Scratch, Script, Unavailable};
use dbvc_engine::driver::{Driver, RecordLocation, Target};

/// Files in temporary folders.
pub(crate) struct Sqlite;

/// A join that looks at more rows than any test has time for.
const SLOW: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2000000000) \
                    SELECT count(*) FROM n";
const SLOW_STATEMENT: &str = "INSERT INTO slow (id) WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n \
     WHERE x < 2000000000) SELECT count(*) FROM n";

#[async_trait]
impl Harness for Sqlite {
    fn driver(&self) -> Arc<dyn Driver> {
        dbvc_sqlite::driver()
    }

    async fn fresh(&self) -> Result<Scratch, Unavailable> {
        let folder = tempfile::tempdir().map_err(|error| Unavailable::new(error.to_string()))?;
        let path = folder.path().to_owned();
        // A shorter wait than the default: some rules are about what happens when it ends.
        let url = format!("sqlite:{}/app.db?busy_timeout=2000", path.display());
        let target = Target::parse(&url).map_err(|error| Unavailable::new(error.to_string()))?;
        let untouched = move || {
            let entries = std::fs::read_dir(&path).map_err(|error| error.to_string())?;
            let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
            if names.is_empty() {
                Ok(())
            } else {
                Err(format!("files were made: {names:?}"))
            }
        };
        Ok(Scratch::new(target, folder).with_untouched(Box::new(untouched)))
    }

    fn samples(&self) -> Samples {
        Samples {
            slow_query: Some(SLOW),
            slow_statement: Some(SLOW_STATEMENT),
            unfit: &[
                "VACUUM",
                "PRAGMA foreign_keys = off",
                "PRAGMA journal_mode = wal",
                "ATTACH ':memory:' AS other",
                "DETACH other",
            ],
            refused: &["VACUUM", "PRAGMA journal_mode = wal"],
            fit: &[
                "CREATE TABLE vacuum_log (id integer)",
                "INSERT INTO target (id, name) VALUES (1, 'VACUUM')",
                "PRAGMA user_version = 3",
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
            ],
            scripts: SCRIPTS,
            record_table: |location: &RecordLocation, table| format!("\"{}{table}\"", location.prefix),
            ..Samples::STANDARD
        }
    }

    fn bad_urls(&self) -> &[BadUrl] {
        &[
            BadUrl {
                url: "sqlite:",
                named: "path",
            },
            BadUrl {
                url: "sqlite::memory:",
                named: "memory",
            },
            BadUrl {
                url: "sqlite:app.db?mode=x",
                named: "mode",
            },
            BadUrl {
                url: "sqlite:app.db?bussy_timeout=3",
                named: "bussy_timeout",
            },
            BadUrl {
                url: "sqlite:app.db?busy_timeout=soon",
                named: "busy_timeout",
            },
        ]
    }
}

const SCRIPTS: &[Script] = &[
    Script {
        text: "-- a; b\nINSERT INTO target (id, name) VALUES (1, 'a;''b'); /* c; */ SELECT \"id\" FROM target ;;\n",
        statements: 2,
    },
    Script {
        text: "CREATE TRIGGER t AFTER INSERT ON target BEGIN\n  UPDATE target SET name = CASE WHEN id > 1 THEN \
               'x;' ELSE name END;\n  DELETE FROM target WHERE id < 0;\nEND;\nINSERT INTO [target] (`id`) VALUES \
               (2)",
        statements: 2,
    },
];
