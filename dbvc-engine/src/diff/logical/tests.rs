use super::{Parity, parity};
use crate::schema::{
    Body, Column, DataType, Database, ForeignKey, Identity, Index, IndexPart, Key, Object, ObjectKey,
    ObjectKind, Reference, Sequence, Table, TypeFamily, View,
};

fn column(position: u32, family: TypeFamily, raw: &str) -> Column {
    Column {
        position,
        data_type: DataType::new(family, raw),
        ..Column::default()
    }
}

fn plants() -> Table {
    let mut table = Table::default();
    table
        .columns
        .insert("id".into(), column(1, TypeFamily::Integer, "integer"));
    table
        .columns
        .insert("name".into(), column(2, TypeFamily::Text, "text"));
    table.keys.insert(
        "plants_pkey".into(),
        Key {
            primary: true,
            parts: vec![IndexPart::column("id")],
            ..Key::default()
        },
    );
    table
}

fn database(dialect: &str, schema: Option<&str>, table: &Table) -> Database {
    let mut database = Database::new(dialect);
    let key = ObjectKey {
        schema: schema.map(ToOwned::to_owned),
        ..ObjectKey::new(ObjectKind::Table, "plants")
    };
    database
        .objects
        .insert(key, Object::new(Body::Table(table.clone())));
    database
}

/// PostgreSQL's table against another one's.
fn against(change: impl FnOnce(&mut Table)) -> Parity {
    let mut other = plants();
    change(&mut other);
    parity(
        &database("postgres", Some("public"), &plants()),
        &database("sqlite", None, &other),
    )
}

fn only(found: &Parity) -> &str {
    assert_eq!(found.differences.len(), 1, "{found}");
    &found.differences[0].what
}

#[test]
fn tables_that_mean_the_same_are_equal_whatever_their_schema_is_called() {
    let found = against(|_| {});
    assert!(found.is_equal() && found.gaps.is_empty(), "{found}");
}

#[test]
fn the_spelling_of_types_and_the_case_of_names_do_not_count() {
    let found = against(|table| {
        table.columns.remove("name");
        table
            .columns
            .insert("NAME".into(), column(2, TypeFamily::Text, "varchar(255)"));
    });
    assert!(found.is_equal(), "{found}");
}

#[test]
fn each_difference_is_told_with_the_side_that_has_it() {
    let found = against(|table| drop(table.columns.remove("name")));
    assert_eq!(only(&found), "column name only in postgres");
    let found = against(|table| table.keys.clear());
    assert_eq!(only(&found), "primary key (id) only in postgres");
    let found = against(|table| {
        table
            .columns
            .insert("name".into(), column(2, TypeFamily::Binary, "blob"));
    });
    assert_eq!(only(&found), "column name: text and blob");
    let found = against(|table| {
        table.columns.entry("name".into()).or_default().nullable = true;
    });
    assert_eq!(only(&found), "column name may be NULL on one side only");
    let found = against(|table| {
        table.columns.entry("name".into()).or_default().default = Some("'x'".into());
    });
    assert_eq!(only(&found), "column name has a default on one side only");
    let found = against(|table| {
        let key = ForeignKey {
            columns: vec!["id".into()],
            references: Reference {
                table: "Pots".into(),
                ..Reference::default()
            },
            ..ForeignKey::default()
        };
        table.foreign_keys.insert("f".into(), key);
    });
    assert_eq!(only(&found), "foreign key (id) to pots only in sqlite");
    let found = against(|table| {
        let index = Index {
            parts: vec![IndexPart::column("name")],
            ..Index::default()
        };
        table.indexes.insert("i".into(), index);
    });
    assert_eq!(only(&found), "index (name) only in sqlite");
}

#[test]
fn what_is_only_near_is_a_gap_with_what_is_lost() {
    let mut other = plants();
    other
        .columns
        .insert("name".into(), column(2, TypeFamily::Json, "jsonb"));
    let found = parity(
        &database("sqlite", None, &plants()),
        &database("postgres", Some("public"), &other),
    );
    assert!(found.is_equal(), "{found}");
    assert_eq!(
        found.gaps[0].what,
        "column name: text and jsonb: one side does not check that it is JSON"
    );
}

#[test]
fn a_unique_index_is_a_unique_key() {
    let mut one = plants();
    let unique = Key {
        parts: vec![IndexPart::column("name")],
        ..Key::default()
    };
    one.keys.insert("k".into(), unique);
    let mut other = plants();
    let unique = Index {
        unique: true,
        parts: vec![IndexPart::column("name")],
        ..Index::default()
    };
    other.indexes.insert("i".into(), unique);
    let found = parity(
        &database("postgres", Some("public"), &one),
        &database("mysql", None, &other),
    );
    assert!(found.is_equal(), "{found}");
}

