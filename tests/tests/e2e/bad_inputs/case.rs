//! One bad input: what is there before, the call, and what must hold afterwards.

use dbvc_tests::servers::{MariaDbServer, MySqlServer, PostgresServer, Shareable, shared};
use dbvc_tests::{Listing, ProjectFolder, Ran, SECRET};

use crate::filters::{Address, filtered, without_names};
use dbvc_tests::stage::Database;

/// A project whose one migration is fine.
const SETTINGS: &str = r#"[project]
name = "plants"

[databases.plants]
url = "sqlite:app.db"
versioning = "semantic"
"#;

/// The file of the SQLite database in [`SETTINGS`].
const FILE: &str = "app.db";

/// A bad input that is being put together. Every method takes effect at once, so their order is the order of events.
#[derive(Debug)]
pub(crate) struct Case {
    project: ProjectFolder,
    database: Option<Database>,
    environment: Vec<(String, String)>,
    input: String,
    arguments: Vec<String>,
    code: i32,
    records: bool,
    holds_secret: bool,
}

impl Case {
    /// No files at all.
    pub(crate) fn bare() -> Self {
        let project = ProjectFolder::new();
        Self {
            database: Some(Database::file(project.path().join(FILE))),
            project,
            environment: Vec::new(),
            input: String::new(),
            arguments: Vec::new(),
            code: 0,
            records: false,
            holds_secret: false,
        }
    }

    /// A project on SQLite with one migration that is fine and that has not run.
    pub(crate) fn sqlite() -> Self {
        Self::bare()
            .file("dbvc.toml", SETTINGS)
            .file(
                "migrations/V1.0.0__Create_plants.sql",
                "create table plants(id integer primary key, name text not null);\n",
            )
            .file(
                "rollback/V1.0.0__Create_plants_rollback.sql",
                "drop table plants;\n",
            )
    }

    /// The same on PostgreSQL; none where there is no server, which is then told.
    pub(crate) fn postgres() -> Option<Self> {
        Self::on_a_server::<PostgresServer>(Database::Postgres)
    }

    /// The same on MariaDB.
    pub(crate) fn mariadb() -> Option<Self> {
        Self::on_a_server::<MariaDbServer>(Database::MySql)
    }

    /// The same on Oracle's MySQL.
    pub(crate) fn mysql() -> Option<Self> {
        Self::on_a_server::<MySqlServer>(Database::MySql)
    }

    fn on_a_server<S: Shareable>(database: fn(String) -> Database) -> Option<Self> {
        let url = shared::<S>()?.create_database("bad").expect("a database");
        let mut case = Self::sqlite();
        case.database = Some(database(url));
        Some(case.file(
            "dbvc.toml",
            "[databases.plants]\nurl = \"<URL>\"\nversioning = \"semantic\"\n",
        ))
    }

    /// That project after its migration ran.
    pub(crate) fn migrated() -> Self {
        Self::sqlite().run(&["migrate"])
    }

