CREATE TABLE t (f text CHECK (f ~ E'.'));
CREATE FUNCTION f() RETURNS int AS $$ begin; end; $$ LANGUAGE plpgsql;
SELECT E'\'; ', e'a''b\\'; SELECT '\'; SELECT 3;