//! SQL Server, as far as no server is needed for it.

use dbvc_tests::{ProjectFolder, Ran};

const URL: &str = "mssql://ann@127.0.0.1:1/garden";
const PATH: &str = "migrations/V1__Create_plants.sql";

fn validated(script: impl AsRef<[u8]>) -> Ran {
    let project = ProjectFolder::new();
    project.write(PATH, script);
    project.dbvc(["--url", URL, "validate"]).run()
}

/// The units of a text, as bytes.
fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

const BATCHES: &str =
    "CREATE TABLE plants (name nvarchar(40))\r\nGO\r\nINSERT INTO plants VALUES (N'大きさ')\r\nGO\r\n";

#[test]
fn a_script_as_management_studio_saves_it_is_cut_at_its_go_lines() {
    let marked = format!("\u{feff}{BATCHES}");
    for script in [wide(&marked, u16::to_le_bytes), wide(&marked, u16::to_be_bytes)] {
        validated(script).ok().said("1 migration, 2 statements: fine");
    }
}

#[test]
fn without_its_mark_it_is_refused_with_what_to_do() {
    for script in [wide(BATCHES, u16::to_le_bytes), wide(BATCHES, u16::to_be_bytes)] {
        validated(script)
            .ended(1)
            .said("DBVC1003")
            .said("UTF-16 without a byte order mark");
    }
}

#[test]
fn what_has_no_end_is_found_where_it_begins() {
    for (script, place, word) in [
        (
            "PRINT 'a'\nGO\nSELECT 1, 'it's'\n",
            "3:16",
            "this string has no end",
        ),
        ("SELECT 1\nGO\n\n  /* why\nGO\n", "4:3", "this comment has no end"),
        ("SELECT [a\nGO\n", "1:8", "this name has no end"),
    ] {
        validated(script)
            .ended(1)
            .said("DBVC3014")
            .said(&format!("{PATH}:{place}"))
            .said(word);
    }
}

#[test]
fn a_database_that_a_script_goes_to_is_compared_with_the_one_of_the_settings() {
    validated("USE garden\nGO\nSELECT 1\n").ok();
    validated("USE master\nGO\nSELECT 1\n")
        .ended(1)
        .said("another database than `garden`");
    // Where nothing says which one it is, there is nothing to compare with.
    let project = ProjectFolder::with(&[
        ("dbvc.toml", "[databases.garden]\ndriver = \"mssql\"\n"),
        (PATH, "USE garden\nGO\nSELECT 1\n"),
    ]);
    project.dbvc(["validate"]).run().ok();
}

#[test]
fn a_connection_string_that_cannot_be_used_is_answered_in_its_own_words() {
    for (text, words) in [
        (
            "Server=db,14x33;Database=a;User Id=u;Password=hunter2-SECRET",
            "`14x33` is no port",
        ),
        (
            "Servr=db;Database=a;User Id=u;Password=hunter2-SECRET",
            "the server is not",
        ),
        (
            "Server=db;Database=a;User Id=u;Pasword=hunter2-SECRET",
            "did you mean `Password`",
        ),
        (
            "Server=db;Database=a;User Id=u;Encrypt=true;encrypt=false",
            "`encrypt` is said twice",
        ),
        (
            "Database=a;User Id=u;Password=hunter2-SECRET",
            "the server is not",
        ),
        (
            "Server=db;User Id=u;Password=hunter2-SECRET",
            "the database's name is not",
        ),
    ] {
        let ran = ProjectFolder::new()
            .dbvc(["--url", text, "status"])
            .run()
            .ended(3);
        ran.said(words)
            .said("Server=host,1433;Database=app")
            .kept_quiet_about("hunter2-SECRET")
            .kept_quiet_about("postgres");
    }
}

#[test]
fn a_bad_port_in_a_url_is_answered_with_a_url_of_its_kind() {
    let ran = ProjectFolder::new()
        .dbvc(["--url", "mssql://u@db:x/a", "status"])
        .run()
        .ended(3);
    ran.said("`mssql://user@host:port/database`")
        .kept_quiet_about("postgres");
}
