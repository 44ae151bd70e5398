//! Whether all of the record that belongs to the trail is there.

use super::places::Copy;
use super::verify::about_the_record;
use crate::audit::{Finding, FindingKind};
use crate::driver::{LAYOUT, RecordView};

/// The tables that a database without any record lacks.
const TABLES: usize = 9;

/// What is gone or cannot be read. A record of before the trail lacks its tables, and nothing is wrong with that.
pub(super) fn lost(view: &RecordView, target: &Copy) -> Vec<Finding> {
    let find = |kind, message: String| about_the_record(kind, message);
    let mut found: Vec<Finding> = view
        .unreadable
        .iter()
        .map(|message| find(FindingKind::Unreadable, message.clone()))
        .collect();
    let traces = !target.events.is_empty() || view.head.is_some();
    let keeps = view.layout.is_some_and(|layout| layout >= LAYOUT);
    if view.lost.len() >= TABLES || !(keeps || traces || view.layout.is_none()) {
        return found;
    }
    if let Some(newer) = view.layout.filter(|layout| *layout > LAYOUT) {
        let message = format!(
            "the record's table db_inventory says layout {newer}, and this dbvc knows up to {LAYOUT}: a newer dbvc wrote it, or \
             somebody changed it"
        );
        found.push(find(FindingKind::Unreadable, message));
    }
    for table in &view.lost {
        let message = format!("the record's table {table} is not there: somebody removed it");
        found.push(find(FindingKind::Lost, message));
    }
    let inventory = view.lost.iter().any(|table| table == "db_inventory");
    if !keeps && !inventory {
        let says = view.layout.map_or_else(
            || "says no layout".to_owned(),
            |layout| format!("says layout {layout}"),
        );
        let message =
            format!("the record's table db_inventory {says}, though there is a record with a trail");
        found.push(find(FindingKind::Lost, message));
    }
    if view.head.is_none() && !view.lost.iter().any(|table| table == "audit_heads") {
        let message = "the chain's head is not there: the row of audit_heads was deleted; without it no run can write. \
                       Put it back from a backup, or begin a new chain with `dbvc audit restart`";
        found.push(find(FindingKind::Lost, message.to_owned()));
    }
    found
}
