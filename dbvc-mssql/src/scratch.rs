//! Scratch databases: marked by an extended property, and dropped with whoever is still in them.

use async_trait::async_trait;
use dbvc_engine::driver::{
    Rows, SCRATCH_AGE, SCRATCH_MARK, SCRATCH_PREFIX, ScratchGround, ScratchServer, Session as _, Target,
};
use dbvc_engine::error::{DriverError, Operation, Result};

use crate::connect;
use crate::ddl::names::{literal, quoted};
use crate::session::{MsSqlSession, is_database_service};

/// The name of the extended property that is the mark.
const MARK: &str = "dbvc";

/// "Could not obtain exclusive lock on database 'model'. Retry the operation later."
const MODEL_IN_USE: &str = "1807";

/// How often that is tried again, over some fifteen seconds.
const TRIES: u32 = 6;

/// How scratch databases are made on SQL Server and in Azure SQL.
#[derive(Debug)]
pub(crate) struct MsSqlScratch;

#[async_trait]
impl ScratchServer for MsSqlScratch {
    type Session = MsSqlSession;

    // From there Azure makes and drops all others.
    const MAINTENANCE: &'static str = "master";

    async fn enter(target: &Target) -> Result<MsSqlSession> {
        let connected = Box::pin(connect::open(target)).await?;
        Box::pin(MsSqlSession::over(connected.client, target)).await
    }

    async fn leave(session: MsSqlSession) {
        let _ = Box::new(session).close().await;
    }

    async fn ground(session: &mut MsSqlSession, beside: &Target, chosen: bool) -> Result<ScratchGround> {
        let (leftovers, own) = if is_azure(session) {
            if !chosen {
                return Err(costly());
            }
            (
                None,
                session.run(Operation::Install, OWN).await?.into_iter().next(),
            )
        } else {
            let both = format!("{LIKE_OURS};\n{OWN}");
            let mut answers = session.run(Operation::Install, &both).await?.into_iter();
            (answers.next(), answers.next())
        };
        let own = own.and_then(|rows| rows.cells.into_iter().next());
        let own = |at: usize| own.as_ref().and_then(|row| row.get(at).cloned().flatten());
        Ok(ScratchGround {
            leftovers: leftovers.iter().flat_map(first_cells).cloned().collect(),
            now: own(0).unwrap_or_default(),
            // The server's own database says nothing about those of the target.
            like: vec![own(1).filter(|_| beside.database_name() != Self::MAINTENANCE)],
        })
    }

    async fn is_left_behind(session: &mut MsSqlSession, name: &str) -> Result<bool> {
        let question = left_behind_question(name);
        // One that this login may not look into is not ours.
        let answers = session.run(Operation::Install, &question).await;
        Ok(answers.is_ok_and(|answers| answers.first().is_some_and(|rows| !rows.cells.is_empty())))
    }

    async fn drop_leftover(session: &mut MsSqlSession, name: &str) -> Result<()> {
        // The server refuses where somebody is in it (error 3702); then it is theirs.
        run(session, &format!("DROP DATABASE {}", quoted(name))).await
    }

    async fn create(
        session: &mut MsSqlSession,
        beside: &Target,
        name: &str,
        like: &[Option<String>],
    ) -> Result<()> {
        let create = create_statement(name, like.iter().flatten().next().map(String::as_str));
        if !is_azure(session) {
            return one_after_another(session, &create).await;
        }
        in_another(
            &beside.clone().with_database(Self::MAINTENANCE),
            &format!("{create} (SERVICE_OBJECTIVE = 'Basic')"),
        )
        .await
    }

    async fn mark(session: &mut MsSqlSession, beside: &Target, name: &str, mark: &str) -> Result<()> {
        if !is_azure(session) {
            let within = format!("{}.", quoted(name));
            return run(session, &mark_statement(&within, mark)).await;
        }
        in_another(&beside.clone().with_database(name), &mark_statement("", mark)).await
    }

    async fn remove(session: &mut MsSqlSession, beside: &Target, name: &str) -> Result<()> {
        if !is_azure(session) {
            return run(session, &drop_statement(name)).await;
        }
        // Azure knows no single user, and sends everybody away by itself.
        in_another(
            &beside.clone().with_database(Self::MAINTENANCE),
            &format!("DROP DATABASE IF EXISTS {}", quoted(name)),
        )
        .await
    }

    fn right(session: &MsSqlSession) -> String {
        let role = if is_azure(session) {
            "ALTER ROLE dbmanager ADD MEMBER"
        } else {
            "ALTER SERVER ROLE dbcreator ADD MEMBER"
        };
        let login = quoted(&session.server().login);
        format!("{role} {login} (databases named {SCRATCH_PREFIX}… are made and dropped)")
    }
}

fn is_azure(session: &MsSqlSession) -> bool {
    is_database_service(&session.server().product)
}

/// In Azure a database costs money from the moment it is made, and making one takes a minute. So it is made only where
/// somebody has named a place for that.
fn costly() -> DriverError {
    DriverError::unsupported(
        Operation::Install,
        "a scratch database in Azure SQL Database is billed and takes long to make, so dbvc makes none beside the \
         target by itself",
    )
    .with_note(
        "set `scratch` to another server's URL, such as SQL Server's in a container, or to this one's if it may cost",
    )
}

async fn run(session: &mut MsSqlSession, statement: &str) -> Result<()> {
    session.run(Operation::Install, statement).await.map(drop)
}

/// In Azure a session stays in the database that it has entered.
/// Two databases cannot be copied from `model` at once: the server refuses the second and asks to come again.
async fn one_after_another(session: &mut MsSqlSession, create: &str) -> Result<()> {
    let mut pause = std::time::Duration::from_millis(250);
    for _ in 0..TRIES {
        match run(session, create).await {
            Err(error) if error.code.as_deref() == Some(MODEL_IN_USE) => {}
            other => return other,
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    run(session, create).await
}

async fn in_another(database: &Target, statement: &str) -> Result<()> {
    let mut session = MsSqlScratch::enter(database).await?;
    let ran = run(&mut session, statement).await;
    MsSqlScratch::leave(session).await;
    ran
}

fn first_cells(rows: &Rows) -> impl Iterator<Item = &String> {
    rows.cells.iter().filter_map(|row| row.first()?.as_ref())
}

/// Databases that may be ours.
const LIKE_OURS: &str =
    "SELECT d.name FROM sys.databases AS d WHERE d.name LIKE N'dbvc!_scratch!_%' ESCAPE N'!'";

/// The server's time, and how texts are compared in the database that we are in.
const OWN: &str = "SELECT DATEDIFF(second, '20200101', GETUTCDATE()), \
                   CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), N'Collation'))";

fn create_statement(name: &str, collation: Option<&str>) -> String {
    let collate = collation.map(|collation| format!(" COLLATE {collation}"));
    format!("CREATE DATABASE {}{}", quoted(name), collate.unwrap_or_default())
}

/// `within` is the database's name with a dot behind it, or nothing for the one that the session is in.
fn mark_statement(within: &str, mark: &str) -> String {
    format!(
        "EXEC {within}sys.sp_addextendedproperty @name = N'{MARK}', @value = {}",
        literal(mark)
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

/// What is sent here, for whoever reads it again.
#[cfg(test)]
pub(crate) fn texts() -> Vec<String> {
    vec![
        format!("{LIKE_OURS};\n{OWN}"),
        OWN.to_owned(),
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
            mark_statement("[x].", "dbvc scratch database, made at 7"),
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
