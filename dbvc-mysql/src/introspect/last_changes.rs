//! When objects were changed last.
//!
//! `create_time` of a table is when its present definition was made: each `ALTER TABLE` sets it anew, whatever its
//! algorithm, and so does a rebuild that changes nothing (`OPTIMIZE TABLE`). `update_time` is about rows. A trigger is
//! never altered; routines and events have a time of their own. Views have none on MariaDB, and on MySQL the one of their
//! first making. By whom is not kept.

use std::collections::BTreeMap;

use dbvc_engine::driver::LastChange;
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::schema::{ObjectKey, ObjectKind};

use crate::message::{Message, Part};
use crate::record::literal;
use crate::session::MySqlSession;

/// For each sort of object: how it is named, and when it was changed. `{names}` is the list of the names that are asked
/// for, `{database}` the database's.
const TIMES: &str = "\
SELECT 'table' AS kind, '' AS parent, table_name AS name, create_time AS at FROM information_schema.tables
WHERE table_schema = {database} AND table_type <> 'VIEW' AND table_name IN ({names})
UNION ALL SELECT 'routine', LOWER(routine_type), routine_name, last_altered FROM information_schema.routines
WHERE routine_schema = {database} AND routine_name IN ({names})
UNION ALL SELECT 'trigger', '', trigger_name, created FROM information_schema.triggers
WHERE trigger_schema = {database} AND trigger_name IN ({names})
UNION ALL SELECT 'event', '', event_name, last_altered FROM information_schema.events
WHERE event_schema = {database} AND event_name IN ({names})";

impl MySqlSession {
    pub(super) async fn change_times(
        &mut self,
        objects: &[ObjectKey],
    ) -> Result<BTreeMap<ObjectKey, LastChange>> {
        if objects.is_empty() {
            return Ok(BTreeMap::new());
        }
        let names: Vec<String> = objects.iter().map(|key| literal(&key.name)).collect();
        let times = TIMES
            .replace("{database}", &literal(&self.settings.database))
            .replace("{names}", &names.join(", "));
        let sql = format!(
            "SELECT kind, parent, name, DATE_FORMAT(at, '%Y-%m-%dT%H:%i:%sZ') FROM ({times}) q WHERE at IS NOT NULL"
        );
        let mut message = Message::new();
        message.push(Part::Own, "SET SESSION time_zone = '+00:00'");
        message.push(Part::Asked, &sql);
        message.push(Part::Own, "SET SESSION time_zone = DEFAULT");
        // Also where it fails half-way.
        self.changed = true;
        let answers = self.run(Operation::Query, &message).await?;
        let mut found = BTreeMap::new();
        for row in answers.first().into_iter().flat_map(|rows| &rows.cells) {
            let cell = |at: usize| row.get(at).and_then(Option::as_deref).unwrap_or_default();
            let Some(key) = objects.iter().find(|key| is_about(key, &cell)) else {
                continue;
            };
            let at = cell(3).parse().map_err(|_| {
                DriverError::new(
                    ErrorKind::Protocol,
                    Operation::Query,
                    "a change's time is no time",
                )
            })?;
            let last = LastChange {
                at: Some(at),
                by: None,
            };
            found.insert(key.clone(), last);
        }
        Ok(found)
    }
}

fn is_about<'a>(key: &ObjectKey, cell: &impl Fn(usize) -> &'a str) -> bool {
    let parent = match key.kind {
        ObjectKind::Routine => key.parent.as_deref().unwrap_or_default(),
        _ => "",
    };
    cell(0) == key.kind.word() && cell(1) == parent && cell(2) == key.name
}
