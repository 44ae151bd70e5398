//! What is read, and that it is always the same.

use std::fmt::Write as _;
use std::time::Instant;

use dbvc_engine::driver::{Identity, Session};
use dbvc_engine::schema::{Body, Database, ObjectKey, ObjectKind, Table};

use super::stage::{between, read, run, shop, shops};
use crate::place::places;

fn table(database: &Database, name: &str) -> Table {
    match &database.objects[&ObjectKey::new(ObjectKind::Table, name)].body {
        Body::Table(table) => table.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_empty_database_has_its_defaults_only() {
    for place in places().await {
        let database = read(&place).await;
        let names: Vec<String> = database.objects.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["database defaults"]);
    }
}

#[tokio::test]
async fn two_databases_made_alike_read_alike_to_the_byte() {
    for one in shops().await {
        let other = one.beside().await;
        run(&other, "CREATE TABLE gone (a int); DROP TABLE gone;").await;
        run(&other, &shop(&one)).await;
        // What rows leave behind is no matter of the schema.
        run(
            &other,
            "INSERT INTO pots (material) VALUES ('clay'), ('tin'); DELETE FROM pots;",
        )
        .await;
        let (one, other) = (read(&one).await, read(&other).await);
        assert!(between(&one, &other).is_empty(), "{}", between(&one, &other));
        assert_eq!(one.to_json(), other.to_json());
        assert_eq!(Database::from_json(&one.to_json()).unwrap(), one);
    }
}

#[tokio::test]
async fn settings_of_whoever_asks_do_not_show() {
    for place in shops().await {
        let before = read(&place).await;
        let mut session = place.session().await;
        for setting in [
            "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'",
            "SET NAMES latin1",
            "SET time_zone = '+09:00'",
        ] {
            let limits = dbvc_engine::driver::Limits::default();
            let statement = crate::place::statement(setting);
            let outcome = session
                .execute(&[statement], &limits, &mut crate::place::Ears::default())
                .await;
            assert!(outcome.failure.is_none(), "{outcome:?}");
            let found = between(&before, &session.introspect().await.unwrap());
            assert!(found.is_empty(), "{}: {setting}: {found}", place.server);
        }
    }
}

#[tokio::test]
async fn the_record_is_left_out() {
    for place in shops().await {
        let before = read(&place).await;
        let mut session = place.session().await;
        let identity = Identity {
            database: "app".into(),
            environment: "test".into(),
            tool_version: "0".into(),
        };
        session.install(&identity).await.unwrap();
        assert!(between(&before, &session.introspect().await.unwrap()).is_empty());
    }
}

#[tokio::test]
async fn names_that_the_server_made_up_are_marked() {
    for place in shops().await {
        let database = read(&place).await;
        let (plants, pots) = (table(&database, "plants"), table(&database, "pots"));
        assert!(pots.keys["size"].generated_name && pots.keys["PRIMARY"].generated_name);
        assert!(!plants.keys["plants_latin"].generated_name);
        assert!(plants.foreign_keys["plants_ibfk_1"].generated_name);
        assert!(!plants.foreign_keys["spare_pot"].generated_name);
        assert!(plants.indexes["spare_pot"].generated_name && plants.indexes["pot"].generated_name);
        assert!(!plants.indexes["plants_by_name"].generated_name);
        assert!(!plants.checks["named"].generated_name);
        assert_eq!(
            plants
                .checks
                .values()
                .filter(|check| check.generated_name)
                .count(),
            1
        );
    }
}

/// What the two servers write differently though it means the same, or mean differently, in what both can.
const DIFFERING: &[&str] = &[
    "check",
    "generated.expression",
    "view aa_watered",
    "view dry_plants",
    "sql mode",
    "collation connection",
    "definition",
    "CREATE FUNCTION",
    "database defaults",
    "options.mysql.collation",
];

#[tokio::test]
async fn the_same_script_reads_nearly_the_same_on_both_servers() {
    let shops = shops().await;
    let [mariadb, mysql] = shops.as_slice() else {
        return;
    };
    let (mut mariadb, mut mysql) = (read(mariadb).await, read(mysql).await);
    mariadb.objects.retain(|key, _| mysql.objects.contains_key(key));
    mysql.objects.retain(|key, _| mariadb.objects.contains_key(key));
    assert!(mysql.objects.len() > 15, "{:?}", mysql.objects.keys());
    let told = between(&mariadb, &mysql).to_string();
    let unexpected: Vec<&str> = told
        .lines()
        .filter(|line| line.trim_start().starts_with(['~', '+', '-']))
        .filter(|line| !DIFFERING.iter().any(|known| line.contains(known)))
        .collect();
    assert!(unexpected.is_empty(), "{told}");
}

#[tokio::test]
async fn inside_a_transaction_nothing_is_read() {
    for place in places().await {
        let (mut session, fence): (Box<dyn Session>, _) = place.locked().await;
        session.begin(&fence).await.unwrap();
        let told = session.introspect().await.unwrap_err();
        assert_eq!(told.to_string(), "the schema is read outside a transaction");
        session.rollback().await.unwrap();
        session.introspect().await.unwrap();
    }
}

#[tokio::test]
async fn a_login_that_may_not_look_is_told_what_it_cannot_see() {
    for place in shops().await {
        let name = place.url.rsplit('/').next().unwrap();
        let login = format!("r{}", std::process::id());
        run(
            &place,
            &format!(
                "CREATE USER IF NOT EXISTS '{login}'@'%' IDENTIFIED BY 'x'; GRANT SELECT, SHOW VIEW, EXECUTE ON {name}.* TO '{login}'@'%'"
            ),
        )
        .await;
        let mut url = url::Url::parse(&place.url).unwrap();
        url.set_username(&login).unwrap();
        url.set_password(Some("x")).unwrap();
        let target = dbvc_engine::driver::Target::parse(url.as_str()).unwrap();
        let mut session = dbvc_engine::driver::Driver::connect(&dbvc_mysql::driver(), &target)
            .await
            .unwrap();
        let database = session.introspect().await.unwrap();
        let water = &database.objects[&ObjectKey::new(ObjectKind::Routine, "water").of("function")];
        assert_eq!(water.options["mysql.hidden"], "yes");
        let written = dbvc_engine::driver::Driver::ddl(&dbvc_mysql::driver())
            .unwrap()
            .create(&database);
        assert!(written.left_out.iter().any(|(key, _)| key.name == "water"));
        run(&place, &format!("DROP USER '{login}'@'%'")).await;
    }
}

#[tokio::test]
async fn four_hundred_tables_are_read_at_once() {
    for place in places().await {
        let mut script = String::new();
        for number in 0..400 {
            let _ = writeln!(
                script,
                "CREATE TABLE t{number} (id bigint AUTO_INCREMENT PRIMARY KEY, name varchar(40) NOT NULL DEFAULT 'x', \
                 size decimal(10,2) CHECK (size > 0), made datetime, other bigint, UNIQUE (name), KEY (made, name));"
            );
        }
        run(&place, &script).await;
        let mut session = place.session().await;
        let clock = Instant::now();
        let database = session.introspect().await.unwrap();
        let took = clock.elapsed();
        assert_eq!(database.tables().count(), 400);
        assert!(
            database
                .tables()
                .all(|(_, table)| table.columns.len() == 5 && table.keys.len() == 2)
        );
        assert!(took.as_secs() < 10, "{took:?}");
        place.remove().await;
    }
}
