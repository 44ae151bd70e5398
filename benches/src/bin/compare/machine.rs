//! What a comparison ran on.

use std::fmt::Write as _;
use std::fs;
use std::thread::available_parallelism;

use crate::measure::run;
use crate::report::mebibytes;
use crate::rows::Stage;

/// The machine, the server and the tools, as a list.
pub(crate) fn describe(stage: &Stage<'_>) -> String {
    let mut out = format!(
        "- machine: {}, {} cores, {} of memory, {} {}; load {}\n",
        processor().unwrap_or_else(|| "unknown processor".to_owned()),
        available_parallelism().map_or(1, usize::from),
        memory().map_or_else(|| "unknown".to_owned(), mebibytes),
        std::env::consts::OS,
        std::env::consts::ARCH,
        fs::read_to_string("/proc/loadavg")
            .map_or_else(|_| "unknown".to_owned(), |text| first_words(&text, 3)),
    );
    for version in stage.servers.versions() {
        let _ = writeln!(out, "- server: {version}");
    }
    for (name, tool) in stage.tools {
        if tool
            .as_ref()
            .is_ok_and(|tool| tool.is_dbvc() && !tool.is_one_file())
        {
            continue;
        }
        let _ = match tool {
            Ok(tool) => writeln!(out, "- {}: {}", tool.name(), version(stage, tool.as_ref())),
            Err(reason) => writeln!(out, "- {name}: ABSENT, {reason}"),
        };
    }
    out
}

/// The first line of what a tool says of its version that holds a number with a dot.
fn version(stage: &Stage<'_>, tool: &dyn crate::tools::Tool) -> String {
    let asked = run(&tool.release(), stage.folder, stage.options.limit(), None);
    let said = fs::read_to_string(stage.folder.join("said.log")).unwrap_or_default();
    match asked {
        Ok(_) => versioned_line(&said).unwrap_or("no version").to_owned(),
        Err(reason) => reason,
    }
}

fn versioned_line(said: &str) -> Option<&str> {
    said.lines().map(str::trim).find(|line| {
        let bytes = line.as_bytes();
        bytes
            .windows(3)
            .any(|part| part[0].is_ascii_digit() && part[1] == b'.' && part[2].is_ascii_digit())
            && !line.contains('/')
    })
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn first_words(text: &str, count: usize) -> String {
    text.split_whitespace().take(count).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_below_a_banner() {
        assert_eq!(
            versioned_line("####\n## Hello ##\nTool Version: 4.28.1\n"),
            Some("Tool Version: 4.28.1")
        );
        assert_eq!(versioned_line("no number here\n"), None);
    }
}
