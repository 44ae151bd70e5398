//! Planning `migrate`.

use super::*;

#[test]
fn an_empty_database_gets_all_in_order_repeatables_last() {
    let set = set(vec![
        migration("1.10.0", "c"),
        migration("R__views", "v"),
        migration("1.2.0", "b"),
    ]);
    let plan = forward(&set, &known(vec![]), &MigrateOptions::default());
    assert_eq!(steps(&plan), ["1.2.0", "1.10.0", "R__views"]);
    assert!(plan.findings.is_empty());
}

#[test]
fn nothing_is_done_twice() {
    let set = set(vec![migration("1.0.0", "a"), migration("R__views", "v")]);
    let known = known(vec![applied("1.0.0", "a", 1), applied("R__views", "v", 2)]);
    assert!(forward(&set, &known, &MigrateOptions::default()).steps.is_empty());
}

#[test]
fn a_changed_repeatable_runs_again_and_a_changed_version_stops() {
    let set = set(vec![
        migration("1.0.0", "edited"),
        migration("R__views", "edited"),
    ]);
    let known = known(vec![applied("1.0.0", "a", 1), applied("R__views", "v", 2)]);
    let plan = forward(&set, &known, &MigrateOptions::default());
    assert_eq!(steps(&plan), ["R__views"]);
    assert_eq!(codes(&plan), ["DBVC3001"]);
    assert!(plan.is_blocked());
}

#[test]
fn a_late_migration_stops_unless_it_is_allowed() {
    let set = set(vec![
        migration("1.0.0", "a"),
        migration("1.1.0", "late"),
        migration("1.2.0", "c"),
    ]);
    let known = known(vec![applied("1.0.0", "a", 1), applied("1.2.0", "c", 2)]);
    let strict = forward(&set, &known, &MigrateOptions::default());
    assert_eq!((steps(&strict).len(), codes(&strict)), (0, vec!["DBVC3004"]));
    let allowed = MigrateOptions {
        out_of_order: true,
        ..MigrateOptions::default()
    };
    assert_eq!(steps(&forward(&set, &known, &allowed)), ["1.1.0"]);
}

#[test]
fn a_missing_file_stops() {
    let known = known(vec![applied("1.0.0", "a", 1)]);
    assert_eq!(
        codes(&forward(&set(vec![]), &known, &MigrateOptions::default())),
        ["DBVC3002"]
    );
}

#[test]
fn a_target_goes_no_further_and_leaves_repeatables() {
    let set = set(vec![
        migration("1.0.0", "a"),
        migration("1.1.0", "b"),
        migration("R__views", "v"),
    ]);
    let options = MigrateOptions {
        target: Some("1.0.0".parse().expect("a version")),
        ..MigrateOptions::default()
    };
    assert_eq!(steps(&forward(&set, &known(vec![]), &options)), ["1.0.0"]);
    let unknown = MigrateOptions {
        target: Some("7".parse().expect("a version")),
        ..MigrateOptions::default()
    };
    assert_eq!(codes(&forward(&set, &known(vec![]), &unknown)), ["DBVC3008"]);
}

#[test]
fn what_is_for_another_environment_is_left_out_and_said() {
    let mut elsewhere = migration("1.0.0", "a");
    elsewhere.up.directives.environments = vec!["production".into()];
    let plan = forward(&set(vec![elsewhere]), &known(vec![]), &MigrateOptions::default());
    assert_eq!((steps(&plan).len(), codes(&plan)), (0, vec!["DBVC3005"]));
    assert!(!plan.is_blocked());
}

#[test]
fn a_requirement_may_come_earlier_in_the_same_run_but_not_later() {
    let mut early = migration("1.0.0", "a");
    early.up.directives.requires = vec![key("2.0.0")];
    let mut late = migration("3.0.0", "c");
    late.up.directives.requires = vec![key("2.0.0")];
    let plan = forward(
        &set(vec![early, migration("2.0.0", "b"), late]),
        &known(vec![]),
        &MigrateOptions::default(),
    );
    assert_eq!(codes(&plan), ["DBVC3007"]);
    assert!(plan.findings[0].message.contains("V1.0.0"));
}

#[test]
fn a_broken_off_migration_comes_first_and_goes_on_where_it_stopped() {
    let mut half = applied("1.1.0", "b", 2);
    half.state = AppliedState::Partial;
    half.statements_done = 3;
    half.progress = Some("digest".into());
    let set = set(vec![
        migration("1.0.0", "a"),
        migration("1.1.0", "b"),
        migration("1.2.0", "c"),
    ]);
    let plan = forward(
        &set,
        &known(vec![applied("1.0.0", "a", 1), half]),
        &MigrateOptions::default(),
    );
    assert_eq!(steps(&plan), ["1.1.0", "1.2.0"]);
    let resume = plan.steps[0].resume.as_ref().expect("a place to go on from");
    assert_eq!(
        (resume.done, resume.digest.as_str(), plan.steps[0].transactional),
        (3, "digest", false)
    );
}

