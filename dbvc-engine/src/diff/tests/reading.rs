//! What a report says.

use crate::diff::{DiffOptions, Difference, diff};
use crate::schema::sample::shop;
use crate::schema::{
    Body, Column, DataType, Database, Index, IndexPart, Object, ObjectKey, ObjectKind, Table, TypeFamily,
};

fn plants() -> ObjectKey {
    ObjectKey::within(ObjectKind::Table, "public", "plants")
}

fn with_table(change: impl FnOnce(&mut Table)) -> Database {
    let mut database = shop();
    let Body::Table(table) = &mut database.objects.get_mut(&plants()).unwrap().body else {
        panic!("no table");
    };
    change(table);
    database
}

fn from_shop(after: &Database) -> Difference {
    diff(&shop(), after, DiffOptions::default())
}

fn price(position: u32) -> Column {
    Column {
        position,
        data_type: DataType::new(TypeFamily::Decimal, "numeric(10,2)"),
        nullable: true,
        ..Column::default()
    }
}

#[test]
fn a_schema_does_not_differ_from_itself() {
    let found = from_shop(&shop());
    assert!(found.is_empty());
    assert_eq!(found.to_string(), "No differences.\n");
}

#[test]
fn a_report_names_objects_and_parts() {
    let mut after = with_table(|table| {
        table.columns.insert("price".into(), price(4));
        table.columns.get_mut("name").unwrap().data_type.raw = "character varying(40)".into();
        table.indexes.remove("plants_by_name");
    });
    let water = ObjectKey::within(ObjectKind::Routine, "public", "water").taking("integer");
    let Body::Routine(routine) = &mut after.objects.get_mut(&water).unwrap().body else {
        panic!("no routine");
    };
    routine.definition = routine.definition.replace("begin", "begin\n  perform 1;");
    after
        .objects
        .remove(&ObjectKey::within(ObjectKind::View, "public", "seen"));
    let pots = ObjectKey::within(ObjectKind::Table, "public", "pots");
    after
        .objects
        .insert(pots, Object::new(Body::Table(Table::default())));
    insta::assert_snapshot!(from_shop(&after).to_string(), @r###"
    Added
      table public.pots
    Changed
      table public.plants
        ~ column name: type: text → character varying(40)
        + column price numeric(10,2)
        - index plants_by_name
      routine public.water(integer)
        ~ definition:
              begin
            +   perform 1;
              end
    Removed
      view public.seen
    "###);
}

#[test]
fn the_same_report_is_there_as_json() {
    let after = with_table(|table| {
        table.columns.get_mut("id").unwrap().identity = None;
        table.columns.get_mut("name").unwrap().nullable = true;
    });
    let json = serde_json::to_string_pretty(&from_shop(&after)).unwrap();
    insta::assert_snapshot!(json, @r###"
    {
      "changes": [
        {
          "object": {
            "kind": "table",
            "schema": "public",
            "name": "plants"
          },
          "change": "changed",
          "parts": [
            {
              "part": "column",
              "name": "id",
              "change": "changed",
              "fields": [
                {
                  "field": "identity",
                  "before": {
                    "always": true,
                    "start": 7
                  },
                  "after": null
                }
              ]
            },
            {
              "part": "column",
              "name": "name",
              "change": "changed",
              "fields": [
                {
                  "field": "nullable",
                  "before": false,
                  "after": true
                }
              ]
            }
          ]
        }
      ]
    }
    "###);
}

#[test]
fn a_column_in_the_middle_moves_nobody() {
    let after = with_table(|table| {
        for (name, place) in [("name", 3), ("label", 4)] {
            table.columns.get_mut(name).unwrap().position = place;
        }
        table.columns.insert("price".into(), price(2));
    });
    let told = from_shop(&after).to_string();
    assert!(told.contains("+ column price numeric(10,2)"), "{told}");
    assert!(!told.contains("order"), "{told}");
}

#[test]
fn columns_that_change_places_are_told_once_unless_nobody_asks() {
    let after = with_table(|table| {
        for (name, place) in [("name", 3), ("label", 2)] {
            table.columns.get_mut(name).unwrap().position = place;
        }
    });
    let told = from_shop(&after).to_string();
    assert!(
        told.contains("order of columns: id, name, label → id, label, name"),
        "{told}"
    );
    let options = DiffOptions {
        column_order: false,
        ..DiffOptions::default()
    };
    assert!(diff(&shop(), &after, options).is_empty());
}

#[test]
fn owners_and_grants_are_left_out_on_request() {
    let mut after = shop();
    let object = after.objects.get_mut(&plants()).unwrap();
    object.owner = Some("somebody".into());
    object.grants.clear();
    assert!(!from_shop(&after).is_empty());
    let options = DiffOptions {
        owners: false,
        grants: false,
        ..DiffOptions::default()
    };
    assert!(diff(&shop(), &after, options).is_empty());
}

#[test]
fn names_that_the_database_made_up_are_compared_by_shape() {
    let index = |generated_name| Index {
        parts: vec![IndexPart::column("id")],
        generated_name,
        ..Index::default()
    };
    let named = |name: &str, generated: bool| {
        with_table(|table| drop(table.indexes.insert(name.to_owned(), index(generated))))
    };
    let of = |one: &Database, other: &Database| diff(one, other, DiffOptions::default());
    assert!(of(&named("IX__1", true), &named("IX__2", true)).is_empty());
    assert!(!of(&named("IX__1", true), &named("mine", false)).is_empty());
    let twice = with_table(|table| {
        table.indexes.insert("IX__1".into(), index(true));
        table.indexes.insert("IX__2".into(), index(true));
    });
    assert!(!of(&named("IX__3", true), &twice).is_empty());
}

#[test]
fn of_two_with_made_up_names_the_one_that_goes_is_told() {
    let index = |column: &str| Index {
        parts: vec![IndexPart::column(column)],
        generated_name: true,
        ..Index::default()
    };
    let before = with_table(|table| {
        table.indexes.insert("i".into(), index("id"));
        table.indexes.insert("i1".into(), index("name"));
    });
    let after = with_table(|table| drop(table.indexes.insert("i".into(), index("name"))));
    let found = diff(&before, &after, DiffOptions::default());
    let told = found.to_string();
    assert!(told.contains("- index i\n") && !told.contains("i1"), "{told}");
    let other = with_table(|table| drop(table.indexes.insert("i".into(), index("label"))));
    let told = diff(&after, &other, DiffOptions::default()).to_string();
    assert!(told.contains("~ index i: parts"), "{told}");
}

#[test]
fn another_name_for_the_same_is_hinted_at() {
    let mut after = with_table(|table| {
        let column = table.columns.remove("name").unwrap();
        table.columns.insert("title".into(), column);
    });
    let sequence = ObjectKey::within(ObjectKind::Sequence, "public", "numbers");
    let object = after.objects.remove(&sequence).unwrap();
    after.objects.insert(
        ObjectKey::within(ObjectKind::Sequence, "public", "digits"),
        object,
    );
    let found = from_shop(&after);
    let told: Vec<_> = found
        .renames
        .iter()
        .map(|it| (it.what.as_str(), it.from.as_str(), it.to.as_str(), it.exact))
        .collect();
    assert_eq!(
        told,
        [
            ("sequence", "public.numbers", "public.digits", true),
            ("column", "name", "title", true)
        ]
    );
    assert!(
        found
            .to_string()
            .contains("column name to title of table public.plants")
    );
}

#[test]
fn a_table_with_another_name_and_one_more_column_is_hinted_at() {
    let mut after = with_table(|table| drop(table.columns.insert("price".into(), price(4))));
    let object = after.objects.remove(&plants()).unwrap();
    after
        .objects
        .insert(ObjectKey::within(ObjectKind::Table, "public", "flora"), object);
    let hint = &from_shop(&after).renames[0];
    assert_eq!(
        (hint.from.as_str(), hint.to.as_str(), hint.exact),
        ("public.plants", "public.flora", false)
    );
}
