use dbvc_engine::diff::{DiffOptions, diff};
use dbvc_engine::schema::{
    Body, Column, DataType, Database, ForeignKey, Object, ObjectKey, ObjectKind, Reference, Table, TypeFamily,
};

use super::{Story, page};

fn column(position: u32, raw: &str) -> Column {
    Column {
        position,
        data_type: DataType::new(TypeFamily::Text, raw),
        ..Column::default()
    }
}

fn table(database: &mut Database, name: &str, columns: &[&str], to: Option<&str>) {
    let mut table = Table::default();
    for (name, position) in columns.iter().zip(1..) {
        table.columns.insert((*name).to_owned(), column(position, "text"));
    }
    if let Some(to) = to {
        let key = ForeignKey {
            columns: vec![columns[0].to_owned()],
            references: Reference {
                table: to.to_owned(),
                ..Reference::default()
            },
            ..ForeignKey::default()
        };
        table.foreign_keys.insert(format!("to_{to}"), key);
    }
    let key = ObjectKey::new(ObjectKind::Table, name);
    database.objects.insert(key, Object::new(Body::Table(table)));
}

fn written(before: &Database, after: &Database) -> String {
    let found = diff(before, after, DiffOptions::default());
    page(Story {
        title: "plants <in> \"test\"".into(),
        facts: vec![("before".into(), "a & b".into())],
        before,
        after,
        found: &found,
        scripts: vec![("To undo it".into(), "-- </pre><script>alert(1)</script>\n".into())],
    })
    .expect("a page")
}

#[test]
fn every_text_is_escaped() {
    let mut after = Database::new("sqlite");
    table(
        &mut after,
        "<script>alert(1)</script>",
        &["\"><img src=x onerror=alert(1)>", "b"],
        None,
    );
    let text = written(&Database::new("sqlite"), &after);
    assert!(!text.contains("<script") && !text.contains("<img"), "{text}");
    assert!(!text.contains("<in>") && text.contains("a &#38; b"), "{text}");
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let text = written(&Database::new("sqlite"), &Database::new("sqlite"));
    assert!(text.contains("default-src 'none'"));
    assert!(!text.contains("src=") && !text.contains("href="), "{text}");
    assert!(text.contains("No differences."));
}

#[test]
fn what_changed_is_coloured_in_the_diagram() {
    let mut before = Database::new("sqlite");
    table(&mut before, "plants", &["id", "old"], None);
    table(&mut before, "gone", &["id"], Some("plants"));
    table(&mut before, "same", &["id"], Some("plants"));
    let mut after = Database::new("sqlite");
    table(&mut after, "plants", &["id", "new"], None);
    table(&mut after, "same", &["id"], Some("plants"));
    table(&mut after, "pots", &["id"], Some("plants"));
    let text = written(&before, &after);
    assert_eq!(text.matches("<g>").count(), 4, "{text}");
    for wanted in [
        "class=\"name changed\">plants<",
        "class=\"name added\">pots<",
        "class=\"name removed\">gone<",
        "class=\"name \">same<",
        "class=\"added\">new<",
        "class=\"removed\">old<",
        "<path class=\"removed\"",
        "<path class=\"added\"",
        "<path class=\"\"",
    ] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
}

#[test]
fn of_many_tables_those_that_differ_and_their_neighbours_are_shown() {
    let mut before = Database::new("sqlite");
    for number in 0..80 {
        table(&mut before, &format!("t{number}"), &["id"], None);
    }
    table(&mut before, "child", &["id"], Some("t7"));
    let mut after = before.clone();
    table(&mut after, "t7", &["id", "more"], None);
    let text = written(&before, &after);
    assert_eq!(text.matches("<g>").count(), 2, "{text}");
    assert!(text.contains("2 of 81 tables"), "{text}");
}
