//! Tables.

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Body, Object, ObjectKey, ObjectKind, Partitioning, Table};

use super::model::{Model, class};
use super::row::{Options, Row, lower, option, option_if, rows};
use crate::ddl::names::{quoted, within};

/// What the names of history tables begin with that the server makes up (manual, "Creating a system-versioned temporal
/// table"); a number of the server's follows.
const MADE_UP_HISTORY: &str = "MSSQL_TemporalHistoryFor_";

pub(super) fn add(model: &mut Model, answer: &Rows) {
    for row in rows(answer) {
        // It comes and changes with the table that it is of.
        if row.number("temporal_type") == Some(1) && row.word("name").starts_with(MADE_UP_HISTORY) {
            continue;
        }
        let key = ObjectKey::within(ObjectKind::Table, row.word("schema"), row.word("name"));
        let partitioning = (row.text("space_type") == Some("PS")).then(|| Partitioning {
            definition: format!(
                "{}({})",
                quoted(row.word("space")),
                quoted(row.word("partition_column"))
            ),
        });
        let scheme = row.text("space").filter(|_| partitioning.is_some());
        let scheme = scheme.map(|name| ObjectKey::new(ObjectKind::Other, name).of("partition scheme"));
        let mut object = Object::new(Body::Table(Table {
            partitioning,
            ..Table::default()
        }));
        object.owner = row.owned("owner");
        object.requires.extend(scheme);
        let history = row.text("history_table");
        if let Some(history) = history.filter(|name| !name.starts_with(MADE_UP_HISTORY)) {
            let history = ObjectKey::within(ObjectKind::Table, row.word("history_schema"), history);
            object.requires.insert(history);
        }
        options(&mut object.options, row);
        model.add(class::OBJECT, row.id("id"), key, object);
    }
}

fn options(all: &mut Options, row: Row<'_>) {
    option_if(all, row.is_off("uses_ansi_nulls"), "ansi_nulls", "off");
    let escalation = row.text("lock_escalation").filter(|word| *word != "TABLE");
    option(all, "lock_escalation", escalation.map(lower));
    option_if(
        all,
        row.flag("large_values_apart"),
        "large_values_out_of_row",
        "yes",
    );
    let limit = row.number("text_in_row_limit").filter(|limit| *limit > 0);
    option(all, "text_in_row", limit.map(|limit| limit.to_string()));
    if row.flag("is_memory_optimized") {
        option(all, "memory_optimized", row.text("durability").map(lower));
    }
    option_if(all, row.flag("is_external"), "external", "yes");
    option_if(all, row.flag("is_filetable"), "filetable", "yes");
    option_if(all, row.flag("is_node"), "graph", "node");
    option_if(all, row.flag("is_edge"), "graph", "edge");
    let ledger = row.text("ledger").filter(|it| *it != "NON_LEDGER_TABLE");
    option(all, "ledger", ledger.map(lower));
    let plain = row.text("space_type") == Some("FG") && !row.flag("space_is_default");
    option(all, "filegroup", row.text("space").filter(|_| plain));
    option(all, "text_filegroup", row.text("text_space"));
    option(all, "filestream_filegroup", row.text("filestream_space"));
    compression(all, row);
    temporal(all, row);
}

fn temporal(all: &mut Options, row: Row<'_>) {
    if let (Some(start), Some(end)) = (row.text("period_start"), row.text("period_end")) {
        option(all, "period", Some(format!("{}, {}", quoted(start), quoted(end))));
    }
    if row.number("temporal_type") == Some(1) {
        option(all, "temporal", Some("history"));
        return;
    }
    let Some(history) = row.text("history_table") else {
        return;
    };
    let made_up = history.starts_with(MADE_UP_HISTORY);
    let named = within(row.word("history_schema"), history);
    option(all, "history", Some(if made_up { String::new() } else { named }));
    // Without an end it is kept for ever.
    let retention = row.number("retention").filter(|number| *number > 0);
    let unit = row.word("retention_unit");
    option(
        all,
        "history_retention",
        retention.map(|number| format!("{number} {unit}")),
    );
}

/// How the rows are compressed, where all partitions say the same; columnstores always are.
pub(super) fn compression(all: &mut Options, row: Row<'_>) {
    let (least, most) = (row.text("compression"), row.text("compression_most"));
    if least != most {
        option(all, "compression", Some("by partition"));
        return;
    }
    let said = least.filter(|word| !matches!(*word, "NONE" | "COLUMNSTORE"));
    option(all, "compression", said.map(lower));
}
