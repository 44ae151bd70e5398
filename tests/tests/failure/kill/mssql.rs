//! The set for SQL Server: bulk rows, a trigger, a procedure, and batches of several statements.

use dbvc_tests::proxy::Protocol;
use dbvc_tests::stage::Stage;

use super::backend::{Backend, Truth};
use super::eye::Eye;

pub(super) const BACKEND: Backend = Backend {
    name: "mssql",
    kills: 100,
    stage: Stage::empty_on_mssql,
    protocol: Some(Protocol::Tds),
    stride: 5,
    files: FILES,
    stops: &["0", "1.1.0", "1.2.0", "1.3.0"],
    truths: &[
        Truth {
            starts: "insert into pots",
            took_effect: "select top (1) 'x' from pots",
        },
        Truth {
            starts: "delete from pots",
            took_effect: "select 'x' where not exists (select 1 from pots)",
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
            starts: "exec fill_shelves",
            took_effect: "select 'x' from shelves",
        },
    ],
    data: Eye::rows_on_mssql,
    copied: None,
};

const FILES: &[(&str, &str)] = &[
    (
        "migrations/V1.0.0__Create_plants.sql",
        "create table plants(id integer primary key, name varchar(40) not null, height integer not null);
create table counter(name varchar(40) primary key, n integer not null);
insert into counter values ('sums', 0), ('steps', 0);
GO
with tens as (select n from (values (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)) v(n))
insert into plants select a.n * 100 + b.n * 10 + c.n, 'plant', b.n * 10 + c.n from tens a, tens b, tens c;
GO
create index plants_by_name on plants(name);
update tally set n = n + 1 where name = '1.0.0 migrate 1';
",
    ),
    (
        "rollback/V1.0.0__Create_plants_rollback.sql",
        "drop table plants;
drop table counter;
GO
update tally set n = n + 1 where name = '1.0.0 rollback 1';
",
    ),
    (
        "migrations/V1.1.0__Price_plants.sql",
        "alter table plants add price integer;
create table prices(plant integer primary key references plants(id), price integer not null);
GO
create trigger priced on plants after update as
insert into prices select i.id, i.price from inserted i where i.price is not null and not exists
  (select 1 from prices p where p.plant = i.id);
GO
update plants set price = height * 2 where id % 20 = 0;
update counter set n = n + (select count(*) from prices) where name = 'sums';
GO
update tally set n = n + 1 where name = '1.1.0 migrate 1';
",
    ),
    (
        "rollback/V1.1.0__Price_plants_rollback.sql",
        "update counter set n = n - (select count(*) from prices) where name = 'sums';
drop trigger priced;
drop table prices;
alter table plants drop column price;
GO
update tally set n = n + 1 where name = '1.1.0 rollback 1';
",
    ),
    (
        "migrations/V1.2.0__Add_pots.sql",
        "-- dbvc: no-transaction
create table pots(id integer primary key, plant integer not null, size integer not null);
GO
insert into pots select id, id, id % 13 from plants;
GO
update tally set n = n + 1 where name = '1.2.0 migrate 1';
GO
create index pots_by_size on pots(size, plant);
GO
create table shelves(id integer primary key, name varchar(40));
GO
create procedure fill_shelves as insert into shelves values (1, 'top');
GO
exec fill_shelves;
GO
update counter set n = n + 1 where name = 'steps';
GO
update tally set n = n + 1 where name = '1.2.0 migrate 2';
",
    ),
    (
        "rollback/V1.2.0__Add_pots_rollback.sql",
        "-- dbvc: no-transaction
update counter set n = n - 1 where name = 'steps';
GO
drop procedure fill_shelves;
GO
drop table shelves;
GO
update tally set n = n + 1 where name = '1.2.0 rollback 1';
GO
delete from pots where size >= 0;
GO
drop table pots;
",
    ),
    (
        "migrations/V1.3.0__Copy_plants.sql",
        "select id, name, height into herbs from plants where id % 2 = 0;
GO
create unique index herbs_by_id on herbs(id);
delete from herbs where id % 5 = 0;
update counter set n = n + 7 where name = 'sums';
GO
update tally set n = n + 1 where name = '1.3.0 migrate 1';
",
    ),
    (
        "rollback/V1.3.0__Copy_plants_rollback.sql",
        "drop view if exists tall_plants;
drop table herbs;
update counter set n = n - 7 where name = 'sums';
GO
update tally set n = n + 1 where name = '1.3.0 rollback 1';
",
    ),
    (
        "migrations/R__Tall_plants.sql",
        "drop view if exists tall_plants;
GO
create view tall_plants as select id, name from plants where height > 50;
GO
update tally set n = n + 1 where name = 'R__Tall_plants migrate 1';
",
    ),
];
