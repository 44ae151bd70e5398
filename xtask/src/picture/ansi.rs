//! Coloured terminal text, as runs of one look. Only the sequences that dbvc writes are known: `ESC [ … m`.

/// A run of text with one look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) bold: bool,
    /// The colour's number, 0 to 15; none for the terminal's own.
    pub(super) colour: Option<u8>,
}

/// A command after a prompt.
pub(super) fn typed(command: &str) -> Vec<Run> {
    let prompt = Run {
        text: "$ ".into(),
        colour: Some(8),
        ..Run::default()
    };
    let command = Run {
        text: command.into(),
        bold: true,
        ..Run::default()
    };
    vec![prompt, command]
}

/// One line of output.
pub(super) fn line(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut now = Run::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        now.text.push_str(before);
        let Some((codes, after)) = after.split_once('m') else {
            break;
        };
        if !now.text.is_empty() {
            runs.push(now.clone());
            now.text.clear();
        }
        for code in codes.split(';') {
            change(&mut now, code.parse().unwrap_or(0));
        }
        rest = after;
    }
    now.text.push_str(rest);
    if !now.text.is_empty() {
        runs.push(now);
    }
    runs
}

/// ECMA-48, 8.3.117 (select graphic rendition), and the bright colours that terminals have at 90.
fn change(look: &mut Run, code: u8) {
    match code {
        0 => (look.bold, look.colour) = (false, None),
        1 => look.bold = true,
        2 => look.colour = Some(8),
        22 => look.bold = false,
        30..=37 => look.colour = Some(code - 30),
        39 => look.colour = None,
        90..=97 => look.colour = Some(code - 90 + 8),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_begin_and_end_where_the_terminal_is_told() {
        let runs = line("a\u{1b}[1m\u{1b}[91mb\u{1b}[0mc");
        let looks: Vec<_> = runs
            .iter()
            .map(|run| (&*run.text, run.bold, run.colour))
            .collect();
        assert_eq!(
            looks,
            [("a", false, None), ("b", true, Some(9)), ("c", false, None)]
        );
    }
}
