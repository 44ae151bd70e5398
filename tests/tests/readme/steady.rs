//! What differs from run to run, and comparing without it.

use std::sync::LazyLock;

use regex::Regex;

/// Patterns and what stands for them; the order counts.
static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (
            r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(UTC|Z))?",
            "WHEN",
        ),
        (r"\b\d+(\.\d+)? ?(ms|µs|s)\b", "TIME"),
        (
            r"(PostgreSQL|SQLite|MariaDB|MySQL) \d+(\.\d+)+( \([^)]*\))?",
            "$1 VERSION",
        ),
        (r"\([Pp]rocess \d+\)", "(process PID)"),
        (r"──+", "──"),
        (r"\s+", " "),
    ]
    .into_iter()
    .map(|(pattern, word)| (Regex::new(pattern).expect("a pattern"), word))
    .collect()
});

/// A line without what differs from run to run.
fn steady(line: &str) -> String {
    let mut line = line.to_owned();
    for (pattern, word) in PATTERNS.iter() {
        line = pattern.replace_all(&line, *word).into_owned();
    }
    line.trim().to_owned()
}

/// Whether an output is what the page says; a line `...` there stands for any number of lines.
pub(crate) fn agree(page: &[String], found: &[String]) -> bool {
    let Some((line, rest)) = page.split_first() else {
        return found.is_empty();
    };
    if line.trim() == "..." {
        return (0..=found.len()).any(|skipped| agree(rest, &found[skipped..]));
    }
    found
        .split_first()
        .is_some_and(|(first, others)| steady(line) == steady(first) && agree(rest, others))
}

#[test]
fn times_do_not_count_and_words_do() {
    let lines = |text: &str| text.lines().map(ToOwned::to_owned).collect::<Vec<_>>();
    assert!(agree(
        &lines("a  1 ms\n...\nz 2026-01-02 03:04:05 UTC"),
        &lines("a 12 ms\nb\nc\nz 2027-11-12 13:14:15 UTC")
    ));
    assert!(!agree(&lines("a 1 ms"), &lines("b 1 ms")));
    assert!(!agree(&lines("a"), &lines("a\nb")));
}
