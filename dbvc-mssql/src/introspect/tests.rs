//! A catalogue as text, and what is made of it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Body, Database, ObjectKey, ObjectKind, Table, TypeBody, View};

use super::queries::{STEP_NAMES, database};

/// The catalogue of a shop with a bit of everything.
fn catalogue() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/shop.txt");
    std::fs::read_to_string(path).unwrap()
}

/// The answers that a text stands for, in the order of the questions.
fn answers(text: &str) -> Vec<Rows> {
    let mut sections: HashMap<&str, Rows> = HashMap::new();
    for section in text.split("\n== ").skip(1) {
        let (name, lines) = section.split_once('\n').unwrap();
        let mut lines = lines.lines().filter(|line| !line.is_empty());
        let columns: Vec<String> = lines.next().unwrap().split('|').map(ToOwned::to_owned).collect();
        let cells = lines.map(|line| {
            let cell = |text: &str| (!text.is_empty()).then(|| text.replace("\\n", "\n"));
            let mut row: Vec<Option<String>> = line.split('|').map(cell).collect();
            assert!(row.len() <= columns.len(), "{name}: {line}");
            row.resize(columns.len(), None);
            row
        });
        let cells = cells.collect();
        sections.insert(name, Rows { columns, cells });
    }
    STEP_NAMES
        .iter()
        .map(|name| sections.remove(name).unwrap_or_default())
        .collect()
}

/// The schema that a catalogue describes.
pub(crate) fn read(catalogue: &str) -> Database {
    database(&answers(catalogue)).unwrap()
}

/// A shop with a bit of everything.
pub(crate) fn shop() -> Database {
    read(&catalogue())
}

/// The shop's catalogue with other words in it. What is replaced must be there.
pub(crate) fn changed(changes: &[(&str, &str)]) -> Database {
    let mut text = catalogue();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    read(&text)
}

fn table(schema: &str, name: &str) -> Table {
    match &shop().objects[&ObjectKey::within(ObjectKind::Table, schema, name)].body {
        Body::Table(table) => table.clone(),
        other => panic!("{other:?}"),
    }
}

