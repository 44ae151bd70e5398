DO $$
BEGIN
  PERFORM 1;
END
$$;

CREATE TABLE t (
  a int,

  b int
);
