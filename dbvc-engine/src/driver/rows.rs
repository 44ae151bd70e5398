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
    /// Statements for before the first row, such as one that sets how texts are read or opens a
    /// counted column.
    pub before: Vec<String>,
    /// What stands before a row's values: `INSERT INTO t (a, b) VALUES`.
    pub insert: String,
    /// Statements for after the last row, such as one that moves a sequence on.
    pub after: Vec<String>,
    /// Whether the database knows neither `LIMIT` nor `(a, b) > (1, 2)`, and is asked in other words.
    pub spelled_out: bool,
    /// What is not written as it is, for people: `column a: why`.
    pub altered: Vec<String>,
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
            sql = if self.spelled_out {
                format!("{sql} WHERE {}", self.is_after(&last))
            } else {
                format!("{sql} WHERE ({columns}) > ({})", last.join(", "))
            };
        }
        if self.spelled_out {
            format!("{sql} ORDER BY {columns} OFFSET 0 ROWS FETCH NEXT {limit} ROWS ONLY")
        } else {
            format!("{sql} ORDER BY {columns} LIMIT {limit}")
        }
    }

    /// `a > 1 OR (a = 1 AND b > 2)`.
    fn is_after(&self, last: &[&str]) -> String {
        let columns = self.key_columns.iter().zip(last).enumerate();
        let ways: Vec<String> = columns
            .map(|(at, (column, value))| {
                let same = self.key_columns.iter().zip(last).take(at);
                let mut facts: Vec<String> = same
                    .map(|(column, value)| format!("{column} = {value}"))
                    .collect();
                facts.push(format!("{column} > {value}"));
                format!("({})", facts.join(" AND "))
            })
            .collect();
        ways.join(" OR ")
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
    fn the_next_rows_are_found_without_comparing_rows() {
        let pairs = RowSql {
            literals: vec!["lit(a)".into(), "lit(b)".into()],
            key: vec![0, 1],
            key_columns: vec!["a".into(), "b".into()],
            spelled_out: true,
            ..plants()
        };
        let row = [Some("1".to_owned()), Some("2".to_owned())];
        assert_eq!(
            pairs.query(Some(&row), 10),
            "SELECT lit(a), lit(b) FROM plants WHERE (a > 1) OR (a = 1 AND b > 2) ORDER BY a, b \
             OFFSET 0 ROWS FETCH NEXT 10 ROWS ONLY"
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
