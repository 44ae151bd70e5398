SELECT 1 \gexec
SELECT 2
\i other.sql
\.
  \d t; select 3;
SELECT '
\d', $$
\d
$$;