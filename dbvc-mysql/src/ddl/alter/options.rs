//! A table's options, and how they are taken back.

use dbvc_engine::schema::{Object, ObjectKey};

use super::super::script::Script;
use super::super::tables::{collate, option, period, periods};
use crate::introspect::{quoted, string};

/// What stands for an option that is not given (manual, "CREATE TABLE Statement").
const NOT_GIVEN: &[(&str, &str)] = &[
    ("avg_row_length", "AVG_ROW_LENGTH=0"),
    ("checksum", "CHECKSUM=0"),
    ("compression", "COMPRESSION='none'"),
    ("delay_key_write", "DELAY_KEY_WRITE=0"),
    ("encryption", "ENCRYPTION='N'"),
    ("insert_method", "INSERT_METHOD=NO"),
    ("key_block_size", "KEY_BLOCK_SIZE=0"),
    ("max_rows", "MAX_ROWS=0"),
    ("min_rows", "MIN_ROWS=0"),
    ("pack_keys", "PACK_KEYS=DEFAULT"),
    ("page_checksum", "PAGE_CHECKSUM=0"),
    ("page_compressed", "`page_compressed`=0"),
    ("page_compression_level", "`page_compression_level`=DEFAULT"),
    ("row_format", "ROW_FORMAT=DEFAULT"),
    ("stats_auto_recalc", "STATS_AUTO_RECALC=DEFAULT"),
    ("stats_persistent", "STATS_PERSISTENT=DEFAULT"),
    ("stats_sample_pages", "STATS_SAMPLE_PAGES=DEFAULT"),
    ("tablespace", "TABLESPACE `innodb_file_per_table`"),
    ("transactional", "TRANSACTIONAL=0"),
    ("union", "UNION=()"),
];

/// What is changed before the columns are, and what after them.
pub(super) fn clauses(script: &mut Script, key: &ObjectKey, old: &Object, new: &Object) -> [Vec<String>; 2] {
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for (name, _) in periods(&old.options) {
        if !new.options.contains_key(&format!("mysql.period.{name}")) {
            first.push(match name {
                "SYSTEM_TIME" => "DROP PERIOD FOR SYSTEM_TIME".to_owned(),
                name => format!("DROP PERIOD FOR {}", quoted(name)),
            });
        }
    }
    for (name, between) in periods(&new.options) {
        let was = old.options.get(&format!("mysql.period.{name}"));
        if was.map(String::as_str) != Some(between) {
            last.push(format!("ADD {}", period(name, between)));
        }
    }
    for (name, value) in &new.options {
        if old.options.get(name) != Some(value) {
            last.extend(option(name, value));
        }
    }
    for name in old.options.keys().filter(|name| !new.options.contains_key(*name)) {
        let plain = name.trim_start_matches("mysql.");
        if option(name, "").is_none() {
            continue;
        }
        match NOT_GIVEN.iter().find(|(option, _)| *option == plain) {
            Some((_, clause)) => last.push((*clause).to_owned()),
            None => script.leave_out(key, &format!("the option {plain} cannot be taken back")),
        }
    }
    if old.options.get("mysql.more") != new.options.get("mysql.more") {
        script.leave_out(key, "part of it is of a sort that dbvc does not know");
    }
    match new.options.get("mysql.collation") {
        Some(collation) if old.options.get("mysql.collation") != Some(collation) => {
            last.push(collate(collation));
        }
        _ => {}
    }
    if old.comment != new.comment {
        let comment = new.comment.as_deref().unwrap_or_default();
        last.push(format!("COMMENT={}", string(comment)));
    }
    [first, last]
}
