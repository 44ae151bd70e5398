//! Scratch databases: marked by an extended property, and dropped with whoever is still in them.

use async_trait::async_trait;
use dbvc_engine::driver::{
    Access, Rows, SCRATCH_AGE, SCRATCH_MARK, SCRATCH_PREFIX, Scratch, Session as _, Target, is_scratch_name,
    scratch_name,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use crate::connect;
use crate::ddl::names::{literal, quoted};
use crate::session::MsSqlSession;

/// The database that every server has, for a target whose own does not exist yet, and from which Azure makes others.
const MAINTENANCE: &str = "master";

/// The name of the extended property that is the mark.
const MARK: &str = "dbvc";

/// A scratch database.
#[derive(Debug)]
pub(crate) struct MsSqlScratch {
    target: Target,
    /// From where it was made, and is dropped: nobody can drop the database that he is in.
    beside: Target,
}

/// Makes one, after dropping what killed runs left behind.
pub(crate) async fn make(target: &Target, place: Option<&Target>) -> Result<Box<dyn Scratch>> {
    let beside = place
        .unwrap_or(target)
        .clone()
        .with_access(Access::ReadWrite)
        .with_record(target.record.clone());
    let (mut session, beside) = open(beside).await?;
    let made = if is_azure(&session) {
        make_in_azure(&mut session, &beside, place.is_some()).await
    } else {
        make_in(&mut session, &beside).await
    };
    let _ = Box::new(session).close().await;
    made
}

async fn open(beside: Target) -> Result<(MsSqlSession, Target)> {
    match session(&beside).await {
        Ok(session) => Ok((session, beside)),
        Err(error) if error.kind == ErrorKind::NoSuchDatabase => {
            let other = beside.with_database(MAINTENANCE);
            // That there is no such database is the answer to what was asked for.
            session(&other)
                .await
                .map_err(|_| error)
                .map(|session| (session, other))
        }
        Err(error) => Err(error),
    }
}

async fn session(target: &Target) -> Result<MsSqlSession> {
    let connected = Box::pin(connect::open(target)).await?;
    Box::pin(MsSqlSession::over(connected.client, target)).await
}

fn is_azure(session: &MsSqlSession) -> bool {
    session.server().product == "Azure SQL Database"
}

async fn make_in(session: &mut MsSqlSession, beside: &Target) -> Result<Box<dyn Scratch>> {
    let answers = session.run(Operation::Install, OWN).await?;
    for name in answers.first().into_iter().flat_map(first_cells) {
        if is_scratch_name(name) && is_left_behind(session, name).await {
            // The server refuses where somebody is in it (error 3702); then it is theirs.
            let _ = session
                .run(Operation::Install, &format!("DROP DATABASE {}", quoted(name)))
                .await;
        }
    }
    let own = answers.get(1).and_then(|rows| rows.cells.first());
    let own = |at: usize| own.and_then(|row| row.get(at).cloned().flatten());
    let name = scratch_name();
    // The server's own database says nothing about those of the target.
    let collation = own(1).filter(|_| beside.database_name() != MAINTENANCE);
    session
        .run(Operation::Install, &create_statement(&name, collation.as_deref()))
        .await
        .map_err(|error| explain(error, session))?;
    let mark = mark_statement(&format!("{}.", quoted(&name)), &own(0).unwrap_or_default());
    if let Err(error) = session.run(Operation::Install, &mark).await {
        // Without its mark nobody would ever drop it.
        let _ = session.run(Operation::Install, &drop_statement(&name)).await;
        return Err(error);
    }
    Ok(scratch(beside, &name))
}

/// In Azure a database costs money from the moment it is made, and making one takes a minute. So it is made only where
/// somebody has named a place for that.
async fn make_in_azure(
    session: &mut MsSqlSession,
    beside: &Target,
    is_chosen: bool,
) -> Result<Box<dyn Scratch>> {
    if !is_chosen {
        return Err(DriverError::unsupported(
            Operation::Install,
            "a scratch database in Azure SQL Database is billed and takes long to make, so dbvc makes none beside the \
             target by itself",
        )
        .with_note(
            "set `scratch` to another server's URL, such as SQL Server's in a container, or to this one's if it may cost",
        ));
    }
    let answers = session.run(Operation::Install, OWN_IN_AZURE).await?;
    let own = answers.first().and_then(|rows| rows.cells.first());
    let own = |at: usize| own.and_then(|row| row.get(at).cloned().flatten());
    let collation = own(1).filter(|_| beside.database_name() != MAINTENANCE);
    let name = scratch_name();
    let above = beside.clone().with_database(MAINTENANCE);
    let mut master = self::session(&above).await?;
    let create = format!(
        "{} (SERVICE_OBJECTIVE = 'Basic')",
        create_statement(&name, collation.as_deref())
    );
    let made = master.run(Operation::Install, &create).await;
    let made = made.map_err(|error| explain(error, &master));
    let _ = Box::new(master).close().await;
    made?;
    let scratch = scratch(&above, &name);
    if let Err(error) = mark_in_azure(scratch.target(), &own(0).unwrap_or_default()).await {
        let _ = scratch.remove().await;
        return Err(error);
    }
    Ok(scratch)
}

async fn mark_in_azure(target: &Target, now: &str) -> Result<()> {
    let mut session = session(target).await?;
    let marked = session.run(Operation::Install, &mark_statement("", now)).await;
    let _ = Box::new(session).close().await;
    marked.map(drop)
}

fn scratch(beside: &Target, name: &str) -> Box<MsSqlScratch> {
    Box::new(MsSqlScratch {
        target: beside.clone().with_database(name),
        beside: beside.clone(),
    })
}

fn first_cells(rows: &Rows) -> impl Iterator<Item = &String> {
    rows.cells.iter().filter_map(|row| row.first()?.as_ref())
}

/// Databases that may be ours; then the server's time, and how texts are compared in the database that we are in.
const OWN: &str = "SELECT d.name FROM sys.databases AS d WHERE d.name LIKE N'dbvc!_scratch!_%' ESCAPE N'!';\n\
                   SELECT DATEDIFF(second, '20200101', GETUTCDATE()), \
                   CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), N'Collation'))";

const OWN_IN_AZURE: &str = "SELECT DATEDIFF(second, '20200101', GETUTCDATE()), \
                            CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), N'Collation'))";

fn create_statement(name: &str, collation: Option<&str>) -> String {
    let collate = collation.map(|collation| format!(" COLLATE {collation}"));
    format!("CREATE DATABASE {}{}", quoted(name), collate.unwrap_or_default())
}

/// `within` is the database's name with a dot behind it, or nothing for the one that the session is in.
fn mark_statement(within: &str, now: &str) -> String {
    format!(
        "EXEC {within}sys.sp_addextendedproperty @name = N'{MARK}', @value = {}",
        literal(&format!("{SCRATCH_MARK}, made at {now}"))
    )
}

/// Whoever is in it is sent away.
fn drop_statement(name: &str) -> String {
    let quoted = quoted(name);
    format!(
        "IF DB_ID({}) IS NOT NULL\nBEGIN\n  ALTER DATABASE {quoted} SET SINGLE_USER WITH ROLLBACK IMMEDIATE;\n  \
         DROP DATABASE {quoted};\nEND",
        literal(name)
    )
}

/// Whether it has our mark and is old.
async fn is_left_behind(session: &mut MsSqlSession, name: &str) -> bool {
    let question = left_behind_question(name);
    let answers = session.run(Operation::Install, &question).await;
    answers.is_ok_and(|answers| answers.first().is_some_and(|rows| !rows.cells.is_empty()))
}

fn left_behind_question(name: &str) -> String {
    let age = SCRATCH_AGE.as_secs();
    let mark = format!("{SCRATCH_MARK}, made at ");
    let length = mark.len();
    format!(
        "SELECT 1 FROM {}.sys.extended_properties AS e\nWHERE e.class = 0 AND e.name = N'{MARK}' AND \
         LEFT(CONVERT(nvarchar(200), e.value), {length}) = {}\n  AND TRY_CONVERT(bigint, \
         SUBSTRING(CONVERT(nvarchar(200), e.value), {}, 20)) BETWEEN 1 AND DATEDIFF(second, '20200101', GETUTCDATE()) \
         - {age}",
        quoted(name),
        literal(&mark),
        length + 1
    )
}

fn explain(error: DriverError, session: &MsSqlSession) -> DriverError {
    if error.kind != ErrorKind::Denied {
        return error;
    }
    let role = if is_azure(session) {
        "ALTER ROLE dbmanager ADD MEMBER"
    } else {
        "ALTER SERVER ROLE dbcreator ADD MEMBER"
    };
    let login = quoted(&session.server().login);
    error.with_note(format!(
        "databases named {SCRATCH_PREFIX}… are made and dropped; the right is given with: {role} {login}"
    ))
}

#[async_trait]
impl Scratch for MsSqlScratch {
    fn target(&self) -> &Target {
        &self.target
    }

    async fn remove(self: Box<Self>) -> Result<()> {
        let name = self.target.database_name();
        let mut session = session(&self.beside).await?;
        // Azure knows no single user, and sends everybody away by itself.
        let statement = if is_azure(&session) {
            format!("DROP DATABASE IF EXISTS {}", quoted(&name))
        } else {
            drop_statement(&name)
        };
        let dropped = session.run(Operation::Install, &statement).await;
        let _ = Box::new(session).close().await;
        dropped.map(drop)
    }
}

/// What is sent here, for whoever reads it again.
#[cfg(test)]
pub(crate) fn texts() -> Vec<String> {
    vec![
        OWN.to_owned(),
        OWN_IN_AZURE.to_owned(),
        create_statement("a]b", Some("Latin1_General_BIN2")),
        mark_statement("[x].", "7"),
        drop_statement("a]b"),
        left_behind_question("a]b"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_compares_texts_as_the_database_beside_it_and_says_what_it_is() {
        assert_eq!(
            create_statement("x", Some("Latin1_General_BIN2")),
            "CREATE DATABASE [x] COLLATE Latin1_General_BIN2"
        );
        assert_eq!(create_statement("x", None), "CREATE DATABASE [x]");
        assert_eq!(
            mark_statement("[x].", "7"),
            "EXEC [x].sys.sp_addextendedproperty @name = N'dbvc', @value = N'dbvc scratch database, made at 7'"
        );
    }

    #[test]
    fn only_what_has_the_mark_and_is_old_is_left_behind() {
        let question = left_behind_question("x");
        assert!(question.contains("[x].sys.extended_properties"), "{question}");
        assert!(question.contains("- 3600"), "{question}");
        assert!(
            question.contains("made at ', ") || question.contains("made at '\n"),
            "{question}"
        );
    }

    #[test]
    fn whoever_is_in_it_is_sent_away_first() {
        let sql = drop_statement("x");
        let (away, drop) = (sql.find("SINGLE_USER"), sql.find("DROP DATABASE"));
        assert!(away.is_some() && away < drop, "{sql}");
    }
}
