//! Reading a table's rows as literals of the database's SQL.

/// How the rows of one table are read and written again. Every text is SQL.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowSql {
    /// The table's name.
    pub table: String,
    /// For each column that can be written, an expression that gives its value as a literal: `'it''s'`, `42`, `NULL`.
    pub literals: Vec<String>,
    /// Places in `literals` of the columns of a key that no two rows share and that is never NULL; empty without one.
    pub key: Vec<usize>,
    /// The names of those columns, in the order of `key`.
    pub key_columns: Vec<String>,
    /// Statements for before the first row, such as one that sets how texts are read.
    pub before: Vec<String>,
    /// What stands before a row's values: `INSERT INTO t (a, b) VALUES`.
    pub insert: String,
    /// Statements for after the last row, such as one that moves a sequence on.
    pub after: Vec<String>,
}

impl RowSql {
    /// The query for the next rows, up to `limit`: in the order of the key, after the row with these literals. Without a
    /// key for all of them at once, in the order of their literals.
    pub fn query(&self, after: Option<&[Option<String>]>, limit: usize) -> String {
        let mut sql = format!("SELECT {} FROM {}", self.literals.join(", "), self.table);
        if self.key.is_empty() {
            let places: Vec<String> = (1..=self.literals.len()).map(|place| place.to_string()).collect();
            return format!("{sql} ORDER BY {}", places.join(", "));
        }
        let columns = self.key_columns.join(", ");
        if let Some(row) = after {
            let last: Vec<&str> = self
                .key
                .iter()
                .map(|at| row.get(*at).and_then(Option::as_deref).unwrap_or("NULL"))
                .collect();
            sql = format!("{sql} WHERE ({columns}) > ({})", last.join(", "));
        }
        format!("{sql} ORDER BY {columns} LIMIT {limit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plants() -> RowSql {
        RowSql {
            table: "plants".into(),
            literals: vec!["lit(name)".into(), "lit(id)".into()],
            key: vec![1],
            key_columns: vec!["id".into()],
            ..RowSql::default()
        }
    }

    #[test]
    fn the_next_rows_begin_after_the_last_key() {
        let row = [Some("'aloe'".to_owned()), Some("7".to_owned())];
        assert_eq!(
            plants().query(Some(&row), 10),
            "SELECT lit(name), lit(id) FROM plants WHERE (id) > (7) ORDER BY id LIMIT 10"
        );
    }

    #[test]
    fn without_a_key_all_come_at_once() {
        let keyless = RowSql {
            key: Vec::new(),
            ..plants()
        };
        assert_eq!(
            keyless.query(None, 10),
            "SELECT lit(name), lit(id) FROM plants ORDER BY 1, 2"
        );
    }
}
