//! Schemas, types, sequences, programs and the rest as T-SQL.

use dbvc_engine::schema::{Object, ObjectKey, Other, Sequence, TypeBody};

use super::names::{full, literal, put, quoted, within};
use super::script::Script;
use super::tables::option;

pub(super) fn schema(script: &mut Script, key: &ObjectKey) {
    // It must be the first in its batch.
    script.first(&format!("CREATE SCHEMA {}", quoted(&key.name)));
}

pub(super) fn made_type(script: &mut Script, key: &ObjectKey, object: &Object, body: &TypeBody) {
    let name = full(key);
    match body {
        TypeBody::Domain { base, nullable, .. } => {
            let null = if *nullable { "NULL" } else { "NOT NULL" };
            script.first(&format!("CREATE TYPE {name} FROM {base} {null}"));
        }
        TypeBody::Written { definition } => {
            if option(&object.options, "memory_optimized").is_some() {
                script.no_transaction =
                    Some("a memory-optimised table type cannot be made or changed in a transaction");
            }
            script.first(&format!("CREATE TYPE {name} {definition}"));
        }
        TypeBody::Enum { .. } | TypeBody::Composite { .. } => {
            script.leave_out(key, "SQL Server has no such types");
            return;
        }
    }
    for (option, procedure) in [("bound_default", "sp_bindefault"), ("bound_rule", "sp_bindrule")] {
        if let Some(bound) = self::option(&object.options, option) {
            script.add(&format!(
                "EXEC sys.{procedure} {}, {}",
                literal(bound),
                literal(&name)
            ));
        }
    }
}

pub(super) fn sequence(script: &mut Script, key: &ObjectKey, object: &Object, it: &Sequence) {
    let fact = |name: &str, number: i64| {
        option(&object.options, name).map_or_else(|| number.to_string(), ToOwned::to_owned)
    };
    script.first(&format!(
        "CREATE SEQUENCE {} AS {} START WITH {} {}",
        full(key),
        it.data_type,
        fact("start", it.start),
        sequence_facts(object, it)
    ));
}

/// What both `CREATE` and `ALTER SEQUENCE` take.
pub(super) fn sequence_facts(object: &Object, it: &Sequence) -> String {
    let fact = |name: &str, number: i64| {
        option(&object.options, name).map_or_else(|| number.to_string(), ToOwned::to_owned)
    };
    let mut sql = format!(
        "INCREMENT BY {} MINVALUE {} MAXVALUE {}",
        fact("increment", it.increment),
        fact("least", it.min),
        fact("most", it.max)
    );
    sql.push_str(if it.cycle { " CYCLE" } else { " NO CYCLE" });
    match (option(&object.options, "cache"), it.cache) {
        (Some(_), _) => sql.push_str(" NO CACHE"),
        (None, 0) => sql.push_str(" CACHE"),
        (None, size) => put(&mut sql, format_args!(" CACHE {size}")),
    }
    sql
}

/// Why the text of a program is not there, if it is not.
pub(super) fn hidden(object: &Object) -> Option<&'static str> {
    match option(&object.options, "hidden")? {
        "encrypted" => Some("it was made WITH ENCRYPTION, so the server does not give its text"),
        _ => Some("the server does not show its text to this login"),
    }
}

pub(super) fn program(script: &mut Script, key: &ObjectKey, object: &Object, statement: &str) {
    match hidden(object) {
        Some(reason) => script.leave_out(key, reason),
        None => script.program(object, statement),
    }
}

/// The table, the view or the database that a trigger is of.
pub(super) fn trigger_place(key: &ObjectKey) -> String {
    match (&key.schema, &key.parent) {
        (Some(schema), Some(parent)) => within(schema, parent),
        _ => "DATABASE".to_owned(),
    }
}

pub(super) fn trigger(script: &mut Script, key: &ObjectKey, object: &Object, statement: &str) {
    program(script, key, object, statement);
    if hidden(object).is_none() {
        trigger_state(script, key, object, false);
    }
}

