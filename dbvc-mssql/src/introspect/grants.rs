//! Who may do what.

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::driver::Rows;

use super::model::{Model, class};
use super::row::{Row, rows};

pub(super) fn add(model: &mut Model, answer: &Rows) {
    for row in rows(answer) {
        let (class, id) = (row.id("class"), row.id("id"));
        let Some(right) = right(row) else { continue };
        let grantee = row.word("grantee").to_owned();
        let minor = row.number("minor").unwrap_or_default();
        let give = |grants: &mut BTreeMap<String, BTreeSet<String>>| {
            grants.entry(grantee).or_default().insert(right);
        };
        if class == class::OBJECT && minor != 0 {
            let name = model.columns.get(&(id, minor)).cloned();
            let columns = model.columns_of(id);
            if let Some(column) = name.zip(columns).and_then(|(name, all)| all.get_mut(&name)) {
                give(&mut column.grants);
            }
        } else if let Some(object) = model.object(class, id) {
            give(&mut object.grants);
        }
    }
}

/// The right, and how it is given. That a user may come into the database is not the schema's, nor what `public` may by
/// itself (manual, "Database-level roles").
fn right(row: Row<'_>) -> Option<String> {
    let permission = row.word("permission");
    if row.id("class") == class::DATABASE {
        let is_role = row.text("grantee_type").is_some_and(|it| it.trim() == "R");
        let by_itself = row.text("grantee") == Some("public") && permission.starts_with("VIEW ANY COLUMN");
        if permission.starts_with("CONNECT") || !is_role || by_itself {
            return None;
        }
    }
    Some(match row.word("state") {
        "D" => format!("DENY {permission}"),
        "W" => format!("{permission} WITH GRANT OPTION"),
        _ => permission.to_owned(),
    })
}
