//! What holds for every script, however strange. `PROPTEST_CASES=1000000` makes a long run of it.

use std::collections::BTreeMap;

use dbvc_engine::{
    sql::{Dialect, Piece, ScriptError, ScriptReader, Segment, SegmentKind, Splitter, split},
    text::{Origin, Placeholders, TextError, TextSource},
};
use proptest::prelude::*;

/// Hands out a text in pieces of the given sizes.
struct Chunks<'a> {
    text: &'a str,
    sizes: Vec<usize>,
    turn: usize,
}

impl TextSource for Chunks<'_> {
    fn read_more(&mut self, into: &mut String) -> Result<bool, TextError> {
        let size = self.sizes[self.turn % self.sizes.len()];
        self.turn += 1;
        let end = self.text.ceil_char_boundary(size.min(self.text.len()));
        into.push_str(&self.text[..end]);
        let more = !self.text.is_empty();
        self.text = &self.text[end..];
        Ok(more)
    }
}

const PARTS: &[&str] = &[
    ";",
    ";",
    ";\n",
    " ",
    "\n",
    "\r\n",
    "\r",
    "(",
    ")",
    "'",
    "''",
    "\"",
    "\\",
    "\\.",
    "\n\\.\n",
    "$",
    "$$",
    "$a$",
    "$a1$",
    "$1",
    "--",
    "-",
    "/",
    "/*",
    "*/",
    "*",
    "#",
    "`",
    "[",
    "]",
    "E'",
    "e'\\'",
    "U&\"",
    "B'1'",
    "x'",
    "E'a'\n",
    "-- it's\n",
    "/* ; */",
    "'a;b'",
    "\"a;b\"",
    "$$ ; $$",
    "create ",
    "or replace ",
    "function f() ",
    "procedure ",
    "begin ",
    "atomic ",
    "end",
    " end ",
    "case ",
    "CREATE TEMP TRIGGER t ",
    "explain ",
    "select 1",
    "select ",
    "COPY t FROM stdin;\n",
    "copy ",
    "binary ",
    "from ",
    "stdin",
    " to ",
    "1\t2\n",
    "\\N\n",
    "\n\\restrict a\n",
    "\\connect b\n",
    "\\gexec\n",
    "${a}",
    "${bc}",
    "${",
    "}",
    "{a}",
    "é",
    "🐘",
    "\u{feff}",
    "\0",
    "1e5",
    "0x1F",
    ".",
    ",",
    "_",
    "name$x",
    "名",
    "E",
    "e",
    "u",
    "&",
    "@",
    "<-",
    "+",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (a; b);",
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; END;",
    "DELIMITER ",
    "delimiter //\n",
    "DELIMITER $$\n",
    "DELIMITER ;\n",
    "DELIMITER go\n",
    "delimiter",
    "//",
    "go",
    "END$$",
    "/*!50003 ",
    "/*M! ",
    "/*!",
    "--x",
    "if ",
    "then ",
    "else ",
    "loop ",
    "until ",
    "declare exit handler for not found ",
    "l: ",
    "\nGO\n",
    "\r go",
    "GO 3",
    "GO ;",
    "G",
    "o",
    "\n:setvar a b\n",
    "\n:r",
    "\n!!",
    ":",
    "$(a)",
    "[$(a",
    "]]",
    "@",
    "SET sql_mode='ANSI_QUOTES';",
    "SET sql_mode=@old;",
    "SET sql_mode='NO_BACKSLASH_ESCAPES';",
    "CREATE PROCEDURE p() BEGIN IF a THEN SELECT CASE WHEN 1 THEN 2 END; END IF; END;",
    "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END;",
];

fn scripts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        12 => prop::sample::select(PARTS).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[a-z;'$\\\\\n ]{0,12}",
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let exotic = Dialect {
        name: "exotic",
        backslash_escapes: true,
        hash_comments: true,
        dash_comment_needs_space: true,
        ..Dialect::POSTGRES
    };
    prop::sample::select(vec![
        Dialect::POSTGRES,
        Dialect::SQLITE,
        Dialect::MYSQL,
        Dialect::MSSQL,
        Dialect::STANDARD,
        exotic,
    ])
}

fn sizes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0_usize..9, 0..5).prop_map(|mut sizes| {
        sizes.push(1);
        sizes
    })
}

/// The segments of a text that arrives a few bytes at a time.
fn split_arriving(script: &str, dialect: &Dialect, sizes: &[usize]) -> Vec<Segment> {
    let mut splitter = Splitter::new(dialect);
    let (mut start, mut arrived, mut segments) = (0, 0, Vec::new());
    let mut sizes = sizes.iter().cycle();
    loop {
        let finished = arrived == script.len();
        match splitter.next(&script[start..arrived], finished) {
            Some(segment) => {
                start += segment.length;
                segments.push(segment);
            }
            None if finished => return segments,
            None => {
                let size = sizes.next().expect("a cycle");
                arrived = script.ceil_char_boundary((arrived + size).min(script.len()));
            }
        }
    }
}

fn pieces(mut reader: ScriptReader<Chunks>) -> (Vec<Piece>, Option<ScriptError>) {
    let mut pieces = Vec::new();
    loop {
        match reader.next_piece() {
            Ok(Some(piece)) => pieces.push(piece),
            Ok(None) => return (pieces, None),
            Err(error) => return (pieces, Some(error)),
        }
    }
}

