//! Tables as T-SQL.

use std::collections::BTreeMap;

use dbvc_engine::schema::{Check, Column, ForeignKey, Generated, Key, Object, ObjectKey, Table, in_order};

use super::indexes::{self, parts, place_and_options};
use super::lookup;
use super::names::{full, list, literal, put, quoted, within};
use super::script::Script;

type Options = BTreeMap<String, String>;

pub(super) fn option<'a>(options: &'a Options, name: &str) -> Option<&'a str> {
    options.get(&format!("mssql.{name}")).map(String::as_str)
}

/// Why a table is not written, if it is not.
pub(super) fn reason_to_leave_out(options: &Options) -> Option<&'static str> {
    if option(options, "external").is_some() {
        return Some("its rows are elsewhere, and how they are reached is not in the catalogue as a whole");
    }
    if option(options, "filetable").is_some() {
        return Some("a file table shows a folder of the server's");
    }
    if option(options, "ledger").is_some() {
        return Some("a ledger table brings a view and a history of its own");
    }
    None
}

pub(super) fn create(script: &mut Script, key: &ObjectKey, object: &Object, table: &Table) {
    if let Some(reason) = reason_to_leave_out(&object.options) {
        script.leave_out(key, reason);
        return;
    }
    let in_memory = option(&object.options, "memory_optimized").is_some();
    if in_memory {
        script.no_transaction = Some("a memory-optimised table cannot be made or changed in a transaction");
    }
    let sql = format!(
        "CREATE TABLE {} (\n  {}\n){}",
        full(key),
        lines(table, &object.options).join(",\n  "),
        ending(object, table)
    );
    let unpadded = table
        .columns
        .values()
        .any(|it| option(&it.options, "ansi_padding").is_some());
    let mut under = object.clone();
    if unpadded {
        under.options.insert("mssql.ansi_padding".into(), "off".into());
    }
    script.table(&under, &sql);
    let name = full(key);
    if !in_memory {
        for (index, it) in indexes::in_order(&table.indexes) {
            indexes::create(script, key, index, it);
        }
    }
    for (check, it) in table.checks.iter().filter(|(_, it)| is_late(it)) {
        add_check(script, &name, check, it);
    }
    table_options(script, &name, &object.options);
    for (column, it) in &table.columns {
        for (option, procedure) in [("bound_default", "sp_bindefault"), ("bound_rule", "sp_bindrule")] {
            if let Some(bound) = self::option(&it.options, option) {
                let place = literal(&format!("{name}.{}", quoted(column)));
                script.add(&format!("EXEC sys.{procedure} {}, {place}", literal(bound)));
            }
        }
    }
}

/// What stands between the parentheses.
pub(super) fn lines(table: &Table, options: &Options) -> Vec<String> {
    let mut lines: Vec<String> = in_order(&table.columns)
        .into_iter()
        .map(|(name, it)| column(name, it))
        .collect();
    lines.extend(option(options, "period").map(|period| format!("PERIOD FOR SYSTEM_TIME ({period})")));
    let mut keys: Vec<(&String, &Key)> = table.keys.iter().collect();
    keys.sort_by_key(|(_, it)| !it.primary);
    lines.extend(keys.into_iter().map(|(name, it)| self::key(name, it)));
    let checks = table.checks.iter().filter(|(_, it)| !is_late(it));
    lines.extend(checks.map(|(name, it)| check(name, it)));
    if option(options, "memory_optimized").is_some() {
        let inner = indexes::in_order(&table.indexes);
        lines.extend(inner.into_iter().map(|(name, it)| indexes::inline(name, it)));
    }
    lines
}

fn ending(object: &Object, table: &Table) -> String {
    let all = &object.options;
    let mut sql = String::new();
    if let Some(graph) = option(all, "graph") {
        put(&mut sql, format_args!(" AS {}", graph.to_uppercase()));
    }
    if let Some(partitioning) = &table.partitioning {
        put(&mut sql, format_args!("\nON {}", partitioning.definition));
    } else if let Some(space) = option(all, "filegroup") {
        put(&mut sql, format_args!("\nON {}", quoted(space)));
    }
    for (name, word) in [
        ("text_filegroup", "TEXTIMAGE_ON"),
        ("filestream_filegroup", "FILESTREAM_ON"),
    ] {
        if let Some(space) = option(all, name) {
            put(&mut sql, format_args!("\n{word} {}", quoted(space)));
        }
    }
    let mut with = Vec::new();
    if let Some(durability) = option(all, "memory_optimized") {
        with.push("MEMORY_OPTIMIZED = ON".to_owned());
        with.push(format!(
            "DURABILITY = {}",
            durability.to_uppercase().replace(' ', "_")
        ));
    }
    with.extend(compression(all));
    with.extend(option(all, "history").map(|history| versioning(history, all)));
    if !with.is_empty() {
        put(&mut sql, format_args!("\nWITH ({})", with.join(", ")));
    }
    sql
}

