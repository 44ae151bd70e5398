use std::sync::Mutex;

use super::*;
use crate::error::Operation;

const OLD: &str = "dbvc_scratch_018bcfe568007abc8def0123456789ab";
const YOUNG: &str = "dbvc_scratch_018bcfe568007abc8def0123456789ac";

/// A server that notes what it is asked for; what is wrong with it stands in the database's name.
#[derive(Debug)]
struct Noting;

static NOTES: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// One test's connection.
struct Wire(String);

impl Wire {
    fn notes(&self, what: &str, name: &str) {
        let name = if is_scratch_name(name) && name != OLD && name != YOUNG {
            "the new one"
        } else {
            name
        };
        let note = format!("{what} {name}").trim_end().to_owned();
        NOTES.lock().expect("notes").push((self.0.clone(), note));
    }

    fn fails(&self, where_it_does: &str) -> Result<()> {
        if self.0.contains(where_it_does) {
            return Err(DriverError::new(ErrorKind::Denied, Operation::Install, "no"));
        }
        Ok(())
    }
}

#[async_trait]
impl ScratchServer for Noting {
    type Session = Wire;

    const MAINTENANCE: &'static str = "everybody";

    async fn enter(target: &Target) -> Result<Wire> {
        let test = target
            .options()
            .into_iter()
            .find(|(name, _)| name == "application_name");
        let wire = Wire(test.map(|(_, value)| value).unwrap_or_default());
        let name = target.database_name();
        wire.notes("enter", &name);
        if name == "not_there" {
            return Err(DriverError::new(
                ErrorKind::NoSuchDatabase,
                Operation::Connect,
                "none",
            ));
        }
        Ok(wire)
    }

    async fn leave(session: Wire) {
        session.notes("leave", "");
    }

    async fn ground(session: &mut Wire, beside: &Target, chosen: bool) -> Result<ScratchGround> {
        session.notes("look from", &beside.database_name());
        assert_eq!(chosen, session.0.contains("chosen"));
        Ok(ScratchGround {
            leftovers: ["mine", "dbvc_scratch_mine", YOUNG, OLD]
                .map(str::to_owned)
                .into(),
            now: "7".into(),
            like: vec![Some("C".into())],
        })
    }

    async fn is_left_behind(session: &mut Wire, name: &str) -> Result<bool> {
        session.notes("judge", name);
        Ok(name == OLD)
    }

    async fn drop_leftover(session: &mut Wire, name: &str) -> Result<()> {
        session.notes("drop", name);
        Err(DriverError::new(
            ErrorKind::Conflict,
            Operation::Install,
            "somebody is in it",
        ))
    }

    async fn create(session: &mut Wire, _: &Target, name: &str, like: &[Option<String>]) -> Result<()> {
        assert_eq!(like, [Some("C".to_owned())]);
        session.notes("create", name);
        session.fails("no_create")
    }

    async fn mark(session: &mut Wire, _: &Target, name: &str, mark: &str) -> Result<()> {
        session.notes(&format!("mark \"{mark}\""), name);
        session.fails("no_mark")
    }

    async fn remove(session: &mut Wire, _: &Target, name: &str) -> Result<()> {
        session.notes("remove", name);
        Ok(())
    }

    fn right(_: &Wire) -> String {
        "GRANT IT".into()
    }
}

fn target(test: &str, database: &str) -> Target {
    let url = format!("postgres://ann@127.0.0.1/{database}?application_name={test}");
    Target::parse(&url).expect("a URL")
}

/// What one test noted.
fn noted(test: &str) -> Vec<String> {
    let notes = NOTES.lock().expect("notes");
    let own = notes.iter().filter(|(name, _)| name == test);
    own.map(|(_, note)| note.clone()).collect()
}

const MARK: &str = "mark \"dbvc scratch database, made at 7\" the new one";

#[tokio::test]
async fn what_is_provably_left_behind_goes_first_and_the_new_one_is_marked() {
    let made = scratch_on::<Noting>(&target("first", "app"), None).await;
    let made = made.expect("a database");
    assert!(is_scratch_name(&made.target().database_name()));
    made.remove().await.expect("gone");
    let judged = [
        format!("judge {YOUNG}"),
        format!("judge {OLD}"),
        format!("drop {OLD}"),
    ];
    let all: Vec<String> = ["enter app", "look from app"]
        .map(str::to_owned)
        .into_iter()
        .chain(judged)
        .chain(
            [
                "create the new one",
                MARK,
                "leave",
                "enter app",
                "remove the new one",
                "leave",
            ]
            .map(str::to_owned),
        )
        .collect();
    assert_eq!(noted("first"), all);
}

#[tokio::test]
async fn it_is_made_from_another_database_where_that_of_the_target_is_not_there() {
    let made = scratch_on::<Noting>(&target("second", "not_there"), None).await;
    made.expect("a database").remove().await.expect("gone");
    let entered: Vec<String> = noted("second")
        .into_iter()
        .filter(|note| note.starts_with("enter"))
        .collect();
    assert_eq!(entered, ["enter not_there", "enter everybody", "enter everybody"]);
}

#[tokio::test]
async fn one_that_cannot_be_marked_is_removed_at_once() {
    let made = scratch_on::<Noting>(&target("third_no_mark", "app"), None).await;
    assert_eq!(made.expect_err("no mark").kind, ErrorKind::Denied);
    let noted = noted("third_no_mark");
    assert_eq!(noted[noted.len() - 3..], [MARK, "remove the new one", "leave"]);
}

#[tokio::test]
async fn who_may_not_make_one_is_told_how_to_get_the_right() {
    let place = target("fourth_chosen_no_create", "other");
    let made = scratch_on::<Noting>(&target("unused", "app"), Some(&place)).await;
    let error = made.expect_err("no right");
    assert_eq!(error.notes, ["the right is given with: GRANT IT"]);
    let noted = noted("fourth_chosen_no_create");
    assert_eq!(noted[noted.len() - 2..], ["create the new one", "leave"]);
}
