//! Every single change shows, and nothing else does.

use dbvc_engine::schema::Database;

use super::{SHOP, between, read, written};

/// What is written elsewise in the script, what stands there then, and what the report says.
#[rustfmt::skip]
pub(super) const EDITS: &[(&str, &str, &str)] = &[
    // Columns.
    ("material TEXT,", "material TEXT, colour TEXT,", "+ column colour text"),
    ("material TEXT,", "material VARCHAR(9),", "column material: type: text → varchar(9)"),
    ("material TEXT,", "material TEXT NOT NULL,", "column material: nullable: yes → no"),
    ("material TEXT,", "material TEXT COLLATE RTRIM,", "column material: collation: none → RTRIM"),
    ("material TEXT,", "material TEXT DEFAULT 'clay',", "column material: default: none → 'clay'"),
    ("SMALLINT NOT NULL DEFAULT 3", "SMALLINT NOT NULL", "column size: default: 3 → none"),
    ("SMALLINT NOT NULL DEFAULT 3", "SMALLINT NOT NULL DEFAULT 4", "column size: default: 3 → 4"),
    ("SMALLINT NOT NULL DEFAULT 3", "SMALLINT NOT NULL ON CONFLICT FAIL DEFAULT 3", "column size: options.sqlite.on conflict: none → fail"),
    ("SMALLINT NOT NULL DEFAULT 3", "SMALLINT DEFAULT 3", "column size: nullable: no → yes"),
    ("NOT NULL COLLATE NOCASE", "NOT NULL", "column name: collation: NOCASE → none"),
    ("DEFAULT (1 + 1)", "DEFAULT (1 + 2)", "column cost: default"),
    ("NUMERIC(10, 2)", "NUMERIC(10, 3)", "column cost: type: numeric(10,2) → numeric(10,3)"),
    ("(upper(name)) STORED", "(lower(name)) STORED", "column label: generated.expression"),
    ("(upper(name)) STORED", "(upper(name)) VIRTUAL", "column label: generated.stored: yes → no"),
    ("label TEXT GENERATED ALWAYS AS (upper(name)) STORED", "label TEXT", "column label: generated"),
    ("DEFAULT CURRENT_TIMESTAMP", "DEFAULT CURRENT_DATE", "column bought_at: default"),
    ("loose (a, b)", "loose (b, a)", "order of columns: a, b → b, a"),
    ("loose (a, b)", "loose (a)", "- column b"),
    ("loose (a, b)", "loose (a, B)", "- column b"),
    // Keys.
    ("PRIMARY KEY AUTOINCREMENT", "PRIMARY KEY", "key pots_pkey: options.sqlite.autoincrement"),
    ("PRIMARY KEY AUTOINCREMENT", "", "- key pots_pkey"),
    ("id INTEGER PRIMARY KEY,", "id INTEGER PRIMARY KEY DESC,", "key plants_pkey: options.sqlite.in column"),
    ("word TEXT PRIMARY KEY", "word TEXT CONSTRAINT main PRIMARY KEY", "key words_pkey to main"),
    ("word TEXT PRIMARY KEY", "word TEXT PRIMARY KEY DESC", "key words_pkey: parts"),
    ("word TEXT PRIMARY KEY", "word TEXT PRIMARY KEY ON CONFLICT REPLACE", "options.sqlite.on conflict: none → replace"),
    ("UNIQUE (size, material)", "UNIQUE (material, size)", "key pots_material_size_key"),
    ("ON CONFLICT IGNORE", "", "options.sqlite.on conflict: ignore → none"),
    ("ON CONFLICT IGNORE", ", UNIQUE (material)", "+ key pots_material_key"),
    ("\"Latin Name\" TEXT UNIQUE", "\"Latin Name\" TEXT", "- key plants_Latin Name_key"),
    ("UNIQUE (size, material)", "CONSTRAINT sizes UNIQUE (size, material)", "key pots_size_material_key to sizes"),
    ("UNIQUE (size, material)", "UNIQUE (size, material COLLATE NOCASE)", "key pots_size_material_key: parts"),
    // Foreign keys.
    ("ON DELETE CASCADE", "", "on delete: cascade → none"),
    ("ON DELETE CASCADE", "ON DELETE SET NULL", "on delete: cascade → set null"),
    ("DEFERRABLE INITIALLY DEFERRED", "", "deferral: deferred → none"),
    ("DEFERRABLE INITIALLY DEFERRED", "DEFERRABLE", "deferral: deferred → deferrable"),
    ("MATCH FULL", "", "matching: full → none"),
    ("ON UPDATE SET NULL", "ON UPDATE SET DEFAULT", "on update: set null → set default"),
    ("REFERENCES pots (id, size)", "REFERENCES pots (size, id)", "references.columns"),
    ("CONSTRAINT spare REFERENCES pots", "CONSTRAINT spare REFERENCES words", "references.table: pots → words"),
    ("CONSTRAINT spare REFERENCES pots", "", "- foreign key spare"),
    ("CONSTRAINT spare REFERENCES pots", "REFERENCES pots", "foreign key spare to plants_spare_pot_fkey"),
    // Checks.
    ("CHECK (cost >= 0)", "", "- check plants_check"),
    ("CHECK (cost >= 0)", "CHECK (cost > 0)", "check plants_check: expression"),
    ("CHECK (cost >= 0)", "CHECK (cost >= 0) CHECK (cost < 9)", "+ check plants_check1"),
    ("CONSTRAINT named CHECK", "CONSTRAINT has_name CHECK", "check named to has_name"),
    ("CHECK (name <> '')", "CHECK (name <> ' ')", "check named: expression"),
    // Indexes.
    ("lower(name) DESC", "lower(name)", "index plants_by_name: parts"),
    ("lower(name) DESC", "upper(name) DESC", "index plants_by_name: parts"),
    ("DESC, id) WHERE", "DESC) WHERE", "index plants_by_name: parts"),
    ("WHERE id > 0;", ";", "filter: id > 0 → none"),
    ("WHERE id > 0;", "WHERE id > 1;", "filter: id > 0 → id > 1"),
    ("CREATE UNIQUE INDEX plants_latin", "CREATE INDEX plants_latin", "unique: yes → none"),
    ("(\"Latin Name\" COLLATE NOCASE)", "(\"Latin Name\")", "index plants_latin: parts"),
    ("INDEX plants_latin", "INDEX latin", "index plants_latin to latin"),
    // Tables.
    ("STRICT, WITHOUT ROWID", "WITHOUT ROWID", "options.sqlite.strict: yes → none"),
    ("STRICT, WITHOUT ROWID", "STRICT", "options.sqlite.without rowid: yes → none"),
    ("TABLE loose", "TABLE looser", "table loose to looser"),
    // Views and triggers.
    ("SELECT id, name FROM plants;", "SELECT id, name FROM plants WHERE id > 1;", "view plant_names"),
    ("plant_names (id, name)", "plant_names (id, title)", "view plant_names"),
    ("VIEW plant_names", "VIEW names", "view plant_names to names"),
    ("AFTER UPDATE ON plants", "AFTER UPDATE OF name ON plants", "trigger touch of plants"),
    ("SET size = 1", "SET size = 2", "trigger touch of plants"),
    ("TRIGGER touch", "TRIGGER touched", "trigger touch to touched"),
];

