//! Several migrations in one message.

use dbvc_engine::driver::{Fence, Limits, Outcome, Queued, Session, Unit};
use dbvc_engine::error::{ErrorKind, Operation};

use crate::place::{Place, driver};
use crate::proxy::Proxy;
use crate::script::{Ears, end, execution, failure, reader, well};

/// Applies each text as a migration; none has to reach the disk at once but the last.
async fn in_turn(
    session: &mut dyn Session,
    fence: &Fence,
    texts: &[String],
    limits: &Limits,
) -> Vec<Outcome> {
    let end = end();
    let executions: Vec<_> = (1..=texts.len())
        .map(|number| execution(&number.to_string()))
        .collect();
    let mut queue: Vec<Queued<'_>> = texts
        .iter()
        .zip(&executions)
        .enumerate()
        .map(|(index, (text, execution))| Queued {
            unit: Unit {
                fence,
                execution,
                end: &end,
                durable: index + 1 == texts.len(),
            },
            source: Box::new(reader(text)),
            limits: limits.clone(),
        })
        .collect();
    session.apply_in_turn(&mut queue, &mut Ears::default()).await
}

fn tables(count: usize) -> Vec<String> {
    (0..count)
        .map(|number| {
            format!("create table t{number}(a int primary key, b text); create index on t{number}(b);")
        })
        .collect()
}

#[tokio::test]
async fn a_hundred_small_migrations_are_few_round_trips() {
    let Some(place) = Place::new().await else { return };
    let (_keeper, lease) = place.locked().await;
    let proxy = Proxy::before(&place.target()).await;
    let mut runner = driver().connect(&proxy.target(&place.target())).await.unwrap();
    proxy.take();
    let outcomes = in_turn(&mut *runner, &lease.fence, &tables(100), &Limits::default()).await;
    let trips = proxy.take();
    assert_eq!(outcomes.len(), 100);
    outcomes.iter().for_each(well);
    assert!(trips <= 15, "{trips} round trips");
    assert_eq!(
        place
            .cell("select count(*) from version_control.migration_applied_status")
            .await,
        "100"
    );
}

#[tokio::test]
async fn each_migration_has_its_own_times() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let texts = ["select pg_sleep(0.2)", "select 1", "select pg_sleep(0.1)"].map(ToOwned::to_owned);
    let outcomes = in_turn(&mut *session, &lease.fence, &texts, &Limits::default()).await;
    let took: Vec<u128> = outcomes.iter().map(|one| one.duration.as_millis()).collect();
    assert!(
        (200..400).contains(&took[0]) && took[1] < 100 && (100..300).contains(&took[2]),
        "{took:?}"
    );
    let kept = place
        .cell("select string_agg((duration_ms / 100)::text, ' ' order by execution_id) from version_control.migration_execution_history")
        .await;
    assert_eq!(kept, "2 0 1");
    let apart = "select bool_and(started_at >= before) from (select started_at, lag(finished_at, 1, started_at) \
                 over (order by execution_id) as before from version_control.migration_execution_history) as h";
    assert_eq!(place.cell(apart).await, "true");
}

#[tokio::test]
async fn what_one_migration_sets_does_not_reach_the_next() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let texts = [
        "select set_config('search_path', '', false); set statement_timeout = 60000; create table public.t(a text)",
        "insert into t select current_setting('statement_timeout')",
    ]
    .map(ToOwned::to_owned);
    in_turn(&mut *session, &lease.fence, &texts, &Limits::default())
        .await
        .iter()
        .for_each(well);
    assert_eq!(place.cell("select a from t").await, "0");
}

#[tokio::test]
async fn a_failure_is_placed_in_its_own_script() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let mut texts = tables(12);
    texts[7] = "create table u(a int);\nselect 'ä', missing from u".into();
    let mut outcomes = in_turn(&mut *session, &lease.fence, &texts, &Limits::default()).await;
    assert_eq!(outcomes.len(), 8);
    let (sql, error) = failure(outcomes.remove(7));
    assert_eq!(sql.as_deref(), Some("select 'ä', missing from u"));
    assert_eq!(error.position, Some(dbvc_engine::error::Position::Char(12)));
    assert_eq!(
        place
            .cell("to_regclass('t6') || ' ' || (to_regclass('t8') is null)")
            .await,
        "t6 true"
    );
    let rest = in_turn(&mut *session, &lease.fence, &texts[8..], &Limits::default()).await;
    rest.iter().for_each(well);
}

#[tokio::test]
async fn a_deferred_constraint_fails_its_own_migration() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let texts = [
        "create table p(a int primary key); create table c(a int references p deferrable initially deferred)",
        "insert into c values (1)",
        "create table never(a int)",
    ]
    .map(ToOwned::to_owned);
    let mut outcomes = in_turn(&mut *session, &lease.fence, &texts, &Limits::default()).await;
    assert_eq!(outcomes.len(), 2);
    let (sql, error) = failure(outcomes.remove(1));
    assert_eq!(
        (sql, error.operation, error.code.as_deref()),
        (None, Operation::Transaction, Some("23503"))
    );
    assert_eq!(place.cell("to_regclass('never')").await, "");
}

#[tokio::test]
async fn a_stop_ends_the_one_that_runs_and_keeps_those_before() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let texts = [
        "create table t(a int)",
        "select pg_sleep(60)",
        "create table never(a int)",
    ]
    .map(ToOwned::to_owned);
    let limits = Limits::default();
    let cancel = limits.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        cancel.cancel();
    });
    let mut outcomes = in_turn(&mut *session, &lease.fence, &texts, &limits).await;
    assert_eq!(outcomes.len(), 2);
    well(&outcomes[0]);
    assert_eq!(failure(outcomes.remove(1)).1.kind, ErrorKind::Cancelled);
    assert_eq!(
        place
            .cell("to_regclass('t') || ' ' || (to_regclass('never') is null)")
            .await,
        "t true"
    );
}

#[tokio::test]
async fn only_the_last_commit_waits_for_the_disk() {
    let Some(place) = Place::new().await else { return };
    place
        .run(&format!(
            "alter database {} set synchronous_commit = on; create table waits(script int, how text)",
            place.name()
        ))
        .await;
    let (mut session, lease) = place.locked().await;
    let texts: Vec<String> = (1..=3)
        .map(|number| format!("insert into waits values ({number}, current_setting('synchronous_commit'))"))
        .collect();
    in_turn(&mut *session, &lease.fence, &texts, &Limits::default())
        .await
        .iter()
        .for_each(well);
    assert_eq!(
        place
            .cell("select string_agg(how, ' ' order by script) from waits")
            .await,
        "off off on"
    );
}
