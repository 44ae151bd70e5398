create table customers (id integer primary key, email text);
create table orders (id integer primary key, customer integer references customers (id));
create table invoices (id integer primary key);
