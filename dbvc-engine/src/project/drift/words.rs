//! Why nothing can be said of drift.

use crate::diagnostic::Diagnostic;
use crate::driver::SnapshotEntry;
use crate::project::{Context, ExitClass, Failed};

pub(super) fn nothing_expected(context: &Context<'_>) -> Failed {
    Failed::one(
        ExitClass::Findings,
        Diagnostic::error(
            "DBVC3054",
            format!("nothing tells what {} should be", context.target),
        )
        .note("its record keeps no snapshot, and no migration is applied")
        .help(
            "when the schema is as it should be, take a snapshot: `dbvc snapshot`; each run then moves it on",
        ),
    )
}

pub(super) fn outdated(kept: &SnapshotEntry, at_work: bool) -> Failed {
    let told = Diagnostic::error(
        "DBVC3056",
        format!(
            "migrations ran after the newest snapshot, of {}, so it does not tell what is expected now",
            kept.taken_at
        ),
    );
    let told = if at_work {
        told.note("a run is at work, and takes another one when it ends")
            .help("look again when it has ended; `dbvc lock status` tells")
    } else {
        told.note("a run that ends takes another one; this one could not").help(
            "compare with the migrations: `dbvc drift --against migrations`, or take another one: `dbvc snapshot`",
        )
    };
    Failed::one(ExitClass::Findings, told)
}

pub(in crate::project) fn meanwhile() -> Failed {
    Failed::one(
        ExitClass::Findings,
        Diagnostic::error(
            "DBVC3057",
            "the database was migrated or another snapshot taken while it was compared",
        )
        .note("nothing was kept")
        .help("try again"),
    )
}
