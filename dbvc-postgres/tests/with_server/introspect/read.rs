//! What is read, and that it is the same every time.

use std::time::Instant;

use dbvc_engine::driver::{Limits, Session};
use dbvc_engine::schema::{Body, Database, ObjectKey, ObjectKind, Table};

use super::stage::{SHOP, between, read, shop};
use crate::place::{Place, identity};
use crate::script::{Ears, statement, well};

fn table(database: &Database, name: &str) -> Table {
    let key = ObjectKey::within(ObjectKind::Table, "public", name);
    match &database.objects[&key].body {
        Body::Table(table) => table.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_empty_database_has_its_public_schema_only() {
    let Some(place) = Place::new().await else { return };
    let names: Vec<String> = read(&place)
        .await
        .objects
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names, ["schema public", "extension plpgsql"]);
}

#[tokio::test]
async fn two_databases_made_alike_read_alike_to_the_byte() {
    let Some(one) = shop().await else { return };
    let other = Place::new().await.unwrap();
    // Other numbers of the server's, another order in its tables, and gaps where columns were.
    other
        .run(
            "CREATE TABLE first (a integer, b text); DROP TABLE first; CREATE SCHEMA gone; DROP SCHEMA gone;",
        )
        .await;
    other.run(SHOP).await;
    other
        .run(
            "ALTER TABLE pots ADD COLUMN x integer; ALTER TABLE pots DROP COLUMN x; VACUUM FULL pots;"
                .split(';')
                .next()
                .unwrap(),
        )
        .await;
    other.run("ALTER TABLE pots DROP COLUMN x").await;
    let (one, other) = (read(&one).await, read(&other).await);
    assert!(between(&one, &other).is_empty(), "{}", between(&one, &other));
    assert_eq!(one.to_json(), other.to_json());
    assert_eq!(Database::from_json(&one.to_json()).unwrap(), one);
}

#[tokio::test]
async fn settings_of_the_database_do_not_show_in_texts() {
    let Some(place) = shop().await else { return };
    place.run("CREATE TABLE dated (at timestamptz DEFAULT '2026-01-02 03:04:05+00', d date DEFAULT '2026-02-03')").await;
    let before = read(&place).await;
    for setting in [
        "datestyle = 'SQL, DMY'",
        "timezone = 'Asia/Tokyo'",
        "search_path = 'sales, public'",
        "quote_all_identifiers = on",
    ] {
        place
            .run(&format!("ALTER DATABASE \"{}\" SET {setting}", place.name()))
            .await;
    }
    let found = between(&before, &read(&place).await);
    let told: Vec<_> = found
        .changes
        .iter()
        .map(|change| change.object.to_string())
        .collect();
    assert_eq!(
        told,
        [
            "setting DateStyle",
            "setting TimeZone",
            "setting quote_all_identifiers",
            "setting search_path"
        ]
    );
}

#[tokio::test]
async fn the_record_is_left_out() {
    let Some(place) = shop().await else { return };
    let before = read(&place).await;
    let mut session = place.session().await;
    session.install(&identity()).await.unwrap();
    assert!(between(&before, &session.introspect().await.unwrap()).is_empty());
}

#[tokio::test]
async fn what_an_extension_brings_is_the_extensions() {
    let Some(place) = Place::new().await else { return };
    place
        .run("CREATE EXTENSION hstore; CREATE TABLE t (h hstore); CREATE INDEX ON t USING gist (h gist_hstore_ops (siglen = 32))")
        .await;
    let database = read(&place).await;
    let key = ObjectKey::within(ObjectKind::Table, "public", "t");
    assert_eq!(database.objects.len(), 4, "{:?}", database.objects.keys());
    let needs: Vec<_> = database.objects[&key]
        .requires
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(needs, ["schema public", "extension hstore"]);
    let index = &table(&database, "t").indexes["t_h_idx"];
    assert_eq!(
        index.parts[0].operator_class.as_deref(),
        Some("public.gist_hstore_ops (siglen='32')")
    );
}

#[tokio::test]
async fn names_that_the_server_made_up_are_marked() {
    let Some(place) = shop().await else { return };
    let plants = table(&read(&place).await, "plants");
    assert!(plants.keys["plants_pkey"].generated_name);
    assert!(plants.foreign_keys["plants_pot_fkey"].generated_name);
    assert!(!plants.foreign_keys["spare_pot"].generated_name);
    assert!(plants.checks["plants_cost_check"].generated_name);
    assert!(!plants.checks["named"].generated_name);
    assert!(plants.indexes["plants_pot_idx"].generated_name);
    assert!(!plants.indexes["plants_by_name"].generated_name);
}

#[tokio::test]
async fn everything_can_be_made_in_the_order_of_what_it_needs() {
    let Some(place) = shop().await else { return };
    let after = read(&place).await;
    let order: Vec<String> = between(&Database::new("postgres"), &after)
        .changes
        .iter()
        .map(|change| change.object.to_string())
        .collect();
    let at = |name: &str| {
        order
            .iter()
            .position(|it| it == name)
            .unwrap_or_else(|| panic!("no {name} in {order:?}"))
    };
    for (first, then) in [
        ("schema sales", "table sales.orders"),
        ("type public.mood", "table public.plants"),
        ("type public.price", "table public.plants"),
        ("sequence public.plants_id_seq", "table public.plants"),
        ("sequence public.order_numbers", "table sales.orders"),
        ("table sales.orders", "table sales.orders_2025"),
        ("table public.base", "table public.derived"),
        ("table public.plants", "view public.plant_names"),
        ("view public.plant_names", "view public.dry_plants"),
        ("routine public.touched()", "trigger public.touch of plants"),
        ("table public.plants", "trigger public.touch of plants"),
        (
            "routine public.add_up(bigint, bigint)",
            "routine public.total(bigint)",
        ),
        ("type public.mood", "cast public.mood as integer"),
        ("foreign server far", "table public.distant"),
    ] {
        assert!(at(first) < at(then), "{then} comes before {first}");
    }
}

#[tokio::test]
async fn inside_a_transaction_nothing_is_read() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease): (Box<dyn Session>, _) = place.locked().await;
    session.begin(&lease.fence).await.unwrap();
    let told = session.introspect().await.unwrap_err();
    assert_eq!(told.to_string(), "the schema is read outside a transaction");
    session.rollback().await.unwrap();
    session.introspect().await.unwrap();
}

