//! The engine's floors: a module uses what is below it, and no two modules of one floor use each other in a circle.

mod references;

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::Workspace;
use crate::tidy::violation::Violation;
use references::Reference;

pub(crate) use references::is_test_only;

const SOURCES: &str = "dbvc-engine/src/";

/// The engine's top modules from the ground up. A module may use any on its own floor or below, without circles.
const FLOORS: &[(&str, &[&str])] = &[
    (
        "values",
        &["text", "error", "diagnostic", "schema", "sql", "migration"],
    ),
    ("port", &["driver", "audit", "observe"]),
    ("logic", &["diff", "plan", "lint"]),
    (
        "orchestration",
        &["wrap", "lock", "execute", "record", "replay", "drift", "registry"],
    ),
    ("use cases", &["project"]),
    ("kit", &["conformance"]),
];

/// Which module uses which, with the first place where it does.
type Edges = BTreeMap<(String, String), (String, usize)>;

pub(crate) fn check(workspace: &Workspace, found: &mut Vec<Violation>) {
    let mut edges = Edges::new();
    for file in &workspace.files {
        let Some(inside) = file.path.strip_prefix(SOURCES).filter(|_| !file.is_test()) else {
            continue;
        };
        let Some(module) = module_path(inside) else {
            continue;
        };
        let Some(top) = module.first().cloned() else {
            continue;
        };
        if floor(&top).is_none()
            && !found
                .iter()
                .any(|one| one.rule == "floors" && one.what.contains(&quoted(&top)))
        {
            found.push(unknown(&file.path, &top));
        }
        let Some(syntax) = file.parse() else { continue };
        for Reference { module: used, line } in references::of(&syntax, module) {
            if used != top {
                edges
                    .entry((top.clone(), used))
                    .or_insert_with(|| (file.path.clone(), line));
            }
        }
    }
    upward(&edges, found);
    circles(&edges, found);
}

/// The module that a file below `src/` holds; `None` for what is no Rust.
fn module_path(inside: &str) -> Option<Vec<String>> {
    let stem = inside.strip_suffix(".rs")?;
    let mut parts: Vec<String> = stem.split('/').map(str::to_owned).collect();
    if parts
        .last()
        .is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main"))
    {
        parts.pop();
    }
    Some(parts)
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|(_, modules)| modules.contains(&module))
}

fn quoted(module: &str) -> String {
    format!("`{module}`")
}

fn unknown(path: &str, module: &str) -> Violation {
    Violation::new(
        (path, 1),
        "floors",
        format!("the engine's module `{module}` stands on no floor"),
        "give it a place in FLOORS, xtask/src/tidy/rules/floors/mod.rs",
    )
}

fn upward(edges: &Edges, found: &mut Vec<Violation>) {
    for ((user, used), (path, line)) in edges {
        let (Some(from), Some(to)) = (floor(user), floor(used)) else {
            continue;
        };
        if to > from {
            found.push(Violation::new(
                (path, *line),
                "floors",
                format!(
                    "`{user}` ({}) uses `{used}` ({}) above it",
                    FLOORS[from].0, FLOORS[to].0
                ),
                "move what it needs down, or the code that needs it up",
            ));
        }
    }
}

/// Circles among modules of one floor; an edge is part of one when its end leads back to its start.
fn circles(edges: &Edges, found: &mut Vec<Violation>) {
    for ((user, used), (path, line)) in edges {
        let same = floor(user).is_some() && floor(user) == floor(used);
        if same && leads_to(edges, used, user) {
            found.push(Violation::new(
                (path, *line),
                "floors",
                format!("`{user}` and `{used}` use each other in a circle"),
                "move what both need into the lower of them",
            ));
        }
    }
}

fn leads_to(edges: &Edges, start: &str, goal: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(module) = open.pop() {
        if module == goal {
            return true;
        }
        if seen.insert(module) {
            open.extend(
                edges
                    .keys()
                    .filter(|(user, _)| user == module)
                    .map(|(_, used)| used.as_str()),
            );
        }
    }
    false
}

#[cfg(test)]
mod tests;