/// What is run after the script, and what the report says.
const RUNS: &[(&str, &str)] = &[
    ("DROP TABLE loose", "table loose"),
    ("DROP VIEW plant_names", "view plant_names"),
    ("DROP TRIGGER touch", "trigger touch of plants"),
    ("DROP INDEX plants_latin", "- index plants_latin"),
    ("CREATE TABLE more (a)", "table more"),
    ("CREATE INDEX more ON loose (a)", "+ index more"),
    ("CREATE VIRTUAL TABLE found USING fts5(body)", "table found"),
    ("ALTER TABLE loose ADD COLUMN c", "+ column c"),
    ("ALTER TABLE loose DROP COLUMN b", "- column b"),
    (
        "ALTER TABLE loose RENAME COLUMN b TO c",
        "column b to c of table loose",
    ),
    (
        "CREATE TRIGGER seen INSTEAD OF INSERT ON plant_names BEGIN SELECT 1; END",
        "trigger seen of plant_names",
    ),
];

#[tokio::test]
async fn every_single_change_shows_and_nothing_else_does() {
    // As the record keeps it, and `drift` reads it again.
    let before = Database::from_json(&read(SHOP).await.to_json()).expect("a snapshot");
    let mut scripts: Vec<(String, String, &str)> = Vec::new();
    for (from, to, says) in EDITS {
        assert_eq!(SHOP.matches(from).count(), 1, "{from} stands in the script once");
        scripts.push((format!("{from} → {to}"), SHOP.replace(from, to), says));
    }
    for (sql, says) in RUNS {
        scripts.push(((*sql).to_owned(), format!("{SHOP};\n{sql};"), says));
    }
    assert!(scripts.len() >= 60);
    let mut wrong = Vec::new();
    for (what, script, says) in &scripts {
        let after = read(script).await;
        let found = between(&before, &after);
        let told = found.to_string();
        let most = if says.contains(" to ") { 2 } else { 1 };
        let again = read(&written(&after)).await;
        let lost = between(&after, &again);
        if !lost.is_empty() {
            wrong.push(format!(
                "{what}\n  the script that is written makes another schema:\n{lost}"
            ));
        }
        if found.is_empty() || found.changes.len() > most || !told.contains(says) {
            wrong.push(format!("{what}\n  should say {says:?}, and says:\n{told}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        scripts.len(),
        wrong.join("\n")
    );
}
