//! What is expected of a database after a run that began where something had been changed past dbvc.

use serde_json::{Map, Value};

use crate::schema::{Database, SnapshotError};

/// What a run made of `expected`, when it made `after` of `before`: what the run changed is as it is now, and everything
/// else as it was expected. So a difference between `expected` and `before` that the run did not touch is still one
/// between the result and `after`, and the run itself is none.
pub fn carry(expected: &Database, before: &Database, after: &Database) -> Result<Database, SnapshotError> {
    if expected == before {
        return Ok(after.clone());
    }
    let mut result = Database::new(&after.dialect);
    let keys = expected.objects.keys().chain(after.objects.keys());
    for key in keys {
        if result.objects.contains_key(key) {
            continue;
        }
        let [expected, before, now] = [expected, before, after].map(|side| side.objects.get(key));
        let object = if before == now {
            expected.cloned()
        } else {
            match (expected, before, now) {
                (Some(expected), Some(before), Some(now)) => {
                    let [expected, before, now] = [
                        serde_json::to_value(expected)?,
                        serde_json::to_value(before)?,
                        serde_json::to_value(now)?,
                    ];
                    Some(serde_json::from_value(merged(&expected, &before, now))?)
                }
                _ => now.cloned(),
            }
        };
        result.objects.extend(object.map(|object| (key.clone(), object)));
    }
    Ok(result)
}

/// The same for what an object writes of itself.
fn merged(expected: &Value, before: &Value, now: Value) -> Value {
    if *before == now {
        return expected.clone();
    }
    let (Value::Object(expected), Value::Object(before), Value::Object(now)) = (expected, before, &now)
    else {
        return now;
    };
    // A type is one fact, and so is all else that names its family or form.
    if now.contains_key("raw") {
        return Value::Object(now.clone());
    }
    let mut result = Map::new();
    for (name, value) in now {
        match (expected.get(name), before.get(name)) {
            (None, Some(before)) if before == value => {}
            (Some(expected), Some(before)) => {
                result.insert(name.clone(), merged(expected, before, value.clone()));
            }
            _ => drop(result.insert(name.clone(), value.clone())),
        }
    }
    let kept = expected
        .iter()
        .filter(|(name, _)| !now.contains_key(*name) && !before.contains_key(*name));
    result.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
    Value::Object(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::{DiffOptions, diff};
    use crate::schema::sample::shop;
    use crate::schema::{Body, Column, DataType, ObjectKey, ObjectKind, Table, TypeFamily};

    fn integer(position: u32) -> Column {
        Column {
            position,
            data_type: DataType::new(TypeFamily::Integer, "integer"),
            ..Column::default()
        }
    }

    fn plants(database: &mut Database) -> &mut Table {
        let mut tables = database.objects.values_mut();
        tables
            .find_map(|object| match &mut object.body {
                Body::Table(table) if table.columns.len() > 1 => Some(table),
                _ => None,
            })
            .expect("a table")
    }

    fn between(before: &Database, after: &Database) -> String {
        diff(before, after, DiffOptions::default()).to_string()
    }

    #[test]
    fn where_nothing_drifted_everything_is_as_it_is_now() {
        let mut after = shop();
        plants(&mut after).columns.insert("new".into(), integer(90));
        assert_eq!(carry(&shop(), &shop(), &after).expect("carried"), after);
    }

    #[test]
    fn what_drifted_still_shows_and_what_the_run_did_does_not() {
        let mut before = shop();
        plants(&mut before).columns.insert("by_hand".into(), integer(90));
        let drift = between(&shop(), &before);
        let mut after = before.clone();
        plants(&mut after).columns.insert("by_run".into(), integer(91));
        let new = ObjectKey::within(ObjectKind::Table, "public", "made_by_run");
        after
            .objects
            .insert(new, crate::schema::Object::new(Body::Table(Table::default())));
        let carried = carry(&shop(), &before, &after).expect("carried");
        assert_eq!(between(&carried, &after), drift);
    }

    #[test]
    fn what_was_removed_by_hand_still_shows_as_removed() {
        let mut before = shop();
        let gone = before.objects.keys().next_back().cloned().expect("an object");
        before.objects.remove(&gone);
        let mut after = before.clone();
        plants(&mut after).columns.insert("by_run".into(), integer(91));
        let carried = carry(&shop(), &before, &after).expect("carried");
        assert_eq!(between(&carried, &after), between(&shop(), &before));
    }

    #[test]
    fn what_the_run_removed_is_not_expected_any_more() {
        let mut before = shop();
        plants(&mut before).columns.insert("by_hand".into(), integer(90));
        let mut after = before.clone();
        plants(&mut after).columns.remove("by_hand");
        let carried = carry(&shop(), &before, &after).expect("carried");
        assert_eq!(between(&carried, &after), "No differences.\n");
    }
}