pub(super) fn compression(options: &Options) -> Option<String> {
    let said = option(options, "compression").filter(|it| *it != "by partition")?;
    Some(format!(
        "DATA_COMPRESSION = {}",
        said.to_uppercase().replace(' ', "_")
    ))
}

/// `SYSTEM_VERSIONING = ON (…)`.
pub(super) fn versioning(history: &str, options: &Options) -> String {
    let mut facts = Vec::new();
    if !history.is_empty() {
        facts.push(format!("HISTORY_TABLE = {history}"));
    }
    facts.extend(option(options, "history_retention").map(|it| format!("HISTORY_RETENTION_PERIOD = {it}")));
    if facts.is_empty() {
        "SYSTEM_VERSIONING = ON".to_owned()
    } else {
        format!("SYSTEM_VERSIONING = ON ({})", facts.join(", "))
    }
}

/// What is said of a table after it was made.
fn table_options(script: &mut Script, name: &str, options: &Options) {
    if let Some(escalation) = option(options, "lock_escalation") {
        let word = escalation.to_uppercase();
        script.add(&format!("ALTER TABLE {name} SET (LOCK_ESCALATION = {word})"));
    }
    if option(options, "large_values_out_of_row").is_some() {
        table_option(script, name, "large value types out of row", "1");
    }
    if let Some(limit) = option(options, "text_in_row") {
        table_option(script, name, "text in row", limit);
    }
}

pub(super) fn table_option(script: &mut Script, name: &str, option: &str, value: &str) {
    let name = literal(name);
    script.add(&format!("EXEC sys.sp_tableoption {name}, '{option}', '{value}'"));
}

/// A column's definition.
pub(crate) fn column(name: &str, column: &Column) -> String {
    let all = &column.options;
    let said = |name: &str| option(all, name).is_some();
    if let Some(generated) = &column.generated {
        return computed(name, generated, column.nullable);
    }
    let mut sql = format!("{} {}", quoted(name), column.data_type.raw);
    if said("column_set") {
        sql.push_str(" COLUMN_SET FOR ALL_SPARSE_COLUMNS");
        return sql;
    }
    if said("filestream") {
        sql.push_str(" FILESTREAM");
    }
    if let Some(collation) = &column.collation {
        put(&mut sql, format_args!(" COLLATE {collation}"));
    }
    if said("sparse") {
        sql.push_str(" SPARSE");
    }
    if said("rowguidcol") {
        sql.push_str(" ROWGUIDCOL");
    }
    if let Some(mask) = option(all, "mask") {
        put(
            &mut sql,
            format_args!(
                " MASKED WITH (FUNCTION = {})",
                literal(mask).trim_start_matches('N')
            ),
        );
    }
    if let Some(default) = default(column) {
        put(&mut sql, format_args!(" {default}"));
    }
    if let Some(identity) = &column.identity {
        let (seed, step) = (identity.start.unwrap_or(1), identity.increment.unwrap_or(1));
        put(&mut sql, format_args!(" IDENTITY({seed}, {step})"));
        if said("not_for_replication") {
            sql.push_str(" NOT FOR REPLICATION");
        }
    }
    if let Some(always) = option(all, "generated_always") {
        put(
            &mut sql,
            format_args!(" GENERATED ALWAYS {}", always.to_uppercase()),
        );
        if said("hidden") {
            sql.push_str(" HIDDEN");
        }
    }
    sql.push_str(if column.nullable { " NULL" } else { " NOT NULL" });
    if let Some(encryption) = option(all, "encryption") {
        put(&mut sql, format_args!("{}", encrypted(encryption)));
    }
    sql
}

