use clap::CommandFactory;

use super::*;

fn read(line: &str) -> Result<Args, clap::Error> {
    Args::try_parse_from(line.split_whitespace())
}

#[test]
fn the_definition_holds_together() {
    Args::command().debug_assert();
}

#[test]
fn every_alias_is_its_command() {
    for (line, wanted) in [
        ("dbvc new x", "Create"),
        ("dbvc lint", "Validate"),
        ("dbvc up", "Migrate"),
        ("dbvc upgrade production", "Migrate"),
        ("dbvc down", "Rollback"),
        ("dbvc downgrade production", "Rollback"),
        ("dbvc undo", "Rollback"),
        ("dbvc current production", "Status"),
        ("dbvc history production", "History"),
        ("dbvc validate production", "Validate"),
    ] {
        let command = format!("{:?}", read(line).expect(line).command);
        assert!(command.starts_with(wanted), "{line}: {command}");
    }
}

#[test]
fn global_flags_may_stand_before_and_after_the_command() {
    for line in ["dbvc --json -e x status", "dbvc status --json -e x"] {
        let args = read(line).expect(line);
        assert!(args.global.json);
        assert_eq!(args.global.environment.as_deref(), Some("x"));
    }
}

#[test]
fn arguments_never_show_a_secret_when_debugged() {
    let args = read("dbvc --url postgres://u:hunter2@h/d --placeholder pw=hunter3 status").expect("fine");
    let text = format!("{args:?}");
    assert!(!text.contains("hunter"), "{text}");
}

#[test]
fn what_excludes_each_other_is_refused() {
    for line in [
        "dbvc rollback --count 1 --to 1.0",
        "dbvc rollback --count 0",
        "dbvc migrate --plan p --dry-run",
        "dbvc migrate --plan p --target 1",
        "dbvc status -q -v",
        "dbvc verify 1.0",
        "dbvc status --lock-wait 5",
        "dbvc status --placeholder x",
    ] {
        let error = read(line).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

#[test]
fn every_command_teaches_by_examples() {
    let command = Args::command();
    for sub in command.get_subcommands() {
        if matches!(sub.get_name(), "drivers" | "lock") {
            continue;
        }
        let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("Examples:"), "{} has no examples", sub.get_name());
    }
}

#[test]
fn create_tells_a_version_from_a_description() {
    let parts = |line: &[&str]| {
        CreateArgs {
            words: line.iter().map(|word| (*word).to_owned()).collect(),
            auto: false,
            schema: None,
            dry_run: false,
        }
        .parts()
    };
    assert_eq!(parts(&["1.1.0", "Add x"]), (Some("1.1.0".into()), "Add x".into()));
    assert_eq!(parts(&["Add x to y"]), (None, "Add x to y".into()));
    assert_eq!(parts(&["Add", "x"]), (None, "Add x".into()));
    assert_eq!(parts(&["2fa"]), (None, "2fa".into()));
}

#[test]
fn rollback_tells_migrations_from_environments() {
    let read = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        What::read(&words)
    };
    let both = read(&["production", "1.2.0"]).expect("both");
    assert_eq!(both.migration.as_deref(), Some("1.2.0"));
    assert_eq!(both.environment.as_deref(), Some("production"));
    for migration in ["1", "V1.2.0", "R__views", "20251127_143000"] {
        assert_eq!(
            read(&[migration]).expect("one").migration.as_deref(),
            Some(migration)
        );
    }
    for environment in ["production", "review-7", "uat", "v-next"] {
        assert_eq!(
            read(&[environment]).expect("one").environment.as_deref(),
            Some(environment)
        );
    }
    assert!(read(&["1.0", "2.0"]).is_err());
}

#[test]
fn an_environment_said_twice_is_refused_unless_it_is_the_same() {
    let (a, b) = ("a".to_owned(), "b".to_owned());
    assert!(place(Some(&a), Some(&b)).is_err());
    assert_eq!(place(Some(&a), Some(&a)).expect("same"), Some(a));
}
