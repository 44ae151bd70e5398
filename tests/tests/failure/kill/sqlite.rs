//! The set for SQLite: bulk rows, rewritten columns, triggers, `PRAGMA`s and `VACUUM`.

use std::path::{Path, PathBuf};

use dbvc_tests::stage::{Database, Stage};

use super::backend::{Backend, Truth};
use super::eye::Eye;

pub(super) const BACKEND: Backend = Backend {
    name: "sqlite",
    kills: 200,
    stage: || Some(stage()),
    protocol: None,
    stride: 1,
    files: FILES,
    stops: &["0", "1.1.0", "1.2.0", "1.5.0"],
    truths: &[
        Truth {
            starts: "with recursive",
            took_effect: "select 'x' from pots limit 1",
        },
        Truth {
            starts: "delete from plants",
            took_effect: "select 'x' where not exists (select 'x' from plants where id = 7)",
        },
        Truth {
            starts: "insert into plants",
            took_effect: "select 'x' from plants where id = 7",
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
            starts: "delete from pots",
            took_effect: "select 'x' where not exists (select 1 from pots)",
        },
    ],
    data,
    copied: Some(copied),
};

const FILES: &[(&str, &str)] = &[
    (
        "migrations/V1.0.0__Create_plants.sql",
        "create table plants(id integer primary key, name text not null, height integer not null);
         create table counter(name text primary key, n integer not null);
         insert into counter values ('sums', 0), ('steps', 0);
         with recursive i(n) as (select 1 union all select n + 1 from i where n < 8000)
         insert into plants select n, 'plant ' || n, n % 97 from i;
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
         create trigger priced after update of price on plants begin
           insert into prices values (new.id, new.price) on conflict (plant) do update set price = excluded.price;
         end;
         update plants set price = price + 1 where id % 4 = 0;
         update counter set n = n + (select count(*) from prices) where name = 'sums';
         update tally set n = n + 1 where name = '1.1.0 migrate 1';
",
    ),
    (
        "rollback/V1.1.0__Price_plants_rollback.sql",
        "update counter set n = n - (select count(*) from prices) where name = 'sums';
         drop trigger priced; drop table prices; drop index plants_by_price;
         alter table plants drop column price;
         update plants set height = height - 1;
         update tally set n = n + 1 where name = '1.1.0 rollback 1';
",
    ),
    (
        "migrations/V1.2.0__Add_pots.sql",
        "-- dbvc: no-transaction
pragma foreign_keys = off;
create table pots(id integer primary key, plant integer references plants(id) on delete cascade, size integer not null);
with recursive i(n) as (select 1 union all select n + 1 from i where n < 6000) insert into pots select n, n, n % 13 from i;
update tally set n = n + 1 where name = '1.2.0 migrate 1';
create index pots_by_plant on pots(plant);
alter table pots add column colour text default 'clay';
update tally set n = n + 1 where name = '1.2.0 migrate 2';
create index pots_by_size on pots(size, colour);
pragma user_version = 12;
update counter set n = n + 1 where name = 'steps';
delete from plants where id = 7;
",
    ),
    (
        "rollback/V1.2.0__Add_pots_rollback.sql",
        "-- dbvc: no-transaction
update counter set n = n - 1 where name = 'steps';
insert into plants(id, name, height, price) values (7, 'plant 7', 8, 14);
update tally set n = n + 1 where name = '1.2.0 rollback 1';
pragma user_version = 0;
drop index pots_by_size;
alter table pots drop column colour;
drop index pots_by_plant;
delete from pots where size >= 0;
update tally set n = n + 1 where name = '1.2.0 rollback 2';
drop table pots;
",
    ),
    (
        "migrations/V1.3.0__Pack_the_file.sql",
        "vacuum;\npragma synchronous = normal;\n",
    ),
    ("rollback/V1.3.0__Pack_the_file_rollback.sql", "vacuum;\n"),
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
         insert into beds values (1, 'north'), (2, 'south');
         insert into beds values (3, 'east');
         update tally set n = n + 1 where name = '1.5.0 migrate 1';
",
    ),
    (
        "rollback/V1.5.0__Add_beds_rollback.sql",
        "drop view if exists tall_plants;
         drop table beds;
         update tally set n = n + 1 where name = '1.5.0 rollback 1';
",
    ),
    (
        "migrations/R__Tall_plants.sql",
        "drop view if exists tall_plants;
         create view tall_plants as select id, name from plants where height > 50;
         update tally set n = n + 1 where name = 'R__Tall_plants migrate 1';
",
    ),
];

/// In memory where the system has such a folder: what is killed is a process, not the machine.
fn stage() -> Stage {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        Stage::empty_on_sqlite_within(memory)
    } else {
        Stage::empty_on_sqlite()
    }
}

/// A copy of what a killed run left, so that looking does not mend what the next run has to mend itself.
fn copied(database: &Database) -> Database {
    let Database::Sqlite(file) = database else {
        unreachable!("a set for SQLite")
    };
    let copy = beside(file, "-copy");
    for ending in ["", "-journal", "-wal"] {
        let (from, to) = (beside(file, ending), beside(&copy, ending));
        if std::fs::copy(from, &to).is_err() {
            let _ = std::fs::remove_file(to);
        }
    }
    Database::Sqlite(copy)
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// One text a table.
fn data(eye: &Eye) -> Vec<String> {
    let mut found = eye.texts("select 'user_version ' || user_version from pragma_user_version");
    let tables = eye.texts(
        "select 'select ''' || m.name || ': '' || group_concat(' ||
           (select group_concat('quote(\"' || c.name || '\")', '||'',''||') from pragma_table_info(m.name) c)
           || ', '' '') from (select * from \"' || m.name || '\" order by 1)'
         from sqlite_master m where m.type = 'table' and m.name not like 'version_control%'
           and m.name not in ('tally', 'sqlite_sequence') order by m.name",
    );
    for table in tables {
        found.extend(eye.texts(&table));
    }
    found
}
