//! Large scripts, written to files without being held.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

const TABLE: &str = "CREATE TABLE orders (\n    id BIGINT PRIMARY KEY,\n    customer_id BIGINT NOT NULL,\n    \
                     note TEXT NOT NULL,\n    total NUMERIC(12, 2) NOT NULL\n);\n";

/// How a script brings its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A statement for each row, of about 110 bytes.
    SingleRows,
    /// Few statements, of about so many bytes each.
    Statements(usize),
    /// One `COPY … FROM stdin`, with its data.
    Copy,
}

/// Where a script ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    Bytes(usize),
    Rows(usize),
}

/// Writes the script.
pub(crate) fn write(file: &Path, shape: Shape, size: Size) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    script(&mut out, shape, size)?;
    out.flush()
}

fn script(out: &mut impl Write, shape: Shape, size: Size) -> io::Result<()> {
    out.write_all(TABLE.as_bytes())?;
    if shape == Shape::Copy {
        out.write_all(b"COPY orders (id, customer_id, note, total) FROM stdin;\n")?;
    }
    let (mut bytes, mut rows, mut in_statement) = (0, 0, 0);
    while match size {
        Size::Bytes(limit) => bytes < limit,
        Size::Rows(limit) => rows < limit,
    } {
        let text = match shape {
            Shape::SingleRows => format!("{INSERT} {};\n", values(rows)),
            Shape::Copy => copied(rows),
            Shape::Statements(_) if in_statement == 0 => format!("{INSERT}\n{}", values(rows)),
            Shape::Statements(_) => format!(",\n{}", values(rows)),
        };
        out.write_all(text.as_bytes())?;
        bytes += text.len();
        in_statement += text.len();
        rows += 1;
        if matches!(shape, Shape::Statements(length) if in_statement >= length) {
            out.write_all(b";\n")?;
            in_statement = 0;
        }
    }
    match shape {
        Shape::Copy => out.write_all(b"\\.\n"),
        Shape::Statements(_) if in_statement > 0 => out.write_all(b";\n"),
        _ => Ok(()),
    }
}

const INSERT: &str = "INSERT INTO orders (id, customer_id, note, total) VALUES";

/// A quote and a semicolon inside a text, so that nobody gets by with looking for line ends.
fn values(row: usize) -> String {
    format!("({row}, {}, 'it''s order {row}; paid', {row}.50)", row % 9973)
}

fn copied(row: usize) -> String {
    format!(
        "{row}\t{}\tit's order {row}; paid, and sent to the customer by the usual way of all orders\t{row}.50\n",
        row % 9973
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(shape: Shape, size: Size) -> String {
        let mut out = Vec::new();
        script(&mut out, shape, size).expect("written to memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn single_rows_are_counted_exactly() {
        let script = text(Shape::SingleRows, Size::Rows(12));
        assert_eq!(script.matches("INSERT INTO").count(), 12);
    }

    #[test]
    fn large_statements_are_few_and_closed() {
        let script = text(Shape::Statements(1000), Size::Bytes(4500));
        assert_eq!(script.matches("INSERT INTO").count(), 5);
        assert!(script.ends_with(";\n"));
    }

    #[test]
    fn a_copy_ends_with_its_mark_and_is_as_long_as_asked() {
        let script = text(Shape::Copy, Size::Bytes(10_000));
        assert!(script.ends_with("\n\\.\n"));
        assert!((10_000..10_500).contains(&script.len()));
    }
}
