//! The connection breaks: at every message that a run sends, before that arrives, in the middle of it, and when the server
//! has it and nobody hears the answer.

use std::sync::atomic::{AtomicU32, Ordering};

use dbvc_tests::Ran;
use dbvc_tests::proxy::{Fault, Protocol, Proxy};
use dbvc_tests::stage::Stage;

/// A file's path and text.
type File = (&'static str, &'static str);

/// A database system behind a network, and a set of migrations of every kind for it.
struct Backend {
    /// A project with an empty database; none where there is no server, which is then told.
    stage: fn() -> Option<Stage>,
    protocol: Protocol,
    files: &'static [&'static [File]],
    /// A query that gives all rows as texts.
    rows: &'static str,
    /// How a person finds out about a statement of these files that dbvc cannot know about: how it begins, and a query that
    /// gives a row where it took effect.
    truths: &'static [(&'static str, &'static str)],
}

const POSTGRES: Backend = Backend {
    stage: Stage::empty_on_postgres,
    protocol: Protocol::Postgres,
    files: &[&[
        (
            "migrations/V1.0.0__Create_plants.sql",
            "create table plants(id integer primary key, name text);\ninsert into plants values (1, 'aloe'), (2, 'fern');\n",
        ),
        (
            "rollback/V1.0.0__Create_plants_rollback.sql",
            "drop view if exists plant_names;\ndrop table plants;\n",
        ),
        (
            "migrations/V1.1.0__Price_plants.sql",
            "alter table plants add column price integer default 1;\nupdate plants set price = price + 1;\n",
        ),
        (
            "rollback/V1.1.0__Price_plants_rollback.sql",
            "alter table plants drop column price;\n",
        ),
        (
            "migrations/V1.2.0__Add_pots.sql",
            "-- dbvc: no-transaction\ncreate table pots(id integer);\ninsert into pots values (1);\n\
             create index concurrently pots_by_id on pots(id);\nupdate plants set price = price + 1;\n",
        ),
        (
            "rollback/V1.2.0__Add_pots_rollback.sql",
            "-- dbvc: no-transaction\ndrop index concurrently pots_by_id;\nupdate plants set price = price - 1;\ndrop table pots;\n",
        ),
        (
            "migrations/R__Plant_names.sql",
            "create or replace view plant_names as select name from plants;\n",
        ),
    ]],
    rows: "select line from (select 'plant ' || p::text from plants p union all select 'pot ' || q::text from pots q) r(line) order by 1",
    truths: &[
        ("insert into pots", "select id::text from pots"),
        (
            "update plants set price = price + 1",
            "select id::text from plants where price = 3 and id = 1",
        ),
        (
            "update plants set price = price - 1",
            "select id::text from plants where price = 2 and id = 1",
        ),
    ],
};

/// Plants that get their prices as data, and not by a change of the schema.
const PRICED_BY_DATA: &[File] = &[
    (
        "migrations/V1.0.0__Create_plants.sql",
        "create table plants(id integer primary key, name text, price integer default 1);\n\
         insert into plants(id, name) values (1, 'aloe'), (2, 'fern');\n",
    ),
    (
        "rollback/V1.0.0__Create_plants_rollback.sql",
        "drop view if exists plant_names;\ndrop table plants;\n",
    ),
    (
        "migrations/V1.1.0__Price_plants.sql",
        "insert into plants values (3, 'moss', 1);\nupdate plants set price = price + 1;\n",
    ),
    (
        "rollback/V1.1.0__Price_plants_rollback.sql",
        "update plants set price = price - 1;\ndelete from plants where id = 3;\n",
    ),
];

/// Changes of the schema commit by themselves here; between them are data in a transaction, a procedure, and a change
/// that the catalogue does not show.
const MYSQL: Backend = Backend {
    stage: Stage::empty_on_mysql,
    protocol: Protocol::MySql,
    files: &[PRICED_BY_DATA, &[
        (
            "migrations/V1.2.0__Add_pots.sql",
            "create table pots(id integer);\ndelimiter $$\n\
             create procedure fill_pots() begin insert into pots values (1); end$$\ndelimiter ;\ncall fill_pots();\n\
             alter table pots modify id bigint;\nupdate plants set price = price + 1;\n",
        ),
        (
            "rollback/V1.2.0__Add_pots_rollback.sql",
            "drop procedure fill_pots;\nupdate plants set price = price - 1;\ndrop table pots;\n",
        ),
        (
            "migrations/R__Plant_names.sql",
            "create or replace view plant_names as select name from plants;\n",
        ),
    ]],
    rows: "select concat_ws(' ', 'plant', id, name, price) from plants order by id;
           select concat_ws(' ', 'pot', id) from pots order by id",
    truths: &[
        ("call fill_pots", "select 'x' from pots"),
        (
            "alter table pots modify",
            "select 'x' from information_schema.columns where table_schema = database() and table_name = 'pots'
             and column_type like 'bigint%'",
        ),
    ],
};

