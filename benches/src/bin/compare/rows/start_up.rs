//! How long a program takes to say its version, and how large it is.

use std::fs;

use super::Stage;
use crate::measure;
use crate::report::{Line, mebibytes};
use crate::tools::Found;

/// Runs are short, and noise is large beside them.
const TURNS: usize = 11;
/// Seconds that a slow starter gets in all.
const ENOUGH: f64 = 10.0;

pub(super) fn run(stage: &Stage<'_>) {
    let limit = stage.options.limit();
    // One of each program: the floors hold some twice, and the raw client is no program of its own.
    let tools: Vec<&Found> = stage
        .tools
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "psql-message" | "raw"))
        .filter(|(_, tool)| {
            tool.as_ref()
                .map_or(true, |tool| !tool.is_dbvc() || tool.is_one_file())
        })
        .collect();
    let mut lines: Vec<_> = tools
        .iter()
        .map(|(name, tool)| Line {
            tool: tool.as_ref().map_or_else(|_| name.clone(), |tool| tool.name()),
            costs: tool.as_ref().map(|_| Vec::new()).map_err(Clone::clone),
            trips: None,
        })
        .collect();
    for turn in 0..=TURNS {
        for (line, (_, tool)) in lines.iter_mut().zip(&tools) {
            let (Ok(tool), Ok(costs)) = (tool, &mut line.costs) else {
                continue;
            };
            if costs.iter().map(|cost| cost.wall).sum::<f64>() > ENOUGH {
                continue;
            }
            match measure::run(&tool.version(), stage.folder, limit, None) {
                // The first reads the program from the disk.
                Ok(cost) if turn > 0 => costs.push(cost),
                Ok(_) => {}
                Err(reason) => line.costs = Err(reason),
            }
        }
    }
    stage.table("Start-up: --version".to_owned(), "psql", lines, None, false);
    sizes(stage);
}

fn sizes(stage: &Stage<'_>) {
    let programs = stage.tools.iter().filter_map(|(_, tool)| tool.as_ref().ok());
    let mut text = "Sizes of programs that are one file: ".to_owned();
    let sizes: Vec<_> = programs
        .filter(|tool| tool.is_one_file())
        .filter_map(|tool| {
            let size = fs::metadata(tool.version().program).ok()?.len();
            Some(format!("{} {}", tool.name(), mebibytes(size)))
        })
        .collect();
    text.push_str(&sizes.join(", "));
    text.push_str(".\n");
    (stage.tell)(&text);
}
