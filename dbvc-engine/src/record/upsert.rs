//! A row that is written whether it is there or not, as each database says it.

/// A row, and what becomes of one that is there already.
#[derive(Debug, Clone, Copy)]
pub struct Upsert<'a> {
    /// The table, as SQL has it.
    pub table: &'a str,
    /// The columns that are given, with commas between them.
    pub columns: &'a str,
    /// Their values, with commas between them.
    pub values: &'a str,
    /// The column that is the table's key.
    pub key: &'a str,
    /// What is set where a row with this key is there, with `excluded.` before a column for the value that was to be
    /// inserted; none where that row stays as it is.
    pub assignments: Option<&'a str>,
}

impl Upsert<'_> {
    fn insert(&self) -> String {
        let Self {
            table,
            columns,
            values,
            ..
        } = self;
        format!("INSERT INTO {table} ({columns}) VALUES ({values})")
    }

    /// As PostgreSQL and SQLite have it.
    pub fn on_conflict(&self) -> String {
        let (insert, key) = (self.insert(), self.key);
        match self.assignments {
            Some(assignments) => format!("{insert} ON CONFLICT ({key}) DO UPDATE SET {assignments}"),
            None => format!("{insert} ON CONFLICT ({key}) DO NOTHING"),
        }
    }

    /// As MySQL and MariaDB have it.
    pub fn on_duplicate_key(&self) -> String {
        let (insert, key) = (self.insert(), self.key);
        let Some(assignments) = self.assignments else {
            return format!("{insert} ON DUPLICATE KEY UPDATE {key} = {key}");
        };
        let mut parts = assignments.split("excluded.");
        let mut sql = format!(
            "{insert} ON DUPLICATE KEY UPDATE {}",
            parts.next().unwrap_or_default()
        );
        for part in parts {
            let (column, rest) = part.split_at(part.find(',').unwrap_or(part.len()));
            sql.push_str("VALUES(");
            sql.push_str(column);
            sql.push(')');
            sql.push_str(rest);
        }
        sql
    }
}

#[cfg(test)]
mod tests {
    use super::Upsert;

    #[test]
    fn the_values_that_were_to_be_inserted_are_named_in_each_databases_way() {
        let row = Upsert {
            table: "t",
            columns: "k, a, b",
            values: "1, 2, 3",
            key: "k",
            assignments: Some("a = excluded.a, b = excluded.b"),
        };
        assert_eq!(
            row.on_conflict(),
            "INSERT INTO t (k, a, b) VALUES (1, 2, 3) ON CONFLICT (k) DO UPDATE SET a = excluded.a, b = excluded.b"
        );
        assert_eq!(
            row.on_duplicate_key(),
            "INSERT INTO t (k, a, b) VALUES (1, 2, 3) ON DUPLICATE KEY UPDATE a = VALUES(a), b = VALUES(b)"
        );
    }

    #[test]
    fn a_row_that_is_there_can_stay_as_it_is() {
        let row = Upsert {
            table: "t",
            columns: "k",
            values: "1",
            key: "k",
            assignments: None,
        };
        assert!(row.on_conflict().ends_with("ON CONFLICT (k) DO NOTHING"));
        assert!(row.on_duplicate_key().ends_with("ON DUPLICATE KEY UPDATE k = k"));
    }
}