fn definition(key: &ObjectKey) -> String {
    match &shop().objects[key].body {
        Body::View(View { definition, .. }) | Body::Type(TypeBody::Written { definition }) => {
            definition.clone()
        }
        Body::Routine(routine) => routine.definition.clone(),
        Body::Other(other) => other.definition.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_readings_are_one_to_the_byte_and_nothing_is_lost_on_the_way_to_a_file() {
    let shop = shop();
    assert_eq!(shop.to_json(), self::shop().to_json());
    assert_eq!(Database::from_json(&shop.to_json()).unwrap(), shop);
}

#[test]
fn every_thing_of_the_catalogue_is_there() {
    let names: Vec<String> = shop().objects.keys().map(ToString::to_string).collect();
    for wanted in [
        "schema dbo",
        "schema garden",
        "type dbo.phone",
        "type dbo.plant_list",
        "sequence dbo.numbers",
        "table garden.plants",
        "view garden.dry",
        "routine dbo.water",
        "trigger garden.touch of plants",
        "trigger no_drops of the database",
        "synonym dbo.flora",
        "security policy garden.who_sees",
        "role helper",
        "partition function by_year",
        "partition scheme years",
        "xml schema collection garden.leaflet",
        "clr type dbo.point3d",
        "assembly shapes",
        "queue dbo.orders",
        "default dbo.nothing",
        "rule dbo.some",
        "statistics garden.by_two on plants",
        "fulltext index garden.plants",
        "database defaults",
    ] {
        assert!(names.iter().any(|name| name == wanted), "{wanted} in {names:?}");
    }
    assert!(
        !names
            .iter()
            .any(|name| name.contains("MSSQL_TemporalHistoryFor_"))
    );
}

#[test]
fn names_that_the_server_made_up_are_marked_or_not_there_at_all() {
    let (pots, plants) = (table("garden", "pots"), table("garden", "plants"));
    assert!(pots.keys["PK__pots__3213E83F"].generated_name && pots.keys["UQ__pots__9F"].generated_name);
    assert!(!plants.keys["plants_pk"].generated_name);
    assert!(pots.checks["CK__pots__size__5F"].generated_name);
    assert!(plants.foreign_keys["FK__plants__pot__60"].generated_name);
    assert!(
        !pots.columns["material"]
            .options
            .contains_key("mssql.default_name")
    );
    assert_eq!(pots.columns["size"].options["mssql.default_name"], "pots_size");
    assert!(table("dbo", "members").indexes.is_empty());
}

#[test]
fn types_are_written_as_the_server_writes_them() {
    let plants = table("garden", "plants");
    let raw = |name: &str| plants.columns[name].data_type.raw.clone();
    assert_eq!(raw("name"), "nvarchar(40)");
    assert_eq!(raw("contact"), "[dbo].[phone]");
    assert_eq!(raw("seen"), "datetime2(3)");
    assert_eq!(raw("extra"), "xml(DOCUMENT [garden].[leaflet])");
    assert_eq!(raw("place"), "geography");
    assert_eq!(
        table("dbo", "old_notes").columns["text"].data_type.raw,
        "varchar(max)"
    );
    assert_eq!(
        table("garden", "pots").columns["volume"].data_type.raw,
        "decimal(9, 2)"
    );
}

#[test]
fn only_another_collation_than_the_databases_is_told() {
    let plants = table("garden", "plants");
    assert_eq!(
        plants.columns["name"].collation.as_deref(),
        Some("Latin1_General_BIN2")
    );
    assert_eq!(plants.columns["humour"].collation, None);
    assert_eq!(plants.columns["contact"].collation, None);
}

#[test]
fn columns_stand_without_gaps() {
    let pots = table("garden", "pots");
    let places: Vec<u32> = ["id", "material", "size", "volume", "code"]
        .iter()
        .map(|name| pots.columns[*name].position)
        .collect();
    assert_eq!(places, [1, 2, 3, 4, 5]);
}

#[test]
fn a_text_has_its_objects_name_and_one_beginning() {
    let water = definition(&ObjectKey::within(ObjectKind::Routine, "dbo", "water"));
    assert!(
        water.starts_with("-- Waters.\nCREATE PROCEDURE [dbo].[water] @plant int AS\n"),
        "{water}"
    );
    let dry = definition(&ObjectKey::within(ObjectKind::View, "garden", "dry"));
    assert!(dry.starts_with("CREATE VIEW [garden].[dry] as\n"), "{dry}");
}

#[test]
fn what_the_server_does_not_show_says_so() {
    let hidden = &shop().objects[&ObjectKey::within(ObjectKind::Routine, "dbo", "hidden")];
    assert_eq!(hidden.options["mssql.hidden"], "encrypted");
}

#[test]
fn comments_and_rights_are_with_what_they_are_about() {
    let shop = shop();
    let plants = &shop.objects[&ObjectKey::within(ObjectKind::Table, "garden", "plants")];
    assert_eq!(plants.comment.as_deref(), Some("What grows: it's alive"));
    assert!(plants.grants["keeper"].contains("UPDATE WITH GRANT OPTION"));
    let table = table("garden", "plants");
    assert_eq!(table.columns["name"].options["mssql.property.Sensitivity"], "low");
    assert!(table.columns["contact"].grants["helper"].contains("DENY SELECT"));
    assert_eq!(table.keys["plants_pk"].comment.as_deref(), Some("One each"));
    assert_eq!(
        table.indexes["plants_by_pot"].comment.as_deref(),
        Some("For the tour")
    );
    let database = &shop.objects[&ObjectKey::new(ObjectKind::Other, "defaults").of("database")];
    assert_eq!(database.grants.keys().collect::<Vec<_>>(), ["keeper"]);
    let dry = &shop.objects[&ObjectKey::within(ObjectKind::View, "garden", "dry")];
    assert!(dry.options.is_empty(), "{:?}", dry.options);
}

#[test]
fn what_is_needed_is_known_by_number_and_by_name() {
    let shop = shop();
    let plants = ObjectKey::within(ObjectKind::Table, "garden", "plants");
    for name in ["water", "in_pot", "all_names"] {
        let routine = &shop.objects[&ObjectKey::within(ObjectKind::Routine, "dbo", name)];
        assert!(routine.requires.contains(&plants), "{name}");
    }
    let pots = &shop.objects[&ObjectKey::within(ObjectKind::Table, "garden", "pots")];
    let litres = ObjectKey::within(ObjectKind::Routine, "dbo", "litres");
    assert!(pots.requires.contains(&litres));
    let list = ObjectKey::within(ObjectKind::Type, "dbo", "plant_list");
    let take = &shop.objects[&ObjectKey::within(ObjectKind::Routine, "dbo", "take_list")];
    assert!(take.requires.contains(&list));
    assert_eq!(
        definition(&list),
        "AS TABLE (\n  [id] int NOT NULL,\n  [name] nvarchar(40) DEFAULT (N'?') NULL,\n  PRIMARY KEY CLUSTERED ([id])\n)"
    );
}

#[test]
fn of_two_that_need_each_other_the_routine_can_be_first() {
    let changed = changed(&[("1|203|1||nowhere|nothing|0", "1|203|1|100|garden|pots|0")]);
    let litres = &changed.objects[&ObjectKey::within(ObjectKind::Routine, "dbo", "litres")];
    let pots = ObjectKey::within(ObjectKind::Table, "garden", "pots");
    assert!(!litres.requires.contains(&pots));
    assert!(
        changed.objects[&pots]
            .requires
            .iter()
            .any(|needed| needed.name == "litres")
    );
}

/// A union of two collations that nobody chose between does not compile on the server (error 451).
#[test]
fn each_branch_of_a_union_of_names_says_its_collation() {
    let others = include_str!("../../sql/others.sql");
    for branch in others.split("UNION ALL") {
        assert!(branch.contains(".name COLLATE DATABASE_DEFAULT"), "{branch}");
        let named = branch.matches(", s.name,").count();
        assert_eq!(named, 0, "a schema without its collation: {branch}");
    }
}
