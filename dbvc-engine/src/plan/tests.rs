//! Planning, as a specification.

use super::*;
use crate::diagnostic::Diagnostic;
use crate::driver::{Action, Applied, AppliedState, Survey};
use crate::migration::{
    Checksum, Directives, DirectoryLayout, Kind, Migration, MigrationKey, MigrationSet, Script,
};
use crate::text::{LineColumn, Origin, Section};

const NAMES: (&str, &str) = ("shop", "development");

fn script(name: &str, text: &str) -> Script {
    Script {
        path: name.into(),
        shown: name.into(),
        section: Section {
            start: Origin::START,
            end: None,
        },
        checksum: Checksum::of(text),
        bytes: text.len() as u64,
        empty: false,
        directives: Directives::default(),
    }
}

fn key(text: &str) -> MigrationKey {
    text.parse().expect("a key")
}

fn migration(version: &str, text: &str) -> Migration {
    Migration {
        key: key(version),
        kind: if version.starts_with("R__") {
            Kind::Repeatable
        } else {
            Kind::Versioned
        },
        description: format!("step {version}"),
        up: script(&format!("V{version}__step.sql"), text),
        undo: Some(script(&format!("V{version}__step_rollback.sql"), "undo")),
    }
}

fn set(migrations: Vec<Migration>) -> MigrationSet {
    MigrationSet::new(DirectoryLayout::default(), None, migrations).expect("a set")
}

fn applied(version: &str, text: &str, rank: u64) -> Applied {
    Applied {
        migration: version.into(),
        version: Some(version.into()),
        description: format!("step {version}"),
        kind: if version.starts_with("R__") {
            "repeatable"
        } else {
            "versioned"
        }
        .into(),
        script: format!("V{version}__step.sql"),
        checksum: Checksum::of(text).to_string(),
        state: AppliedState::Applied,
        action: Action::Migrate,
        rank,
        at: jiff::Timestamp::UNIX_EPOCH,
        by: "ann".into(),
        duration: std::time::Duration::ZERO,
        statements_done: 0,
        progress: None,
        in_flight: None,
        session: None,
    }
}

fn known(applied: Vec<Applied>) -> Known {
    Known::new(&Survey {
        layout: Some(1),
        applied,
        holder: None,
    })
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "it stands in for reading a file, which can fail"
)]
fn one_statement(_: &Script) -> Result<ScriptFacts, Box<Diagnostic>> {
    Ok(ScriptFacts {
        statements: 1,
        ..ScriptFacts::default()
    })
}

fn forward(set: &MigrationSet, known: &Known, options: &MigrateOptions) -> Plan {
    let standings = standings(set, known, NAMES.1);
    migrate(NAMES, known, &standings, options, &mut one_statement)
}

fn back(set: &MigrationSet, known: &Known, selection: Selection) -> Plan {
    let standings = standings(set, known, NAMES.1);
    let facts = &mut |_: &StepScript| {
        Ok(ScriptFacts {
            statements: 1,
            ..ScriptFacts::default()
        })
    };
    rollback(
        NAMES,
        known,
        &standings,
        &RollbackOptions { selection },
        &mut |_| None,
        facts,
    )
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| step.migration.to_string()).collect()
}

fn codes(plan: &Plan) -> Vec<&str> {
    plan.findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect()
}

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
fn the_last_to_run_is_the_first_to_be_undone() {
    let set = set(vec![
        migration("1.0.0", "a"),
        migration("1.1.0", "b"),
        migration("1.2.0", "c"),
    ]);
    let known = known(vec![
        applied("1.0.0", "a", 1),
        applied("1.2.0", "c", 2),
        applied("1.1.0", "b", 3),
    ]);
    assert_eq!(
        steps(&back(&set, &known, Selection::Count(2))),
        ["1.1.0", "1.2.0"]
    );
    let to = Selection::To("1.0.0".parse().expect("a version"));
    assert_eq!(steps(&back(&set, &known, to)), ["1.1.0", "1.2.0"]);
    assert_eq!(
        steps(&back(&set, &known, Selection::One(key("1.2.0")))),
        ["1.2.0"]
    );
    let all = Selection::To("0".parse().expect("a version"));
    assert_eq!(steps(&back(&set, &known, all)), ["1.1.0", "1.2.0", "1.0.0"]);
}

#[test]
fn a_repeatable_runs_again_after_a_rollback() {
    let mut undone = applied("1.1.0", "b", 3);
    (undone.state, undone.action) = (AppliedState::RolledBack, Action::Rollback);
    let set = set(vec![
        migration("1.1.0", "b"),
        migration("R__views", "v"),
        migration("R__later", "l"),
    ]);
    let known = known(vec![
        undone,
        applied("R__views", "v", 2),
        applied("R__later", "l", 4),
    ]);
    assert_eq!(
        steps(&forward(&set, &known, &MigrateOptions::default())),
        ["1.1.0", "R__views"]
    );
}

#[test]
fn undoing_what_is_not_there_is_refused() {
    let set = set(vec![migration("1.0.0", "a")]);
    let empty = known(vec![]);
    assert_eq!(
        codes(&back(&set, &empty, Selection::One(key("1.0.0")))),
        ["DBVC3021"]
    );
    let to = Selection::To("1.0.0".parse().expect("a version"));
    assert_eq!(codes(&back(&set, &empty, to)), ["DBVC3020"]);
}

#[test]
fn undoing_without_a_script_or_against_the_migrations_word_is_refused() {
    let mut without = migration("1.0.0", "a");
    without.undo = None;
    let mut never = migration("1.1.0", "b");
    never.up.directives.irreversible = Some("data is gone".into());
    let set = set(vec![without, never]);
    let known = known(vec![applied("1.0.0", "a", 1), applied("1.1.0", "b", 2)]);
    assert_eq!(
        codes(&back(&set, &known, Selection::Count(2))),
        ["DBVC3024", "DBVC3025"]
    );
}

#[test]
fn what_others_require_is_not_undone_under_them() {
    let mut user = migration("1.1.0", "b");
    user.up.directives.requires = vec![key("1.0.0")];
    let set = set(vec![migration("1.0.0", "a"), user]);
    let known = known(vec![applied("1.0.0", "a", 1), applied("1.1.0", "b", 2)]);
    assert_eq!(
        codes(&back(&set, &known, Selection::One(key("1.0.0")))),
        ["DBVC3022"]
    );
    assert!(back(&set, &known, Selection::Count(2)).findings.is_empty());
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
}
