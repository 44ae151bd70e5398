//! The set for Oracle's MySQL and for MariaDB, whose changes of the schema commit by themselves: scripts of such changes,
//! of data alone in a transaction, and of both; procedures, triggers and an event; changes that the catalogue does not
//! show.

use dbvc_tests::proxy::Protocol;
use dbvc_tests::stage::Stage;

use super::backend::{Backend, Truth};
use super::eye::Eye;

pub(super) const BACKEND: Backend = Backend {
    name: "mysql",
    // Half of what the other backends get: the adapter is the same on both servers.
    kills: 100,
    stage: Stage::empty_on_mysql,
    protocol: Some(Protocol::MySql),
    stride: 23,
    files: FILES,
    stops: &["0", "1.1.0", "1.3.0", "1.6.0"],
    truths: &[
        Truth {
            starts: "call price_plants",
            took_effect: "select 'x' from prices limit 1",
        },
        Truth {
            starts: "alter table plants add column depth",
            took_effect: "select 'x' from information_schema.columns where table_schema = database()
                and table_name = 'plants' and column_name = 'depth'",
        },
        Truth {
            starts: "alter table plants drop column depth",
            took_effect: "select 'x' from dual where not exists (select 1 from information_schema.columns
                where table_schema = database() and table_name = 'plants' and column_name = 'depth')",
        },
        Truth {
            starts: "alter table plants modify name varchar(200)",
            took_effect: "select 'x' from information_schema.columns where table_schema = database()
                and table_name = 'plants' and column_name = 'name' and column_type = 'varchar(200)'",
        },
        Truth {
            starts: "alter table plants modify name varchar(100)",
            took_effect: "select 'x' from information_schema.columns where table_schema = database()
                and table_name = 'plants' and column_name = 'name' and column_type = 'varchar(100)'",
        },
        Truth {
            starts: "alter table beds add constraint",
            took_effect:
                "select 'x' from information_schema.check_constraints where constraint_schema = database()
                and constraint_name = 'beds_named'",
        },
        Truth {
            starts: "alter table beds drop constraint",
            took_effect:
                "select 'x' from dual where not exists (select 1 from information_schema.check_constraints
                where constraint_schema = database() and constraint_name = 'beds_named')",
        },
        Truth {
            starts: "drop table shelves, pots",
            took_effect: "select 'x' from dual where not exists (select 1 from information_schema.tables
                where table_schema = database() and table_name in ('shelves', 'pots'))",
        },
    ],
    data: Eye::rows_on_mysql,
    copied: None,
};

