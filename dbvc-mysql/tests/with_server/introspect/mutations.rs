//! Every single change shows, and nothing else does.

use super::stage::{between, read, run, shops};
use crate::place::Place;

/// Where it can be made (nowhere named: everywhere), a change, and what the report says of it. Each is made after the ones
/// before.
pub(super) type Mutation = (&'static str, &'static str, &'static str);

const ANY: &str = "";
const MARIADB: &str = "mariadb";
const MYSQL: &str = "mysql";

#[rustfmt::skip]
pub(super) const MUTATIONS: &[Mutation] = &[
    // The database, grants, comments.
    (ANY, "ALTER DATABASE COLLATE utf8mb4_bin", "database defaults"),
    (ANY, "GRANT INSERT ON plants TO 'shop_reader'@'localhost'", "SELECT → INSERT, SELECT"),
    (ANY, "GRANT SELECT ON plants TO 'shop_reader'@'localhost' WITH GRANT OPTION", "GRANT OPTION"),
    (ANY, "GRANT UPDATE (pot) ON plants TO 'shop_reader'@'localhost'", "column pot: grants."),
    (ANY, "REVOKE UPDATE (name) ON plants FROM 'shop_reader'@'localhost'", "column name: grants."),
    (ANY, "GRANT SELECT ON plant_names TO 'shop_reader'@'localhost'", "view plant_names"),
    (ANY, "GRANT SELECT (title) ON dry_plants TO 'shop_reader'@'localhost'", "SELECT (`title`)"),
    (ANY, "GRANT EXECUTE ON PROCEDURE tidy TO 'shop_reader'@'localhost'", "procedure tidy"),
    (ANY, "REVOKE EXECUTE ON FUNCTION water FROM 'shop_reader'@'localhost'", "function water"),
    (ANY, "ALTER TABLE plants COMMENT 'what blooms'", "comment: what grows → what blooms"),
    (ANY, "ALTER TABLE plants COMMENT ''", "comment: what blooms → none"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN name varchar(40) NOT NULL COMMENT 'x'", "column name: comment"),
    // Tables.
    (ANY, "CREATE TABLE more (id int, KEY (id))", "table more"),
    (ANY, "ALTER TABLE more ENGINE=MyISAM", "options.mysql.engine: InnoDB → MyISAM"),
    (ANY, "ALTER TABLE more ROW_FORMAT=FIXED", "options.mysql.row format: none → FIXED"),
    (ANY, "ALTER TABLE more ROW_FORMAT=DEFAULT", "options.mysql.row format: FIXED → none"),
    (ANY, "ALTER TABLE more MAX_ROWS=77", "options.mysql.max rows: none → 77"),
    (ANY, "DROP TABLE more", "table more"),
    (ANY, "RENAME TABLE spread TO scattered", "table spread to scattered"),
    (ANY, "ALTER TABLE latin DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin", "options.mysql.collation: latin1_swedish_ci → utf8mb4_bin"),
    (ANY, "ALTER TABLE latin CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "options.mysql.collation: utf8mb4_bin → utf8mb4_general_ci"),
    (ANY, "ALTER TABLE scratch CHECKSUM=0", "options.mysql.checksum: 1 → none"),
    // Columns.
    (ANY, "ALTER TABLE pots ADD COLUMN colour text", "+ column colour text"),
    (ANY, "ALTER TABLE pots ADD COLUMN glaze varchar(9) NOT NULL DEFAULT 'x' AFTER id", "+ column glaze varchar(9)"),
    (ANY, "ALTER TABLE pots DROP COLUMN colour", "- column colour text"),
    (ANY, "ALTER TABLE pots RENAME COLUMN glaze TO shine", "column glaze to shine of table pots"),
    (ANY, "ALTER TABLE pots MODIFY COLUMN shine varchar(9) NOT NULL DEFAULT 'x' FIRST", "order of columns"),
    (ANY, "ALTER TABLE pots MODIFY COLUMN material varchar(80)", "column material: type: varchar(40) → varchar(80)"),
    (ANY, "ALTER TABLE pots MODIFY COLUMN size int NOT NULL DEFAULT 3", "column size: type: smallint → int"),
    (ANY, "ALTER TABLE pots MODIFY COLUMN size int unsigned NOT NULL DEFAULT 3", "column size: type: int → int unsigned"),
    (ANY, "ALTER TABLE pots MODIFY COLUMN size int NOT NULL DEFAULT 4", "column size: default: 3 → 4"),
    (ANY, "ALTER TABLE pots ALTER COLUMN size DROP DEFAULT", "column size: default: 4 → none"),
    (ANY, "ALTER TABLE pots MODIFY COLUMN size int NULL", "column size: nullable: no → yes"),
    (ANY, "ALTER TABLE pots MODIFY COLUMN material varchar(80) COLLATE utf8mb4_bin", "column material: collation"),
    (ANY, "ALTER TABLE pots MODIFY COLUMN material varchar(80) CHARACTER SET latin1", "column material: collation: utf8mb4_bin → latin1_swedish_ci"),
    (ANY, "ALTER TABLE pots MODIFY COLUMN material varchar(80) CHARACTER SET latin1 DEFAULT 'it''s'", "default: none → 'it''s'"),
    (ANY, "ALTER TABLE pots MODIFY COLUMN material varchar(80) CHARACTER SET latin1 DEFAULT ''", "default: 'it''s' → ''"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN humour enum('dry','it''s wet','damp') DEFAULT 'dry'", "column humour"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN uses set('food','shade','show')", "column uses: type"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN cost decimal(10,3) NOT NULL DEFAULT 0.5", "column cost"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN flag tinyint NOT NULL DEFAULT 1", "column flag: type: tinyint(1) → tinyint"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN label varchar(80) GENERATED ALWAYS AS (lower(name)) STORED", "column label: generated.expression"),
    (ANY, "ALTER TABLE plants DROP COLUMN short, ADD COLUMN short varchar(9) AS (left(name, 9)) STORED AFTER label", "column short: generated.stored"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN short varchar(9) AFTER label", "column short: generated"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN extra text", "column extra: type: json → text"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN token varchar(36) DEFAULT (upper(uuid()))", "column token: default"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN token varchar(36)", "column token: default"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN bought_at datetime DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP", "type: datetime(3) → datetime"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN bought_at datetime DEFAULT CURRENT_TIMESTAMP", "options.mysql.on update: CURRENT_TIMESTAMP → none"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN stamped timestamp NOT NULL DEFAULT '2020-01-01 00:00:00'", "column stamped"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN secret int", "options.mysql.invisible: yes → none"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN made timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP INVISIBLE", "options.mysql.invisible: none → yes"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN bits bit(4) DEFAULT b'1'", "column bits: default"),
    (ANY, "ALTER TABLE plants MODIFY COLUMN loud int unsigned", "type: int(7) unsigned zerofill → int unsigned"),
    (ANY, "ALTER TABLE members DROP FOREIGN KEY members_ibfk_1", "- foreign key members_ibfk_1"),
    (ANY, "ALTER TABLE members MODIFY COLUMN id int NOT NULL AUTO_INCREMENT", "column id: identity"),
    (ANY, "ALTER TABLE members MODIFY COLUMN id bigint NOT NULL", "type: int → bigint"),
    // Keys.
    (ANY, "ALTER TABLE members DROP PRIMARY KEY", "- key PRIMARY"),
    (ANY, "ALTER TABLE members ADD PRIMARY KEY (id, leader)", "+ key PRIMARY"),
    (ANY, "ALTER TABLE members DROP PRIMARY KEY, ADD PRIMARY KEY (leader, id)", "key PRIMARY: parts"),
    (ANY, "ALTER TABLE pots ADD UNIQUE (material)", "+ key material"),
    (ANY, "ALTER TABLE pots RENAME INDEX material TO stuff", "key material to stuff"),
    (ANY, "ALTER TABLE pots DROP INDEX size, ADD UNIQUE KEY size (material, size)", "key size: parts"),
    (ANY, "ALTER TABLE pots DROP INDEX size, ADD UNIQUE KEY size (material(9), size)", "key size: parts"),
    (ANY, "ALTER TABLE plants DROP INDEX plants_latin", "- key plants_latin"),
    (ANY, "ALTER TABLE plants ADD INDEX plants_latin (`Latin Name`)", "+ index plants_latin"),
    // Foreign keys.
    (ANY, "ALTER TABLE plants DROP FOREIGN KEY plants_ibfk_1", "- foreign key plants_ibfk_1"),
    (ANY, "ALTER TABLE plants ADD FOREIGN KEY (pot) REFERENCES pots (id)", "+ foreign key plants_ibfk_1"),
    (ANY, "ALTER TABLE plants DROP FOREIGN KEY spare_pot, ADD CONSTRAINT spare FOREIGN KEY (spare_pot) REFERENCES pots (id)", "foreign key spare_pot to spare"),
    (ANY, "ALTER TABLE plants DROP FOREIGN KEY spare; ALTER TABLE plants ADD CONSTRAINT spare FOREIGN KEY (spare_pot) REFERENCES pots (id) ON DELETE SET NULL", "on delete: none → set null"),
    (ANY, "ALTER TABLE plants DROP FOREIGN KEY spare; ALTER TABLE plants ADD CONSTRAINT spare FOREIGN KEY (spare_pot) REFERENCES pots (id) ON DELETE SET NULL ON UPDATE CASCADE", "on update: none → cascade"),
    // Checks.
    (ANY, "ALTER TABLE plants DROP CONSTRAINT named", "- check named"),
    (ANY, "ALTER TABLE plants ADD CONSTRAINT named CHECK (name <> 'x')", "+ check named"),
    (ANY, "ALTER TABLE plants DROP CONSTRAINT named, ADD CONSTRAINT named CHECK (name <> 'y')", "check named: expression"),
    (ANY, "ALTER TABLE pots ADD CHECK (size > 0)", "+ check"),
    // Indexes.
    (ANY, "CREATE INDEX pots_more ON pots (size)", "+ index pots_more"),
    (ANY, "DROP INDEX pots_more ON pots", "- index pots_more"),
    (ANY, "ALTER TABLE plants RENAME INDEX plants_by_name TO by_name", "index plants_by_name to by_name"),
    (ANY, "ALTER TABLE plants DROP INDEX by_name, ADD INDEX by_name (name(11), id DESC) COMMENT 'for the search'", "index by_name: parts"),
    (ANY, "ALTER TABLE plants DROP INDEX by_name, ADD INDEX by_name (name(11), id) COMMENT 'for the search'", "index by_name: parts"),
    (ANY, "ALTER TABLE plants DROP INDEX by_name, ADD INDEX by_name (name(11), id)", "index by_name: comment"),
    (ANY, "ALTER TABLE plants DROP INDEX plants_notes", "- index plants_notes"),
    (ANY, "ALTER TABLE plants DROP INDEX plants_spot", "- index plants_spot"),
    (ANY, "ALTER TABLE plants ADD SPATIAL INDEX around (spot)", "+ index around"),
    (MARIADB, "ALTER TABLE plants ALTER INDEX by_name IGNORED", "options.mysql.invisible: none → yes"),
    (MYSQL, "ALTER TABLE plants ALTER INDEX by_name INVISIBLE", "options.mysql.invisible: none → yes"),
    // Partitions.
    (ANY, "ALTER TABLE orders REORGANIZE PARTITION rest INTO (PARTITION p2026 VALUES LESS THAN (2027), PARTITION rest VALUES LESS THAN MAXVALUE)", "partitioning"),
    (ANY, "ALTER TABLE orders DROP PARTITION p2025", "partitioning"),
    (ANY, "ALTER TABLE scattered COALESCE PARTITION 1", "HASH (`id`) PARTITIONS 4"),
    (ANY, "ALTER TABLE listed REMOVE PARTITIONING", "partitioning"),
    (ANY, "ALTER TABLE listed PARTITION BY KEY (id) PARTITIONS 2", "partitioning"),
    // Views.
    (ANY, "CREATE VIEW more AS SELECT 1 AS one", "view more"),
    (ANY, "DROP VIEW more", "view more"),
    (ANY, "CREATE OR REPLACE VIEW plant_names AS SELECT id, name FROM plants WHERE id > 1", "definition"),
    (ANY, "CREATE OR REPLACE ALGORITHM=TEMPTABLE VIEW plant_names AS SELECT id, name FROM plants WHERE id > 1", "options.mysql.algorithm: none → temptable"),
    (ANY, "CREATE OR REPLACE SQL SECURITY INVOKER VIEW plant_names AS SELECT id, name FROM plants WHERE id > 1", "options.mysql.security: none → invoker"),
    (ANY, "CREATE OR REPLACE VIEW plant_names AS SELECT id, name FROM plants WHERE id > 1 WITH LOCAL CHECK OPTION", "options.mysql.check option: none → local"),
    (ANY, "CREATE OR REPLACE DEFINER='shop_reader'@'localhost' VIEW plant_names AS SELECT id, name FROM plants WHERE id > 1 WITH LOCAL CHECK OPTION", "owner: dbvc@% → shop_reader@localhost"),
    // Programs.
    (ANY, "CREATE FUNCTION more() RETURNS int DETERMINISTIC RETURN 1", "function more"),
    (ANY, "ALTER FUNCTION more SQL SECURITY INVOKER", "definition"),
    (ANY, "ALTER FUNCTION more COMMENT 'x'", "definition"),
    (ANY, "DROP FUNCTION more", "function more"),
    (ANY, "DROP PROCEDURE water", "procedure water"),
    (ANY, "DROP PROCEDURE tidy; CREATE PROCEDURE tidy(IN days int, OUT done int) BEGIN SET done = 2; END", "definition"),
    (ANY, "SET sql_mode = 'ANSI_QUOTES'; DROP FUNCTION water; CREATE FUNCTION water(plant int) RETURNS int DETERMINISTIC NO SQL RETURN plant; SET sql_mode = DEFAULT", "options.mysql.sql mode"),
    (ANY, "DROP TRIGGER first_touch", "trigger first_touch of plants"),
    (ANY, "CREATE TRIGGER again BEFORE UPDATE ON plants FOR EACH ROW PRECEDES touch SET @c = 1", "options.mysql.follows: none → again"),
    (ANY, "DROP TRIGGER touch; CREATE TRIGGER touch AFTER UPDATE ON plants FOR EACH ROW SET @d = 1", "trigger touch of plants"),
    (ANY, "CREATE DEFINER='shop_reader'@'localhost' TRIGGER pot_made AFTER INSERT ON pots FOR EACH ROW BEGIN SET @e = 1; END", "trigger pot_made of pots"),
    (ANY, "ALTER EVENT nightly ON SCHEDULE EVERY 2 DAY", "schedule: EVERY 1 DAY → EVERY 2 DAY"),
    (ANY, "ALTER EVENT nightly DISABLE", "options.mysql.status: none → disabled"),
    (ANY, "ALTER EVENT nightly COMMENT 'x'", "comment: at night → x"),
    (ANY, "ALTER EVENT nightly DO DELETE FROM latin", "definition"),
    (ANY, "ALTER EVENT once ON COMPLETION NOT PRESERVE", "options.mysql.on completion: preserve → none"),
    (ANY, "ALTER EVENT often RENAME TO seldom", "event often to seldom"),
    (ANY, "DROP EVENT seldom", "event seldom"),
    // What only one of them has.
    (MARIADB, "CREATE SEQUENCE numbers", "sequence numbers"),
    (MARIADB, "ALTER SEQUENCE numbers INCREMENT BY 7", "increment: 1 → 7"),
    (MARIADB, "ALTER SEQUENCE numbers MAXVALUE 7000 CYCLE", "max: 9223372036854775806 → 7000"),
    (MARIADB, "ALTER SEQUENCE numbers START WITH 3 NOCACHE", "start: 1 → 3"),
    (MARIADB, "DROP SEQUENCE numbers", "sequence numbers"),
    (MARIADB, "ALTER TABLE numbered MODIFY COLUMN note varchar(9) CHECK (note <> 'y')", "check note: expression"),
    (MARIADB, "ALTER TABLE numbered MODIFY COLUMN note varchar(9)", "- check note"),
    (MARIADB, "ALTER TABLE numbered MODIFY COLUMN long_note longtext", "options.mysql.more: COMPRESSED → none"),
    (MARIADB, "ALTER TABLE numbered MODIFY COLUMN id bigint NOT NULL", "column id: default"),
    (MARIADB, "ALTER TABLE pages PAGE_COMPRESSION_LEVEL=4", "options.mysql.page compression level: 3 → 4"),
    (MARIADB, "ALTER TABLE latin ADD SYSTEM VERSIONING", "options.mysql.system versioning: none → yes"),
    (MARIADB, "ALTER TABLE latin DROP SYSTEM VERSIONING", "options.mysql.system versioning: yes → none"),
    (MARIADB, "ALTER TABLE orders ADD COLUMN till date NOT NULL, ADD PERIOD FOR validity (sold_on, till)", "options.mysql.period.validity"),
    (MARIADB, "SET sql_mode = ORACLE; DROP PACKAGE BODY tools; SET sql_mode = DEFAULT", "package body tools"),
    (MYSQL, "ALTER TABLE modern DROP INDEX lowered, ADD INDEX lowered ((upper(note)))", "index lowered: parts"),
    (MYSQL, "ALTER TABLE modern ALTER CHECK later ENFORCED", "options.mysql.not enforced: yes → none"),
    (MYSQL, "ALTER TABLE modern MODIFY COLUMN place point NOT NULL", "options.mysql.srid: 4326 → none"),
    (MYSQL, "ALTER TABLE modern ALTER INDEX hidden VISIBLE", "options.mysql.invisible: yes → none"),
    (MYSQL, "ALTER TABLE modern STATS_PERSISTENT=0", "options.mysql.stats persistent: 1 → 0"),
    (MYSQL, "ALTER TABLE parsed DROP INDEX words; ALTER TABLE parsed ADD FULLTEXT INDEX words (body)", "options.mysql.parser: ngram → none"),
    (MYSQL, "ALTER TABLE compressed KEY_BLOCK_SIZE=4", "options.mysql.key block size: 8 → 4"),
];

pub(super) fn on(place: &Place) -> impl Iterator<Item = &'static Mutation> + use<> {
    let server = place.server;
    MUTATIONS
        .iter()
        .filter(move |(only, ..)| only.is_empty() || *only == server)
}

#[tokio::test]
async fn every_single_change_shows_and_nothing_else_does() {
    for place in shops().await {
        assert!(on(&place).count() >= 100);
        let mut before = read(&place).await;
        let mut wrong = Vec::new();
        for (_, sql, says) in on(&place) {
            run(&place, sql).await;
            let after = read(&place).await;
            let found = between(&before, &after);
            let told = found.to_string();
            // A new name is one that goes and one that comes.
            let most = if says.contains(" to ") || says.contains("follows") {
                2
            } else {
                1
            };
            if found.is_empty() || found.changes.len() > most || !told.contains(says) {
                wrong.push(format!("{sql}\n  should say {says:?}, and says:\n{told}"));
            }
            before = after;
        }
        assert!(
            wrong.is_empty(),
            "{}: {}:\n{}",
            place.server,
            wrong.len(),
            wrong.join("\n")
        );
    }
}
