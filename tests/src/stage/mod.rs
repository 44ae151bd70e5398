//! What end-to-end and failure tests play on: a project and its database.

use crate::servers::{
    MariaDbServer, MsSqlServer, MySqlServer, PostgresServer, Shareable, TestServer as _, shared,
};
use crate::{Invocation, ProjectFolder, Ran};
use serde_json::Value;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

mod database;
mod each;
mod tsql;

pub use database::{Database, Open};

/// A project and its database.
#[derive(Debug)]
pub struct Stage {
    /// The project's folder.
    pub project: ProjectFolder,
    /// Its database.
    pub database: Database,
}

/// The first versioned migration.
pub const PLANTS: &str = "migrations/V1.0.0__Create_plants.sql";
/// The second one.
pub const POTS: &str = "migrations/V1.1.0__Add_pots.sql";
/// The repeatable one.
pub const NAMES: &str = "migrations/R__Plant_names.sql";

impl Stage {
    /// A project without a migration, on SQLite.
    pub fn empty_on_sqlite() -> Self {
        Self::on_a_file_of(ProjectFolder::new())
    }

    /// The same in a folder of this one.
    pub fn empty_on_sqlite_within(folder: &Path) -> Self {
        Self::on_a_file_of(ProjectFolder::within(folder))
    }

    fn on_a_file_of(project: ProjectFolder) -> Self {
        let database = Database::file(project.path().join("app.db"));
        Self { project, database }.settings("")
    }

    /// The same on PostgreSQL; none where there is no server, which is then told.
    ///
    /// # Panics
    /// Where no database can be made.
    pub fn empty_on_postgres() -> Option<Self> {
        Self::on_a_server::<PostgresServer>(Database::Postgres)
    }

    /// The same on MariaDB.
    ///
    /// # Panics
    /// Where no database can be made.
    pub fn empty_on_mariadb() -> Option<Self> {
        Self::on_a_server::<MariaDbServer>(Database::MySql)
    }

    /// The same on Oracle's MySQL.
    ///
    /// # Panics
    /// Where no database can be made.
    pub fn empty_on_mysql() -> Option<Self> {
        Self::on_a_server::<MySqlServer>(Database::MySql)
    }

