//! Schemas that nobody thought of: what is read of each is written, and the way from each to the next is found.

use std::fmt::Write as _;

use dbvc_engine::conformance::Dice;

use super::altered::arrives;
use super::{between, made, read, written};

/// For each column what it may be.
const COLUMNS: &[(&str, &[&str])] = &[
    (
        "a",
        &[
            "INTEGER",
            "BIGINT NOT NULL DEFAULT 7",
            "NUMERIC(12,3) DEFAULT -1.5",
            "",
        ],
    ),
    (
        "b",
        &[
            "VARCHAR(40) NOT NULL DEFAULT 'it''s'",
            "TEXT COLLATE NOCASE",
            "TEXT UNIQUE ON CONFLICT IGNORE",
            "TEXT CHECK (length(b) > 1)",
        ],
    ),
    (
        "c",
        &[
            "DATETIME DEFAULT CURRENT_TIMESTAMP",
            "BLOB DEFAULT x'00ff'",
            "REAL DEFAULT (1 + 1)",
        ],
    ),
    (
        "d",
        &[
            "INTEGER REFERENCES t0 (id) ON DELETE CASCADE",
            "INTEGER CONSTRAINT other REFERENCES t1 DEFERRABLE INITIALLY DEFERRED",
            "INTEGER",
        ],
    ),
    (
        "e",
        &["INTEGER AS (k + 1)", "INTEGER AS (k * 2) STORED", "INTEGER"],
    ),
];

/// What a table may have besides.
const PARTS: &[&str] = &[
    "UNIQUE (ref, id)",
    "CHECK (k > 0)",
    "CONSTRAINT positive CHECK (k > 1 OR k IS NULL)",
    "FOREIGN KEY (ref) REFERENCES t1 (id) ON UPDATE SET NULL",
];

/// What may come behind it.
const BEHIND: &[&str] = &[
    "CREATE INDEX {t}_pair ON {t} (ref, id DESC)",
    "CREATE INDEX {t}_some ON {t} (ref COLLATE NOCASE) WHERE k > 3",
    "CREATE UNIQUE INDEX {t}_sum ON {t} (id + k)",
    "CREATE TRIGGER {t}_touch AFTER UPDATE ON {t} BEGIN UPDATE t0 SET k = 1; END",
    "CREATE TRIGGER {t}_seen BEFORE DELETE ON {t} WHEN old.k > 1 BEGIN SELECT raise(ABORT, 'no'); END",
    "CREATE VIEW {t}_view AS SELECT id, ref FROM {t}",
    "CREATE VIEW {t}_view AS SELECT t.k, u.ref FROM {t} t JOIN t1 u ON u.id = t.ref",
];

fn schema(dice: &mut Dice) -> String {
    let mut sql = String::new();
    let mut behind = String::new();
    for number in 0..2 + dice.below(4) {
        let table = format!("t{number}");
        let key = dice.of(&[
            "id INTEGER PRIMARY KEY",
            "id INTEGER PRIMARY KEY AUTOINCREMENT",
            "id INTEGER NOT NULL PRIMARY KEY",
        ]);
        let mut lines = vec![key.to_owned(), "ref INTEGER".to_owned(), "k INTEGER".to_owned()];
        for (name, types) in COLUMNS {
            if dice.below(3) > 0 {
                let at = 1 + dice.below(lines.len());
                lines.insert(at, format!("{name} {}", dice.of(types)));
            }
        }
        lines.extend(
            PARTS
                .iter()
                .filter(|_| dice.below(4) == 0)
                .map(|part| (*part).to_owned()),
        );
        let _ = writeln!(sql, "CREATE TABLE {table} ({});", lines.join(", "));
        let mut has_view = false;
        for part in BEHIND {
            let is_view = part.starts_with("CREATE VIEW");
            if dice.below(4) == 0 && !(is_view && has_view) {
                has_view |= is_view;
                let _ = writeln!(behind, "{};", part.replace("{t}", &table));
            }
        }
    }
    sql + &behind
}

/// How many schemas: few, unless `DBVC_TEST_SCHEMAS` says how many.
fn rounds() -> usize {
    let told = std::env::var("DBVC_TEST_SCHEMAS").ok();
    told.map_or(8, |told| told.parse().expect("a number of schemas"))
}

/// Which schemas: always the same, unless `DBVC_TEST_SEED` names others.
fn seed() -> u64 {
    let told = std::env::var("DBVC_TEST_SEED").ok();
    told.map_or(7, |told| told.parse().expect("a seed"))
}

#[tokio::test]
async fn whatever_the_schema_it_is_written_and_so_is_the_way_to_the_next() {
    let (_stage, mut walker) = made("SELECT 1").await;
    let mut dice = Dice::new(seed());
    let mut before = walker.introspect().await.expect("a schema");
    for round in 0..rounds() {
        let script = schema(&mut dice);
        let after = read(&script).await;
        let found = between(&after, &read(&written(&after)).await);
        assert!(found.is_empty(), "{} {round}: {found}{script}", seed());
        if let Some(told) = arrives(&mut walker, &before, &after).await {
            panic!("{} {round}: {told}\n{script}", seed());
        }
        before = after;
    }
}
