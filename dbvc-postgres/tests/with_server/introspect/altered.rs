//! The way that is written from one schema to another leads there, and back.

use dbvc_engine::diff::{DiffOptions, diff};
use dbvc_engine::driver::{Altered, Driver as _};
use dbvc_engine::schema::Database;

use super::mutations::MUTATIONS;
use super::stage::{read, shop};
use crate::place::Place;

/// PostgreSQL puts a column at the end, wherever it stood.
const COMPARED: DiffOptions = DiffOptions {
    owners: true,
    grants: true,
    column_order: false,
};

fn way(before: &Database, after: &Database) -> Altered {
    dbvc_postgres::driver()
        .ddl()
        .unwrap()
        .alter(before, after)
        .unwrap()
}

/// What is wrong with a place after the script ran there, if anything is.
pub(super) async fn arrives(place: &Place, before: &Database, after: &Database) -> Option<String> {
    let written = way(before, after);
    if let Err(error) = place.try_run(&written.sql).await {
        return Some(format!("{error}\n{}", written.sql));
    }
    let mut found = diff(&read(place).await, after, COMPARED);
    found
        .changes
        .retain(|change| !written.left_out.iter().any(|(key, _)| *key == change.object));
    (!found.is_empty()).then(|| format!("{found}{}", written.sql))
}

/// Schema `spare` gives the reader more by itself than the script can know.
const NOT_KNOWN: &[&str] = &["ALTER TABLE scratch SET SCHEMA spare"];

