//! Diagnostics for people, with the line they are about.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use dbvc_engine::diagnostic::{Diagnostic, Label, Severity};

/// All of them, one below the other, with the colours that the stream may take away again.
pub fn diagnostics(all: &[Diagnostic], width: usize) -> String {
    let renderer = Renderer::styled()
        .decor_style(DecorStyle::Unicode)
        .term_width(width);
    let mut text = String::new();
    for diagnostic in all {
        text.push_str(renderer.render(&[group(diagnostic)]).trim_end());
        text.push_str("\n\n");
    }
    text.truncate(text.trim_end().len());
    text
}

fn group(diagnostic: &Diagnostic) -> Group<'_> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(
        level
            .primary_title(diagnostic.message.as_str())
            .id(diagnostic.code.as_str()),
    );
    for label in &diagnostic.labels {
        group = group.element(place(label));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
}

fn place(label: &Label) -> Element<'_> {
    let path = label.path.to_string_lossy();
    let (Some(at), Some(line)) = (label.at, &label.line) else {
        let mut origin = Origin::path(path);
        if let Some(at) = label.at {
            origin = origin.line(at.line as usize).char_column(at.column as usize);
        }
        return origin.into();
    };
    let column = at.column.saturating_sub(1) as usize;
    let start = byte_of(line, column);
    let end = byte_of(line, column.saturating_add(label.length as usize)).max(start + word(&line[start..]));
    let mut annotation = AnnotationKind::Primary.span(start..end);
    if !label.text.is_empty() {
        annotation = annotation.label(label.text.as_str());
    }
    Snippet::source(line.as_str())
        .line_start(at.line as usize)
        .path(path)
        .annotation(annotation)
        .into()
}

/// Bytes of the word that a text begins with. Servers name only the place where something begins.
fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len())
}

/// The byte where a character begins; the line's end for one behind it.
fn byte_of(line: &str, character: usize) -> usize {
    line.char_indices()
        .nth(character)
        .map_or(line.len(), |(byte, _)| byte)
}

#[cfg(test)]
mod tests {
    use dbvc_engine::text::LineColumn;

    use super::*;

    fn plain(diagnostic: &Diagnostic) -> String {
        anstream::adapter::strip_str(&diagnostics(std::slice::from_ref(diagnostic), 110)).to_string()
    }

    fn label(line: &str, column: u32, length: u32) -> Label {
        let mut label = Label::place("a.sql", LineColumn { line: 7, column }, "does not exist");
        label.length = length;
        label.line = Some(line.to_owned());
        label
    }

    #[test]
    fn the_line_the_place_and_the_advice_are_shown() {
        let diagnostic = Diagnostic::error("DBVC5001", "statement failed")
            .label(label("create index i on invoice(custmer_id);", 27, 10))
            .note("nothing changed")
            .help("fix the file");
        let text = plain(&diagnostic);
        for part in [
            "error[DBVC5001]: statement failed",
            "a.sql:7:27",
            "━━━━━━━━━━ does not exist",
            "note: nothing changed",
            "help: fix the file",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn a_place_without_length_marks_the_word_that_begins_there() {
        let text = plain(&Diagnostic::error("X", "m").label(label("on invoice(custmer_id);", 12, 1)));
        assert!(text.contains(" ━━━━━━━━━━ does"), "{text}");
    }

    #[test]
    fn a_place_behind_the_line_does_not_break_it() {
        for (column, length) in [(0, 0), (100, 5), (3, 1000), (u32::MAX, u32::MAX)] {
            let text = plain(&Diagnostic::error("X", "m").label(label("äöü€ x", column, length)));
            assert!(text.contains("äöü€ x"), "{text}");
        }
    }

    #[test]
    fn control_characters_of_a_script_do_not_reach_the_terminal() {
        let text = plain(&Diagnostic::error("X", "m\u{7}").label(label("a\u{7}\u{1b}[2Jb", 1, 1)));
        assert!(!text.contains('\u{7}') && !text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn a_file_without_a_line_is_named() {
        let text = plain(&Diagnostic::warning("W", "m").label(Label::file("x/y.toml")));
        assert!(
            text.contains("warning[W]: m") && text.contains("x/y.toml"),
            "{text}"
        );
    }
}
