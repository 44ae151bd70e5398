//! Schemas that nobody thought of: what is read of each is written, and the way from each to the next is found.

use std::fmt::Write as _;

use dbvc_engine::conformance::Dice;

use super::altered::{arrives, made};
use super::stage::{between, read, run};
use crate::place::places;

/// For each column what it may be.
const COLUMNS: &[(&str, &[&str])] = &[
    (
        "a",
        &[
            "int",
            "bigint unsigned NOT NULL DEFAULT 7",
            "decimal(12,3) DEFAULT -1.5",
            "tinyint(1) NOT NULL DEFAULT 0",
        ],
    ),
    (
        "b",
        &[
            "varchar(40) NOT NULL DEFAULT 'it''s'",
            "varchar(20) CHARACTER SET latin1",
            "char(3) COLLATE utf8mb4_bin COMMENT 'x\\\\y'",
            "text",
        ],
    ),
    (
        "c",
        &[
            "datetime",
            "datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)",
            "timestamp NULL",
            "date NOT NULL DEFAULT '2020-02-02'",
        ],
    ),
    (
        "d",
        &[
            "enum('x','y''z') DEFAULT 'x'",
            "set('p','q')",
            "json",
            "varbinary(8)",
        ],
    ),
    (
        "e",
        &[
            "int INVISIBLE",
            "int COMMENT 'seen'",
            "float",
            "double NOT NULL DEFAULT 0.25",
        ],
    ),
    (
        "f",
        &[
            "varchar(60) AS (concat(left('abc', 2), '-')) STORED",
            "varchar(60) AS (concat(left('abc', 2), '+')) VIRTUAL",
            "varchar(60)",
        ],
    ),
    ("g", &["bit(3) DEFAULT b'101'", "year", "time(3)", "blob"]),
];

/// What a table may have besides.
const PARTS: &[&str] = &[
    "KEY (ref, id)",
    "KEY by_ref (ref DESC)",
    "UNIQUE KEY (id, ref)",
    "UNIQUE KEY pair (ref, id) COMMENT 'both'",
    "CHECK (k > 0)",
    "CONSTRAINT {t}_positive CHECK (k > 1 or k is null)",
    "CONSTRAINT {t}_above FOREIGN KEY (ref) REFERENCES t0 (id) ON DELETE CASCADE",
    "FOREIGN KEY (ref) REFERENCES t1 (id) ON UPDATE CASCADE",
];

const ENDINGS: &[&str] = &[
    "",
    " COMMENT='a table'",
    " DEFAULT CHARSET=latin1",
    " COLLATE=utf8mb4_bin",
    " ROW_FORMAT=DYNAMIC",
];

fn schema(dice: &mut Dice) -> String {
    let mut sql = String::from("SET foreign_key_checks = 0;\n");
    let tables = 2 + dice.below(4);
    for number in 0..tables {
        let mut lines = vec![
            "id int NOT NULL AUTO_INCREMENT PRIMARY KEY".to_owned(),
            "ref int, k int".to_owned(),
        ];
        for (name, types) in COLUMNS {
            if dice.below(3) > 0 {
                let at = 1 + dice.below(lines.len());
                lines.insert(at, format!("{name} {}", dice.of(types)));
            }
        }
        for part in PARTS {
            if dice.below(4) == 0 {
                lines.push(part.replace("{t}", &format!("t{number}")));
            }
        }
        let _ = writeln!(
            sql,
            "CREATE TABLE t{number} ({}){};",
            lines.join(", "),
            dice.of(ENDINGS)
        );
        if dice.below(2) == 0 {
            let change = dice.of(&["SET NEW.ref = 1", "SET NEW.ref = NEW.ref + 1"]);
            let _ = writeln!(
                sql,
                "CREATE TRIGGER g{number} BEFORE UPDATE ON t{number} FOR EACH ROW {change};"
            );
        }
    }
    for number in 0..dice.below(3) {
        let _ = writeln!(
            sql,
            "CREATE VIEW {} AS SELECT t.id, u.ref FROM t{number} t JOIN t{} u ON u.id = t.ref;",
            ["z_view", "a_view", "m_view"][number],
            dice.below(tables)
        );
    }
    sql.replace("FROM t2", "FROM t1")
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
    for place in places().await {
        let mut dice = Dice::new(seed());
        let mut before = read(&place).await;
        let walker = place.beside().await;
        for round in 0..rounds() {
            let script = schema(&mut dice);
            let there = place.beside().await;
            run(&there, &script).await;
            let after = read(&there).await;
            there.remove().await;
            let copy = made(&place, &after).await;
            let found = between(&after, &read(&copy).await);
            copy.remove().await;
            assert!(
                found.is_empty(),
                "{} {} {round}: {found}{script}",
                place.server,
                seed()
            );
            if let Some(told) = arrives(&walker, &before, &after).await {
                panic!("{} {} {round}: {told}", place.server, seed());
            }
            before = after;
        }
        walker.remove().await;
    }
}
