CREATE FUNCTION f() RETURNS int AS $$begin return 1; end;$$LANGUAGE plpgsql;
SELECT 1;