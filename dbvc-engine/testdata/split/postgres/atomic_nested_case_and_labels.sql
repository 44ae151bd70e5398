create or replace procedure p(begin int)
language sql
begin /* x */ -- y
  atomic
  insert into t values (case when a then case b when 1 then 2 end else 3 end);
  select begin, t.end, 1 as end, 2 end, case when true then 1 end end from t;
  select begin atomic from t;
  ;
END;
select 2;
CREATE FUNCTION g() RETURNS int BEGIN ATOMIC END;
CREATE FUNCTION h() RETURNS int RETURN 1;
CREATE VIEW v AS SELECT begin atomic FROM t;
select 3;