const MARIADB: Backend = Backend {
    stage: Stage::empty_on_mariadb,
    ..MYSQL
};

const MSSQL: Backend = Backend {
    stage: Stage::empty_on_mssql,
    protocol: Protocol::Tds,
    files: &[
        PRICED_BY_DATA,
        &[
            (
                "migrations/V1.2.0__Add_pots.sql",
                "-- dbvc: no-transaction\ncreate table pots(id integer);\ninsert into pots values (1);\n\
             create index pots_by_id on pots(id);\nupdate plants set price = price + 1;\n",
            ),
            (
                "rollback/V1.2.0__Add_pots_rollback.sql",
                "-- dbvc: no-transaction\ndrop index pots_by_id on pots;\nupdate plants set price = price - 1;\ndrop table pots;\n",
            ),
            (
                "migrations/R__Plant_names.sql",
                "drop view if exists plant_names;\ncreate view plant_names as select name from plants;\n",
            ),
        ],
    ],
    rows: "select concat('plant ', id, ' ', name, ' ', price) as line from plants
           union all select concat('pot ', id) from pots order by line",
    truths: &[
        ("insert into pots", "select 'x' from pots"),
        (
            "update plants set price = price + 1",
            "select 'x' from plants where price = 3 and id = 1",
        ),
        (
            "update plants set price = price - 1",
            "select 'x' from plants where price = 2 and id = 1",
        ),
    ],
};

/// There and back: both ways are gone once for each message.
const WAYS: [&str; 2] = ["migrate", "rollback --to 0 --yes"];

/// So many run side by side.
const WORKERS: u32 = 3;

/// Up to this message a run may still be making the record, so it gets a database that has none.
const FRESH: u32 = 14;

/// What is compared: all that users have, what stands in the history, and what was done how often.
#[derive(Debug, PartialEq, Eq)]
struct Look {
    schema: Vec<String>,
    rows: Vec<String>,
    history: Vec<String>,
}

/// A statement for each of some plants, of which no message holds more than one or two.
fn several_messages(statement: &str) -> String {
    let padding = format!(" /* {} */ ", "x".repeat(40 * 1024));
    (100..104)
        .map(|id| {
            let numbered = statement.replace('#', &id.to_string());
            numbered.replacen(' ', &padding, 1) + ";\n"
        })
        .collect()
}

impl Backend {
    fn ready(&self) -> Option<Stage> {
        let stage = (self.stage)()?;
        for (path, text) in self.files.iter().copied().flatten() {
            stage.write(path, text);
        }
        stage.write(
            "migrations/V1.1.5__Stock_plants.sql",
            &several_messages("insert into plants(id, name) values (#, 'stock')"),
        );
        stage.write(
            "rollback/V1.1.5__Stock_plants_rollback.sql",
            &several_messages("delete from plants where id = #"),
        );
        Some(stage)
    }

    fn undisturbed(&self) -> Option<[Look; 2]> {
        let stage = self.ready()?;
        let there_and_back = || {
            WAYS.map(|line| {
                let before = executions(&stage);
                stage.run(line).ok();
                self.look(&stage, before)
            })
        };
        let first = there_and_back();
        assert_eq!(first, there_and_back(), "the second time is as the first");
        Some(first)
    }

