-- migrate:up
create table users (id integer primary key);

-- migrate:down
drop table users;
