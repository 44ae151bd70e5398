//! Where events are read from and shipped to: sinks beside a database that is away, and sinks that are no place of their own.

use dbvc_tests::stage::Stage;

fn archived() -> Stage {
    let stage = Stage::empty_on_sqlite()
        .planted()
        .settings("[audit.sinks.archive]\nurl = \"file:events.jsonl\"");
    stage.run("migrate").ok();
    stage
}

#[test]
fn a_sink_is_read_while_the_database_is_away() {
    let stage = archived();
    let ours = stage.json("audit log --limit 0");
    let database = stage.project.path().join("app.db");
    std::fs::rename(&database, stage.project.path().join("aside.db")).expect("moved");
    std::fs::create_dir(&database).expect("no file");
    stage.run("audit log").ended(4);
    let theirs = stage.json("audit log --limit 0 --from archive");
    assert_eq!(ours["events"], theirs["events"]);
    stage
        .run("audit export --format bundle --output trail --from archive")
        .ok()
        .said("DBVC8022");
    let head = stage.project.read("trail/heads.json");
    let last = ours["events"]
        .as_array()
        .expect("events")
        .last()
        .cloned()
        .expect("one");
    assert!(
        head.contains(last["digest"].as_str().expect("a digest")),
        "{head}"
    );
}

#[test]
fn a_sink_is_read_when_the_database_is_gone_or_keeps_another_chain() {
    let stage = archived();
    let before = stage.json("audit log --limit 0");
    let old = before["events"][0]["databaseId"]
        .as_str()
        .expect("a chain")
        .to_owned();
    let database = stage.project.path().join("app.db");
    std::fs::rename(&database, stage.project.path().join("aside.db")).expect("moved");
    let ran = stage.run("audit log --limit 0 --from archive").ok();
    ran.said("DBVC8022").said("run-started");
    std::fs::rename(stage.project.path().join("aside.db"), &database).expect("moved back");

    stage.call("audit restart --reason").args(["a clone"]).run().ok();
    let new = stage.json("audit log --limit 0 --from archive");
    assert_eq!(new["events"].as_array().map(Vec::len), Some(1), "{new}");
    stage
        .run("audit log --from archive")
        .ok()
        .said("chains of before")
        .said(&old);
    let again = stage.json(&format!("audit log --limit 0 --from archive --chain {old}"));
    assert_eq!(again["events"], before["events"]);
    stage
        .run("audit log --from archive --chain other")
        .ended(2)
        .said(&old);
    stage.run("audit log --chain other").ended(2);
    stage.run("audit report --output page.html").ok().said("intact");
    assert!(stage.project.read("page.html").contains(&old));
}

#[test]
fn the_newest_events_are_those_at_the_end() {
    let stage = archived();
    let all = stage.json("audit log --limit 0");
    let all = all["events"].as_array().expect("events");
    for limit in [1, 2, 5, all.len()] {
        let some = stage.json(&format!("audit log --limit {limit}"));
        let some = some["events"].as_array().expect("events").clone();
        assert_eq!(some, all[all.len() - limit..], "{limit}");
    }
    let failed = stage.json("audit log --limit 1 --action run-started");
    assert_eq!(failed["events"][0]["action"], "run-started");
}

#[test]
fn an_event_that_cannot_be_read_is_marked_in_a_table_and_stops_a_bundle() {
    let stage = archived();
    let table = stage.own("audit_events");
    stage.database.run(&format!(
        "drop trigger if exists {table}_are_not_changed; update {table} set event = 'no JSON' where sequence = 3;"
    ));
    stage
        .run("audit export --format csv --output trail.csv")
        .ok()
        .said("DBVC8023")
        .said("event 3");
    let lines = stage.project.read("trail.csv");
    let events = stage.json("audit log --limit 0");
    let readable = events["events"].as_array().expect("events").len();
    assert_eq!(events["unreadable"][0]["sequence"], 3);
    assert_eq!(
        lines.lines().count(),
        readable + 2,
        "a header, and a line for each"
    );
    stage
        .run("audit export --format bundle --output bundle")
        .ended(1)
        .said("event 3");
    stage.run("audit log").ok().said("event 3 cannot be read");
}

