-- dbvc: no-transaction lock-timeout=5s
-- dbvc: environment=staging,production requires=1.0.0
create index customers_by_id on customers (id);
