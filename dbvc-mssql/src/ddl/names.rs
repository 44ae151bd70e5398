//! Names and texts as T-SQL has them.

use std::fmt::{self, Write};

use dbvc_engine::schema::ObjectKey;

/// Adds to a statement. Writing to a text in memory cannot fail.
pub(crate) fn put(sql: &mut String, text: fmt::Arguments<'_>) {
    let _ = sql.write_fmt(text);
}

/// A name in brackets, in which it may hold anything.
pub(crate) fn quoted(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

/// A name within a schema.
pub(crate) fn within(schema: &str, name: &str) -> String {
    format!("{}.{}", quoted(schema), quoted(name))
}

/// An object's name in full.
pub(crate) fn full(key: &ObjectKey) -> String {
    match &key.schema {
        Some(schema) => within(schema, &key.name),
        None => quoted(&key.name),
    }
}

/// Names with commas between.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names
        .into_iter()
        .map(|name| quoted(name))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A text of any characters as a literal.
pub(crate) fn literal(text: &str) -> String {
    format!("N'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_in_a_name_or_a_text_it_stays_one() {
        assert_eq!(quoted("a]b"), "[a]]b]");
        assert_eq!(within("dbo", "t"), "[dbo].[t]");
        assert_eq!(literal("it's"), "N'it''s'");
    }
}