#[test]
fn what_only_one_system_has_is_a_gap_and_a_view_that_is_not_there_a_difference() {
    let mut one = database("postgres", Some("public"), &plants());
    let sequence = Object::new(Body::Sequence(Sequence::default()));
    one.objects
        .insert(ObjectKey::within(ObjectKind::Sequence, "public", "s"), sequence);
    let view = Object::new(Body::View(View::default()));
    one.objects
        .insert(ObjectKey::within(ObjectKind::View, "public", "v"), view);
    let found = parity(&one, &database("sqlite", None, &plants()));
    assert_eq!(only(&found), "only in postgres");
    assert_eq!(found.gaps[0].object, "sequence public.s");
}

#[test]
fn two_databases_of_one_system_are_told_apart() {
    let mut other = plants();
    other.columns.remove("name");
    let found = parity(
        &database("sqlite", None, &plants()),
        &database("sqlite", None, &other),
    );
    assert_eq!(only(&found), "column name only on the first side");
}

#[test]
fn a_counted_key_of_sqlite_is_not_taken_for_one_that_may_be_null() {
    let found = against(|table| {
        table.columns.get_mut("id").expect("the key").nullable = true;
    });
    assert!(found.is_equal(), "{found}");
    let found = against(|table| {
        table.columns.get_mut("name").expect("a column").nullable ^= true;
    });
    assert_eq!(only(&found), "column name may be NULL on one side only");
}

/// Each system's counted key against SQLite's, which nobody asks for.
#[test]
fn a_key_that_counts_in_any_system_is_the_key_that_counts_by_itself_in_sqlite() {
    for (dialect, schema, raw) in [
        ("postgres", Some("public"), "bigint"),
        ("mysql", None, "int unsigned"),
        ("mariadb", None, "int(11)"),
        ("mssql", Some("dbo"), "int"),
    ] {
        let mut counted = plants();
        let id = counted.columns.get_mut("id").expect("the key");
        id.data_type.raw = raw.into();
        id.identity = Some(Identity::default());
        let there = database(dialect, schema, &counted);
        let here = database("sqlite", None, &plants());
        for found in [parity(&there, &here), parity(&here, &there)] {
            assert!(found.is_equal() && found.gaps.is_empty(), "{dialect}: {found}");
        }
    }
    let mut serial = plants();
    serial.columns.get_mut("id").expect("the key").default = Some("nextval('s'::regclass)".into());
    let found = parity(
        &database("postgres", Some("public"), &serial),
        &database("sqlite", None, &plants()),
    );
    assert!(found.is_equal(), "{found}");
}

/// PostgreSQL's counted key against SQLite's, changed.
fn counted_against(change: impl FnOnce(&mut Object)) -> Parity {
    let mut counted = plants();
    counted.columns.get_mut("id").expect("the key").identity = Some(Identity::default());
    let mut here = database("sqlite", None, &plants());
    change(here.objects.values_mut().next().expect("a table"));
    parity(&database("postgres", Some("public"), &counted), &here)
}

fn table(object: &mut Object) -> &mut Table {
    match &mut object.body {
        Body::Table(table) => table,
        other => panic!("no table: {other:?}"),
    }
}

#[test]
fn a_key_of_sqlite_that_is_not_the_rows_number_does_not_count() {
    let told = "column id counts up on one side only";
    let found = counted_against(|object| {
        let id = table(object).columns.get_mut("id").expect("the key");
        id.data_type.raw = "int".into();
    });
    assert_eq!(only(&found), told);
    let found = counted_against(|object| {
        object.options.insert("sqlite.without_rowid".into(), "yes".into());
    });
    assert_eq!(only(&found), told);
    let found = counted_against(|object| {
        let key = table(object).keys.values_mut().next().expect("a key");
        key.options.insert("sqlite.in_column".into(), "yes".into());
    });
    assert_eq!(only(&found), told);
}

#[test]
fn counting_that_was_asked_for_in_sqlite_is_told_where_the_other_side_does_not_count() {
    let found = against(|table| {
        let key = table.keys.values_mut().next().expect("a key");
        key.options.insert("sqlite.autoincrement".into(), "yes".into());
    });
    assert_eq!(only(&found), "column id counts up on one side only");
    let found = counted_against(|object| {
        let key = table(object).keys.values_mut().next().expect("a key");
        key.options.insert("sqlite.autoincrement".into(), "yes".into());
    });
    assert!(found.is_equal(), "{found}");
}

#[test]
fn a_key_that_counts_in_one_of_two_servers_is_a_difference() {
    let mut counted = plants();
    counted.columns.get_mut("id").expect("the key").identity = Some(Identity::default());
    let found = parity(
        &database("postgres", Some("public"), &counted),
        &database("mysql", None, &plants()),
    );
    assert_eq!(only(&found), "column id counts up on one side only");
}
