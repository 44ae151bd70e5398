//! Tables of medians and ratios, as markdown.

use std::fmt::Write as _;

use crate::measure::Cost;

/// A comparison: all its lines were measured in turns, in one run.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) title: String,
    /// The line that ratios are taken to; the first that was measured where this one was not.
    pub(crate) base: String,
    pub(crate) lines: Vec<Line>,
    /// How many migrations the trips are spread over.
    pub(crate) migrations: Option<usize>,
    /// Whether the server's memory was looked at.
    pub(crate) server_memory: bool,
}

/// What one tool took.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) tool: String,
    /// One for each run that counts; otherwise why there is none.
    pub(crate) costs: Result<Vec<Cost>, String>,
    /// Round trips of a whole run, counted apart from the timed ones.
    pub(crate) trips: Option<u64>,
}

/// The medians of several runs, each figure by itself.
pub(crate) fn median(costs: &[Cost]) -> Option<Cost> {
    let middle = |mut figures: Vec<f64>| {
        figures.sort_by(f64::total_cmp);
        let upper = *figures.get(figures.len() / 2)?;
        let lower = *figures.get(figures.len().checked_sub(1)? / 2)?;
        Some(f64::midpoint(lower, upper))
    };
    let whole = |mut figures: Vec<u64>| {
        figures.sort_unstable();
        figures.get(figures.len() / 2).copied()
    };
    Some(Cost {
        wall: middle(costs.iter().map(|cost| cost.wall).collect())?,
        cpu: middle(costs.iter().map(|cost| cost.cpu).collect())?,
        memory: whole(costs.iter().map(|cost| cost.memory).collect())?,
        server_memory: whole(costs.iter().map(|cost| cost.server_memory).collect())?,
    })
}

/// The shortest time of several runs.
fn least(costs: &[Cost]) -> f64 {
    costs.iter().map(|cost| cost.wall).fold(f64::INFINITY, f64::min)
}

impl Table {
    /// The table as markdown, with its title.
    pub(crate) fn markdown(&self) -> String {
        let base = self.base_line();
        let (base_name, base_cost, base_least) = base.unwrap_or(("the floor", Cost::default(), 0.0));
        let mut heads = vec![
            "tool".to_owned(),
            "wall".to_owned(),
            format!("to {base_name}"),
            // What else the machine does only ever adds: where that is much, the least tells more than the median.
            "least".to_owned(),
            "to its least".to_owned(),
            "client CPU".to_owned(),
            "client memory".to_owned(),
        ];
        if self.server_memory {
            heads.push("server memory".to_owned());
        }
        let has_trips = self.lines.iter().any(|line| line.trips.is_some());
        if has_trips {
            heads.push("round trips".to_owned());
        }
        if has_trips && self.migrations.is_some() {
            heads.push("a migration".to_owned());
        }
        let mut out = format!("### {}\n\n", self.title);
        row(&mut out, &heads);
        let rule: Vec<_> = heads
            .iter()
            .enumerate()
            .map(|(index, _)| if index == 0 { "---" } else { "---:" }.to_owned())
            .collect();
        row(&mut out, &rule);
        for line in &self.lines {
            let mut cells = vec![line.tool.clone()];
            cells.extend(self.cells(line, (base_cost.wall, base_least), has_trips));
            cells.resize(heads.len(), String::new());
            row(&mut out, &cells);
        }
        out
    }

    /// Its name, its medians and its least time.
    fn base_line(&self) -> Option<(&str, Cost, f64)> {
        let measured = |line: &Line| line.costs.as_ref().ok().and_then(|costs| median(costs)).is_some();
        let named = self
            .lines
            .iter()
            .find(|line| line.tool == self.base && measured(line));
        let line = named.or_else(|| self.lines.iter().find(|line| measured(line)))?;
        let costs = line.costs.as_ref().ok()?;
        Some((&line.tool, median(costs)?, least(costs)))
    }

