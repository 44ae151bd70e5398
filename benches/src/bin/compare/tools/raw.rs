//! The least that a client must do for a script of single-row statements: read it, send it in messages of about 64 KB
//! in one transaction, and wait for each answer. It knows that a statement is a line.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use sqlx::{Connection as _, Executor as _, PgConnection};

use super::{Place, Tool, Trial};
use crate::database::System;
use crate::install::Cache;
use crate::measure::Invocation;
use crate::scripts::Shape;
use crate::set::Set;

/// The hidden command of this binary that is the client.
pub(crate) const COMMAND: &str = "raw";
const MESSAGE: usize = 64 * 1024;

#[derive(Debug)]
struct Raw {
    program: PathBuf,
}

pub(super) fn find(_cache: &Cache) -> Result<Box<dyn Tool>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(Box::new(Raw { program }))
}

impl Tool for Raw {
    fn name(&self) -> String {
        "raw client, 64 KB messages".to_owned()
    }

    fn version(&self) -> Invocation {
        Invocation::new(&self.program, ["--version"])
    }

    fn refuses(&self, trial: Trial) -> Option<&'static str> {
        let can = trial == Trial::Large(System::Postgres, Shape::SingleRows);
        (!can).then_some("sends single-row statements to PostgreSQL only")
    }

    fn is_floor(&self) -> bool {
        true
    }

    fn lay_out(&self, set: &Set, folder: &Path) -> io::Result<()> {
        let scripts = set.migrations.iter().map(|one| &one.up);
        for script in scripts {
            script.write(&folder.join("script.sql"), "", "")?;
        }
        Ok(())
    }

    fn migrate(&self, place: &Place) -> Invocation {
        let url = place.database.url("postgres", "", "");
        Invocation::new(&self.program, [COMMAND, &url, "script.sql"])
    }
}

/// The client itself.
pub(crate) fn run(url: &str, script: &Path) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime
        .block_on(send(url, script))
        .map_err(|error| error.to_string())
}

async fn send(url: &str, script: &Path) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let mut lines = BufReader::with_capacity(MESSAGE, File::open(script)?);
    let mut message = String::with_capacity(2 * MESSAGE);
    message.push_str("BEGIN;\n");
    while lines.read_line(&mut message)? > 0 {
        if message.len() >= MESSAGE && message.ends_with(";\n") {
            say(&mut connection, &message).await?;
            message.clear();
        }
    }
    message.push_str("COMMIT;\n");
    say(&mut connection, &message).await?;
    connection.close().await
}

async fn say(connection: &mut PgConnection, message: &str) -> Result<(), sqlx::Error> {
    connection
        .execute(sqlx::raw_sql(sqlx::AssertSqlSafe(message)))
        .await
        .map(drop)
}
