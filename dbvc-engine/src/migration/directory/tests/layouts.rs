//! Directories as other tools leave them, in `testdata/layouts`.

use super::*;

fn layout(name: &str) -> MigrationSet {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/layouts")
        .join(name);
    let (migrations, rollback) = match name {
        "dbvc" => (root.join("migrations"), Some(root.join("rollback"))),
        _ => (root.clone(), None),
    };
    let layout = DirectoryLayout {
        root,
        migrations,
        rollback,
        ..DirectoryLayout::default()
    };
    read(&layout).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn undoes(set: &MigrationSet) -> Vec<bool> {
    set.iter().map(|migration| migration.undo.is_some()).collect()
}

fn first_undo(set: &MigrationSet) -> String {
    let undo = set.iter().find_map(|migration| migration.undo.as_ref());
    undo.expect("an undo script").read_to_string().expect("read")
}

#[test]
fn flyway() {
    let set = layout("flyway");
    assert_eq!(keys(set.iter()), ["1", "1.1", "1.2", "2", "10", "R__Order_views"]);
    assert_eq!(keys(set.baselines()), ["2"]);
    assert_eq!(undoes(&set), [false, true, false, false, false, false]);
    assert_eq!(set.scheme(), Some(VersionScheme::Integer));
    let invoices = set.find("V2__Create_invoices.sql").expect("in a subfolder");
    assert_eq!(invoices.description, "Create invoices");
    assert_eq!(invoices.up.shown, Path::new("sub/V2__Create_invoices.sql"));
    let kinds: Vec<Kind> = set.iter().map(|migration| migration.kind).collect();
    assert_eq!(kinds[5], Kind::Repeatable);
    assert_eq!(set.newest().expect("newest").to_string(), "10");
    assert_eq!(set.scripts().count(), 8);
}

#[test]
fn golang_migrate() {
    let set = layout("golang-migrate");
    assert_eq!(keys(set.iter()), ["000001", "000002", "000010"]);
    assert_eq!(undoes(&set), [true, false, true]);
    assert_eq!(first_undo(&set), "drop table users;\n");
    assert_eq!(set.find("10").expect("by value").description, "create posts");
}

#[test]
fn dbmate() {
    let set = layout("dbmate");
    assert_eq!(keys(set.iter()), ["20230101120000", "20230102120000"]);
    assert_eq!(undoes(&set), [true, true]);
    assert_eq!(first_undo(&set), "-- migrate:down\ndrop table users;\n");
    let index = set.find("20230102120000_index-users").expect("there");
    assert!(index.up.directives.no_transaction);
    assert!(!index.undo.as_ref().expect("undo").directives.no_transaction);
    let up = index.up.read_to_string().expect("read");
    assert!(
        up.ends_with("on users (id);\n\n"),
        "the way down is not part of the way up"
    );
}

#[test]
fn goose() {
    let set = layout("goose");
    assert_eq!(
        keys(set.iter()),
        ["20240101100000", "20240102100000", "20240103100000"]
    );
    assert_eq!(
        undoes(&set),
        [true, true, false],
        "a way down of comments takes nothing back"
    );
    let index = set.find("20240102100000").expect("there");
    assert!(index.up.directives.no_transaction);
    assert!(index.undo.as_ref().expect("undo").directives.no_transaction);
    assert!(first_undo(&set).starts_with("-- +goose Down\n-- +goose StatementBegin\ndrop table users;"));
}

#[test]
fn diesel() {
    let set = layout("diesel");
    assert_eq!(keys(set.iter()), ["2024-01-02-030405", "2024-02-03-040506-0000"]);
    assert_eq!(undoes(&set), [true, true]);
    let posts = set.find("20240102030405").expect("by value");
    assert_eq!(posts.description, "create posts");
    assert_eq!(posts.up.name(), "2024-01-02-030405_create_posts/up.sql");
    assert_eq!(set.scheme(), Some(VersionScheme::Timestamp));
}

#[test]
fn dbvc() {
    let set = layout("dbvc");
    assert_eq!(
        keys(set.iter()),
        ["1.0.0", "1.2.0-rc.1", "1.10.0", "R__Customer_views"]
    );
    assert_eq!(undoes(&set), [true, true, false, false]);
    assert_eq!(set.scheme(), Some(VersionScheme::Semantic));
    let index = set.get(&"1.10".parse().expect("a key")).expect("there");
    assert!(index.up.directives.no_transaction);
    assert_eq!(index.up.directives.environments, ["staging", "production"]);
    assert_eq!(
        index.up.directives.requires,
        ["1.0.0".parse::<MigrationKey>().expect("a key")]
    );
    let first = set.find("1.0.0").expect("there");
    let undo = first.undo.as_ref().expect("undo");
    assert_eq!(
        undo.shown,
        Path::new("rollback/V1.0.0__Create_customers_rollback.sql")
    );
}