    fn cells(&self, line: &Line, base: (f64, f64), has_trips: bool) -> Vec<String> {
        let (cost, least) = match &line.costs {
            Ok(costs) => (median(costs), least(costs)),
            Err(reason) => return vec![format!("— {}", reason.replace('|', "/"))],
        };
        let Some(cost) = cost else {
            return vec!["— not measured".to_owned()];
        };
        let mut cells = vec![
            seconds(cost.wall),
            ratio(cost.wall, base.0),
            seconds(least),
            ratio(least, base.1),
            seconds(cost.cpu),
            mebibytes(cost.memory),
        ];
        if self.server_memory {
            cells.push(mebibytes(cost.server_memory));
        }
        if has_trips {
            let trips = line.trips.map_or_else(String::new, |trips| trips.to_string());
            cells.push(trips);
        }
        if let (Some(trips), Some(migrations)) = (line.trips, self.migrations) {
            cells.push(format!("{:.2}", as_float(trips) / as_float(migrations as u64)));
        }
        cells
    }
}

/// Where a page's measured part begins.
const MARK: &str = "<!-- Below: written by `cargo xtask bench --output` -->\n";

/// The page with new tables below its mark; the tables alone where there is no mark.
pub(crate) fn below_mark(page: &str, tables: &str) -> String {
    match page.split_once(MARK) {
        Some((before, _)) => format!("{before}{MARK}\n{}\n", tables.trim_end()),
        None => tables.to_owned(),
    }
}

/// A row of a markdown table.
pub(crate) fn row(out: &mut String, cells: &[String]) {
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

/// Seconds with about three figures.
pub(crate) fn seconds(value: f64) -> String {
    if value < 1.0 {
        format!("{:.1} ms", value * 1000.0)
    } else {
        format!("{value:.2} s")
    }
}

fn ratio(value: f64, base: f64) -> String {
    if base > 0.0 {
        format!("{:.2}", value / base)
    } else {
        String::new()
    }
}

pub(crate) fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MB", as_float(bytes) / 1_048_576.0)
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a figure in a table has three digits, and counts here stay far below 2^53"
)]
pub(crate) fn as_float(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(wall: f64) -> Cost {
        Cost {
            wall,
            cpu: wall / 2.0,
            memory: 2 * 1_048_576,
            server_memory: 0,
        }
    }

    fn table(lines: Vec<Line>) -> String {
        let table = Table {
            title: "10 migrations".to_owned(),
            base: "psql".to_owned(),
            lines,
            migrations: Some(10),
            server_memory: false,
        };
        table.markdown()
    }

    fn line(tool: &str, costs: Result<Vec<Cost>, String>) -> Line {
        Line {
            tool: tool.to_owned(),
            costs,
            trips: Some(25),
        }
    }

    #[test]
    fn a_median_is_not_moved_by_one_slow_run() {
        let costs = [cost(1.0), cost(9.0), cost(1.5)];
        assert_eq!(median(&costs).map(|cost| cost.wall), Some(1.5));
        assert_eq!(median(&[cost(1.0), cost(2.0)]).map(|cost| cost.wall), Some(1.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn ratios_are_taken_to_the_floor() {
        let text = table(vec![
            line("dbvc", Ok(vec![cost(3.0)])),
            line("psql", Ok(vec![cost(2.0)])),
        ]);
        assert!(text.contains("| tool | wall | to psql |"), "{text}");
        assert!(
            text.contains("| dbvc | 3.00 s | 1.50 | 3.00 s | 1.50 | 1.50 s | 2.0 MB | 25 | 2.50 |"),
            "{text}"
        );
    }

    #[test]
    fn tables_take_the_place_of_older_ones_and_leave_the_page() {
        let page = format!("# Page\n{MARK}\nold\n");
        assert_eq!(below_mark(&page, "new\n\n"), format!("# Page\n{MARK}\nnew\n"));
        assert_eq!(below_mark("no mark", "new\n"), "new\n");
    }

    #[test]
    fn what_could_not_be_measured_says_why_and_is_not_dropped() {
        let text = table(vec![
            line("psql", Err("not installed".to_owned())),
            line("dbvc", Ok(vec![cost(0.5)])),
        ]);
        assert!(text.contains("| psql | — not installed |"), "{text}");
        assert!(
            text.contains("to dbvc"),
            "the first that was measured takes its place: {text}"
        );
        assert!(text.contains("500.0 ms"), "{text}");
    }
}
