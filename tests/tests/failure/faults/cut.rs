//! The connection is cut at every message of a run.

use std::time::{Duration, Instant};

use dbvc_tests::Ran;
use dbvc_tests::stage::Stage;

use super::proxy::{Fate, Proxy};

/// A run with more messages than this goes in circles.
const MOST: u32 = 200;

/// Two transactions, a script outside one whose statements can be found in the catalogue, and a repeatable migration.
fn stage() -> Option<Stage> {
    let stage = Stage::empty_on_postgres()?.planted().with_names();
    stage.write(
        "migrations/V1.2.0__Index_names.sql",
        "-- dbvc: no-transaction\ncreate table beds(id integer);\ncreate index concurrently plants_by_name on plants(name);\n",
    );
    stage.write(
        "rollback/V1.2.0__Index_names_rollback.sql",
        "-- dbvc: no-transaction\ndrop index concurrently plants_by_name;\ndrop table beds;\n",
    );
    stage.write(
        "migrations/V1.3.0__Count_plants.sql",
        "update plants set name = name || '!';\n",
    );
    stage.write(
        "rollback/V1.3.0__Count_plants_rollback.sql",
        "update plants set name = rtrim(name, '!');\n",
    );
    Some(stage)
}

/// Each migration and how often it was completed in one direction.
fn completed(stage: &Stage, action: &str) -> Vec<String> {
    stage.record(&format!(
        "select migration_id || ' ' || count(*) from @migration_execution_history \
         where status = 'completed' and action = '{action}' group by migration_id order by migration_id"
    ))
}

/// What a cut run may say: that all is done, because it went on by itself, or that the connection was lost.
fn is_honest(ran: &Ran) -> bool {
    matches!(ran.code, 0 | 4 | 5 | 6 | 7) && !ran.all().contains("panicked")
}

/// Cuts `line` at every message in turn, each time on a database prepared by `before`, and lets the next run finish.
fn cut_everywhere(fate: Fate, before: &[&str], line: &str, action: &str) {
    let Some(undisturbed) = stage() else { return };
    for line in before {
        undisturbed.run(line).ok();
    }
    undisturbed.run(line).ok();
    let (wanted, times) = (undisturbed.database.dump(false), completed(&undisturbed, action));
    for message in 1..=MOST {
        let Some(stage) = stage() else { return };
        for line in before {
            stage.run(line).ok();
        }
        let proxy = Proxy::before(&stage, message, fate);
        let ran = stage.call(line).env("DBVC_URL", &proxy.url(&stage)).run();
        assert!(is_honest(&ran), "cut at message {message}:\n{ran}");
        let again = stage.run(line).ok();
        assert_eq!(
            stage.database.dump(false),
            wanted,
            "cut at message {message}:\n{ran}\nand then:\n{again}"
        );
        assert_eq!(
            completed(&stage, action),
            times,
            "cut at message {message}:\n{ran}\nand then:\n{again}"
        );
        if proxy.messages() < message {
            return;
        }
    }
    panic!("`{line}` sends more than {MOST} messages");
}

const TO_THE_BEGINNING: &str = "rollback --to 1.0.0 --yes";

#[test]
fn a_migration_whose_messages_are_lost_is_finished_by_the_next_run() {
    cut_everywhere(Fate::Lost, &[], "migrate", "migrate");
}

#[test]
fn a_migration_whose_messages_are_not_answered_is_finished_by_the_next_run() {
    cut_everywhere(Fate::Unanswered, &[], "migrate", "migrate");
}

#[test]
fn a_migration_whose_messages_are_torn_is_finished_by_the_next_run() {
    cut_everywhere(Fate::Torn, &[], "migrate", "migrate");
}

#[test]
fn a_rollback_that_is_cut_is_finished_by_the_next_run() {
    cut_everywhere(Fate::Unanswered, &["migrate"], TO_THE_BEGINNING, "rollback");
}

/// The keeper of the lock finds out: what it sends is not answered either, so the run ends with its lease.
#[test]
fn a_connection_that_goes_silent_ends_the_run_with_its_lease() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted().settings("lock_lease = \"3s\"");
    stage.write(
        "migrations/V1.2.0__Sleep.sql",
        "create table slow as select pg_sleep(1)::text as nothing;\n",
    );
    let Some(other) = Stage::empty_on_postgres() else {
        return;
    };
    let other = other.planted();
    let counting = Proxy::before(&other, u32::MAX, Fate::Lost);
    other
        .call("migrate")
        .env("DBVC_URL", &counting.url(&other))
        .run()
        .ok();
    // The message with the migrations: after it come the lock's end and two goodbyes.
    let proxy = Proxy::before(&stage, counting.messages() - 3, Fate::Silence);
    let begun = Instant::now();
    let ran = stage.call("migrate").env("DBVC_URL", &proxy.url(&stage)).run();
    assert!(
        begun.elapsed() < Duration::from_secs(90),
        "{:?}\n{ran}",
        begun.elapsed()
    );
    assert_ne!(ran.code, 0, "{ran}");
    // Here the way to the server stays open behind the run, so that for the server it lives.
    stage.run("lock break --force").ok();
    stage.run("migrate").ok();
    assert!(stage.has("slow") && stage.has("pots"));
}
