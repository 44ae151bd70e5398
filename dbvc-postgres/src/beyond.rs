//! Statements that change something beside the database that they run in. A function's body and a `DO` block are not
//! looked into.

use crate::statement::Head;

/// What a server has once, whatever the database (manual, chapters 22 and 23, and the pages of the commands).
const SHARED: [&str; 6] = ["ROLE", "USER", "GROUP", "DATABASE", "TABLESPACE", "SUBSCRIPTION"];

/// What the statement changes there; none where it stays in its database.
pub(crate) fn reaches_beyond(sql: &str) -> Option<&'static str> {
    let head = Head::of(sql);
    let second = head.word(1);
    match head.word(0) {
        "CREATE" | "ALTER" | "DROP" if second == "USER" && head.word(2) == "MAPPING" => None,
        "CREATE" | "ALTER" | "DROP" if SHARED.contains(&second) => Some(match second {
            "DATABASE" => "it changes a database as a whole, whatever the session is in",
            "TABLESPACE" => "tablespaces belong to the server",
            "SUBSCRIPTION" => "a subscription connects to another server",
            _ => "logins belong to the server",
        }),
        "ALTER" if second == "SYSTEM" => Some("it changes the server's settings"),
        "DROP" | "REASSIGN" if second == "OWNED" => Some("it also changes what belongs to the server"),
        "COMMENT" | "SECURITY" if names_what_is_shared(&head) => {
            Some("it describes what belongs to the server")
        }
        "GRANT" | "REVOKE" => match head.find(1, &["ON"]) {
            None => Some("who is a member of which role belongs to the server"),
            Some(at) if ["DATABASE", "TABLESPACE", "PARAMETER"].contains(&head.word(at + 1)) => {
                Some("the right is one on the server")
            }
            Some(_) => None,
        },
        "COPY" => {
            let to = head.find(1, &["TO"])?;
            (head.word(to + 1) != "STDOUT")
                .then_some("it writes a file of the server's, or starts a program there")
        }
        _ => None,
    }
}

fn names_what_is_shared(head: &Head<'_>) -> bool {
    head.find(1, &["ON"])
        .is_some_and(|on| SHARED.contains(&head.word(on + 1)))
}

#[cfg(test)]
mod tests {
    use super::reaches_beyond;

    #[test]
    fn what_belongs_to_the_server_is_told() {
        for sql in [
            "create role app",
            "/* a */ ALTER USER ann PASSWORD 'x'",
            "drop database if exists app",
            "ALTER DATABASE app SET search_path = a",
            "alter system set work_mem = '1GB'",
            "REASSIGN OWNED BY ann TO bob",
            "grant readers to ann",
            "REVOKE CONNECT ON DATABASE app FROM PUBLIC",
            "comment on database app is 'ours'",
            "COPY plants TO 'plants.csv'",
            "create subscription s connection 'host=a' publication p",
        ] {
            assert!(reaches_beyond(sql).is_some(), "{sql}");
        }
    }

    #[test]
    fn what_stays_in_the_database_is_not() {
        for sql in [
            "create table role (id int)",
            "GRANT SELECT ON plants TO ann",
            "grant usage on schema a to b",
            "alter default privileges grant select on tables to ann",
            "comment on table plants is 'database'",
            "copy plants from stdin",
            "COPY plants TO STDOUT",
            "create user mapping for ann server s",
            "insert into t values ('create role')",
            "drop table owned",
        ] {
            assert!(reaches_beyond(sql).is_none(), "{sql}");
        }
    }
}
