//! Many small migrations; then nothing to do, status, and taking some back.

use std::collections::BTreeMap;

use super::{Stage, floor, grouped, progress};
use crate::contender::Contender;
use crate::database::System;
use crate::measure::Invocation;
use crate::report::{Line, as_float, row};
use crate::set::Set;
use crate::tools::{Place, Tool, Trial, UNDONE};

/// From here on it is also measured what a run costs that has nothing to do.
const AGAIN: usize = 1000;
/// With so many applied it is also measured what taking some back costs.
const UNDO: usize = 1000;
/// The proxy counts up to here: what a migration adds does not change any more.
const COUNTED: usize = 100;
/// Who starts processes for each migration is not waited for beyond this.
const SLOW: usize = 1000;

/// Round trips of each tool, by the number of migrations.
type Trips = BTreeMap<String, Vec<(usize, u64)>>;

pub(super) fn run(stage: &Stage<'_>, system: System) -> Result<(), String> {
    let mut trips = Trips::new();
    for count in stage.options.counts() {
        let set = Set::small(count);
        let (mut here, absent) = stage.contenders(Trial::Small(system), &set, |_| true)?;
        for one in here.iter_mut().filter(|one| one.tool.is_slow() && count > SLOW) {
            one.leave_out("left out: starts processes for each migration");
        }
        migrate(stage, system, count, &mut here)?;
        let mut lines: Vec<_> = here.iter_mut().map(Contender::line).collect();
        for line in &lines {
            if let Some(counted) = line.trips {
                trips.entry(line.tool.clone()).or_default().push((count, counted));
            }
        }
        lines.extend(absent);
        let title = format!("{} small migrations, {}", grouped(count), system.title());
        stage.table(title, floor(system), lines, Some(count), false);
        if count >= AGAIN {
            let title = format!("Nothing to do, {} applied, {}", grouped(count), system.title());
            repeat(stage, &mut here, &title, |tool, place| {
                // A floor keeps no record: it would apply everything once more.
                (!tool.is_floor()).then(|| tool.migrate(place))
            });
            let title = format!("Status, {} applied, {}", grouped(count), system.title());
            repeat(stage, &mut here, &title, |tool, place| tool.status(place));
        }
        if count == UNDO {
            undo(stage, system, count, &mut here);
        }
        for one in &here {
            one.forget(stage.means())?;
        }
    }
    if !trips.is_empty() {
        (stage.tell)(&slopes(&trips));
    }
    Ok(())
}

fn migrate(
    stage: &Stage<'_>,
    system: System,
    count: usize,
    here: &mut [Contender<'_>],
) -> Result<(), String> {
    let means = stage.means();
    let is_first = stage.options.counts().first() == Some(&count);
    if system != System::Sqlite && (is_first || count <= COUNTED) {
        for one in here.iter_mut().filter(|one| !one.is_out()) {
            progress(&format!("{count}: counting round trips of {}", one.tool.name()));
            one.renew(means)?;
            one.count(means, |tool, place| vec![tool.migrate(place)]);
        }
    }
    for repeat in 0..=stage.options.repeats {
        for one in here.iter_mut() {
            if one.wants_more(stage.options.repeats) {
                progress(&format!("{count}: {} ({repeat})", one.tool.name()));
                one.renew(means)?;
                let command = one.tool.migrate(&one.place);
                one.measure(&[command], means, false);
            }
        }
    }
    Ok(())
}

/// A command that changes nothing, in turns.
fn repeat(
    stage: &Stage<'_>,
    here: &mut [Contender<'_>],
    title: &str,
    command: impl Fn(&dyn Tool, &Place) -> Option<Invocation>,
) {
    let means = stage.means();
    // They are short: more of them cost little.
    let repeats = stage.options.repeats * 2;
    let mut asked: Vec<_> = here
        .iter_mut()
        .filter(|one| !one.is_out() && command(one.tool, &one.place).is_some())
        .collect();
    for one in &mut asked {
        one.count(means, |tool, place| command(tool, place).into_iter().collect());
    }
    for _ in 0..=repeats {
        for one in &mut asked {
            if let Some(command) = command(one.tool, &one.place)
                && one.wants_more(repeats)
            {
                progress(&format!("{title}: {}", one.tool.name()));
                one.measure(&[command], means, false);
            }
        }
    }
    let lines: Vec<Line> = asked.into_iter().map(Contender::line).collect();
    stage.table(title.to_owned(), "sqlx-cli", lines, None, false);
}

/// Takes migrations back, and applies them again before the next turn.
fn undo(stage: &Stage<'_>, system: System, count: usize, here: &mut [Contender<'_>]) {
    let means = stage.means();
    let mut asked: Vec<_> = here
        .iter_mut()
        .filter(|one| !one.is_out() && !one.tool.undo(&one.place, count).is_empty())
        .collect();
    for turn in 0..=stage.options.repeats {
        for one in &mut asked {
            if !one.wants_more(stage.options.repeats) {
                continue;
            }
            progress(&format!("undo: {}", one.tool.name()));
            // A floor keeps no record, so it cannot know what to apply again: its tables are gone after one turn.
            let keeps_record = !one.tool.is_floor();
            if turn > 0 && !keeps_record {
                if one.renew(means).is_err() {
                    continue;
                }
                let _ = one.carry_out(&[one.tool.migrate(&one.place)], means, false);
            }
            let commands = one.tool.undo(&one.place, count);
            one.measure(&commands, means, false);
            if keeps_record {
                let _ = one.carry_out(&[one.tool.migrate(&one.place)], means, false);
            }
        }
    }
    let lines: Vec<Line> = asked.into_iter().map(Contender::line).collect();
    let title = format!("Taking back {UNDONE} of {}, {}", grouped(count), system.title());
    stage.table(title, floor(system), lines, None, false);
}

/// What each migration adds, and what is left for the start: the line through the smallest and the largest count.
fn slopes(trips: &Trips) -> String {
    let mut out = "### Round trips\n\n".to_owned();
    row(
        &mut out,
        &["tool", "a migration", "start and end"].map(str::to_owned),
    );
    row(&mut out, &["---", "---:", "---:"].map(str::to_owned));
    for (tool, counted) in trips {
        let (Some(first), Some(last)) = (counted.first(), counted.last()) else {
            continue;
        };
        let (few, many) = (as_float(first.0 as u64), as_float(last.0 as u64));
        let (low, high) = (as_float(first.1), as_float(last.1));
        let cells = if many > few {
            let each = (high - low) / (many - few);
            [format!("{each:.2}"), format!("{:.0}", low - each * few)]
        } else {
            [format!("{:.2}", low / few), String::new()]
        };
        let [each, start] = cells;
        row(&mut out, &[tool.clone(), each, start]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_migration_adds_is_told_from_what_the_start_costs() {
        let mut trips = Trips::new();
        trips.insert("one".to_owned(), vec![(10, 70), (100, 520)]);
        let text = slopes(&trips);
        assert!(text.contains("| one | 5.00 | 20 |"), "{text}");
    }
}
