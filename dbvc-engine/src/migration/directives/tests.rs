use super::*;
use crate::text::LineColumn;

fn header(text: &str) -> Header {
    let mut header = Header::new(LineColumn::START, Directives::default());
    header.feed(text);
    header.finish();
    header
}

fn read(text: &str) -> Directives {
    let header = header(text);
    assert_eq!(header.complaints, [], "{text}");
    header.directives
}

fn complaint(text: &str) -> (String, String, Option<String>) {
    let complaints = header(text).complaints;
    assert_eq!(complaints.len(), 1, "{text}: {complaints:?}");
    let one = &complaints[0];
    (one.at.to_string(), one.message.clone(), one.help.clone())
}

#[test]
fn every_directive_is_read() {
    let directives = read(
        "-- Migration: something\n\
         /* a comment /* in a comment */ -- dbvc: runs-always */\n\
         -- dbvc: no-transaction statement-timeout=5min, lock-timeout=1500ms\r\n\
         --dbvc: environment=staging,production requires=1.2.0 placeholders=off\n\
         \t-- dbvc: irreversible=\"the data is gone\"\n\
         create table a(x int); -- dbvc: runs-always\n",
    );
    assert_eq!(
        directives,
        Directives {
            no_transaction: true,
            statement_timeout: Some(Duration::from_mins(5)),
            lock_timeout: Some(Duration::from_millis(1500)),
            environments: vec!["staging".into(), "production".into()],
            requires: vec!["1.2.0".parse().expect("a key")],
            runs_always: false,
            placeholders: false,
            irreversible: Some("the data is gone".into()),
        }
    );
}

#[test]
fn a_header_may_be_all_there_is() {
    assert!(read("-- dbvc: runs-always").runs_always);
    assert_eq!(read(""), Directives::default());
}

#[test]
fn other_tools_ways_to_leave_the_transaction_count() {
    for text in [
        "-- +goose NO TRANSACTION\n-- +goose Up\n",
        "-- migrate:up transaction:false\n",
        "-- no-transaction\n",
    ] {
        assert!(read(text).no_transaction, "{text}");
    }
    for text in [
        "-- migrate:up\n",
        "-- migrate:up transaction:true\n",
        "-- it needs no-transaction\n",
        "-- +goose StatementBegin\n",
    ] {
        assert!(!read(text).no_transaction, "{text}");
    }
}

#[test]
fn an_unknown_directive_is_shown_with_its_place_and_the_nearest() {
    let (at, message, help) = complaint("-- hello\n  -- dbvc: lock-timeout=5s no-transactoin\n");
    assert_eq!(at, "2:28");
    assert_eq!(message, "unknown directive `no-transactoin`");
    assert_eq!(help.as_deref(), Some("did you mean `no-transaction`?"));
    let (_, _, help) = complaint("-- dbvc: whatever\n");
    assert!(
        help.expect("help")
            .starts_with("known are no-transaction, statement-timeout")
    );
}

#[test]
fn a_wrong_value_is_refused() {
    for (directive, message) in [
        ("statement-timeout=30", "`30` has no unit; write `30s`"),
        (
            "statement-timeout=soon",
            "`soon` is no duration such as 30s, 5min or 1500ms",
        ),
        (
            "lock-timeout=99999999999999999999s",
            "`99999999999999999999s` is no duration such as 30s, 5min or 1500ms",
        ),
        ("lock-timeout", "`lock-timeout` has no value"),
        ("environment=", "`environment` has no value"),
        ("placeholders=maybe", "`placeholders` is on or off, not `maybe`"),
        ("irreversible=\"no end", "the quote of `\"no end` is not closed"),
        ("", "no directive follows `dbvc:`"),
    ] {
        assert_eq!(complaint(&format!("-- dbvc: {directive}\n")).1, message);
    }
    assert!(
        complaint("-- dbvc: requires=soonish\n")
            .1
            .contains("names no migration")
    );
}

#[test]
fn a_forgotten_colon_does_not_make_a_directive_vanish() {
    let (_, message, help) = complaint("-- dbvc no-transaction\n");
    assert_eq!(
        message,
        "`dbvc` is not followed by a colon, so `no-transaction` would not count"
    );
    assert_eq!(help.as_deref(), Some("write `-- dbvc: no-transaction`"));
    assert_eq!(
        read("-- dbvc runs this after each release\n"),
        Directives::default()
    );
}

#[test]
fn what_goose_would_do_and_dbvc_does_not_is_refused() {
    assert!(complaint("-- +goose ENVSUB ON\n").1.contains("ENVSUB"));
    assert_eq!(complaint("-- +goose Upp\n").1, "unknown goose annotation `Upp`");
    assert_eq!(
        complaint("-- migrate:up transacton:false\n").1,
        "unknown dbmate option `transacton:false`"
    );
}

#[test]
fn a_very_long_comment_is_not_kept() {
    let text = format!("--{}\n-- dbvc: no-transaction\n", "x".repeat(100_000));
    assert!(read(&text).no_transaction);
}

#[test]
fn json_gives_back_the_same() {
    let directives = read("-- dbvc: statement-timeout=90s requires=1.2.0,R__views irreversible=\"a b\"\n");
    let json = serde_json::to_value(&directives).expect("to JSON");
    assert_eq!(json["statement-timeout"], "90s");
    assert_eq!(
        serde_json::from_value::<Directives>(json).expect("from JSON"),
        directives
    );
    assert_eq!(
        serde_json::from_str::<Directives>("{}").expect("from JSON"),
        Directives::default()
    );
}
