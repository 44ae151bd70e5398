//! One migration with a large script.

use super::{Stage, progress};
use crate::contender::Contender;
use crate::database::System;
use crate::scripts::{Shape, Size, write};
use crate::set::Set;
use crate::tools::{Tool, Trial};

/// Compares all tools, or the floors and dbvc only, once.
pub(super) fn run(
    stage: &Stage<'_>,
    system: System,
    shape: Shape,
    size: Size,
    title: &str,
    all: bool,
) -> Result<(), String> {
    let file = stage.folder.join("large.sql");
    write(&file, shape, size).map_err(|error| format!("{}: {error}", file.display()))?;
    let set = Set::large(&file);
    let trial = Trial::Large(system, shape);
    // What only dbvc and the floors do twice over 500 MB says nothing about the others.
    let takes_part = |tool: &dyn Tool| all || tool.is_floor() || tool.is_dbvc();
    let (mut here, absent) = stage.contenders(trial, &set, takes_part)?;
    let means = stage.means();
    let repeats = if all { stage.options.repeats } else { 0 };
    for turn in 0..=repeats {
        for one in &mut here {
            if one.wants_more(repeats) {
                progress(&format!("{title}, {shape:?}: {} ({turn})", one.tool.name()));
                one.renew(means)?;
                let command = one.tool.migrate(&one.place);
                one.measure(&[command], means, system == System::Postgres);
            }
        }
    }
    for one in &here {
        one.forget(means)?;
    }
    let mut lines: Vec<_> = here.iter_mut().map(Contender::line).collect();
    lines.extend(absent);
    let (what, base) = match (shape, system) {
        (Shape::SingleRows, System::Postgres) => ("of single-row INSERTs", "raw client, 64 KB messages"),
        (Shape::SingleRows, System::MariaDb) => ("of single-row INSERTs", "mariadb"),
        (Shape::SingleRows, System::Sqlite) => ("of single-row INSERTs", "sqlite3"),
        (Shape::Statements(_), _) => ("in statements of 5 MB", "psql"),
        (Shape::Copy, _) => ("of COPY", "psql"),
    };
    let title = format!("A script with {title} {what}, {}", system.title());
    stage.table(title, base, lines, None, system == System::Postgres);
    Ok(())
}