    /// Writes a file. `<URL>`, `<HOST>`, `<PORT>`, `<USER>`, `<PASSWORD>` and `<DATABASE>` are the server's.
    pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
        self.holds_secret |= text.contains(SECRET);
        self.project.write(path, self.filled(text));
        self
    }

    /// Writes a file of bytes.
    pub(crate) fn bytes(self, path: &str, bytes: &[u8]) -> Self {
        self.project.write(path, bytes);
        self
    }

    /// Adds a line to the settings.
    pub(crate) fn setting(self, line: &str) -> Self {
        let text = format!("{}{line}\n", self.project.read("dbvc.toml"));
        self.file("dbvc.toml", &text)
    }

    /// A second migration, with its undo script.
    pub(crate) fn second(self, up: &str) -> Self {
        self.file("migrations/V1.1.0__Add_pots.sql", up)
            .file("rollback/V1.1.0__Add_pots_rollback.sql", "drop table pots;\n")
    }

    /// Removes a file.
    pub(crate) fn without(self, path: &str) -> Self {
        self.project.remove(path);
        self
    }

    /// Runs dbvc; it must go well.
    pub(crate) fn run(self, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|one| self.filled(one)).collect();
        let ran = self.call(&arguments).run();
        let _ = ran.ok();
        self
    }

    /// Runs dbvc, puts what it writes to standard output into a file, and needs it to go well.
    pub(crate) fn saved(self, arguments: &[&str], path: &str) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
        let ran = self.call(&arguments).run().ok();
        self.project.write(path, ran.stdout);
        self
    }

    /// Runs SQL on the database, past dbvc.
    pub(crate) fn sql(self, script: &str) -> Self {
        let script = self.filled(script);
        self.database.as_ref().expect("a database").run(&script);
        self
    }

    /// Sets a variable for this and all later calls.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.holds_secret |= value.contains(SECRET);
        let value = self.filled(value);
        self.environment.push((name.to_owned(), value));
        self
    }

    /// What can be read from standard input.
    pub(crate) fn input(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    /// The record may, and must, tell of this; the schema must not.
    pub(crate) fn records_failure(mut self) -> Self {
        self.records = true;
        self
    }

    /// The call, and the exit code it must end with.
    pub(crate) fn fails(mut self, arguments: &[&str], code: i32) -> Self {
        self.arguments = arguments.iter().map(|one| self.filled(one)).collect();
        self.holds_secret |= self.arguments.iter().any(|one| one.contains(SECRET));
        self.code = code;
        self
    }

    /// Makes the call and holds it against everything that was promised.
    pub(crate) fn check(&self, name: &str) {
        let before = self.everything();
        let ran = self.call(&self.arguments).run();
        let shown = without_names(&ran.to_string(), &self.project, self.database.as_ref());
        filtered(|| insta::assert_snapshot!(name, shown));
        let ran = ran.ended(self.code);
        self.unchanged(&before, &ran);
        self.as_json(&before);
        if self.holds_secret {
            self.as_chatty(&before);
        }
    }

    /// A caller that reads JSON gets some, and the same exit code.
    fn as_json(&self, before: &Everything) {
        // What clap refuses it refuses before anybody knows that JSON was wanted.
        if self.code == 2 {
            return;
        }
        let mut arguments = self.arguments.clone();
        arguments.push("--json".into());
        let ran = self.call(&arguments).run().ended(self.code);
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&ran.stdout);
        assert!(parsed.is_ok(), "standard output is one JSON value:\n{ran}");
        self.unchanged(before, &ran);
    }

    /// However much is said, the password is not: [`dbvc_tests::Invocation::run`] looks for it.
    fn as_chatty(&self, before: &Everything) {
        let mut arguments = self.arguments.clone();
        arguments.push("-vv".into());
        let ran = self
            .call(&arguments)
            .env("DBVC_LOG", "trace")
            .run()
            .ended(self.code);
        self.unchanged(before, &ran);
    }

    fn call(&self, arguments: &[String]) -> dbvc_tests::Invocation {
        let call = self
            .project
            .dbvc(arguments.iter().map(String::as_str))
            .input(&self.input);
        self.environment
            .iter()
            .fold(call, |call, (name, value)| call.env(name, value))
    }

    fn filled(&self, text: &str) -> String {
        let Some(Database::Postgres(url) | Database::MySql(url) | Database::MsSql(url)) = &self.database
        else {
            return text.to_owned();
        };
        let address = Address::of(url);
        text.replace("<URL>", url)
            .replace("<HOST>", &address.host)
            .replace("<PORT>", &address.port)
            .replace("<USER>", &address.user)
            .replace("<PASSWORD>", &address.password)
            .replace("<DATABASE>", &address.name)
    }

    fn everything(&self) -> Everything {
        let mut files = self.project.listing();
        let is_database = |path: &std::path::Path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(FILE))
        };
        if self.records {
            files.retain(|path, _| !is_database(path));
        } else {
            // Looked into below; a page may move without a row doing so.
            for (_, content) in files.iter_mut().filter(|(path, _)| is_database(path)) {
                *content = None;
            }
        }
        let dump = self
            .database
            .as_ref()
            .map(|database| database.dump(!self.records));
        Everything {
            files,
            dump: dump.unwrap_or_default(),
        }
    }

    fn unchanged(&self, before: &Everything, ran: &Ran) {
        let after = self.everything();
        for (path, content) in &before.files {
            let now = after.files.get(path);
            assert!(now.is_some(), "{} is gone after\n{ran}", path.display());
            assert!(now == Some(content), "{} was changed by\n{ran}", path.display());
        }
        for path in after.files.keys() {
            assert!(
                before.files.contains_key(path),
                "{} was made by\n{ran}",
                path.display()
            );
        }
        let (kept, told) = apart(&before.dump);
        let (keeps, tells) = apart(&after.dump);
        assert_eq!(kept, keeps, "the database was changed by\n{ran}");
        assert!(
            told.iter().all(|event| tells.contains(event)),
            "the trail was changed by\n{ran}"
        );
        for event in tells.iter().filter(|event| !told.contains(event)) {
            assert!(event.contains("run-failed"), "{event}\nis told of\n{ran}");
        }
        if self.records {
            self.is_recorded(ran);
        }
    }

    fn is_recorded(&self, ran: &Ran) {
        let database = self.database.as_ref().expect("a database");
        let history = match database {
            Database::Postgres(_) | Database::MsSql(_) => "version_control.migration_execution_history",
            Database::Sqlite(_) | Database::MySql(_) => "version_control_migration_execution_history",
        };
        let failures = database.texts(&format!(
            "select error_message from {history} where status in ('failed', 'partial') and error_message is not null"
        ));
        assert!(!failures.is_empty(), "the history does not tell of\n{ran}");
    }
}