#[test]
fn the_newest_baseline_script_stands_for_all_before_it_on_an_empty_database_only() {
    let mut baseline = migration("2.0.0", "all");
    baseline.kind = Kind::Baseline;
    let all = vec![
        migration("1.0.0", "a"),
        migration("2.0.0", "b"),
        baseline,
        migration("3.0.0", "c"),
    ];
    let set = set(all);
    let fresh = forward(&set, &known(vec![]), &MigrateOptions::default());
    assert_eq!(steps(&fresh), ["2.0.0", "3.0.0"]);
    assert_eq!(fresh.steps[0].kind, Kind::Baseline);
    let grown = forward(
        &set,
        &known(vec![applied("1.0.0", "a", 1)]),
        &MigrateOptions::default(),
    );
    assert_eq!(steps(&grown), ["2.0.0", "3.0.0"]);
    assert_eq!(grown.steps[0].kind, Kind::Versioned);
}

#[test]
fn a_declared_baseline_covers_what_is_not_after_it() {
    let mut declared = applied("1.5.0", "", 1);
    declared.kind = "baseline".into();
    declared.state = AppliedState::Baseline;
    let set = set(vec![
        migration("1.0.0", "a"),
        migration("1.5.0", "b"),
        migration("1.6.0", "c"),
    ]);
    assert_eq!(
        steps(&forward(&set, &known(vec![declared]), &MigrateOptions::default())),
        ["1.6.0"]
    );
}

#[test]
fn an_undone_migration_is_pending_again() {
    let mut undone = applied("1.0.0", "a", 2);
    undone.state = AppliedState::RolledBack;
    let set = set(vec![migration("1.0.0", "a")]);
    assert_eq!(
        steps(&forward(&set, &known(vec![undone]), &MigrateOptions::default())),
        ["1.0.0"]
    );
}

#[test]
fn transaction_control_and_mixed_scripts_are_refused_with_their_lines() {
    let set = set(vec![
        migration("1.0.0", "a"),
        migration("1.1.0", "b"),
        migration("1.2.0", "c"),
    ]);
    let known = known(vec![]);
    let standings = standings(&set, &known, NAMES.1);
    let at = LineColumn { line: 4, column: 1 };
    let plan = migrate(
        NAMES,
        &known,
        &standings,
        &MigrateOptions::default(),
        &mut |script: &Script| {
            let mut facts = ScriptFacts {
                statements: 2,
                ..ScriptFacts::default()
            };
            match script.name().as_str() {
                "V1.0.0__step.sql" => facts.control.push((at, "COMMIT".into())),
                "V1.1.0__step.sql" => (facts.unfit, facts.unfit_count) = (vec![(at, "VACUUM".into())], 1),
                _ => (facts.unfit, facts.unfit_count) = (vec![(at, "VACUUM".into())], 2),
            }
            Ok(facts)
        },
    );
    assert_eq!(codes(&plan), ["DBVC3010", "DBVC3011"]);
    assert_eq!(plan.findings[0].labels[0].at, Some(at));
    assert!(
        !plan.steps[2].transactional,
        "a script of such statements alone runs outside a transaction"
    );
}

#[test]
fn a_required_undo_script_is_missed_unless_the_migration_says_why() {
    let mut without = migration("1.0.0", "a");
    without.undo = None;
    let mut says_why = migration("1.1.0", "b");
    says_why.undo = None;
    says_why.up.directives.irreversible = Some("data is gone".into());
    let options = MigrateOptions {
        require_undo: true,
        ..MigrateOptions::default()
    };
    let plan = forward(&set(vec![without, says_why]), &known(vec![]), &options);
    assert_eq!(codes(&plan), ["DBVC3012"]);
}

#[test]
fn a_plan_survives_being_saved() {
    let set = set(vec![migration("1.0.0", "a"), migration("R__views", "v")]);
    let plan = forward(&set, &known(vec![]), &MigrateOptions::default());
    let saved = serde_json::to_string(&plan).expect("JSON");
    assert_eq!(serde_json::from_str::<Plan>(&saved).expect("a plan"), plan);
}

#[test]
fn the_history_digest_changes_with_any_entry() {
    let one = history_digest(&[applied("1.0.0", "a", 1)]);
    assert_ne!(one, history_digest(&[]));
    assert_ne!(one, history_digest(&[applied("1.0.0", "b", 1)]));
    let mut undone = applied("1.0.0", "a", 1);
    undone.state = AppliedState::RolledBack;
    assert_ne!(one, history_digest(&[undone]));
    let mut further = applied("1.0.0", "a", 1);
    further.statements_done += 1;
    assert_ne!(
        one,
        history_digest(&[further]),
        "the orphan of a dead run went on"
    );
}
