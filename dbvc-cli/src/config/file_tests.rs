use super::*;

fn findings(text: &str) -> Vec<Diagnostic> {
    parse(Path::new("dbvc.toml"), text).expect_err("something is wrong")
}

fn place(finding: &Diagnostic) -> String {
    finding.labels[0].at.expect("a place").to_string()
}

#[test]
fn all_unknown_keys_are_reported_at_once_with_place_and_nearest() {
    let found = findings("[project]\nnmae = 'x'\n\n[databases.main]\nurl = 'sqlite:a'\nmigration = 'm'\n");
    assert_eq!(found.len(), 2);
    assert_eq!(place(&found[0]), "2:1");
    assert_eq!(found[0].help, ["did you mean `name`?"]);
    assert_eq!(place(&found[1]), "6:1");
    assert_eq!(found[1].help, ["did you mean `migrations`?"]);
}

#[test]
fn a_value_of_the_wrong_type_is_marked() {
    let found = findings("[databases.main]\nout_of_order = 'yes'\n");
    assert_eq!(found[0].message, "`out_of_order` must be `true` or `false`");
    assert_eq!(place(&found[0]), "2:16");
}

#[test]
fn broken_toml_says_where() {
    let found = findings("[project]\nname = \n");
    assert_eq!(found[0].code, codes::SYNTAX);
    assert!(place(&found[0]).starts_with("2:"));
}

#[test]
fn a_quoted_line_never_shows_a_password() {
    let found = findings("[databases.main]\nurl = 'postgres://ann:hunter2@db/app' x\n");
    assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
}

#[test]
fn a_default_that_does_not_exist_names_the_nearest() {
    let found = findings(
        "[project]\ndefault_database = 'shpo'\n[databases.shop]\nurl='sqlite:a'\n[databases.log]\nurl='sqlite:b'\n",
    );
    assert_eq!(found[0].help[1], "did you mean `shop`?");
}

#[test]
fn the_short_form_is_one_database() {
    let file = parse(Path::new("dbvc.toml"), "[database]\nurl = 'sqlite:a.db'\n").expect("fine");
    assert_eq!(file.databases.keys().collect::<Vec<_>>(), ["main"]);
}

#[test]
fn both_forms_together_are_refused() {
    let found = findings("[database]\nurl='sqlite:a'\n[databases.b]\nurl='sqlite:b'\n");
    assert_eq!(found[0].code, codes::CONFLICT);
}

#[test]
fn one_url_for_several_databases_is_refused() {
    let found = findings(
        "[databases.a]\ndriver='sqlite'\n[databases.b]\ndriver='sqlite'\n[environments.x]\nurl='sqlite:z'\n",
    );
    assert_eq!(found[0].code, codes::CONFLICT);
}

#[test]
fn a_wrong_choice_lists_the_right_ones() {
    let found = findings("[databases.a]\nversioning = 'semntic'\n");
    assert_eq!(
        found[0].message,
        "`versioning` must be one of semantic, integer, timestamp"
    );
    assert_eq!(found[0].help, ["did you mean `semantic`?"]);
}

#[test]
fn a_lease_that_is_too_short_or_too_long_is_refused_with_its_limits() {
    for lease in ["1s", "2h"] {
        let found = findings(&format!("[databases.a]\nlock_lease = '{lease}'\n"));
        assert_eq!(found[0].code, codes::VALUE);
        assert_eq!(place(&found[0]), "2:14");
        assert_eq!(found[0].help, ["it is from 2s to 1h"]);
    }
}
