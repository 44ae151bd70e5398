//! Statements that change something beside the database that they run in.

use crate::statement::{Word, words};

const LOGINS: &str = "logins and their rights belong to the server";
const SERVER: &str = "it changes the server";
const OTHER: &str = "it names a database, which may be the real one: write the name without it";

/// Words behind which something is named that a statement makes, changes or holds on to.
const NAMED_BEHIND: [&str; 12] = [
    "TABLE",
    "VIEW",
    "INTO",
    "PROCEDURE",
    "FUNCTION",
    "TRIGGER",
    "EVENT",
    "SEQUENCE",
    "REFERENCES",
    "CALL",
    "TO",
    "RENAME",
];

/// Words that may stand before the name.
const BETWEEN: [&str; 4] = ["IF", "NOT", "EXISTS", "TABLE"];

/// What the statement changes there; none where it stays in its database. Of programs only the names are looked at that
/// stand behind such words in their bodies, too.
pub(crate) fn reaches_beyond(sql: &str) -> Option<&'static str> {
    let words = words(sql);
    let is = |at: usize, options: &[&str]| {
        words
            .get(at)
            .is_some_and(|word| options.iter().any(|option| word.is(option)))
    };
    let first = words.first()?.text.to_ascii_uppercase();
    match first.as_str() {
        "CREATE" | "ALTER" | "DROP" | "RENAME" => {
            let second = if is(1, &["OR"]) { 3 } else { 1 };
            if is(second, &["USER", "ROLE"]) {
                return Some(LOGINS);
            }
            if is(second, &["DATABASE", "SCHEMA"]) && !stays(&words[second..]) {
                return Some("it changes a database as a whole, whatever the session is in");
            }
            if is(
                second,
                &["SERVER", "TABLESPACE", "LOGFILE", "RESOURCE", "INSTANCE", "UNDO"],
            ) || words.iter().any(|word| word.is("SONAME"))
            {
                return Some(SERVER);
            }
        }
        "GRANT" | "REVOKE" => {
            // Without a place it is a role that is given.
            let Some(on) = words.iter().position(|word| word.is("ON")) else {
                return Some(LOGINS);
            };
            let end = words.iter().position(|word| word.is("TO") || word.is("FROM"));
            let place = words.get(on + 1..end.unwrap_or(words.len())).unwrap_or_default();
            let whole = place.iter().any(|word| word.text == "." || word.text == "*");
            return whole.then_some(LOGINS);
        }
        "FLUSH" | "INSTALL" | "UNINSTALL" | "SHUTDOWN" | "RESTART" | "KILL" | "PURGE" | "CLONE"
        | "CHANGE" | "RESET" | "START" | "STOP"
            if !is(1, &["TRANSACTION"]) =>
        {
            return Some(SERVER);
        }
        "SET" if is(1, &["PASSWORD", "DEFAULT"]) => return Some(LOGINS),
        "SET" if words.iter().any(sets_globally) => return Some("it changes the server's settings"),
        _ => {}
    }
    if first == "SELECT" && words.iter().any(|word| word.is("OUTFILE") || word.is("DUMPFILE")) {
        return Some("it writes a file of the server's");
    }
    names_database(&first, &words).then_some(OTHER)
}

/// `ALTER DATABASE` without a name is about the session's own.
fn stays(words: &[Word]) -> bool {
    words.get(1).is_some_and(|word| {
        [
            "DEFAULT",
            "CHARACTER",
            "CHARSET",
            "COLLATE",
            "READ",
            "ENCRYPTION",
            "COMMENT",
        ]
        .iter()
        .any(|option| word.is(option))
    })
}

fn sets_globally(word: &Word) -> bool {
    ["GLOBAL", "PERSIST", "PERSIST_ONLY"]
        .iter()
        .any(|scope| word.is(scope))
}

fn names_database(first: &str, words: &[Word]) -> bool {
    let starts = |word: &Word| {
        NAMED_BEHIND.iter().any(|before| word.is(before))
            || (first == "UPDATE" && word.is("UPDATE"))
            || (first == "DELETE" && word.is("FROM"))
            || (first == "CREATE" && word.is("ON"))
    };
    words.iter().enumerate().any(|(at, word)| {
        if !starts(word) {
            return false;
        }
        let mut behind = words[at + 1..]
            .iter()
            .skip_while(|word| BETWEEN.iter().any(|between| word.is(between)));
        let named = behind.next().is_some_and(|word| word.name);
        named && behind.next().is_some_and(|word| word.text == ".")
    })
}

#[cfg(test)]
mod tests {
    use super::reaches_beyond;

    #[test]
    fn what_belongs_to_the_server_is_told() {
        for sql in [
            "create user app",
            "CREATE OR REPLACE ROLE a",
            "/* a */ ALTER USER ann IDENTIFIED BY 'x'",
            "drop database if exists app",
            "create schema more",
            "grant readers to ann",
            "GRANT SELECT ON app.plants TO ann",
            "GRANT ALL ON *.* TO ann",
            "REVOKE SELECT ON * FROM ann",
            "set global max_connections = 9",
            "SET @@GLOBAL.sql_mode = ''",
            "SET PASSWORD = 'x'",
            "flush privileges",
            "SELECT 1 INTO OUTFILE 'a.txt'",
            "create function f returns integer soname 'a.so'",
            "CREATE TABLE IF NOT EXISTS app.plants (id int)",
            "insert into `app`.`plants` values (1)",
            "update app.plants set a = 1",
            "delete from app.plants",
            "create index i on app.plants (a)",
            "call app.tidy()",
            "alter table t add foreign key (a) references app.pots (id)",
            "rename table a to app.b",
        ] {
            assert!(reaches_beyond(sql).is_some(), "{sql}");
        }
    }

    #[test]
    fn what_stays_in_the_database_is_not() {
        for sql in [
            "create table role (id int)",
            "GRANT SELECT ON plants TO ann",
            "grant execute on procedure tidy to 'ann'@'%'",
            "alter database collate utf8mb4_bin",
            "insert into t values ('create user')",
            "update plants p set p.a = 1 where p.b = 2",
            "select p.a from plants p join pots on pots.id = p.pot",
            "create trigger t before update on plants for each row set new.a = old.a",
            "start transaction",
            "set names utf8mb4",
            "create view v as select p.id from plants p",
        ] {
            assert!(reaches_beyond(sql).is_none(), "{sql}");
        }
    }
}
