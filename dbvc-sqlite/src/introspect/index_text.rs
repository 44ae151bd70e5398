//! An index from its statement (`sqlite.org/lang_createindex.html`).

use dbvc_engine::schema::{Index, IndexPart};

use super::cursor::{Cursor, ends_with_collation, only_name, text};

/// Reads `CREATE [UNIQUE] INDEX name ON table (…) [WHERE …]`.
pub(super) fn read(sql: &str) -> Index {
    let mut cursor = Cursor::new(sql);
    cursor.take(&["CREATE"]);
    let unique = cursor.take(&["UNIQUE"]);
    let parts = cursor.next_list().map(|list| list.items()).unwrap_or_default();
    let filter = cursor.take(&["WHERE"]).then(|| text(&cursor));
    Index {
        unique,
        parts: parts.into_iter().map(part).collect(),
        filter,
        ..Index::default()
    }
}

/// One of the list of an index or a key.
pub(super) fn part(mut cursor: Cursor<'_>) -> IndexPart {
    let descending = cursor.ends("DESC");
    if !descending {
        cursor.ends("ASC");
    }
    let collation = ends_with_collation(&mut cursor).map(|name| name.to_ascii_uppercase());
    let part = match only_name(&cursor) {
        Some(name) => IndexPart::column(name),
        None => IndexPart::expression(text(&cursor)),
    };
    IndexPart {
        descending,
        collation,
        ..part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_read_with_all_it_has() {
        let read =
            read("CREATE UNIQUE INDEX \"i(\" ON t (a DESC, [b c] COLLATE nocase, lower(d || ',')) WHERE a>0");
        assert!(read.unique);
        assert_eq!(read.filter.as_deref(), Some("a > 0"));
        assert!(read.parts[0].descending);
        assert_eq!(read.parts[1].column.as_deref(), Some("b c"));
        assert_eq!(read.parts[1].collation.as_deref(), Some("NOCASE"));
        assert_eq!(read.parts[2].expression.as_deref(), Some("lower(d || ',')"));
    }
}
