//! The words that other tools and people's scripts use.

use dbvc_tests::on_every_database;
use dbvc_tests::stage::Stage;

on_every_database! {
    fn every_word_for_forward_goes_forward(stage) {
        let stage = stage.planted();
        for word in ["migrate", "up", "upgrade"] {
            stage.run(word).ok();
            assert!(stage.has("pots"), "{word}");
            stage.run("rollback --count 2 --yes").ok();
        }
    }

    fn every_word_for_back_goes_back(stage) {
        let stage = stage.planted();
        for word in ["rollback", "down", "downgrade", "undo"] {
            stage.run("migrate").ok();
            stage.run(&format!("{word} --yes")).ok();
            assert!(!stage.has("pots"), "{word}");
        }
    }

    fn current_is_status(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.run("current").ok().said("1.1.0");
    }

    fn a_script_that_names_the_environment_behind_the_verb_goes_on_working(stage) {
        let stage = stage.planted().settings("[environments.staging]\n[environments.production]");
        stage.run("upgrade staging").ok();
        assert!(stage.has("pots"));
        for line in ["current staging", "history staging", "validate staging"] {
            stage.run(line).ok();
        }
        stage.run("downgrade staging --yes").ok();
        assert!(!stage.has("pots"));
        let names = stage.record("select distinct environment_name from @deployment_history");
        assert_eq!(names, ["staging"]);
    }
}

#[test]
fn new_is_create_and_lint_is_validate() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.project.dbvc(["new", "Add beds"]).run().ok();
    assert!(
        stage.project.has("migrations/V1.2.0__Add_beds.sql")
            || stage.project.has("migrations/V1.1.1__Add_beds.sql")
    );
    stage.run("lint").ok();
}
