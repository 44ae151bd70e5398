//! The record.

use dbvc_engine::driver::{Access, AppliedState, Driver, EntryStatus, ExecutionFilter, LAYOUT, Progress, Target};
use dbvc_engine::error::ErrorKind;

use crate::place::{Place, driver, identity};
use crate::script::{end, execution};

#[tokio::test]
async fn many_that_install_at_once_all_find_the_record() {
    let Some(place) = Place::new().await else { return };
    let mut starters = Vec::new();
    for _ in 0..10 {
        let mut session = place.session().await;
        starters.push(tokio::spawn(async move {
            let mut tries = 0;
            while let Err(error) = session.install(&identity()).await {
                assert_eq!(error.kind, ErrorKind::Conflict, "{error:?}");
                tries += 1;
                assert!(tries < 100);
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            session.survey().await.unwrap().layout
        }));
    }
    for starter in starters {
        assert_eq!(starter.await.unwrap(), Some(LAYOUT));
    }
}

#[tokio::test]
async fn a_script_outside_a_transaction_is_recorded_step_by_step() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let progress = |done, in_flight: Option<&str>| Progress {
        done,
        digest: format!("d{done}"),
        in_flight: in_flight.map(ToOwned::to_owned),
    };
    let rank = session.start(&lease.fence, &execution("1"), &progress(0, Some("vacuum"))).await.unwrap();
    session.advance(&lease.fence, rank, &progress(1, Some("analyze"))).await.unwrap();
    let applied = session.survey().await.unwrap().applied.remove(0);
    assert_eq!((applied.state, applied.statements_done), (AppliedState::Partial, 1));
    assert_eq!(applied.in_flight.as_deref(), Some("analyze"));
    let pid: i32 = applied.session.unwrap().parse().unwrap();
    assert!(pid > 0);
    session.finish(&lease.fence, rank, &end()).await.unwrap();
    let survey = session.survey().await.unwrap();
    assert_eq!(survey.applied[0].state, AppliedState::Applied);
    assert_eq!(survey.holder.unwrap().token, lease.fence.token);
    let history = session.executions(&ExecutionFilter::default()).await.unwrap();
    assert_eq!((history.len(), history[0].status), (1, EntryStatus::Completed));
    assert_eq!(place.cell("select count(*) from version_control.deployment_history").await, "1");
}

#[tokio::test]
async fn a_missing_right_is_no_missing_record() {
    let Some(place) = Place::new().await else { return };
    place.session().await.install(&identity()).await.unwrap();
    let role = format!("r_{}", place.name());
    place.run(&format!("create role {role} login password 'hunter2'")).await;
    let mut url = url::Url::parse(&place.url).unwrap();
    url.set_username(&role).unwrap();
    url.set_password(Some("hunter2")).unwrap();
    let target = Target::parse(url.as_str()).unwrap().with_access(Access::ReadOnly);
    let mut session = driver().connect(&target).await.unwrap();
    assert_eq!(session.survey().await.unwrap_err().kind, ErrorKind::Denied);

    let Some(empty) = Place::new().await else { return };
    url.set_path(&empty.name());
    let target = Target::parse(url.as_str()).unwrap();
    let mut session = driver().connect(&target).await.unwrap();
    assert_eq!(session.survey().await.unwrap().layout, None);
    let error = session.install(&identity()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied);
    assert!(error.notes.iter().any(|note| note.contains("GRANT CREATE ON DATABASE")), "{error:?}");
    empty.run(&format!("create schema version_control authorization {role}")).await;
    session.install(&identity()).await.unwrap();
}

#[tokio::test]
async fn schemas_are_counted_without_ours_and_the_servers() {
    let Some(place) = Place::new().await else { return };
    place.session().await.install(&identity()).await.unwrap();
    place
        .run(
            "create schema sales; create table sales.t(a int) partition by range (a); \
             create table sales.p partition of sales.t for values from (1) to (2); \
             create table sales.u(a int); create view sales.v as select 1; \
             create materialized view sales.m as select 1; create temp table x(a int)",
        )
        .await;
    let schemas = place.session().await.overview().await.unwrap();
    let seen: Vec<_> = schemas.iter().map(|one| (one.name.as_str(), one.tables, one.views)).collect();
    assert_eq!(seen, [("public", 0, 0), ("sales", 2, 2)]);
}