    /// Meets every message with this fault; then a run to its end must give what an undisturbed one gives.
    fn at_every_message(&self, fault: fn(u32) -> Fault) {
        let Some(undisturbed) = self.undisturbed() else {
            return;
        };
        let (next, most) = (AtomicU32::new(0), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    let mut stage = self.ready().expect("a database");
                    loop {
                        let message = next.fetch_add(1, Ordering::SeqCst) + 1;
                        if message <= FRESH {
                            stage = self.ready().expect("a database");
                        }
                        if !self.there_and_back(&stage, message, fault(message), &undisturbed) {
                            break;
                        }
                        most.fetch_max(message, Ordering::SeqCst);
                    }
                });
            }
        });
        let most = most.into_inner();
        assert!(
            most > 20,
            "a run sends more than {most} messages, so not all were met"
        );
    }

    /// Whether a run came so far that it met the fault.
    fn there_and_back(&self, stage: &Stage, message: u32, fault: Fault, undisturbed: &[Look; 2]) -> bool {
        let proxy = Proxy::before(&stage.url(), self.protocol);
        let url = proxy.to(&stage.url());
        let mut met = false;
        for (line, wanted) in WAYS.iter().zip(undisturbed) {
            let before = executions(stage);
            proxy.plan(message, fault);
            let ran = stage.call(line).env("DBVC_URL", &url).run();
            let struck = proxy.struck();
            met |= struck;
            let story = format!("{fault:?} at message {message}:\n{ran}");
            if struck {
                told_right(&ran, &story);
            } else {
                assert_eq!(ran.code, 0, "{story}");
            }
            let again = self.to_the_end(stage, line, &story);
            assert_eq!(&self.look(stage, before), wanted, "{story}{again}");
        }
        met
    }

    /// What there is, and what was done after the entry of this number.
    fn look(&self, stage: &Stage, before: u64) -> Look {
        let history = format!(
            "select migration_id || ' ' || status from @migration_applied_status union all
             select script || ' ' || action || ' ' || cast(count(*) as varchar(9)) from @migration_execution_history
             where status = 'completed' and execution_id > {before} group by script, action order by 1"
        );
        let schema = stage.database.schema(false);
        let has_rows = schema.iter().any(|line| line.contains("pots"));
        Look {
            schema,
            rows: if has_rows {
                stage.database.texts(self.rows)
            } else {
                Vec::new()
            },
            history: stage.record(&history),
        }
    }

    /// Runs until it is done, answering where dbvc asks. What was said is given.
    fn to_the_end(&self, stage: &Stage, line: &str, story: &str) -> String {
        let first = stage.run(line);
        if first.code == 0 {
            return first.to_string();
        }
        assert_eq!(first.code, 7, "{story}{first}");
        let text = first.said("DBVC5011").said("dbvc looked at: ");
        let found = self.truths.iter().find(|(starts, _)| text.all().contains(starts));
        let (_, query) = found.unwrap_or_else(|| panic!("no truth is known of\n{text}"));
        let took_effect = !stage.database.texts(query).is_empty();
        let word = if took_effect { "done" } else { "repeat" };
        let second = stage.run(&format!("{line} --in-flight {word}")).ok();
        format!("{text}{second}")
    }
}

/// A run whose connection broke has found another one, or tells that it was lost and what to do.
fn told_right(ran: &Ran, story: &str) {
    let all = ran.all();
    match ran.code {
        0 => {}
        4 => {
            let told = ["DBVC4001", "DBVC4008", "DBVC5001", "DBVC5004"];
            assert!(told.iter().any(|code| all.contains(code)), "{story}");
            assert!(all.contains("again") || all.contains("check host"), "{story}");
        }
        _ => panic!("it ends otherwise: {story}"),
    }
}

/// The number of the last entry in the history; 0 where there is none.
fn executions(stage: &Stage) -> u64 {
    if !stage.has(&stage.own("migration_execution_history")) {
        return 0;
    }
    let last = "select cast(coalesce(max(execution_id), 0) as varchar(20)) from @migration_execution_history";
    stage.record(last)[0].parse().unwrap()
}

macro_rules! on_every_server {
    ($($(#[$about:meta])* $name:ident: $backend:expr;)*) => {
        $(mod $name {
            use super::*;

            #[test]
            $(#[$about])*
            fn before_it_arrives_or_in_its_middle() {
                $backend.at_every_message(|message| match message % 2 {
                    0 => Fault::CutBefore,
                    _ => Fault::CutWithin,
                });
            }

            #[test]
            $(#[$about])*
            fn before_its_answer_arrives() {
                $backend.at_every_message(|_| Fault::CutAfter);
            }
        })*
    };
}

on_every_server! {
    postgres: POSTGRES;
    mariadb: MARIADB;
    mysql: MYSQL;
    #[cfg_attr(not(sql_server), ignore = "DBVC_TEST_MSSQL_URL names no SQL Server")]
    mssql: MSSQL;
}
