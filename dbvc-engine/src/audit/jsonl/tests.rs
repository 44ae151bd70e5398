use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use super::*;
use crate::audit::sample::chain;
use crate::driver::Secret;

fn target(url: &str) -> SinkTarget {
    SinkTarget {
        name: "trail".into(),
        url: Secret::new(url),
        options: BTreeMap::new(),
    }
}

async fn open(path: &Path) -> Box<dyn AuditSink> {
    let target = target(&format!("file:{}", path.display()));
    driver().open(&target).await.expect("it opens")
}

fn add(path: &Path, bytes: &[u8]) {
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .expect("the file");
    file.write_all(bytes).expect("bytes");
}

#[test]
fn every_way_to_write_a_file_is_understood() {
    for (url, path) in [
        ("file:audit.jsonl", "audit.jsonl"),
        ("file:./a/b.jsonl", "./a/b.jsonl"),
        ("file:///var/log/a%20b.jsonl", "/var/log/a b.jsonl"),
        ("FILE:/var/log/a.jsonl", "/var/log/a.jsonl"),
    ] {
        assert_eq!(path_of(&target(url)).expect(url), PathBuf::from(path), "{url}");
    }
}

#[tokio::test]
async fn each_line_has_the_text_that_its_digest_is_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.jsonl");
    let events = chain("shop", 3);
    open(&path).await.append(&events).await.expect("appended");
    let text = std::fs::read_to_string(&path).expect("the file");
    assert!(text.ends_with("}\n"));
    let lines: Vec<Sealed> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line"))
        .collect();
    assert_eq!(lines, events);
}

#[tokio::test]
async fn a_last_line_without_its_end_is_completed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.jsonl");
    let events = chain("shop", 2);
    add(
        &path,
        serde_json::to_string(&events[0]).expect("a line").as_bytes(),
    );
    let done = open(&path).await.append(&events).await.expect("appended");
    assert_eq!((done.known, done.new), (1, 1));
    assert_eq!(
        std::fs::read_to_string(&path).expect("the file").lines().count(),
        2
    );
}

#[tokio::test]
async fn a_torn_last_line_is_not_read_and_is_cut_before_the_next_is_written() {
    let events = chain("shop", 2);
    let line = serde_json::to_string(&events[1]).expect("a line");
    for cut in [1, line.len() / 2, line.len() - 1] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.jsonl");
        let mut sink = open(&path).await;
        sink.append(&events[..1]).await.expect("appended");
        add(&path, &line.as_bytes()[..cut]);
        assert_eq!(sink.read("shop", 0, 9).await.expect("read").len(), 1, "{cut}");
        let done = sink.append(&events).await.expect("appended");
        assert_eq!((done.known, done.new), (1, 1), "{cut}");
        assert_eq!(
            open(&path).await.read("shop", 0, 9).await.expect("read"),
            events,
            "{cut}"
        );
    }
}

#[tokio::test]
async fn a_strange_line_is_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.jsonl");
    add(&path, b"hello\n");
    let error = open(&path)
        .await
        .append(&chain("shop", 1))
        .await
        .expect_err("a strange file");
    assert!(error.message.contains("a.jsonl:1 is no event"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "hello\n");
}

#[tokio::test]
async fn what_another_writer_added_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.jsonl");
    let events = chain("shop", 4);
    let (mut one, mut two) = (open(&path).await, open(&path).await);
    one.append(&events[..2]).await.expect("appended");
    two.append(&events[2..]).await.expect("appended");
    assert_eq!(
        one.head("shop").await.expect("a head").expect("events").sequence,
        4
    );
    assert_eq!(one.read("shop", 1, 2).await.expect("read"), events[1..3]);
}

#[tokio::test]
async fn a_file_that_was_emptied_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.jsonl");
    let mut sink = open(&path).await;
    sink.append(&chain("shop", 2)).await.expect("appended");
    std::fs::write(&path, "").expect("emptied");
    assert_eq!(sink.head("shop").await.expect("no head"), None);
}
