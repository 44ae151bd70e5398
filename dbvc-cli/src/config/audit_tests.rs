use super::*;
use crate::config::{Config, Flags, Surroundings};

const DATABASE: &str = "[databases.main]\nurl = 'sqlite:a.db'\n";

fn audit(text: &str, variables: &[(&str, &str)]) -> Result<AuditConfig, Vec<Diagnostic>> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("dbvc.toml"), format!("{DATABASE}{text}")).expect("written");
    std::fs::write(folder.path().join("not-a-key"), "hunter2").expect("written");
    let surroundings = Surroundings {
        directory: folder.path().to_owned(),
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    Config::load(&surroundings, &Flags::default())?.audit
}

fn wrong(text: &str) -> Diagnostic {
    audit(text, &[]).expect_err("something is wrong").remove(0)
}

fn place(finding: &Diagnostic) -> String {
    finding.labels[0].at.expect("a place").to_string()
}

#[test]
fn nothing_has_to_be_said() {
    let found = audit("", &[]).expect("fine");
    assert!(found.enabled.value && found.sinks.is_empty() && found.signing_key.is_none());
}

#[test]
fn a_sink_has_a_url_a_policy_and_settings_of_its_driver() {
    let text = "[audit.sinks.log]\nurl = 'file:audit.jsonl'\non_failure = 'block'\nsync = true\n";
    let found = audit(text, &[]).expect("fine");
    let [sink] = found.sinks.as_slice() else {
        panic!("one sink")
    };
    assert_eq!(
        (sink.name.as_str(), sink.url.value.reveal(), sink.on_failure.value),
        ("log", "file:audit.jsonl", OnSinkFailure::Block)
    );
    assert_eq!(sink.options["sync"].value.reveal(), "true");
    assert_eq!(sink.options["sync"].source.to_string(), "dbvc.toml:6");
}

#[test]
fn an_environment_changes_single_keys_of_a_sink_and_adds_others() {
    let text = "[audit.sinks.log]\nurl = 'file:a'\nmode = 'x'\n\
        [environments.development.audit.sinks.log]\non_failure = 'spool'\nmode = 'y'\n\
        [environments.development.audit.sinks.more]\nurl = 'file:b'\n\
        [environments.other.audit]\nenabled = false\n";
    let found = audit(text, &[]).expect("fine");
    let names: Vec<&str> = found.sinks.iter().map(|sink| sink.name.as_str()).collect();
    assert_eq!(names, ["log", "more"]);
    assert_eq!(found.sinks[0].url.value.reveal(), "file:a");
    assert_eq!(found.sinks[0].options["mode"].value.reveal(), "y");
    assert_eq!(found.sinks[0].on_failure.value, OnSinkFailure::Spool);
    assert!(found.enabled.value);
}

#[test]
fn shipping_is_switched_off_for_an_environment() {
    let found = audit("[environments.development.audit]\nenabled = false\n", &[]).expect("fine");
    assert!(!found.enabled.value);
}

#[test]
fn the_connection_string_of_cosmos_makes_a_sink_by_itself() {
    let string = "AccountEndpoint=https://a.documents.azure.com/;AccountKey=aHVudGVyMg==;";
    let variables = [
        (DBVC_COSMOS_CONNECTION_STRING, string),
        (DBVC_COSMOS_DATABASE, "trail"),
    ];
    let found = audit("", &variables).expect("fine");
    assert_eq!(found.sinks[0].name, "cosmos");
    assert_eq!(found.sinks[0].url.value.reveal(), string);
    assert_eq!(found.sinks[0].options["database"].value.reveal(), "trail");
    assert!(!format!("{found:?}").contains("aHVudGVyMg"), "{found:?}");
}

#[test]
fn the_connection_string_keeps_what_the_file_says_besides() {
    let text = "[audit.sinks.cosmos]\nurl = 'cosmos://b/c'\non_failure = 'block'\n";
    let found = audit(text, &[(DBVC_COSMOS_CONNECTION_STRING, "AccountEndpoint=x")]).expect("fine");
    assert_eq!(found.sinks.len(), 1);
    assert_eq!(found.sinks[0].url.value.reveal(), "AccountEndpoint=x");
    assert_eq!(found.sinks[0].on_failure.value, OnSinkFailure::Block);
}

#[test]
fn a_reference_without_a_value_is_marked_in_its_line() {
    let found = wrong("[audit.sinks.log]\nurl = 'cosmos://x/?key=${NO}'\n");
    assert_eq!(
        (found.code.as_str(), place(&found).as_str()),
        (codes::REFERENCE, "4:7")
    );
}

#[test]
fn a_sink_without_a_url_is_named_with_its_line() {
    let found = wrong("[audit.sinks.log]\non_failure = 'warn'\n");
    assert_eq!(
        (found.code.as_str(), place(&found).as_str()),
        (codes::SINK, "3:14")
    );
}

#[test]
fn a_wrong_policy_lists_the_right_ones() {
    let found = wrong("[audit.sinks.log]\nurl = 'file:a'\non_failure = 'blok'\n");
    assert_eq!(found.message, "`on_failure` must be one of block, spool, warn");
    assert_eq!(found.help, ["did you mean `block`?"]);
}

#[test]
fn an_unknown_key_of_the_section_is_marked() {
    let found = wrong("[audit]\nsignin_key = 'x'\n");
    assert_eq!(
        (found.code.as_str(), place(&found).as_str()),
        (codes::UNKNOWN_KEY, "4:1")
    );
}

#[test]
fn a_key_comes_from_a_variable_and_is_not_shown() {
    let pem = "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n";
    let found = audit("[audit]\nsigning_key = '${KEY}'\n", &[("KEY", pem)]).expect("fine");
    assert_eq!(found.signing_key.as_ref().expect("a key").value.reveal(), pem);
    assert!(!format!("{found:?}").contains("aHVudGVyMg"), "{found:?}");
}

#[test]
fn a_private_key_in_the_file_is_refused_and_not_shown() {
    let found = wrong("[audit]\nsigning_key = \"-----BEGIN PRIVATE KEY-----\\naHVudGVyMg==\"\n");
    assert_eq!(found.code, codes::KEY);
    assert!(!format!("{found:?}").contains("aHVudGVyMg"), "{found:?}");
}

#[test]
fn a_file_that_is_no_key_is_named_and_not_quoted() {
    let found = wrong("[audit]\nsigning_key = 'not-a-key'\n");
    assert_eq!(
        (found.code.as_str(), place(&found).as_str()),
        (codes::KEY, "4:15")
    );
    assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
    assert_eq!(wrong("[audit]\npublic_key = 'nowhere'\n").code, codes::KEY);
}