#[tokio::test]
async fn four_hundred_tables_are_read_at_once() {
    let Some(place) = Place::new().await else { return };
    place
        .run(
            "DO $$ BEGIN FOR i IN 1..400 LOOP EXECUTE format('CREATE TABLE t%s (id bigint GENERATED ALWAYS AS IDENTITY \
             PRIMARY KEY, name text NOT NULL DEFAULT %L, size numeric(10,2) CHECK (size > 0), made timestamptz, \
             other bigint, UNIQUE (name))', i, 'x'); EXECUTE format('CREATE INDEX ON t%s (lower(name), made) WHERE size > 1', \
             i); END LOOP; END $$",
        )
        .await;
    let mut session = place.session().await;
    let clock = Instant::now();
    let database = session.introspect().await.unwrap();
    let took = clock.elapsed();
    assert_eq!(database.tables().count(), 400);
    assert!(
        database
            .tables()
            .all(|(_, table)| table.columns.len() == 5 && table.indexes.len() == 1)
    );
    assert!(took.as_secs() < 10, "{took:?}");
}

#[tokio::test]
async fn a_session_that_reads_often_has_its_queries_planned_once_and_reads_the_same() {
    let Some(place) = shop().await else { return };
    let mut session = place.session().await;
    let first = session.introspect().await.unwrap();
    assert_eq!(
        planned(session.as_mut()).await,
        "0",
        "who reads once leaves nothing behind"
    );
    for _ in 0..3 {
        assert_eq!(session.introspect().await.unwrap(), first);
    }
    assert_ne!(planned(session.as_mut()).await, "0");
    place.run("ALTER TABLE pots ADD COLUMN colour text").await;
    let changed = session.introspect().await.unwrap();
    assert_eq!(changed, read(&place).await);
    assert!(!between(&first, &changed).is_empty());
    // A script may throw away what the server keeps for a session.
    let gone = statement("DEALLOCATE ALL");
    let taken = statement("PREPARE dbvc_catalogue_3 AS SELECT 1");
    for script in [vec![gone.clone()], vec![gone, taken]] {
        let limits = Limits::default();
        well(&session.execute(&script, &limits, &mut Ears::default()).await);
        for _ in 0..3 {
            assert_eq!(session.introspect().await.unwrap(), changed, "{script:?}");
        }
    }
}

async fn planned(session: &mut dyn Session) -> String {
    let sql = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'dbvc%'";
    let rows = session.query(sql, &Limits::default()).await.unwrap();
    rows.cells[0][0].clone().unwrap()
}