    /// The same on SQL Server.
    ///
    /// # Panics
    /// Where no database can be made.
    pub fn empty_on_mssql() -> Option<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("story_{}_{number}", std::process::id());
        let url = database::create_on_mssql(shared::<MsSqlServer>()?.url(), &name);
        Some(Self::in_the_database(Database::MsSql(url)))
    }

    fn on_a_server<S: Shareable>(database: fn(String) -> Database) -> Option<Self> {
        let url = shared::<S>()?.create_database("story").expect("a database");
        Some(Self::in_the_database(database(url)))
    }

    /// A project without a migration, in a database that is there.
    pub fn in_the_database(database: Database) -> Self {
        let project = ProjectFolder::new();
        Self { project, database }.settings("")
    }

    /// Two versioned migrations with their undo scripts, and a repeatable one.
    #[must_use]
    pub fn planted(self) -> Self {
        self.write(
            PLANTS,
            "create table plants(id integer primary key, name text not null);\n\
             insert into plants(id, name) values (1, 'aloe');\n",
        );
        self.write(
            "rollback/V1.0.0__Create_plants_rollback.sql",
            "drop table plants;\n",
        );
        self.write(
            POTS,
            "create table pots(id integer primary key, plant integer references plants(id));\n\
             create index pots_by_plant on pots(plant);\n",
        );
        self.write("rollback/V1.1.0__Add_pots_rollback.sql", "drop table pots;\n");
        self
    }

    /// A repeatable migration.
    #[must_use]
    pub fn with_names(self) -> Self {
        self.write(
            NAMES,
            "drop view if exists plant_names;\ncreate view plant_names as select name from plants;\n",
        );
        self
    }

    /// Writes the settings anew, with these lines at their end.
    #[must_use]
    pub fn settings(self, more: &str) -> Self {
        let url = self.url();
        self.write(
            "dbvc.toml",
            &format!(
                "[project]\nname = \"plants\"\n\n[databases.plants]\nurl = \"{url}\"\nversioning = \"semantic\"\n{more}\n"
            ),
        );
        self
    }

    /// The database's address.
    ///
    /// # Panics
    /// Where the file has no name.
    pub fn url(&self) -> String {
        match &self.database {
            Database::Postgres(url) | Database::MySql(url) | Database::MsSql(url) => url.clone(),
            Database::Sqlite(path) => {
                format!("sqlite:{}", path.file_name().expect("a name").to_string_lossy())
            }
        }
    }

    /// Whether it is on PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.database, Database::Postgres(_))
    }

    /// Whether it is on MySQL or MariaDB.
    pub fn is_mysql(&self) -> bool {
        matches!(self.database, Database::MySql(_))
    }

    /// Whether it is on SQL Server.
    pub fn is_mssql(&self) -> bool {
        matches!(self.database, Database::MsSql(_))
    }

    /// The line at which the statement stands that a story writes in this line of a file: on SQL Server a `GO` stands
    /// between two.
    pub fn line(&self, line: u32) -> u32 {
        if self.is_mssql() { 2 * line - 1 } else { line }
    }

    /// The same in a script whose first line is a directive.
    pub fn line_below(&self, line: u32) -> u32 {
        1 + self.line(line - 1)
    }

    /// What its system is called in the names of snapshots.
    pub fn system(&self) -> &'static str {
        match &self.database {
            Database::Postgres(_) => "postgres",
            Database::Sqlite(_) => "sqlite",
            Database::MySql(url) if url.starts_with("mariadb") => "mariadb",
            Database::MySql(_) => "mysql",
            Database::MsSql(_) => "mssql",
        }
    }

    /// A statement that works for a minute if nobody stops it, and leaves the table `slow`.
    pub fn long_work(&self) -> &'static str {
        if self.is_postgres() {
            "create table slow as select 1 as i, pg_sleep(60)::text as nothing;\n"
        } else if self.is_mssql() {
            "select count_big(*) as i into slow from sys.all_columns a, sys.all_columns b, sys.all_columns c, sys.all_columns d;\n"
        } else {
            // No deeper recursion is allowed everywhere.
            "create table slow as with recursive n(i) as (select 1 union all select i + 1 from n where i < 900) \
             select count(*) as i from n a, n b, n c, n d;\n"
        }
    }

    /// The same for a script outside a transaction: when it is stopped it leaves nothing, and whether it was done can be
    /// told from the catalogue. On SQL Server `SELECT … INTO` leaves its table ("SELECT - INTO Clause": it works in two
    /// parts), and nothing is asked about it.
    pub fn long_step(&self) -> &'static str {
        if self.is_mssql() {
            self.slow_down("slow", 60_000);
            "create table slow(i integer);\n"
        } else {
            self.long_work()
        }
    }

    /// On SQL Server, once this table is there or is being made, whoever makes a table waits for so many milliseconds
    /// before that is done; without a name always.
    pub fn slow_down(&self, table: &str, millis: u32) {
        let condition = match table {
            "" => String::new(),
            table => format!("if object_id('{table}') is not null "),
        };
        let (minutes, seconds, millis) = (millis / 60_000, millis / 1000 % 60, millis % 1000);
        self.database.run(&format!(
            "create trigger slowed_down on database for create_table as {condition}waitfor delay '00:{minutes:02}:{seconds:02}.{millis:03}'"
        ));
    }

    /// Undoes [`Stage::slow_down`], and does nothing elsewhere.
    pub fn speed_up(&self) {
        if self.is_mssql() {
            self.database
                .run("drop trigger if exists slowed_down on database");
        }
    }

    /// A story's script in the words of its database.
    pub fn words(&self, text: &str) -> String {
        if self.is_mssql() {
            tsql::script(text)
        } else {
            text.to_owned()
        }
    }

    /// What is sent of a story's script, message by message, where the database is SQL Server.
    pub fn batches(&self, text: &str) -> Vec<String> {
        tsql::batches(&self.words(text))
    }

    /// Writes a file of the project; a script in the words of its database.
    pub fn write(&self, path: &str, text: &str) {
        let is_script = std::path::Path::new(path)
            .extension()
            .is_some_and(|it| it == "sql");
        let text = if is_script {
            self.words(text)
        } else {
            text.to_owned()
        };
        self.project.write(path, text);
    }

    /// A call, to be changed before it is run.
    pub fn call(&self, line: &str) -> Invocation {
        self.project.dbvc(line.split(' ').filter(|word| !word.is_empty()))
    }

    /// Runs a line without quotes in it.
    pub fn run(&self, line: &str) -> Ran {
        self.call(line).run()
    }

    /// Runs a line with `--json`, which must go well.
    pub fn json(&self, line: &str) -> Value {
        parsed(&self.call(line).args(["--json"]).run().ok())
    }

    /// The full name of one of dbvc's own tables or views.
    pub fn own(&self, table: &str) -> String {
        self.database.own(table)
    }

    /// The texts that a query on the record gives; `@name` stands for one of dbvc's own tables.
    pub fn record(&self, query: &str) -> Vec<String> {
        self.database.texts(&self.database.named(query))
    }

    /// Whether a table is there.
    pub fn has(&self, table: &str) -> bool {
        self.database.has_table(table)
    }

    /// The version that `status` tells.
    pub fn version(&self) -> Option<String> {
        self.json("status")["version"].as_str().map(str::to_owned)
    }
}

/// The one JSON value on standard output.
///
/// # Panics
/// Where there is another text.
#[track_caller]
pub fn parsed(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error} in\n{ran}"))
}