fn computed(name: &str, generated: &Generated, nullable: bool) -> String {
    let stored = match (generated.stored, nullable) {
        (true, false) => " PERSISTED NOT NULL",
        (true, true) => " PERSISTED",
        (false, _) => "",
    };
    format!("{} AS {}{stored}", quoted(name), generated.expression)
}

/// `ENCRYPTED WITH (…)`, of the sort, the algorithm and the key.
fn encrypted(encryption: &str) -> String {
    let mut words = encryption.splitn(3, ' ');
    let mut next = || words.next().unwrap_or_default();
    let (sort, algorithm, key) = (next(), next(), next());
    format!(
        " ENCRYPTED WITH (COLUMN_ENCRYPTION_KEY = {}, ENCRYPTION_TYPE = {sort}, ALGORITHM = '{algorithm}')",
        quoted(key)
    )
}

/// `DEFAULT …`, with the constraint's name where somebody gave one.
pub(super) fn default(column: &Column) -> Option<String> {
    let default = column.default.as_ref()?;
    let named = option(&column.options, "default_name");
    let named = named.map(|name| format!("CONSTRAINT {} ", quoted(name)));
    Some(format!("{}DEFAULT {default}", named.unwrap_or_default()))
}

fn named(name: &str, generated: bool) -> String {
    if generated {
        String::new()
    } else {
        format!("CONSTRAINT {} ", quoted(name))
    }
}

pub(super) fn key(name: &str, key: &Key) -> String {
    let mut sql = named(name, key.generated_name);
    sql.push_str(if key.primary { "PRIMARY KEY" } else { "UNIQUE" });
    let habit = if key.primary { "clustered" } else { "nonclustered" };
    let method = option(&key.options, "method").unwrap_or(habit);
    put(
        &mut sql,
        format_args!(" {} ({})", method.to_uppercase(), parts(&key.parts)),
    );
    sql + &place_and_options(&key.options)
}

/// Whether rows are not looked at, or not any more: that is said only afterwards.
fn is_late(check: &Check) -> bool {
    check.unvalidated || option(&check.options, "disabled").is_some()
}

pub(super) fn check(name: &str, check: &Check) -> String {
    let replication = if option(&check.options, "not_for_replication").is_some() {
        "NOT FOR REPLICATION "
    } else {
        ""
    };
    let named = named(name, check.generated_name);
    format!("{named}CHECK {replication}{}", check.expression)
}

pub(super) fn add_check(script: &mut Script, table: &str, name: &str, it: &Check) {
    let how = if is_late(it) { "WITH NOCHECK ADD" } else { "ADD" };
    script.first(&format!("ALTER TABLE {table} {how} {}", check(name, it)));
    if option(&it.options, "disabled").is_some() {
        if it.generated_name {
            script.first(&lookup::check(table, it, "NOCHECK CONSTRAINT"));
        } else {
            script.add(&format!(
                "ALTER TABLE {table} NOCHECK CONSTRAINT {}",
                quoted(name)
            ));
        }
    }
}

/// Foreign keys come when all tables are there, as they may go in a circle.
pub(super) fn add_foreign_key(script: &mut Script, key: &ObjectKey, name: &str, it: &ForeignKey) {
    let target = &it.references;
    let parent = target
        .schema
        .as_ref()
        .map_or_else(|| quoted(&target.table), |schema| within(schema, &target.table));
    let disabled = option(&it.options, "disabled").is_some();
    let how = if disabled || it.unvalidated {
        "WITH NOCHECK ADD"
    } else {
        "ADD"
    };
    let table = full(key);
    let mut sql = format!(
        "ALTER TABLE {table} {how} {}FOREIGN KEY ({}) REFERENCES {parent} ({})",
        named(name, it.generated_name),
        list(&it.columns),
        list(&target.columns)
    );
    for (word, action) in [("ON DELETE", &it.on_delete), ("ON UPDATE", &it.on_update)] {
        if let Some(action) = action {
            put(&mut sql, format_args!(" {word} {}", action.to_uppercase()));
        }
    }
    if option(&it.options, "not_for_replication").is_some() {
        sql.push_str(" NOT FOR REPLICATION");
    }
    script.first(&sql);
    if disabled {
        if it.generated_name {
            script.first(&lookup::foreign_key(&table, it, "NOCHECK CONSTRAINT"));
        } else {
            script.add(&format!(
                "ALTER TABLE {table} NOCHECK CONSTRAINT {}",
                quoted(name)
            ));
        }
    }
}
