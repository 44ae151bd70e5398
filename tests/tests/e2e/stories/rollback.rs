//! The way back.

use super::code_behind_a_table;
use dbvc_tests::on_every_database;
use dbvc_tests::stage::POTS;

on_every_database! {
    fn it_restores_what_was_there(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        let before = stage.database.dump(false);
        stage.run("migrate").ok();
        assert_ne!(stage.database.dump(false), before);
        stage.run("rollback --yes").ok();
        assert_eq!(stage.database.dump(false), before);
    }

    fn it_goes_by_count_to_a_version_and_by_name(stage) {
        let stage = stage.planted();
        for line in ["rollback --count 2 --yes", "rollback --to 0 --yes"] {
            stage.run("migrate").ok();
            stage.run(line).ok();
            assert!(!stage.has("plants") && !stage.has("pots"), "{line}");
        }
        stage.run("migrate").ok();
        stage.run("rollback --to 1.0.0 --yes").ok();
        assert!(stage.has("plants") && !stage.has("pots"));
        stage.run("migrate").ok();
        stage.run("rollback 1.1.0 --yes").ok();
        assert!(stage.has("plants") && !stage.has("pots"));
    }

    fn a_dry_run_shows_the_undo_script_and_does_nothing(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        let before = stage.database.dump(true);
        stage.run("rollback --dry-run").ok().said("V1.1.0__Add_pots_rollback.sql");
        assert_eq!(stage.database.dump(true), before);
    }

    fn the_reason_is_kept(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.call("rollback --yes").args(["--reason", "the pots were too small"]).run().ok();
        let kept = "select reason from @migration_execution_history where action = 'rollback'";
        assert_eq!(stage.record(kept), ["the pots were too small"]);
        let shown = "select reason from @deployment_history where action = 'rollback' and environment_name is not null";
        assert_eq!(stage.record(shown), ["the pots were too small"]);
        stage.run("history").ok().said("the pots were too small");
    }

    fn the_database_keeps_the_undo_text_of_a_file_that_is_gone(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.project.remove(POTS);
        stage.project.remove("rollback/V1.1.0__Add_pots_rollback.sql");
        stage.run("rollback 1.1.0 --yes").ok();
        assert!(!stage.has("pots"));
    }

    /// But where a `DROP` commits by itself: there it goes on behind what is done.
    fn a_failing_undo_leaves_everything_as_it_was(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        let before = stage.database.dump(false);
        stage.write("rollback/V1.1.0__Add_pots_rollback.sql", "drop table pots;\ndrop table flowers;\n");
        let code = code_behind_a_table(&stage);
        let place = format!("rollback/V1.1.0__Add_pots_rollback.sql:{}:", stage.line(2));
        stage.run("rollback --yes").ended(code).said(&place);
        if stage.is_mysql() {
            assert!(!stage.has("pots"), "it was dropped");
            stage.run("rollback --yes").ended(code).said(&place);
        } else {
            assert_eq!(stage.database.dump(false), before);
            assert_eq!(stage.version().as_deref(), Some("1.1.0"));
        }
        stage.write("rollback/V1.1.0__Add_pots_rollback.sql", "drop table pots;\n");
        stage.run("rollback --yes").ok();
        assert!(!stage.has("pots"));
    }
}
