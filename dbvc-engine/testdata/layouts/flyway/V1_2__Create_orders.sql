create table orders (id integer primary key, customer integer references customers (id));
