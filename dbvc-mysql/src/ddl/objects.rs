//! Views, programs and sequences as SQL.

use dbvc_engine::schema::{Event, Object, ObjectKey, Other, Sequence, Trigger, View};

use super::parts::put;
use super::script::Script;
use crate::introspect::{quoted, string};

/// An account as statements name it; a role has no host.
fn account(owner: &str) -> String {
    match owner.rsplit_once('@') {
        Some((user, host)) => format!("{}@{}", quoted(user), quoted(host)),
        None => quoted(owner),
    }
}

fn definer(object: &Object) -> String {
    let owner = object.owner.as_ref();
    owner
        .map(|owner| format!("DEFINER={} ", account(owner)))
        .unwrap_or_default()
}

/// A statement that begins with `CREATE`, with whose it is behind that word.
fn with_definer(object: &Object, definition: &str) -> String {
    match definition.strip_prefix("CREATE ") {
        Some(rest) => format!("CREATE {}{rest}", definer(object)),
        None => definition.to_owned(),
    }
}

pub(super) fn view(script: &mut Script, key: &ObjectKey, object: &Object, view: &View, verb: &str) {
    let option = |name: &str| object.options.get(&format!("mysql.{name}"));
    let mut sql = verb.to_owned();
    if let Some(algorithm) = option("algorithm") {
        put(&mut sql, format_args!(" ALGORITHM={}", algorithm.to_uppercase()));
    }
    put(&mut sql, format_args!(" {}", definer(object)));
    if let Some(security) = option("security") {
        put(
            &mut sql,
            format_args!("SQL SECURITY {} ", security.to_uppercase()),
        );
    }
    // With names for its columns, it begins with them.
    let word = if view.definition.starts_with("(`") {
        ""
    } else {
        "AS\n"
    };
    put(
        &mut sql,
        format_args!("VIEW {} {word}{}", quoted(&key.name), view.definition),
    );
    if let Some(check) = option("check_option") {
        put(
            &mut sql,
            format_args!("\nWITH {} CHECK OPTION", check.to_uppercase()),
        );
    }
    script.first(&sql);
}

pub(super) fn sequence(script: &mut Script, key: &ObjectKey, object: &Object, it: &Sequence) {
    let mut sql = format!("CREATE SEQUENCE {}", quoted(&key.name));
    if it.data_type.raw != "bigint" {
        put(&mut sql, format_args!(" AS {}", it.data_type.raw));
    }
    put(&mut sql, format_args!(" {}", sequence_facts(it)));
    if let Some(engine) = object.options.get("mysql.engine") {
        put(&mut sql, format_args!(" ENGINE={engine}"));
    }
    script.first(&sql);
}

pub(super) fn sequence_facts(it: &Sequence) -> String {
    format!(
        "START WITH {} MINVALUE {} MAXVALUE {} INCREMENT BY {} {} {}",
        it.start,
        it.min,
        it.max,
        it.increment,
        if it.cache == 0 {
            "NOCACHE".to_owned()
        } else {
            format!("CACHE {}", it.cache)
        },
        if it.cycle { "CYCLE" } else { "NOCYCLE" }
    )
}

pub(super) fn program(script: &mut Script, key: &ObjectKey, object: &Object, definition: &str) {
    if object.options.contains_key("mysql.hidden") {
        script.leave_out(key, "the server does not show its text to this login");
    } else {
        script.program(object, &with_definer(object, definition));
    }
}

pub(super) fn trigger(script: &mut Script, key: &ObjectKey, object: &Object, trigger: &Trigger) {
    let definition = match object.options.get("mysql.follows") {
        Some(before) => trigger.definition.replacen(
            " FOR EACH ROW\n",
            &format!(" FOR EACH ROW FOLLOWS {}\n", quoted(before)),
            1,
        ),
        None => trigger.definition.clone(),
    };
    program(script, key, object, &definition);
}

pub(super) fn event(script: &mut Script, key: &ObjectKey, object: &Object, event: &Event) {
    let option = |name: &str| object.options.get(&format!("mysql.{name}")).map(String::as_str);
    let mut sql = format!(
        "CREATE {}EVENT {} ON SCHEDULE {}",
        definer(object),
        quoted(&key.name),
        event.schedule
    );
    if option("on_completion").is_some() {
        sql.push_str(" ON COMPLETION PRESERVE");
    }
    match option("status") {
        None => {}
        Some("disabled") => sql.push_str(" DISABLE"),
        // On a replica, where it is the source's to run it.
        Some(_) => sql.push_str(" DISABLE ON SLAVE"),
    }
    if let Some(comment) = &object.comment {
        put(&mut sql, format_args!(" COMMENT {}", string(comment)));
    }
    put(&mut sql, format_args!(" DO\n{}", event.definition));
    script.program(object, &sql);
}

pub(super) fn other(script: &mut Script, key: &ObjectKey, object: &Object, other: &Other) {
    match key.parent.as_deref() {
        Some("database") => script.first(&format!("ALTER DATABASE {}", database(&other.definition))),
        Some("package" | "package body") => program(script, key, object, &other.definition),
        _ => script.leave_out(key, "dbvc does not know how to make it"),
    }
}

/// The database's own collation, as `ALTER DATABASE` has it.
pub(super) fn database(definition: &str) -> String {
    let collation = definition.trim_start_matches("COLLATE ");
    super::tables::collate(collation)
        .replace("DEFAULT CHARSET=", "DEFAULT CHARACTER SET ")
        .replace("COLLATE=", "COLLATE ")
}