fn reader<'a>(
    text: &'a str,
    sizes: Vec<usize>,
    dialect: &Dialect,
    values: Placeholders,
) -> ScriptReader<Chunks<'a>> {
    ScriptReader::new(
        Chunks { text, sizes, turn: 0 },
        dialect,
        values,
        "V1__x.sql",
        Origin::START,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn segments_joined_are_the_script(script in scripts(), dialect in dialects()) {
        let segments = split(&script, &dialect);
        let joined: String = segments.iter().map(|segment| segment.text(&script)).collect();
        prop_assert_eq!(&joined, &script);
        for placed in &segments {
            prop_assert!(placed.segment.length > 0 || placed.segment.kind == SegmentKind::CopyEnd);
            let code = placed.code(&script);
            if placed.segment.kind == SegmentKind::Statement {
                prop_assert!(!code.is_empty());
                // A token at the very end may be unclosed, and then hold white space itself.
                prop_assert!(!code.starts_with([' ', '\n', '\r', '\t']), "{:?}", code);
                prop_assert!(dialect.go_batches || !code.starts_with(';'), "{:?}", code);
            }
        }
    }

    #[test]
    fn how_a_script_arrives_does_not_matter(script in scripts(), dialect in dialects(), sizes in sizes()) {
        let whole: Vec<Segment> = split(&script, &dialect).into_iter().map(|placed| placed.segment).collect();
        prop_assert_eq!(split_arriving(&script, &dialect, &sizes), whole);
    }

    #[test]
    fn a_byte_more_or_less_loses_nothing(script in scripts(), at in any::<prop::sample::Index>(), part in prop::sample::select(PARTS)) {
        let cut = script.floor_char_boundary(at.index(script.len() + 1));
        let mut mutated = script.clone();
        mutated.insert_str(cut, part);
        let segments = split(&mutated, &Dialect::POSTGRES);
        let joined: String = segments.iter().map(|segment| segment.text(&mutated)).collect();
        prop_assert_eq!(&joined, &mutated);
    }

    #[test]
    fn a_statement_stands_where_it_says(script in scripts(), dialect in dialects(), sizes in sizes()) {
        for piece in pieces(reader(&script, sizes, &dialect, Placeholders::NONE)).0 {
            if let Piece::Statement(statement) | Piece::CopyStart(statement) = piece {
                let start = usize::try_from(statement.origin.offset).expect("small");
                prop_assert!(script[start..].starts_with(&statement.sql));
                prop_assert_eq!(statement.origin, Origin::START.after(&script[..start]));
            }
        }
    }

    #[test]
    fn what_follows_a_placeholder_keeps_its_place(script in scripts(), dialect in dialects(), sizes in sizes(), value in "[a-z;' \n$]{0,6}") {
        let values = BTreeMap::from([("a".to_owned(), value), ("bc".to_owned(), String::new())]);
        let placeholders = Placeholders::new(values);
        let (whole, error) = pieces(reader(&script, vec![usize::MAX], &dialect, placeholders.clone()));
        let (arriving, other) = pieces(reader(&script, sizes, &dialect, placeholders));
        let words = |error: Option<ScriptError>| error.map(|error| error.to_string());
        if !matches!(error, Some(ScriptError::Text(_))) {
            prop_assert_eq!(&whole, &arriving);
        }
        prop_assert_eq!(words(error), words(other));
        for piece in whole {
            if let Piece::Statement(statement) | Piece::CopyStart(statement) = piece {
                for (at, letter) in statement.sql.char_indices() {
                    let filled = statement.substitutions.iter().any(|value| (value.at..value.at + value.length).contains(&at));
                    let place = usize::try_from(statement.locate(at).offset).expect("small");
                    let rest = &script[place..];
                    let stands = if filled { rest.starts_with("${") } else { rest.starts_with(letter) };
                    prop_assert!(stands, "{:?} at {}", letter, place);
                }
            }
        }
    }

    #[test]
    fn the_last_batch_knows_it(script in scripts(), dialect in dialects(), sizes in sizes(), bytes in 1_usize..40) {
        let (expected, _) = pieces(reader(&script, vec![usize::MAX], &dialect, Placeholders::NONE));
        let mut left = expected.iter().filter(|piece| matches!(piece, Piece::Statement(_) | Piece::CopyStart(_))).count();
        let mut reader = reader(&script, sizes, &dialect, Placeholders::NONE);
        let mut rows = String::new();
        while let Ok(Some(batch)) = reader.read_batch(bytes) {
            prop_assert!(!batch.statements.is_empty() || batch.copy.is_some());
            left -= batch.statements.len() + usize::from(batch.copy.is_some());
            if batch.last {
                prop_assert!(batch.copy.is_none());
                let next = reader.next_piece();
                let nothing = matches!(next, Ok(None | Some(Piece::ClientCommand { .. })));
                prop_assert!(nothing, "{:?}", next);
            }
            if batch.copy.is_some() {
                while let Some(more) = reader.read_copy_rows().expect("rows never fail") {
                    rows.push_str(&more);
                }
            } else if left == 0 {
                match reader.next_piece() {
                    Ok(None) => prop_assert!(batch.last, "nothing follows"),
                    _ => break,
                }
            }
        }
        let expected: String = expected.iter().filter_map(|piece| match piece {
            Piece::CopyRows(rows) => Some(rows.as_str()),
            _ => None,
        }).collect();
        prop_assert!(expected.starts_with(&rows));
    }
}

#[test]
fn a_line_end_of_two_characters_that_arrives_in_two_parts_is_one() {
    let fault = |sizes| {
        let placeholders = Placeholders::new(BTreeMap::from([("a".to_owned(), String::new())]));
        pieces(reader("\r\n${_}", sizes, &Dialect::POSTGRES, placeholders))
            .1
            .expect("no value")
            .to_string()
    };
    assert_eq!(fault(vec![1]), fault(vec![usize::MAX]));
}
