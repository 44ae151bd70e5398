//! Exports, reports and anchors.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use dbvc_engine::audit::BUNDLE_README;
use dbvc_tests::stage::Stage;

/// The secret key of RFC 8032, section 7.1, test 1, as a file.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

fn migrated(settings: &str) -> Stage {
    let stage = Stage::empty_on_sqlite().planted().settings(settings);
    stage.write("key.pem", KEY);
    stage.run("migrate").ok();
    stage
}

/// The commands of a page behind this text.
fn commands(page: &str, behind: &str) -> Vec<String> {
    let (_, rest) = page.split_once(behind).expect("the place");
    let blocks = rest.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// What bash says to them, in a folder.
fn said(folder: &Path, commands: &[String]) -> String {
    let mut all = String::new();
    for command in commands {
        let output = Command::new("bash")
            .args(["-c", command])
            .current_dir(folder)
            .output()
            .expect("bash");
        all.push_str(&String::from_utf8_lossy(&output.stdout));
        all.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    all
}

/// Whether the tools of the page are here; says which is not.
fn tools() -> bool {
    let missing = ["bash", "jq", "sha256sum", "openssl", "diff", "paste"]
        .into_iter()
        .find(|tool| {
            Command::new("which")
                .arg(tool)
                .output()
                .is_ok_and(|found| !found.status.success())
        });
    if let Some(tool) = missing {
        // Not `eprintln!`: the test harness would swallow it.
        let mut out = std::io::stderr().lock();
        let _ = writeln!(
            out,
            "SKIPPED: {tool} is not here, so no bundle was checked with it"
        );
    }
    missing.is_none()
}

#[test]
fn a_bundle_is_checked_without_dbvc_as_the_guide_says() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/audit.md");
    let guide = std::fs::read_to_string(guide).expect("the page");
    let steps = commands(&guide, "## Check a bundle without dbvc");
    assert_eq!(
        steps,
        commands(BUNDLE_README, ""),
        "the guide and the bundle say the same"
    );
    let stage = migrated("[audit]\nsigning_key = \"key.pem\"");
    stage
        .run("audit export --format bundle --output trail")
        .ok()
        .said("written");
    let folder = stage.project.path().join("trail");
    assert!(stage.project.read("trail/README.md").contains("sha256sum"));
    if !tools() {
        return;
    }
    assert_eq!(said(&folder, &steps), "", "all holds");
    let events = stage.project.read("trail/events.jsonl");
    let without = |line: usize| {
        let left: Vec<&str> = events
            .lines()
            .enumerate()
            .filter(|(at, _)| *at != line)
            .map(|(_, event)| event)
            .collect();
        left.join("\n") + "\n"
    };
    for bad in [events.replacen("success", "failure", 1), without(2), without(0)] {
        assert_ne!(bad, events);
        stage.write("trail/events.jsonl", &bad);
        assert_ne!(said(&folder, &steps), "", "{bad}");
    }
    stage.write("trail/events.jsonl", &events);
    let signatures = stage.project.read("trail/signatures.txt");
    let mut lines: Vec<&str> = signatures.lines().collect();
    lines.swap(0, 1);
    stage.write("trail/signatures.txt", &(lines.join("\n") + "\n"));
    assert!(said(&folder, &steps).contains("not signed by this key"));
}

#[test]
fn a_bundle_is_a_whole_chain_and_is_never_written_over() {
    let stage = migrated("");
    stage
        .run("audit export --format bundle --output trail --since 1h")
        .ended(2)
        .said("a bundle is a whole chain");
    stage.run("audit export --format bundle --output trail").ok();
    stage
        .run("audit export --format bundle --output trail")
        .ended(2)
        .said("nothing is written over");
    stage.run("audit export --format bundle --output -").ended(2);
}

#[test]
fn a_table_has_a_line_for_each_event() {
    let stage = migrated("");
    stage
        .call("rollback --yes --reason")
        .args(["=cmd|' /C calc'!A0"])
        .run()
        .ok();
    stage.run("audit export --format csv --output trail.csv").ok();
    let table = stage.project.read("trail.csv");
    assert!(table.starts_with("database_id,sequence,at,action,"), "{table}");
    assert!(table.contains("\"'=cmd|' /C calc'!A0\""), "{table}");
    let events = stage.json("audit log --limit 0")["events"]
        .as_array()
        .expect("events")
        .len();
    assert_eq!(table.matches("\r\n").count(), events + 1);
    let printed = stage.run("audit export --format csv --output -").ok();
    assert_eq!(printed.stdout.lines().count(), events + 1);
    stage
        .run("audit export --format csv --output trail.csv")
        .ended(2)
        .said("nothing is written over");
}

#[test]
fn a_report_tells_an_auditor_who_did_what_and_whether_it_is_intact() {
    let stage = migrated("");
    stage
        .call("rollback --yes --reason")
        .args(["<b>wrong</b> pots"])
        .run()
        .ok();
    stage
        .run("audit report --since 1d --output q4.html")
        .ok()
        .said("written")
        .said("intact");
    let page = stage.project.read("q4.html");
    for wanted in [
        "V1.1.0__Add_pots.sql: applied",
        ": undone",
        "wrong",
        "intact</strong>",
        "The audit trail of plants",
    ] {
        assert!(page.contains(wanted), "{wanted} is not in {page}");
    }
    assert!(!page.contains("<b>wrong"), "{page}");
    stage.database.run(
        &stage
            .database
            .named("delete from @audit_events where sequence = 3"),
    );
    stage
        .run("audit report --output broken.html")
        .ended(1)
        .said("NOT intact");
    assert!(stage.project.read("broken.html").contains("NOT intact"));
}

#[test]
fn signatures_are_checked_with_the_public_key() {
    let stage = migrated("[audit]\nsigning_key = \"key.pem\"");
    stage.run("audit verify").ok().said("signatures right");
    let bare = stage
        .database
        .named("update @audit_events set signature = null where sequence = 2");
    stage.database.run(&bare);
    stage.run("audit verify").ended(1).said("event 2 ");
}

#[test]
fn an_anchor_in_a_file_finds_a_chain_that_was_cut_off() {
    let stage = migrated("");
    let printed = stage.run("audit anchor").ok();
    assert!(printed.stdout.contains("\"digest\":"), "{printed}");
    stage.run("audit anchor --to heads.jsonl").ok().said("anchored");
    stage
        .run("audit verify --anchors heads.jsonl")
        .ok()
        .said("1 anchor");
    let record = |script: &str| stage.database.run(&stage.database.named(script));
    record("delete from @audit_events where sequence > 5");
    record(
        "update @audit_heads set sequence = 5, digest = (select digest from @audit_events where sequence = 5)",
    );
    stage
        .run("audit verify --anchors heads.jsonl")
        .ended(1)
        .said("anchor of");
    stage.write("heads.jsonl", "{}\n");
    stage
        .run("audit verify --anchors heads.jsonl")
        .ended(2)
        .said("line 1");
}

#[test]
fn an_anchor_in_git_is_a_note_on_the_newest_commit() {
    let stage = migrated("");
    let git = |words: &[&str]| {
        let identity = ["-c", "user.name=ann", "-c", "user.email=ann@example.com"];
        let output = Command::new("git")
            .arg("-C")
            .arg(stage.project.path())
            .args(identity)
            .args(words)
            .output();
        output.is_ok_and(|output| output.status.success())
    };
    stage.run("audit anchor --to git").ended(2).said("DBVC7015");
    if !git(&["init", "-q"]) {
        eprintln!("SKIPPED: git is not here, so no anchor was kept in it");
        return;
    }
    assert!(git(&["config", "user.name", "ann"]) && git(&["config", "user.email", "ann@example.com"]));
    assert!(git(&["commit", "-q", "--allow-empty", "-m", "one"]));
    stage
        .run("audit verify --anchors git")
        .ended(2)
        .said("hold no anchors");
    stage.run("audit anchor --to git").ok().said("anchored");
    stage.run("audit verify --anchors git").ok().said("1 anchor");
}
