CREATE TABLE modern (
  id int NOT NULL,
  note varchar(40) DEFAULT (concat('it''s', 'x')),
  long_note text DEFAULT ('y'),
  place point NOT NULL SRID 4326,
  extra json DEFAULT (json_array()),
  size int COLUMN_FORMAT DYNAMIC,
  KEY lowered ((lower(note))),
  KEY hidden (size) INVISIBLE,
  KEY many ((cast(extra->'$.tags' AS unsigned array))),
  UNIQUE KEY ((upper(note)), size),
  CONSTRAINT later CHECK (size > 7) NOT ENFORCED
) STATS_PERSISTENT=1;
CREATE TABLE compressed (id int PRIMARY KEY) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8;
CREATE TABLE parsed (id int, body text, FULLTEXT KEY words (body) WITH PARSER ngram);
