//! Functions, procedures, aggregates and triggers.

use dbvc_engine::error::Result;
use dbvc_engine::schema::{Body, Object, ObjectKey, ObjectKind, Routine, RoutineForm, Trigger};
use serde::Deserialize;

use super::model::{Answers, Model, Oid, option};

/// What a type brought along (a range's constructors) is the type's.
pub(super) const SQL: &str = "\
SELECT p.oid::int8 AS oid, n.nspname AS schema, p.proname AS name, oidvectortypes(p.proargtypes) AS arguments,
  p.prokind::text AS kind, pg_get_functiondef(p.oid) AS definition, pg_get_userbyid(p.proowner) AS owner,
  obj_description(p.oid, 'pg_proc') AS comment
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {ours} AND p.prokind <> 'a' AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass
  AND e.objid = p.oid AND e.deptype IN ('e', 'i'))";

/// The server has no function that writes these.
pub(super) const AGGREGATES: &str = "\
SELECT p.oid::int8 AS oid, n.nspname AS schema, p.proname AS name, oidvectortypes(p.proargtypes) AS arguments,
  p.prokind::text AS kind, pg_get_userbyid(p.proowner) AS owner, obj_description(p.oid, 'pg_proc') AS comment,
  'CREATE AGGREGATE ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '('
  || CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_get_function_arguments(p.oid) END || ') ('
  || concat_ws(', ', 'SFUNC = ' || a.aggtransfn, 'STYPE = ' || format_type(a.aggtranstype, NULL),
    'SSPACE = ' || NULLIF(a.aggtransspace, 0), 'FINALFUNC = ' || NULLIF(a.aggfinalfn::text, '-'),
    CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
    'FINALFUNC_MODIFY = ' || CASE WHEN a.aggfinalfn <> 0 THEN CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY'
      WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
    'COMBINEFUNC = ' || NULLIF(a.aggcombinefn::text, '-'), 'SERIALFUNC = ' || NULLIF(a.aggserialfn::text, '-'),
    'DESERIALFUNC = ' || NULLIF(a.aggdeserialfn::text, '-'), 'INITCOND = ' || quote_literal(a.agginitval),
    'MSFUNC = ' || NULLIF(a.aggmtransfn::text, '-'), 'MINVFUNC = ' || NULLIF(a.aggminvtransfn::text, '-'),
    'MSTYPE = ' || CASE WHEN a.aggmtranstype <> 0 THEN format_type(a.aggmtranstype, NULL) END,
    'MSSPACE = ' || NULLIF(a.aggmtransspace, 0), 'MFINALFUNC = ' || NULLIF(a.aggmfinalfn::text, '-'),
    CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
    'MFINALFUNC_MODIFY = ' || CASE WHEN a.aggmfinalfn <> 0 THEN CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY'
      WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
    'MINITCOND = ' || quote_literal(a.aggminitval),
    'SORTOP = ' || (SELECT 'OPERATOR(' || quote_ident(sn.nspname) || '.' || o.oprname || ')' FROM pg_operator o
      JOIN pg_namespace sn ON sn.oid = o.oprnamespace WHERE o.oid = a.aggsortop),
    'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END,
    CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END) || ')' AS definition
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {ours} AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass
  AND e.objid = p.oid AND e.deptype = 'e')";

#[derive(Deserialize)]
struct Row {
    oid: Oid,
    schema: String,
    name: String,
    arguments: String,
    kind: String,
    definition: String,
    owner: String,
    comment: Option<String>,
}

pub(super) fn add(model: &mut Model, answers: &mut Answers) -> Result<()> {
    for row in answers.next::<Row>()? {
        let form = match row.kind.as_str() {
            "p" => RoutineForm::Procedure,
            "a" => RoutineForm::Aggregate,
            _ => RoutineForm::Function,
        };
        let mut object = Object::new(Body::Routine(Routine {
            form,
            definition: row.definition.trim_end().to_owned(),
        }));
        object.owner = Some(row.owner);
        object.comment = row.comment;
        let key = ObjectKey::within(ObjectKind::Routine, row.schema, row.name).taking(row.arguments);
        model.add("pg_proc", row.oid, key, object);
    }
    Ok(())
}

pub(super) fn add_aggregates(model: &mut Model, answers: &mut Answers) -> Result<()> {
    add(model, answers)
}

/// A part's trigger that belongs to its parent's comes and goes with it. It says so since version 13; before, it was
/// internal.
pub(super) const TRIGGERS: &str = "\
SELECT t.oid::int8 AS oid, n.nspname AS schema, r.relname AS relation, t.tgname AS name,
  pg_get_triggerdef(t.oid) AS definition, t.tgenabled::text AS enabled,
  obj_description(t.oid, 'pg_trigger') AS comment
FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE {ours} AND NOT t.tgisinternal AND {trigger_parent} = 0
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = r.oid
    AND e.deptype = 'e')";

#[derive(Deserialize)]
struct TriggerRow {
    oid: Oid,
    schema: String,
    relation: String,
    name: String,
    definition: String,
    enabled: String,
    comment: Option<String>,
}

pub(super) fn add_triggers(model: &mut Model, answers: &mut Answers) -> Result<()> {
    for row in answers.next::<TriggerRow>()? {
        let mut object = Object::new(Body::Trigger(Trigger {
            definition: row.definition,
        }));
        object.comment = row.comment;
        let enabled = match row.enabled.as_str() {
            "D" => Some("disabled"),
            "R" => Some("replica"),
            "A" => Some("always"),
            _ => None,
        };
        option(&mut object.options, "enabled", enabled);
        let key = ObjectKey::within(ObjectKind::Trigger, row.schema, row.name).of(row.relation);
        model.add("pg_trigger", row.oid, key, object);
    }
    Ok(())
}
