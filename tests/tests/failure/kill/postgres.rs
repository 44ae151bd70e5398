//! The set for PostgreSQL: bulk rows, functions and triggers, `COPY`, `CREATE INDEX CONCURRENTLY`, `VACUUM`,
//! `ALTER TYPE`, and a search path that is set for the rest of a script.

use dbvc_tests::proxy::Protocol;
use dbvc_tests::stage::Stage;

use super::backend::{Backend, Truth};
use super::eye::Eye;

pub(super) const BACKEND: Backend = Backend {
    name: "postgres",
    kills: 200,
    stage: Stage::empty_on_postgres,
    protocol: Some(Protocol::Postgres),
    stride: 1,
    files: FILES,
    stops: &["0", "1.1.0", "1.3.0", "1.6.0"],
    truths: &[
        Truth {
            starts: "insert into pots",
            took_effect: "select 'x' from pots limit 1",
        },
        Truth {
            starts: "delete from pots",
            took_effect: "select 'x' where not exists (select from pots)",
        },
        Truth {
            starts: "update counter set n = n + 1",
            took_effect: "select 'x' from counter where name = 'steps' and n = 1",
        },
        Truth {
            starts: "update counter set n = n - 1",
            took_effect: "select 'x' from counter where name = 'steps' and n = 0",
        },
        Truth {
            starts: "alter type mood add value",
            took_effect: "select 'x' from pg_enum where enumlabel = 'glad'",
        },
        Truth {
            starts: "alter table pots add column",
            took_effect: "select 'x' from pg_attribute where attrelid = 'pots'::regclass and attname = 'colour'",
        },
        Truth {
            starts: "copy shelves",
            took_effect: "select 'x' from depot.shelves limit 1",
        },
    ],
    data,
    copied: None,
};

const FILES: &[(&str, &str)] = &[
    (
        "migrations/V1.0.0__Create_plants.sql",
        "create table plants(id integer primary key, name text not null, height integer not null);
         create table counter(name text primary key, n integer not null);
         insert into counter values ('sums', 0), ('steps', 0);
         insert into plants select n, 'plant ' || n, n % 97 from generate_series(1, 3000) n;
         create index plants_by_name on plants(name);
         update tally set n = n + 1 where name = '1.0.0 migrate 1';
",
    ),
    (
        "rollback/V1.0.0__Create_plants_rollback.sql",
        "drop table plants; drop table counter;
         update tally set n = n + 1 where name = '1.0.0 rollback 1';
",
    ),
    (
        "migrations/V1.1.0__Price_plants.sql",
        "alter table plants add column price integer;
         update plants set price = height * 2, height = height + 1;
         create index plants_by_price on plants(price, height);
         create table prices(plant integer primary key references plants(id), price integer not null);
         create function note_price() returns trigger language plpgsql as $$ begin
           insert into prices values (new.id, new.price) on conflict (plant) do update set price = excluded.price;
           return new;
         end $$;
         create trigger priced after update of price on plants for each row execute function note_price();
         update plants set price = price + 1 where id % 20 = 0;
         update counter set n = n + (select count(*) from prices) where name = 'sums';
         update tally set n = n + 1 where name = '1.1.0 migrate 1';
",
    ),
    (
        "rollback/V1.1.0__Price_plants_rollback.sql",
        "update counter set n = n - (select count(*) from prices) where name = 'sums';
         drop trigger priced on plants; drop function note_price; drop table prices; drop index plants_by_price;
         alter table plants drop column price;
         update plants set height = height - 1;
         update tally set n = n + 1 where name = '1.1.0 rollback 1';
",
    ),
    (
        "migrations/V1.2.0__Index_heights.sql",
        "create index concurrently plants_by_height on plants(height);\nvacuum plants;\n",
    ),
    (
        "rollback/V1.2.0__Index_heights_rollback.sql",
        "drop index concurrently plants_by_height;\n",
    ),
    (
        "migrations/V1.3.0__Add_pots.sql",
        "-- dbvc: no-transaction
create type mood as enum ('calm');
create table pots(id integer primary key, plant integer not null, size integer not null);
insert into pots select n, n, n % 13 from generate_series(1, 12000) n;
update tally set n = n + 1 where name = '1.3.0 migrate 1';
alter type mood add value 'glad';
alter table pots add column colour mood;
create index concurrently pots_by_size on pots(size, colour);
create schema depot;
set search_path = depot, public;
create table shelves(id integer primary key, name text);
copy shelves from stdin;
1\ttop
2\tbottom
\\.
update counter set n = n + 1 where name = 'steps';
vacuum analyze pots;
update tally set n = n + 1 where name = '1.3.0 migrate 2';
",
    ),
    (
        "rollback/V1.3.0__Add_pots_rollback.sql",
        "-- dbvc: no-transaction
update counter set n = n - 1 where name = 'steps';
drop table depot.shelves;
drop schema depot;
drop index concurrently pots_by_size;
update tally set n = n + 1 where name = '1.3.0 rollback 1';
delete from pots where size >= 0;
drop table pots;
drop type mood;
",
    ),
    (
        "migrations/V1.4.0__Copy_plants.sql",
        "create table herbs as select id, name, height from plants where id % 2 = 0;
         create unique index herbs_by_id on herbs(id);
         insert into herbs select -id, name, height from plants where id % 3 = 0;
         delete from herbs where id % 5 = 0;
         update counter set n = n + 7 where name = 'sums';
         update tally set n = n + 1 where name = '1.4.0 migrate 1';
",
    ),
    (
        "rollback/V1.4.0__Copy_plants_rollback.sql",
        "drop table herbs;
         update counter set n = n - 7 where name = 'sums';
         update tally set n = n + 1 where name = '1.4.0 rollback 1';
",
    ),
    (
        "migrations/V1.5.0__Add_beds.sql",
        "create table beds(id integer primary key, name text);
copy beds from stdin;
1\tnorth
2\tsouth
\\.
insert into beds values (3, 'east');
update tally set n = n + 1 where name = '1.5.0 migrate 1';
",
    ),
    (
        "rollback/V1.5.0__Add_beds_rollback.sql",
        "drop table beds;
         update tally set n = n + 1 where name = '1.5.0 rollback 1';
",
    ),
    (
        "migrations/V1.6.0__Check_beds.sql",
        "alter table beds add constraint beds_named check (name <> '');
         update tally set n = n + 1 where name = '1.6.0 migrate 1';
",
    ),
    (
        "rollback/V1.6.0__Check_beds_rollback.sql",
        "drop view if exists tall_plants;
         alter table beds drop constraint beds_named;
         update tally set n = n + 1 where name = '1.6.0 rollback 1';
",
    ),
    (
        "migrations/R__Tall_plants.sql",
        "create or replace view tall_plants as select id, name from plants where height > 50;
         update tally set n = n + 1 where name = 'R__Tall_plants migrate 1';
",
    ),
];

/// One text a table, and its rows in that: one question, whatever the tables are.
fn data(eye: &Eye) -> Vec<String> {
    eye.texts(
        "select c.oid::regclass::text || ': ' || query_to_xml(format('select * from %s t order by t', c.oid::regclass),
           true, false, '')::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and n.nspname in ('public', 'depot') and c.relname <> 'tally' order by 1",
    )
}