/// Whether it runs, and before or after the others. A trigger that is made runs, in no order.
pub(super) fn trigger_state(script: &mut Script, key: &ObjectKey, object: &Object, was_disabled: bool) {
    let disabled = option(&object.options, "disabled").is_some();
    if disabled != was_disabled {
        let word = if disabled { "DISABLE" } else { "ENABLE" };
        let place = trigger_place(key);
        script.first(&format!("{word} TRIGGER {} ON {place}", full(key)));
    }
    for (name, order) in [("first", "First"), ("last", "Last")] {
        for event in option(&object.options, name).unwrap_or_default().split(' ') {
            if !event.is_empty() {
                trigger_order(script, key, event, order);
            }
        }
    }
}

pub(super) fn trigger_order(script: &mut Script, key: &ObjectKey, event: &str, order: &str) {
    script.first(&format!(
        "EXEC sys.sp_settriggerorder @triggername = {}, @order = '{order}', @stmttype = '{}'",
        literal(&full(key)),
        event.to_uppercase()
    ));
}

/// Statements of full-text search cannot be in a transaction (manual, "CREATE FULLTEXT INDEX").
pub(super) fn other(script: &mut Script, key: &ObjectKey, object: &Object, other: &Other) {
    let family = key.parent.as_deref().unwrap_or_default();
    match family {
        // How texts are compared is said when the database is made.
        "database" => {
            let told = other.definition.replace(['\n', '\r'], " ");
            script.remark(&format!("For a database that was made with {told}"));
        }
        "default" | "rule" => program(script, key, object, &other.definition),
        "role"
        | "partition function"
        | "partition scheme"
        | "statistics"
        | "change tracking"
        | "xml schema collection"
        | "security policy" => script.first(&other.definition),
        "fulltext catalog" | "fulltext index" => {
            script.no_transaction = Some("full-text catalogs and indexes cannot be made in a transaction");
            script.first(&other.definition);
        }
        _ => script.leave_out(key, "the catalogue says too little of it"),
    }
}

/// How it is dropped; none where dbvc does not.
pub(super) fn drop_statement(key: &ObjectKey, object: &Object) -> Option<String> {
    use dbvc_engine::schema::{Body, RoutineForm};
    let name = full(key);
    let word = match &object.body {
        Body::Schema {} => "SCHEMA",
        Body::Type(_) => "TYPE",
        Body::Sequence(_) => "SEQUENCE",
        Body::Table(_) => "TABLE",
        Body::View(_) => "VIEW",
        Body::Routine(routine) if routine.form == RoutineForm::Function => "FUNCTION",
        Body::Routine(_) => "PROCEDURE",
        Body::Trigger(_) if key.schema.is_none() => return Some(format!("DROP TRIGGER {name} ON DATABASE")),
        Body::Trigger(_) => "TRIGGER",
        Body::Synonym(_) => "SYNONYM",
        Body::Other(_) => return drop_other(key),
        Body::Extension(_) | Body::Event(_) => return None,
    };
    Some(format!("DROP {word} {name}"))
}

fn drop_other(key: &ObjectKey) -> Option<String> {
    let name = full(key);
    let table = |name: &str| key.schema.as_ref().map(|schema| within(schema, name));
    Some(match key.parent.as_deref()? {
        "default" => format!("DROP DEFAULT {name}"),
        "rule" => format!("DROP RULE {name}"),
        "role" => format!("DROP ROLE {name}"),
        "partition function" => format!("DROP PARTITION FUNCTION {name}"),
        "partition scheme" => format!("DROP PARTITION SCHEME {name}"),
        "xml schema collection" => format!("DROP XML SCHEMA COLLECTION {name}"),
        "security policy" => format!("DROP SECURITY POLICY {name}"),
        "fulltext catalog" => format!("DROP FULLTEXT CATALOG {name}"),
        "fulltext index" => format!("DROP FULLTEXT INDEX ON {name}"),
        "change tracking" => format!("ALTER TABLE {name} DISABLE CHANGE_TRACKING"),
        "statistics" => {
            let (statistics, of) = key.name.split_once(" on ")?;
            format!("DROP STATISTICS {}.{}", table(of)?, quoted(statistics))
        }
        _ => return None,
    })
}
