-- migrate:up transaction:false
create index concurrently users_by_id on users (id);

-- migrate:down
drop index users_by_id;
