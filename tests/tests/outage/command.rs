//! The same for the program itself: what it does about a service that fails and heals, by each policy.

use dbvc_tests::cosmos_face::{CosmosFace, Fate};
use dbvc_tests::stage::Stage;

fn on(stage: Stage, face: &CosmosFace, policy: &str) -> Stage {
    let url = face.url();
    stage.settings(&format!(
        "[audit.sinks.cloud]\nurl = \"{url}\"\naccount_key = \"dGVzdA==\"\nretry_for = \"1s\"\non_failure = \"{policy}\""
    ))
}

fn away(face: &CosmosFace) {
    face.fail(|seen| {
        if seen.is_for_items {
            Fate::Refuse(503, None)
        } else {
            Fate::Answer
        }
    });
}

#[test]
fn a_command_stops_warns_or_spools_while_the_service_fails_and_ships_all_once_when_it_heals() {
    let face = CosmosFace::new();
    let stage = on(Stage::empty_on_sqlite().planted(), &face, "block");
    stage.run("init --infrastructure").ok().said("change-events");
    stage.run("migrate --target 1.0.0").ok();
    let before = stage.json("audit log --limit 0")["events"]
        .as_array()
        .map(Vec::len);

    away(&face);
    stage
        .run("migrate")
        .ended(9)
        .said("DBVC8001")
        .said("nothing was changed");
    stage.run("rollback --yes").ended(9).said("DBVC8001");
    assert!(!stage.has("pots"), "a blocked run changed something");
    let now = stage.json("audit log --limit 0")["events"]
        .as_array()
        .map(Vec::len);
    assert_eq!(now, before, "a blocked run wrote something");

    let stage = on(stage, &face, "warn");
    stage.run("migrate").ok().said("DBVC8001").said("cloud");
    let stage = on(stage, &face, "spool");
    stage.run("rollback --yes").ok().kept_quiet_about("DBVC8001");
    stage.run("audit flush").ended(9).said("waiting");

    face.heal();
    stage.run("audit flush").ok();
    let ours = stage.json("audit log --limit 0");
    let theirs = stage.json("audit log --limit 0 --from cloud");
    assert_eq!(ours["events"], theirs["events"]);
    stage.run("audit verify").ok().said("intact");

    // The service answers before the run, and takes nothing after it.
    let stage = on(stage, &face, "block");
    face.fail(|seen| {
        if seen.is_batch {
            Fate::Refuse(503, None)
        } else {
            Fate::Answer
        }
    });
    stage
        .run("migrate")
        .ended(9)
        .said("could not be shipped to cloud")
        .said("what was done is recorded");
    assert!(stage.has("pots"), "what was done stays");
    face.heal();
    stage.run("audit flush").ok();
    stage.run("audit verify").ok().said("intact");
    once_and_in_order(&stage);
}

fn once_and_in_order(stage: &Stage) {
    let places: Vec<u64> = stage.json("audit log --limit 0 --from cloud")["events"]
        .as_array()
        .expect("events")
        .iter()
        .map(|event| event["sequence"].as_u64().expect("a number"))
        .collect();
    assert_eq!(places, (1..=places.len() as u64).collect::<Vec<_>>());
}
