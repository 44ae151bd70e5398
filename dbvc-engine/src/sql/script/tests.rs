#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;

use super::*;
use crate::text::LineColumn;

/// Hands out one text again and again, in pieces of one size.
struct Repeated {
    text: String,
    times: usize,
    largest: usize,
}

impl TextSource for Repeated {
    fn read_more(&mut self, into: &mut String) -> Result<bool, TextError> {
        self.largest = self.largest.max(into.capacity());
        if self.times == 0 {
            return Ok(false);
        }
        self.times -= 1;
        into.push_str(&self.text);
        Ok(true)
    }
}

fn reader(text: &str) -> ScriptReader<Repeated> {
    filled(text, &[])
}

fn filled(text: &str, values: &[(&str, &str)]) -> ScriptReader<Repeated> {
    let values: BTreeMap<_, _> = values
        .iter()
        .map(|&(name, value)| (name.into(), value.into()))
        .collect();
    let source = Repeated {
        text: text.into(),
        times: 1,
        largest: 0,
    };
    ScriptReader::new(
        source,
        &Dialect::POSTGRES,
        Placeholders::new(values),
        "V1__a.sql",
        Origin::START,
    )
}

fn error(text: &str) -> String {
    let mut reader = reader(text);
    loop {
        match reader.next_piece() {
            Ok(Some(_)) => {}
            Ok(None) => return "none".into(),
            Err(error) => return format!("{}: {error}", error.origin().unwrap().at),
        }
    }
}

fn is_send<T: Send>(_: &T) {}

#[test]
fn a_reader_can_move_to_another_thread() {
    is_send(&reader(""));
}

#[test]
fn what_pg_dump_writes_around_its_statements_is_dropped() {
    let mut reader = reader("\\restrict x\nselect 1;\n\\connect shop\n\\unrestrict x\n-- end\n");
    let batch = reader.read_batch(1000).unwrap().unwrap();
    assert_eq!(batch.statements[0].sql, "select 1");
    assert!(batch.last);
    assert_eq!(reader.read_batch(1000).unwrap(), None);
}

#[test]
fn commands_of_psql_are_refused_where_they_stand() {
    assert_eq!(
        error("select 1;\n  \\i b.sql\n"),
        "2:3: `\\i` is a psql command, not SQL"
    );
    assert_eq!(
        error("select 1\n \\gexec"),
        "2:2: `\\gexec` is a psql command, not SQL"
    );
    assert_eq!(
        error("select 1\n\\connect a\n;"),
        "2:1: `\\connect` is a psql command, not SQL"
    );
    assert!(error("copy t from stdin; commit;\n\\.\n").starts_with("1:1: another statement"));
    for binary in [
        "binary t from stdin",
        "t from stdin binary",
        "t from stdin (format 'binary')",
    ] {
        assert!(
            error(&format!("copy {binary};\n\\.\n")).contains("binary format"),
            "{binary}"
        );
    }
    assert_eq!(
        error("copy \"binary\" (\"binary\") from stdin (null 'binary');\n\\.\n"),
        "none"
    );
}

#[test]
fn a_batch_ends_before_a_copy_and_its_rows_come_apart() {
    let mut reader = reader("a; b; copy t from stdin;\n1\n2\n\\.\nc; d;");
    let batch = reader.read_batch(1000).unwrap().unwrap();
    assert_eq!((batch.statements.len(), batch.last), (2, false));
    assert_eq!(batch.copy.unwrap().origin.at, LineColumn { line: 1, column: 7 });
    assert_eq!(reader.read_copy_rows().unwrap().as_deref(), Some("1\n2\n"));
    assert_eq!(reader.read_copy_rows().unwrap(), None);
    assert_eq!(reader.read_copy_rows().unwrap(), None);
    let batch = reader.read_batch(1).unwrap().unwrap();
    assert_eq!((batch.statements.len(), batch.last), (1, false));
    assert!(reader.read_batch(1).unwrap().unwrap().last);
}