#[test]
fn sinks_that_witness_nothing_are_refused() {
    for (sinks, why) in [
        (
            "[audit.sinks.target]\nurl = \"file:events.jsonl\"",
            "means the database itself",
        ),
        (
            "[audit.sinks.archive]\nurl = \"sqlite:app.db\"",
            "is the database `plants` itself",
        ),
        (
            "[audit.sinks.one]\nurl = \"file:events.jsonl\"\n[audit.sinks.two]\nurl = \"file:./events.jsonl\"",
            "the same place as the sink `one`",
        ),
    ] {
        let stage = Stage::empty_on_sqlite().planted().settings(sinks);
        stage.run("migrate").ended(3).said("DBVC6018").said(why);
        assert!(!stage.has("plants"));
        stage.run("status").ok().said("not known what waits").said(why);
    }
}

#[test]
fn a_trail_that_is_switched_off_says_so() {
    let stage = Stage::empty_on_sqlite()
        .planted()
        .settings("[audit]\nenabled = false\n[audit.sinks.archive]\nurl = \"file:events.jsonl\"");
    stage.run("migrate").ok();
    stage.run("audit flush").ok().said("enabled = false");
    stage.run("status").ok().said("enabled = false");
    stage
        .run("audit log --from archive")
        .ended(2)
        .said("enabled = false");
    assert!(!stage.project.has("events.jsonl"));
}

#[test]
fn a_report_goes_to_standard_output_and_never_over_a_file() {
    let stage = archived();
    let page = stage.run("audit report --output -").ok().stdout;
    assert!(
        page.trim_start().starts_with('<') && page.trim_end().ends_with('>'),
        "{page}"
    );
    assert!(!stage.project.has("-"));
    stage.run("audit report --output page.html").ok();
    let before = stage.project.read("page.html");
    stage
        .run("audit report --output page.html")
        .ended(2)
        .said("nothing is written over");
    assert_eq!(stage.project.read("page.html"), before);
    stage.run("audit report --output - --json").ended(2);
}

#[test]
fn a_period_that_ends_before_it_begins_is_refused() {
    let stage = archived();
    for line in [
        "audit log",
        "audit report --output page.html",
        "audit export --format csv --output trail.csv",
    ] {
        stage
            .run(&format!("{line} --since 2026-11-02 --until 2026-11-01"))
            .ended(2)
            .said("before it begins");
    }
}

#[test]
fn an_anchor_for_a_sink_without_documents_names_what_takes_one() {
    let stage = archived();
    stage
        .run("audit anchor --to sink:archive")
        .ended(2)
        .said("archive")
        .said("keeps documents");
}

#[test]
fn every_snapshot_that_a_sink_lacks_is_copied_and_none_twice() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("migrate --target 1.0.0").ok();
    stage.run("snapshot").ok();
    stage.run("migrate").ok();
    stage.run("snapshot").ok();
    let stage = stage.settings("[audit.sinks.archive]\nurl = \"sqlite:archive.db\"");
    stage.run("audit flush").ok().said("documents copied");
    let archive = dbvc_tests::stage::Database::file(stage.project.path().join("archive.db"));
    let kept = |archive: &dbvc_tests::stage::Database| {
        archive.texts("select container || ' ' || id from audit_documents order by 1")
    };
    let ids = kept(&archive);
    let snapshots = ids.iter().filter(|id| id.starts_with("schema-snapshots")).count();
    assert!(snapshots >= 2, "{ids:?}");
    stage.run("audit flush").ok().kept_quiet_about("copied");
    assert_eq!(kept(&archive), ids);
}