#[tokio::test]
async fn every_change_is_written_and_so_is_its_undoing() {
    let Some(place) = shop().await else { return };
    let shop = read(&place).await;
    let mut wrong = Vec::new();
    let mut tried = 0;
    let known = MUTATIONS.iter().filter(|(sql, ..)| !NOT_KNOWN.contains(sql));
    let mut there = place.copy().await;
    for (sql, ..) in known {
        if there.try_run(sql).await.is_err() {
            continue;
        }
        tried += 1;
        let changed = read(&there).await;
        for (step, from, to) in [("back", &changed, &shop), ("there", &shop, &changed)] {
            if let Some(told) = arrives(&there, from, to).await {
                wrong.push(format!("=== {step}: {sql}\n{told}"));
                break;
            }
        }
        // The way back leads to a copy for the next one, unless a column found another place, or something was left out.
        let _ = there.try_run(&way(&changed, &shop).sql).await;
        if read(&there).await != shop {
            there.remove().await;
            there = place.copy().await;
        }
    }
    there.remove().await;
    assert!(tried > 60, "{tried}");
    assert!(
        wrong.is_empty(),
        "{} of {tried}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[tokio::test]
async fn so_it_is_when_much_changes_at_once() {
    let Some(place) = shop().await else { return };
    let shop = read(&place).await;
    let mut wrong = Vec::new();
    for changes in MUTATIONS.chunks(MUTATIONS.len() / 12) {
        let there = place.copy().await;
        for (sql, ..) in changes.iter().filter(|(sql, ..)| !NOT_KNOWN.contains(sql)) {
            let _ = there.try_run(sql).await;
        }
        let changed = read(&there).await;
        let here = place.copy().await;
        wrong.extend(arrives(&here, &shop, &changed).await);
        wrong.extend(arrives(&there, &changed, &shop).await);
        there.remove().await;
        here.remove().await;
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn from_nothing_to_everything_and_back() {
    let Some(place) = shop().await else { return };
    let shop = read(&place).await;
    let empty = Place::new().await.unwrap();
    let nothing = read(&empty).await;
    assert_eq!(arrives(&empty, &nothing, &shop).await, None);
    assert_eq!(arrives(&place, &shop, &nothing).await, None);
}

#[tokio::test]
async fn what_destroys_data_says_so() {
    let Some(place) = shop().await else { return };
    let shop = read(&place).await;
    let copy = place.copy().await;
    copy.run("ALTER TABLE pots DROP COLUMN material CASCADE; DROP TABLE derived")
        .await;
    let written = way(&shop, &read(&copy).await);
    copy.remove().await;
    assert_eq!(
        written.losses,
        [
            "table public.derived with its rows",
            "column material of table public.pots"
        ]
    );
    assert!(
        written
            .sql
            .contains("-- Destroys data: column material of table public.pots."),
        "{}",
        written.sql
    );
}

#[tokio::test]
async fn a_type_that_is_made_anew_keeps_its_columns_their_rows_and_what_is_said_of_it() {
    const MADE: &str = "CREATE DOMAIN amount AS integer CHECK (VALUE > 0);\n\
         COMMENT ON DOMAIN amount IS 'how many';\n\
         CREATE TYPE mood AS ENUM ('calm', 'wild');\n\
         COMMENT ON TYPE mood IS 'how';\n\
         CREATE TABLE beds (id integer PRIMARY KEY, a amount DEFAULT 3 CHECK (a > 1), many amount[], m mood,\n\
           was amount);\n\
         CREATE TABLE more (b text) INHERITS (beds);\n\
         CREATE INDEX ON beds (a);\n\
         CREATE VIEW high AS SELECT id, a FROM beds WHERE a > 5;\n\
         INSERT INTO beds VALUES (1, 7, '{8,9}', 'wild', 5);\n";
    const CHANGES: &str = "DROP VIEW high; ALTER TABLE beds ALTER a TYPE bigint, ALTER many TYPE bigint[],\n\
           ALTER was TYPE text, ALTER m TYPE text;\n\
         DROP DOMAIN amount; CREATE DOMAIN amount AS bigint CHECK (VALUE > 1);\n\
         DROP TYPE mood; CREATE TYPE mood AS ENUM ('wild', 'calm');\n\
         COMMENT ON DOMAIN amount IS 'how many'; COMMENT ON TYPE mood IS 'how';\n\
         ALTER TABLE beds ALTER a TYPE amount, ALTER many TYPE amount[] USING many::amount[],\n\
           ALTER m TYPE mood USING m::mood;\n\
         CREATE VIEW high AS SELECT id, a FROM beds WHERE a > 5;\n";
    let Some(place) = Place::new().await else { return };
    place.run(MADE).await;
    let before = read(&place).await;
    let other = place.copy().await;
    other.run(CHANGES).await;
    let after = read(&other).await;
    for (from, to) in [(&before, &after), (&after, &before)] {
        assert_eq!(arrives(&place, from, to).await, None);
        let row = place
            .cell("SELECT concat_ws(' ', a, many, m, was) FROM beds")
            .await;
        assert_eq!(row, "7 {8,9} wild 5");
    }
}

#[tokio::test]
async fn what_reads_an_enum_goes_and_comes_back_when_it_is_made_anew() {
    const MADE: &str = "CREATE TYPE mood__old AS ENUM ('taken');\n\
         CREATE TABLE kinds (m mood PRIMARY KEY);\n\
         CREATE TABLE beds (id integer PRIMARY KEY, m mood DEFAULT 'calm' REFERENCES kinds, t text,\n\
           CONSTRAINT not_wild CHECK (m <> 'wild'), CONSTRAINT known CHECK (t::mood > 'calm'),\n\
           CONSTRAINT one EXCLUDE USING btree (t WITH =) WHERE (m = 'calm'));\n\
         COMMENT ON CONSTRAINT not_wild ON beds IS 'why';\n\
         CREATE TABLE more () INHERITS (beds);\n\
         CREATE INDEX calm ON beds (id) WHERE m = 'calm';\n\
         CREATE INDEX computed ON beds ((m = 'calm'::mood));\n\
         CREATE TABLE others (id integer);\n\
         CREATE POLICY own ON beds FOR SELECT USING (m = 'calm');\n\
         CREATE POLICY theirs ON others USING (EXISTS (SELECT 1 FROM beds WHERE beds.m = 'calm'));\n\
         INSERT INTO kinds VALUES ('calm'); INSERT INTO beds VALUES (1, 'calm', 'wild');\n";
    let Some(place) = Place::new().await else { return };
    place
        .run(&format!(
            "CREATE TYPE mood AS ENUM ('calm', 'sad', 'wild');\n{MADE}"
        ))
        .await;
    let before = read(&place).await;
    let other = Place::new().await.unwrap();
    let changed = MADE.replace("CHECK (m <> 'wild')", "CHECK (m < 'wild')");
    other
        .run(&format!("CREATE TYPE mood AS ENUM ('calm', 'wild');\n{changed}"))
        .await;
    let after = read(&other).await;
    for (from, to) in [(&before, &after), (&after, &before)] {
        assert_eq!(way(from, to).left_out, []);
        assert_eq!(arrives(&place, from, to).await, None);
        let row = place.cell("SELECT concat_ws(' ', id, m, t) FROM beds").await;
        assert_eq!(row, "1 calm wild");
    }
}

#[tokio::test]
async fn a_type_that_a_computed_column_reads_is_left_out_and_the_rest_is_written() {
    let Some(place) = Place::new().await else { return };
    place
        .run(
            "CREATE TYPE mood AS ENUM ('calm', 'wild');\n\
              CREATE TABLE beds (m mood, calm boolean GENERATED ALWAYS AS (m = 'calm') STORED)",
        )
        .await;
    let before = read(&place).await;
    let other = Place::new().await.unwrap();
    other
        .run(
            "CREATE TYPE mood AS ENUM ('wild', 'calm');\n\
              CREATE TABLE beds (m mood, calm boolean GENERATED ALWAYS AS (m = 'calm') STORED, more text)",
        )
        .await;
    let after = read(&other).await;
    let left_out = way(&before, &after).left_out;
    assert_eq!(left_out.len(), 1, "{left_out:?}");
    assert!(left_out[0].1.contains("computed column calm"), "{left_out:?}");
    assert_eq!(arrives(&place, &before, &after).await, None);
}

#[tokio::test]
async fn a_type_with_the_longest_name_is_made_anew() {
    let Some(place) = Place::new().await else { return };
    let (one, two) = (format!("{}1", "m".repeat(62)), format!("{}2", "m".repeat(62)));
    let made = |words: &str| {
        format!(
            "CREATE TYPE {one} AS ENUM ({words}); CREATE TYPE {two} AS ENUM ({words});\n\
             CREATE TABLE beds (a {one}, b {two})"
        )
    };
    place.run(&made("'a', 'b'")).await;
    let before = read(&place).await;
    let other = Place::new().await.unwrap();
    other.run(&made("'b', 'a'")).await;
    assert_eq!(arrives(&place, &before, &read(&other).await).await, None);
}
