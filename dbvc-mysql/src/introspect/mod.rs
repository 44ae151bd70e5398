//! Reading the catalogue.
//!
//! The server itself writes what a table, a view and a routine are (`SHOW CREATE …`), and that is read word by word: what
//! is not understood is kept as it stands there, so nothing is overlooked that only a newer server or another engine
//! knows. Two messages do it, whatever the size: one asks what there is, and one asks for all of it.
//!
//! The servers give no consistent view of a catalogue: their own tables are read as they are at each moment, whatever the
//! transaction. So everything is asked for twice in the same message, and only when both readings say the same is it what
//! the schema was in between.

mod build;
mod catalogue;
mod column;
mod cursor;
mod datatype;
mod last_changes;
mod options;
mod overview;
mod part;
mod place;
mod programs;
mod table;
mod text;

use std::collections::BTreeMap;

use async_trait::async_trait;
use dbvc_engine::driver::{Introspector, LastChange, Rows};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::schema::{Database, ObjectKey, SchemaOverview};

use crate::error;
use crate::message::{Message, Part};
use crate::session::MySqlSession;
use catalogue::Catalogue;
use place::Place;

pub(crate) use part::PRIMARY;
pub(crate) use programs::quoted;
pub(crate) use text::string;

/// What every text of the server's depends on.
const SETTINGS: &str = "SET SESSION sql_mode = '', sql_quote_show_create = 1, time_zone = '+00:00', \
                        character_set_results = utf8mb4";

/// How often a schema is read that changes meanwhile.
const READS: u32 = 5;

/// Something is not there any more, or is something else: `ER_NO_SUCH_TABLE`, `ER_SP_DOES_NOT_EXIST`,
/// `ER_WRONG_OBJECT`, `ER_NOT_SEQUENCE`.
const GONE: [u16; 4] = [1146, 1305, 1347, 4089];

/// `ER_TABLEACCESS_DENIED_ERROR`, `ER_COLUMNACCESS_DENIED_ERROR`, `ER_DBACCESS_DENIED_ERROR`.
const NOT_FOR_THIS_LOGIN: [u16; 3] = [1142, 1143, 1044];

#[async_trait]
impl Introspector for MySqlSession {
    async fn overview(&mut self) -> Result<Vec<SchemaOverview>> {
        self.count_tables().await
    }

    async fn introspect(&mut self) -> Result<Database> {
        if self.in_transaction {
            return Err(DriverError::unsupported(
                Operation::Query,
                "the schema is read outside a transaction",
            ));
        }
        let (place, mut catalogue) = self.first_look().await?;
        for _ in 0..READS {
            match self.reading(&place, &catalogue).await? {
                Reading::Whole(database) => return self.with_routine_rights(*database).await,
                Reading::Changed(other) => catalogue = other,
                Reading::Gone => catalogue = self.first_look().await?.1,
            }
        }
        Err(DriverError::new(
            ErrorKind::Conflict,
            Operation::Query,
            "the schema changed each time while it was read",
        ))
    }

    async fn last_changes(&mut self, objects: &[ObjectKey]) -> Result<BTreeMap<ObjectKey, LastChange>> {
        self.change_times(objects).await
    }
}

/// What became of reading everything twice.
enum Reading {
    Whole(Box<Database>),
    /// It is not the same any more, and this is what there was at the end.
    Changed(Catalogue),
    /// Something was there no more when it was asked for.
    Gone,
}

impl MySqlSession {
    fn names(&self) -> (String, String) {
        let prefix = self.target.record.prefix.clone();
        (self.settings.database.clone(), prefix)
    }

    async fn first_look(&mut self) -> Result<(Place, Catalogue)> {
        let (database, prefix) = self.names();
        let mut message = Message::new();
        // What programs that a session of dbvc's makes are kept with.
        message.push(Part::Own, "SET NAMES utf8mb4");
        for sql in catalogue::about(&database)
            .iter()
            .chain(&catalogue::lists(&database, &prefix))
        {
            message.push(Part::Asked, sql);
        }
        let answers = self.run(Operation::Query, &message).await?;
        let place = catalogue::place(&database, &answers);
        Ok((place, Catalogue::read(answers.get(2..).unwrap_or_default())))
    }

    async fn reading(&mut self, place: &Place, catalogue: &Catalogue) -> Result<Reading> {
        let (database, prefix) = self.names();
        let mut questions: Vec<String> = catalogue::lists(&database, &prefix).into();
        questions.extend(catalogue.shown().map(|(_, sql)| sql));
        questions.extend(catalogue::whole(&database));
        let mut message = Message::new();
        message.push(Part::Own, SETTINGS);
        for sql in questions.iter().chain(&questions) {
            message.push(Part::Asked, sql);
        }
        self.push_settings(&mut message);
        let answer = self.send(&message, None, None).await;
        if let Some((_, failure)) = self.failure(&message, &answer, Operation::Query) {
            self.changed = true;
            let number = answer.error.as_ref().and_then(error::number);
            if number.is_some_and(|number| GONE.contains(&number)) {
                return Ok(Reading::Gone);
            }
            return Err(failure);
        }
        let (first, second) = answer.asked.split_at(questions.len().min(answer.asked.len()));
        let found = Catalogue::read(second);
        if found != *catalogue || Catalogue::read(first) != found {
            return Ok(Reading::Changed(found));
        }
        let read = |answers: &[Rows]| build::database(place, catalogue, answers);
        let (first, second) = (read(first), read(second));
        Ok(if first == second {
            Reading::Whole(Box::new(second))
        } else {
            Reading::Changed(found)
        })
    }

    /// Adds who may run which routine, as far as this login may know.
    async fn with_routine_rights(&mut self, mut database: Database) -> Result<Database> {
        if !build::has_routines(&database) {
            return Ok(database);
        }
        let mut message = Message::new();
        message.push(Part::Asked, &catalogue::routine_rights(&self.settings.database));
        let answer = self.send(&message, None, None).await;
        let number = answer.error.as_ref().and_then(error::number);
        if number.is_some_and(|number| NOT_FOR_THIS_LOGIN.contains(&number)) {
            return Ok(database);
        }
        if let Some((_, failure)) = self.failure(&message, &answer, Operation::Query) {
            return Err(failure);
        }
        build::add_routine_rights(&mut database, answer.asked.first());
        Ok(database)
    }
}
