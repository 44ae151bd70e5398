CREATE TABLE event (begin INT, end INT, `case` INT);
CREATE TABLE IF NOT EXISTS procedure_log (a INT);
SELECT begin, end FROM event;
SELECT 1;