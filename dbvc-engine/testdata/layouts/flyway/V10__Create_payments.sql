create table payments (id integer primary key);
