//! When objects were changed last.
//!
//! The server keeps the time of each commit where `track_commit_timestamp` is on (manual, 20.6.1), and each row of the
//! catalogue the transaction that wrote it (`xmin`). It does not keep who that was. A column, constraint or index counts
//! as its table. What was changed before the setting was on has no time.

use std::collections::BTreeMap;

use dbvc_engine::driver::{LastChange, Rows};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::schema::{ObjectKey, ObjectKind};

use crate::record::literal;
use crate::session::PostgresSession;

/// For each sort of object: how it is named, and the newest row of the catalogue that is about it. `{names}` is the list
/// of the names that are asked for.
const RELATIONS: &str = "\
SELECT 'relation', n.nspname, NULL, c.relname, NULL, greatest(pg_xact_commit_timestamp(c.xmin),
  (SELECT max(pg_xact_commit_timestamp(a.xmin)) FROM pg_attribute a WHERE a.attrelid = c.oid),
  (SELECT max(pg_xact_commit_timestamp(d.xmin)) FROM pg_attrdef d WHERE d.adrelid = c.oid),
  (SELECT max(pg_xact_commit_timestamp(o.xmin)) FROM pg_constraint o WHERE o.conrelid = c.oid),
  (SELECT max(pg_xact_commit_timestamp(p.xmin)) FROM pg_policy p WHERE p.polrelid = c.oid),
  (SELECT max(pg_xact_commit_timestamp(s.xmin)) FROM pg_sequence s WHERE s.seqrelid = c.oid),
  (SELECT max(pg_xact_commit_timestamp(r.xmin)) FROM pg_rewrite r WHERE r.ev_class = c.oid),
  (SELECT max(greatest(pg_xact_commit_timestamp(i.xmin), pg_xact_commit_timestamp(ic.xmin)))
    FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid WHERE i.indrelid = c.oid)) AS at
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname IN ({names}) AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
UNION ALL
SELECT 'routine', n.nspname, NULL, p.proname, oidvectortypes(p.proargtypes), pg_xact_commit_timestamp(p.xmin)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proname IN ({names})
UNION ALL
SELECT 'type', n.nspname, NULL, t.typname, NULL, greatest(pg_xact_commit_timestamp(t.xmin),
  (SELECT max(pg_xact_commit_timestamp(e.xmin)) FROM pg_enum e WHERE e.enumtypid = t.oid),
  (SELECT max(pg_xact_commit_timestamp(o.xmin)) FROM pg_constraint o WHERE o.contypid = t.oid),
  (SELECT max(pg_xact_commit_timestamp(a.xmin)) FROM pg_attribute a WHERE a.attrelid = t.typrelid))
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname IN ({names})
UNION ALL
SELECT 'trigger', n.nspname, c.relname, g.tgname, NULL, pg_xact_commit_timestamp(g.xmin)
FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE g.tgname IN ({names})
UNION ALL
SELECT 'schema', NULL, NULL, nspname, NULL, pg_xact_commit_timestamp(xmin) FROM pg_namespace
WHERE nspname IN ({names})
UNION ALL
SELECT 'extension', NULL, NULL, extname, NULL, pg_xact_commit_timestamp(xmin) FROM pg_extension
WHERE extname IN ({names})";

impl PostgresSession {
    /// Asks only a server that keeps times: another one answers with an error.
    pub(super) async fn commit_times(
        &mut self,
        objects: &[ObjectKey],
    ) -> Result<BTreeMap<ObjectKey, LastChange>> {
        let kept = "SELECT current_setting('track_commit_timestamp')";
        let answers = self.read(Operation::Query, &[kept]).await?;
        let on = cells(&answers).next().and_then(|row| row.first()?.as_deref());
        if on != Some("on") || objects.is_empty() {
            return Ok(BTreeMap::new());
        }
        let names: Vec<String> = objects.iter().map(|key| literal(&key.name)).collect();
        let times = RELATIONS.replace("{names}", &names.join(", "));
        let sql = format!(
            "SELECT q.*, to_char(q.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM ({times}) q \
             WHERE q.at IS NOT NULL"
        );
        let answers = self
            .read(Operation::Query, &["SET LOCAL search_path = ''", &sql])
            .await?;
        let mut found = BTreeMap::new();
        for row in cells(&answers) {
            let cell = |at: usize| row.get(at).and_then(Option::as_deref);
            let Some(key) = objects.iter().find(|key| is_about(key, &cell)) else {
                continue;
            };
            let at = cell(6).unwrap_or_default().parse().map_err(|_| {
                DriverError::new(
                    ErrorKind::Protocol,
                    Operation::Query,
                    "a commit's time is no time",
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

fn cells(answers: &[Rows]) -> impl Iterator<Item = &Vec<Option<String>>> {
    answers.iter().flat_map(|rows| &rows.cells)
}

fn is_about<'a>(key: &ObjectKey, cell: &impl Fn(usize) -> Option<&'a str>) -> bool {
    let kind = match key.kind {
        ObjectKind::Table | ObjectKind::View | ObjectKind::Sequence => "relation",
        kind => kind.word(),
    };
    cell(0) == Some(kind)
        && cell(1) == key.schema.as_deref()
        && cell(2) == key.parent.as_deref()
        && cell(3) == Some(key.name.as_str())
        && cell(4) == key.arguments.as_deref()
}