#[test]
fn placeholders_are_filled_before_splitting_and_keep_their_place() {
    let mut reader = filled(
        "${two}\nselect $$${x}$$, $t$${x}$t$, '$${x}';",
        &[("two", "a; b;"), ("x", "1")],
    );
    let batch = reader.read_batch(1000).unwrap().unwrap();
    let sql: Vec<_> = batch
        .statements
        .iter()
        .map(|statement| statement.sql.as_str())
        .collect();
    assert_eq!(sql, ["a", "b", "select $$1$$, $t$1$t$, '$${x}'"]);
    assert_eq!(batch.statements[1].origin.at, LineColumn { line: 1, column: 1 });
    assert_eq!(batch.statements[2].origin.at, LineColumn { line: 2, column: 1 });
    assert_eq!(batch.statements[2].substitutions.len(), 2);
    assert_eq!(batch.statements[2].locate(11).at.column, 15);
}

#[test]
fn a_placeholder_without_value_names_the_nearest() {
    let error = filled("a;\n ${shcema}", &[("schema", "app")])
        .next_piece()
        .unwrap_err();
    let ScriptError::Text(TextError::Placeholder {
        at, name, nearest, ..
    }) = error
    else {
        panic!("{error}");
    };
    assert_eq!((at, name.as_str()), (LineColumn { line: 2, column: 2 }, "shcema"));
    assert_eq!(nearest.as_deref(), Some("schema"));
    assert!(matches!(
        reader("${shcema}").next_piece(),
        Ok(Some(Piece::Statement(_)))
    ));
}

#[test]
fn rows_are_handed_out_in_pieces_and_long_lines_too() {
    let line = format!("{}\r\n", "é".repeat(50_000));
    let rows = format!("{}{}", "1\t2\n".repeat(50_000), line.repeat(3));
    let mut reader = reader(&format!("copy t from stdin;\r\n{rows}\\.\r\nselect 1;"));
    assert!(reader.read_batch(1).unwrap().unwrap().copy.is_some());
    let mut joined = String::new();
    while let Some(piece) = reader.read_copy_rows().unwrap() {
        assert!(piece.len() <= 64 * 1024);
        joined.push_str(&piece);
    }
    assert_eq!(joined, rows);
    let last = reader.read_batch(1).unwrap().unwrap();
    assert_eq!(last.statements[0].origin.at.line, 50_000 + 3 + 3);
}

#[test]
fn memory_is_bounded_by_the_largest_statement() {
    let text = format!("insert into t values ('{}');\n", "x".repeat(1000));
    let source = Repeated {
        text,
        times: 20_000,
        largest: 0,
    };
    let mut reader = ScriptReader::new(
        source,
        &Dialect::POSTGRES,
        Placeholders::NONE,
        "V1__a.sql",
        Origin::START,
    );
    let mut count = 0;
    while let Some(batch) = reader.read_batch(16 * 1024).unwrap() {
        count += batch.statements.len();
    }
    assert_eq!(count, 20_000);
    assert!(reader.feed.source().largest < 256 * 1024);
}

#[test]
fn a_statement_larger_than_any_read_comes_in_one_piece() {
    let rows = "(1, 'a;b'),\n".repeat(200_000);
    let script = format!("-- data\n insert into t values {rows} (2);\nselect 2");
    let mut reader = reader(&script);
    let Some(Piece::Statement(large)) = reader.next_piece().unwrap() else {
        panic!()
    };
    assert_eq!(large.sql, script[9..script.len() - 10]);
    assert_eq!(large.origin.offset, 9);
    let Some(Piece::Statement(next)) = reader.next_piece().unwrap() else {
        panic!()
    };
    assert_eq!(
        next.origin.at,
        LineColumn {
            line: 200_003,
            column: 1
        }
    );
    assert_eq!(reader.next_piece().unwrap(), None);
}