pub(super) const FILES: &[(&str, &str)] = &[
    (
        "migrations/V1.0.0__Create_plants.sql",
        "create table plants(id integer primary key, name varchar(100) not null, height integer not null);
create table counter(name varchar(50) primary key, n integer not null);
create table digits(d integer primary key);
insert into counter values ('sums', 0), ('steps', 0);
insert into digits values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
create index plants_by_name on plants(name);
update tally set n = n + 1 where name = '1.0.0 migrate 1';
",
    ),
    (
        "rollback/V1.0.0__Create_plants_rollback.sql",
        "drop table plants;
drop table counter;
update tally set n = n + 1 where name = '1.0.0 rollback 1';
drop table digits;
",
    ),
    (
        "migrations/V1.1.0__Plant.sql",
        "insert into plants select a.d * 100 + b.d * 10 + c.d, concat('plant ', a.d, b.d, c.d, ' 🌱'), b.d * c.d
  from digits a, digits b, digits c;
update plants set height = height + 1;
update counter set n = n + (select sum(height) from plants) where name = 'sums';
update tally set n = n + 1 where name = '1.1.0 migrate 1';
",
    ),
    (
        "rollback/V1.1.0__Plant_rollback.sql",
        "update counter set n = n - (select sum(height) from plants) where name = 'sums';
delete from plants;
update tally set n = n + 1 where name = '1.1.0 rollback 1';
",
    ),
    (
        "migrations/V1.2.0__Price_plants.sql",
        "create table prices(plant integer primary key, price integer not null);
alter table plants add column price integer;
DELIMITER $$
create procedure price_plants(in factor integer)
begin
  declare exit handler for sqlexception begin rollback; resignal; end;
  start transaction;
  update plants set price = height * factor;
  insert into prices select id, price from plants;
  commit;
end$$
create trigger priced after update on plants for each row
begin
  if new.price <> old.price then
    update prices set price = new.price where plant = new.id;
  end if;
end$$
DELIMITER ;
call price_plants(2);
update tally set n = n + 1 where name = '1.2.0 migrate 1';
update plants set price = price + 1 where id % 20 = 0;
create index plants_by_price on plants(price, height);
update tally set n = n + 1 where name = '1.2.0 migrate 2';
",
    ),
    (
        "rollback/V1.2.0__Price_plants_rollback.sql",
        "drop index plants_by_price on plants;
drop trigger priced;
update tally set n = n + 1 where name = '1.2.0 rollback 1';
drop procedure price_plants;
alter table plants drop column price;
drop table prices;
",
    ),
    (
        "migrations/V1.3.0__Raise_heights.sql",
        "update plants set height = height * 2;
insert into plants(id, name, height, price) select id + 1000, concat(name, ' b'), height, price from plants where id < 200;
update counter set n = n + 7 where name = 'sums';
update tally set n = n + 1 where name = '1.3.0 migrate 1';
",
    ),
    (
        "rollback/V1.3.0__Raise_heights_rollback.sql",
        "delete from plants where id >= 1000;
update plants set height = height div 2;
update counter set n = n - 7 where name = 'sums';
update tally set n = n + 1 where name = '1.3.0 rollback 1';
",
    ),
    (
        "migrations/V1.4.0__Add_pots.sql",
        "create table pots(id integer not null, size integer not null, primary key (id, size))
  partition by range (size) (partition small values less than (5), partition large values less than maxvalue);
insert into pots select a.d * 10 + b.d, b.d from digits a, digits b;
update tally set n = n + 1 where name = '1.4.0 migrate 1';
alter table plants add column depth integer default 3, add column width integer;
alter table plants modify name varchar(200) not null;
create table shelves like counter;
insert into shelves select concat('on ', name), n from counter;
create event tidy on schedule every 1 year starts '2037-01-01 00:00:00' disable do delete from shelves;
update counter set n = n + 1 where name = 'steps';
rename table shelves to boards;
",
    ),
    (
        "rollback/V1.4.0__Add_pots_rollback.sql",
        "rename table boards to shelves;
update counter set n = n - 1 where name = 'steps';
drop event tidy;
alter table plants modify name varchar(100) not null;
alter table plants drop column depth, drop column width;
update tally set n = n + 1 where name = '1.4.0 rollback 1';
drop table shelves, pots;
",
    ),
    (
        "migrations/V1.5.0__Copy_plants.sql",
        "create table herbs as select id, name, height from plants where id % 2 = 0;
create unique index herbs_by_id on herbs(id);
delete from herbs where id % 5 = 0;
create table beds(id integer primary key auto_increment, name varchar(20));
alter table beds add constraint beds_named check (name <> '');
update tally set n = n + 1 where name = '1.5.0 migrate 1';
",
    ),
    (
        "rollback/V1.5.0__Copy_plants_rollback.sql",
        "drop view if exists tall_plants;
drop function if exists is_tall;
drop table herbs;
alter table beds drop constraint beds_named;
update tally set n = n + 1 where name = '1.5.0 rollback 1';
drop table beds;
",
    ),
    (
        "migrations/V1.6.0__Make_beds.sql",
        "insert into beds values (1, 'north'), (2, 'south');
insert into beds values (3, 'east');
update counter set n = n + (select count(*) from herbs) where name = 'sums';
update tally set n = n + 1 where name = '1.6.0 migrate 1';
",
    ),
    (
        "rollback/V1.6.0__Make_beds_rollback.sql",
        "update counter set n = n - (select count(*) from herbs) where name = 'sums';
delete from beds;
update tally set n = n + 1 where name = '1.6.0 rollback 1';
",
    ),
    (
        "migrations/R__Tall_plants.sql",
        "create or replace view tall_plants as select id, name from plants where height > 50;
drop function if exists is_tall;
create function is_tall(height integer) returns integer deterministic return height > 50;
update tally set n = n + 1 where name = 'R__Tall_plants migrate 1';
",
    ),
];
