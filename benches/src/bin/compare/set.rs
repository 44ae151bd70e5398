//! Sets of migrations, before any tool's layout.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Migrations in their order.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) migrations: Vec<Migration>,
}

/// One migration and what takes it back.
#[derive(Debug)]
pub(crate) struct Migration {
    /// From 1 on.
    pub(crate) number: usize,
    /// In words with underscores.
    pub(crate) name: String,
    pub(crate) up: Script,
    pub(crate) down: String,
}

/// What a migration runs.
#[derive(Debug)]
pub(crate) enum Script {
    /// A few statements, one an item, without semicolons.
    Statements(Vec<String>),
    /// A script too large to be held.
    File(PathBuf),
}

impl Set {
    /// Small migrations: a table with six columns, and an index.
    pub(crate) fn small(count: usize) -> Self {
        Self {
            migrations: (1..=count).map(small).collect(),
        }
    }

    /// One migration with a large script.
    pub(crate) fn large(script: &Path) -> Self {
        let migration = Migration {
            number: 1,
            name: "load_orders".to_owned(),
            up: Script::File(script.to_path_buf()),
            down: "DROP TABLE orders".to_owned(),
        };
        Self {
            migrations: vec![migration],
        }
    }
}

/// The types are spelt so that PostgreSQL and SQLite both take them.
fn small(number: usize) -> Migration {
    let table = format!(
        "CREATE TABLE orders_{number} (\n    id BIGINT PRIMARY KEY,\n    customer_id BIGINT NOT NULL,\n    \
         status VARCHAR(20) NOT NULL DEFAULT 'open',\n    total NUMERIC(12, 2) NOT NULL,\n    \
         created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,\n    note TEXT\n)"
    );
    let index =
        format!("CREATE INDEX orders_{number}_by_customer ON orders_{number} (customer_id, created_at)");
    Migration {
        number,
        name: format!("create_orders_{number}"),
        up: Script::Statements(vec![table, index]),
        down: format!("DROP TABLE orders_{number}"),
    }
}

impl Script {
    /// Writes the script to a file, between a tool's marks.
    pub(crate) fn write(&self, file: &Path, before: &str, after: &str) -> io::Result<()> {
        let mut out = BufWriter::new(File::create(file)?);
        out.write_all(before.as_bytes())?;
        match self {
            Self::Statements(statements) => {
                for statement in statements {
                    writeln!(out, "{statement};")?;
                }
            }
            Self::File(path) => {
                io::copy(&mut File::open(path)?, &mut out)?;
            }
        }
        out.write_all(after.as_bytes())?;
        out.flush()
    }
}

/// A folder inside another, made anew.
pub(crate) fn folder(parent: &Path, name: &str) -> io::Result<PathBuf> {
    let path = parent.join(name);
    fs::create_dir_all(&path)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_stands_between_a_tool_s_marks() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("one.sql");
        let script = Script::Statements(vec!["SELECT 1".to_owned(), "SELECT 2".to_owned()]);
        script.write(&file, "-- up\n", "-- down\n").expect("written");
        let text = fs::read_to_string(&file).expect("a file");
        assert_eq!(text, "-- up\nSELECT 1;\nSELECT 2;\n-- down\n");
    }

    #[test]
    fn each_migration_has_objects_of_its_own() {
        let set = Set::small(3);
        let names: Vec<_> = set.migrations.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["create_orders_1", "create_orders_2", "create_orders_3"]);
    }
}
