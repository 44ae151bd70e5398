-- Accounts belong to the whole server, and tests run side by side.
CREATE USER IF NOT EXISTS 'shop_reader'@'localhost';

CREATE TABLE pots (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  size smallint NOT NULL DEFAULT 3,
  material varchar(40),
  UNIQUE KEY (size, material)
) COMMENT 'what holds';

CREATE TABLE plants (
  id int NOT NULL AUTO_INCREMENT,
  name varchar(40) NOT NULL COMMENT 'for people, it''s \\ said',
  `Latin Name` varchar(80) CHARACTER SET latin1 COLLATE latin1_bin,
  pot bigint unsigned,
  spare_pot bigint unsigned,
  humour enum('dry','it''s wet') DEFAULT 'it''s wet',
  uses set('food','shade'),
  cost decimal(10,2) NOT NULL DEFAULT 0.50,
  label varchar(80) GENERATED ALWAYS AS (concat(name, ' it''s', '\\')) STORED,
  short varchar(9) AS (left(name, 9)) VIRTUAL,
  extra json,
  notes text,
  token varchar(36) DEFAULT (uuid()),
  flag boolean NOT NULL DEFAULT true,
  bought_at datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  stamped timestamp NULL,
  made timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  secret int INVISIBLE,
  spot point NOT NULL,
  bits bit(4) DEFAULT b'0101',
  raw varbinary(9),
  loud int(7) unsigned zerofill,
  PRIMARY KEY (id),
  KEY plants_by_name (name(10), id DESC) COMMENT 'for the search',
  KEY (pot),
  UNIQUE KEY plants_latin (`Latin Name`),
  FULLTEXT KEY plants_notes (notes),
  SPATIAL KEY plants_spot (spot),
  CONSTRAINT named CHECK (name <> '' or name like 'it''s \\%'),
  CHECK (cost < 500),
  FOREIGN KEY (pot) REFERENCES pots (id) ON DELETE CASCADE,
  CONSTRAINT spare_pot FOREIGN KEY (spare_pot) REFERENCES pots (id)
) COMMENT 'what grows';

CREATE TABLE orders (
  number bigint NOT NULL,
  sold_on date NOT NULL,
  plant int,
  PRIMARY KEY (number, sold_on)
) PARTITION BY RANGE (year(sold_on)) (
  PARTITION p2025 VALUES LESS THAN (2026) COMMENT 'last year',
  PARTITION rest VALUES LESS THAN MAXVALUE
);
CREATE TABLE spread (id int NOT NULL, day date) PARTITION BY HASH (id) PARTITIONS 4;
CREATE TABLE listed (id int NOT NULL, kind varchar(9) NOT NULL) PARTITION BY LIST COLUMNS (kind) (
  PARTITION a VALUES IN ('x', 'y'), PARTITION b VALUES IN ('z'));
CREATE TABLE scratch (id int, other int, words varchar(9)) ENGINE=MyISAM CHECKSUM=1;
CREATE TABLE latin (name varchar(9), note varchar(9) COLLATE latin1_german1_ci) DEFAULT CHARSET=latin1;
CREATE TABLE members (id int PRIMARY KEY, leader int, FOREIGN KEY (leader) REFERENCES members (id) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE `odd.name (``` (`a``b` int, `select` int DEFAULT -3, UNIQUE KEY `k``` (`a``b`));

CREATE FUNCTION water(plant int) RETURNS int DETERMINISTIC NO SQL RETURN plant;
DELIMITER //
CREATE PROCEDURE tidy(IN days int, OUT done int)
  MODIFIES SQL DATA SQL SECURITY INVOKER COMMENT 'cleans'
BEGIN
  -- What is old; it's said.
  DELETE FROM scratch WHERE id > days;
  SET done = 1;
END //
CREATE PROCEDURE water() SELECT 1 //
DELIMITER ;

CREATE VIEW plant_names AS SELECT id, name FROM plants;
CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW dry_plants (number, title) AS
  SELECT id, name FROM plant_names WHERE id IN (SELECT id FROM plants WHERE humour = 'dry') WITH CASCADED CHECK OPTION;
CREATE VIEW aa_watered AS SELECT water(p.id) AS w, 'it''s' AS s FROM plants p LEFT JOIN pots ON pots.id = p.pot;

CREATE TRIGGER touch BEFORE UPDATE ON plants FOR EACH ROW SET NEW.cost = NEW.cost + 0;
DELIMITER //
CREATE TRIGGER first_touch BEFORE UPDATE ON plants FOR EACH ROW
BEGIN
  SET @a = 1; # one
  SET @b = 'it''s';
END //
DELIMITER ;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY COMMENT 'at night' DO DELETE FROM scratch;
CREATE EVENT often ON SCHEDULE EVERY '1:30' HOUR_MINUTE STARTS '2030-01-01 00:00:00' ENDS '2037-01-01 00:00:00' DO DELETE FROM scratch;
CREATE EVENT once ON SCHEDULE AT '2037-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE DO DELETE FROM scratch;

GRANT SELECT ON plants TO 'shop_reader'@'localhost';
GRANT UPDATE (name) ON plants TO 'shop_reader'@'localhost';
GRANT EXECUTE ON FUNCTION water TO 'shop_reader'@'localhost';
