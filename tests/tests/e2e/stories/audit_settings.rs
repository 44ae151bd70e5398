//! `[audit]` with faults in it, and what is made for its sinks.

use dbvc_tests::stage::Stage;

fn stage(audit: &str) -> Stage {
    Stage::empty_on_sqlite().planted().settings(audit)
}

#[test]
fn a_sink_of_no_known_kind_is_marked_in_its_line() {
    let stage = stage("[audit.sinks.archive]\nurl = \"fil:audit.jsonl\"");
    stage
        .run("migrate")
        .ended(3)
        .said("DBVC6018")
        .said("dbvc.toml:8:7")
        .said("did you mean `file:`?");
    assert!(!stage.has("plants"));
}

#[test]
fn a_setting_that_a_sink_does_not_have_is_marked_in_its_line() {
    let stage = stage("[audit.sinks.archive]\nurl = \"file:audit.jsonl\"\nfsync = \"never\"");
    stage
        .run("migrate")
        .ended(3)
        .said("DBVC6018")
        .said("dbvc.toml:9:9")
        .said("fsync");
}

#[test]
fn a_secret_that_is_not_set_stops_a_run_and_no_look() {
    let stage =
        stage("[audit.sinks.archive]\nurl = \"postgres://a:${AUDIT_PASSWORD_OF_NOBODY}@localhost/x\"");
    stage
        .run("migrate")
        .ended(3)
        .said("DBVC6006")
        .said("dbvc.toml:8:7");
    stage.run("migrate --dry-run").ok();
    stage.run("status").ok();
    stage.run("history").ok();
}

#[test]
fn a_key_that_is_none_is_refused_and_not_shown() {
    let stage = stage("[audit]\nsigning_key = \"audit-key.pem\"");
    stage
        .run("migrate")
        .ended(3)
        .said("DBVC6019")
        .said("audit-key.pem");
    stage.write(
        "audit-key.pem",
        "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n",
    );
    stage
        .run("migrate")
        .ended(3)
        .said("DBVC6019")
        .said("openssl genpkey")
        .kept_quiet_about("hunter2");
}

/// The first secret key of RFC 8032, 7.1.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

#[test]
fn a_public_key_that_does_not_belong_to_the_signing_key_is_refused() {
    let stage = stage("[audit]\nsigning_key = \"key.pem\"\npublic_key = \"public.pem\"");
    stage.write("key.pem", KEY);
    let other = "MCowBQYDK2VwAyEAVPv1M0deCBGAO6fFfyt6GLizjo/KyTsTo096sfK2UUw=";
    stage.write(
        "public.pem",
        &format!("-----BEGIN PUBLIC KEY-----\n{other}\n-----END PUBLIC KEY-----\n"),
    );
    stage
        .run("migrate")
        .ended(3)
        .said("does not belong to `signing_key`");
    // The one that does, by the same chapter of the RFC.
    let own = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    stage.write(
        "public.pem",
        &format!("-----BEGIN PUBLIC KEY-----\n{own}\n-----END PUBLIC KEY-----\n"),
    );
    stage.run("migrate").ok();
    stage.run("audit verify").ok();
}

#[cfg(unix)]
#[test]
fn a_private_key_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = stage("[audit]\nsigning_key = \"key.pem\"");
    stage.write("key.pem", KEY);
    let path = stage.project.path().join("key.pem");
    let mode =
        |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("the mode");
    mode(0o640);
    stage
        .run("migrate")
        .ok()
        .said("others on this machine can read key.pem");
    mode(0o600);
    stage
        .run("migrate")
        .ok()
        .kept_quiet_about("others on this machine");
}

#[test]
fn the_settings_are_shown_without_their_secrets() {
    let stage =
        stage("[audit.sinks.archive]\nurl = \"postgres://a:hunter2@localhost/x\"\npassword = \"hunter2\"");
    stage
        .run("config")
        .ok()
        .said("audit.sinks.archive.url")
        .said("a:****@localhost")
        .kept_quiet_about("hunter2");
}

#[test]
fn what_sinks_need_is_made_once_and_told() {
    let stage = stage("[audit.sinks.archive]\nurl = \"file:audit/events.jsonl\"");
    stage
        .run("init --infrastructure")
        .ok()
        .said("made   archive: folder")
        .said("made   archive: file");
    stage
        .run("init --infrastructure")
        .ok()
        .said("found  archive: file");
    assert!(stage.project.has("audit/events.jsonl"));
    let json = stage.json("init --infrastructure");
    assert_eq!(json["sinks"][0]["sink"], "archive");
}

#[test]
fn a_sink_that_cannot_be_made_ends_with_nine() {
    let stage = stage("[audit.sinks.archive]\nurl = \"file:sink/events.jsonl\"");
    stage.write("sink", "no folder");
    stage
        .run("init --infrastructure")
        .ended(9)
        .said("DBVC7016")
        .said("archive");
}