/// What a database holds, and beside it what its trail tells. That a run was refused is told there, under the lock, and
/// nothing else may be.
fn apart(dump: &[String]) -> (Vec<&String>, Vec<&String>) {
    let of = |row: &str, tables: &[&str]| {
        row.split_once(": ").is_some_and(|(table, _)| {
            tables
                .iter()
                .any(|name| table.trim_matches(['"', '`']).ends_with(name))
        })
    };
    let moved = ["audit_heads", "migration_locks", "migration_fences"];
    dump.iter()
        .filter(|row| !of(row, &moved))
        .partition(|row| !of(row, &["audit_events"]))
}

/// All that a bad input could have changed.
#[derive(Debug)]
struct Everything {
    files: Listing,
    dump: Vec<String>,
}

/// That the checks can fail.
mod checks {
    use super::*;

    fn noticed(case: &Case, act: impl FnOnce(&Case)) {
        let before = case.everything();
        let ran = case.call(&["--version".to_owned()]).run();
        act(case);
        case.unchanged(&before, &ran);
    }

    #[test]
    fn nothing_is_noticed_where_nothing_changed() {
        noticed(&Case::migrated(), |_| {});
    }

    #[test]
    #[should_panic(expected = "was changed by")]
    fn an_edited_file_is_noticed() {
        noticed(&Case::migrated(), |case| case.project.write("dbvc.toml", "#"));
    }

    #[test]
    #[should_panic(expected = "was made by")]
    fn a_new_file_is_noticed() {
        noticed(&Case::sqlite(), |case| case.project.write("app.db", ""));
    }

    #[test]
    #[should_panic(expected = "the database was changed by")]
    fn a_new_row_is_noticed() {
        noticed(&Case::migrated(), |case| {
            let database = case.database.as_ref().expect("a database");
            database.run("insert into plants(id, name) values (1, 'aloe')");
        });
    }

    #[test]
    #[should_panic(expected = "the database was changed by")]
    fn a_row_in_the_record_is_noticed() {
        noticed(&Case::migrated(), |case| {
            let database = case.database.as_ref().expect("a database");
            database.run("update version_control_db_inventory set environment = 'other'");
        });
    }

    #[test]
    #[should_panic(expected = "the history does not tell of")]
    fn a_failure_that_is_not_recorded_is_noticed() {
        noticed(&Case::migrated().records_failure(), |_| {});
    }
}
