use std::io::Write;

use super::*;
use crate::migration::checksum::Checksum;

fn scan_text(text: &str) -> Scan {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    scan(file.path()).expect("scanned")
}

fn complaint(text: &str) -> (&'static str, String) {
    let complaints = scan_text(text).complaints;
    assert_eq!(complaints.len(), 1, "{text}: {complaints:?}");
    (
        complaints[0].0,
        format!("{}: {}", complaints[0].1.at, complaints[0].1.message),
    )
}

#[test]
fn a_plain_file_is_one_script() {
    let text = "-- dbvc: no-transaction\r\ncreate table ä(x int);\r\n";
    let scan = scan_text(text);
    assert!(scan.down.is_none() && !scan.sectioned);
    assert_eq!(scan.up.section, Section::WHOLE);
    assert_eq!(scan.up.bytes, text.len() as u64);
    assert!(scan.up.directives.no_transaction && !scan.up.empty);
    assert_eq!(scan.up.checksum, Checksum::of(text));
}

#[test]
fn both_ways_have_their_own_text_checksum_and_header() {
    let up = "-- about\n-- dbvc: lock-timeout=5s\n-- migrate:up transaction:false\nselect 'ä';\n\n";
    let down = "-- migrate:down\n-- dbvc: statement-timeout=1s\nselect 2;\n";
    let scan = scan_text(&format!("{up}{down}"));
    let found = scan.down.expect("a way down");
    assert!(scan.sectioned);
    assert_eq!(scan.up.section.end, Some(up.len() as u64));
    assert_eq!(found.section.start.offset, up.len() as u64);
    assert_eq!(found.section.start.at.to_string(), "6:1");
    assert_eq!(scan.up.checksum, Checksum::of(up));
    assert_eq!(found.checksum, Checksum::of(down));
    assert!(scan.up.directives.no_transaction && !found.directives.no_transaction);
    assert!(scan.up.directives.lock_timeout.is_some() && found.directives.lock_timeout.is_some());
    assert!(scan.up.directives.statement_timeout.is_none() && found.directives.statement_timeout.is_some());
}

#[test]
fn goose_may_say_no_transaction_anywhere_and_for_both_ways() {
    let scan = scan_text("-- +goose Up\nselect 1;\n-- +goose NO TRANSACTION\n-- +goose Down\nselect 2;\n");
    assert!(scan.up.directives.no_transaction);
    assert!(scan.down.expect("a way down").directives.no_transaction);
}

#[test]
fn markers_that_would_run_the_way_down_as_a_migration_are_refused() {
    let (code, message) = complaint("select 1;\n-- migrate:down\nselect 2;\n");
    assert_eq!(code, codes::SECTIONS);
    assert!(
        message.starts_with("2:1: `-- migrate:down` has no `-- migrate:up` before it"),
        "{message}"
    );
    assert!(
        complaint("select 1;\n-- +goose Up\nselect 2;\n")
            .1
            .starts_with("2:1: SQL stands before")
    );
    assert!(
        complaint("-- +goose Up\nselect 1;\n-- +goose Up\n")
            .1
            .contains("a second time")
    );
    let twice = "-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;\n-- +goose Down\n";
    assert!(complaint(twice).1.contains("a second time"));
}

#[test]
fn a_directive_that_comes_too_late_is_refused() {
    let (code, message) = complaint("select 1;\n  -- dbvc: no-transaction\n");
    assert_eq!(code, codes::DIRECTIVE);
    assert_eq!(
        message,
        "2:1: a directive after the first statement does not count"
    );
}

#[test]
fn markers_in_a_comment_at_the_top_are_no_markers() {
    let scan = scan_text("/* write\n-- migrate:up\nor\n-- migrate:down\n*/\nselect 1;\n");
    assert!(scan.complaints.is_empty() && !scan.sectioned);
}

#[test]
fn a_script_of_comments_is_empty() {
    assert!(scan_text("").up.empty);
    assert!(scan_text("-- nothing\n/* here */\n").up.empty);
    assert!(!scan_text("-- something\nx").up.empty);
}

#[test]
fn lines_longer_than_a_block_keep_their_places() {
    let long = "x".repeat(200_000);
    let up = format!("-- migrate:up\nselect '{long}';\r\n");
    let scan = scan_text(&format!("{up}-- migrate:down\nselect 2;"));
    let down = scan.down.expect("a way down");
    assert_eq!(down.section.start.offset, up.len() as u64);
    assert_eq!(down.section.start.at.line, 3);
    assert_eq!(scan.up.checksum, Checksum::of(&up));
}

#[test]
fn a_line_is_shown_by_its_number() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    write!(file, "one\r\ntwo\rthree ä\n\n{}", "x".repeat(9_999)).expect("written");
    let shown = |number| line(file.path(), number);
    assert_eq!(shown(2).as_deref(), Some("two"));
    assert_eq!(shown(3).as_deref(), Some("three ä"));
    assert_eq!(shown(4).as_deref(), Some(""));
    assert_eq!(shown(5).map(|text| text.len()), Some(LONGEST_SHOWN));
    assert_eq!(shown(6), None);
    assert_eq!(shown(0), None);
}
