//! Calls that make no sense.

use super::case::Case;

fn call(arguments: &[&str]) -> Case {
    Case::sqlite().fails(arguments, 2)
}

bad_inputs! {
    unknown_command: call(&["migrat"]);
    unknown_flag: call(&["migrate", "--dry"]);
    flag_of_another_command: call(&["status", "--dry-run"]);
    flag_without_its_value: call(&["migrate", "--target"]);
    argument_missing: call(&["create"]);
    drift_approved_without_a_word: call(&["drift", "--approve", ""]);
    snapshot_of_a_version_without_one: call(&["snapshot", "--type", "version"]);
    argument_too_many: call(&["status", "production", "staging"]);
    count_and_version_together: call(&["rollback", "--count", "2", "--to", "1.0.0"]);
    count_and_migration_together: call(&["rollback", "--count", "2", "1.0.0"]);
    count_that_is_no_number: call(&["rollback", "--count", "many"]);
    count_of_nothing: call(&["rollback", "--count", "0"]);
    quiet_and_verbose_together: call(&["status", "--quiet", "--verbose"]);
    placeholder_without_value: call(&["migrate", "--placeholder", "name"]);
    duration_that_is_none: call(&["migrate", "--lock-wait", "soon"]);
    completions_for_an_unknown_shell: call(&["completions", "cmd"]);
    log_format_that_is_unknown: call(&["--log-format", "xml", "status"]);
    in_flight_word_that_is_unknown: call(&["migrate", "--in-flight", "maybe"]);
}
