//! Somebody else's reader of T-SQL reads what is sent: for tests.
//!
//! It does not know all of T-SQL. What it does not know is listed, each with a reason, and a list with an entry that is not
//! needed any more fails.

use std::collections::BTreeSet;

use sqlparser::dialect::MsSqlDialect;
use sqlparser::parser::Parser;

/// Where the reader stops in a batch, as a byte of it, and why; none where it reads everything.
pub(crate) fn stop(batch: &str) -> Option<(usize, String)> {
    let why = Parser::parse_sql(&MsSqlDialect {}, batch).err()?.to_string();
    let place = why.rsplit_once(" at Line: ").and_then(|(_, place)| {
        let (line, column) = place.split_once(", Column: ")?;
        Some((line.parse::<usize>().ok()?, column.parse::<usize>().ok()?))
    });
    let at = place.map_or(batch.len(), |(line, column)| {
        let before: usize = batch.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let rest = batch[before..].char_indices().nth(column - 1);
        rest.map_or(batch.len(), |(at, _)| before + at)
    });
    Some((at, why))
}

/// What stops the reader, unless it stops within a form of the list or at the word behind it. The forms that were met are
/// noted.
pub(crate) fn refusal(
    batch: &str,
    unread: &[(&'static str, &'static str)],
    met: &mut BTreeSet<&'static str>,
) -> Option<String> {
    let (at, why) = stop(batch)?;
    let is_there = |form: &str| {
        let found = batch.match_indices(form);
        found
            .map(|(begin, form)| begin..=begin + form.len() + 1)
            .any(|place| place.contains(&at))
    };
    match unread.iter().find(|(form, _)| is_there(form)) {
        Some((form, _)) => {
            met.insert(form);
            None
        }
        None => Some(format!("{why}\nit stops at: {}\n{batch}", &batch[at..])),
    }
}

/// What is sent with every run, beside what scripts hold and the record's own SQL, which has a test of its own.
mod own_texts {
    use crate::message;

    /// What the reader does not know, what stands there for it instead, and why.
    const INSTEAD: &[(&str, &str, &str)] = &[];

    fn texts() -> Vec<String> {
        let mut texts = vec![
            message::SETTINGS.to_owned(),
            message::ROLLBACK.to_owned(),
            message::unhindered("a]b"),
            message::lock_timeout(1500),
            message::get_lock("it's", "Shared", "Session"),
            message::ask_lock("it's"),
            message::release_lock("it's"),
            message::check_had("it's"),
            message::check_fence("SELECT 1"),
            message::check_none_open(),
            message::check_still_ours("it's"),
        ];
        texts.extend(crate::scratch::texts());
        texts.extend(crate::introspect::texts());
        texts
    }

    fn instead(text: &str, but: Option<usize>) -> String {
        let rules = INSTEAD.iter().enumerate().filter(|(at, _)| Some(*at) != but);
        rules.fold(text.to_owned(), |text, (_, (from, to, _))| text.replace(from, to))
    }

    #[test]
    fn a_second_reader_understands_them() {
        let texts = texts();
        assert!(texts.len() > 30, "{}", texts.len());
        let read = |text: &String| {
            super::stop(&instead(text, None)).map(|(at, why)| {
                let text = instead(text, None);
                format!(
                    "{why}\nit stops at: {}",
                    text[at..].chars().take(300).collect::<String>()
                )
            })
        };
        let wrong: Vec<String> = texts.iter().filter_map(read).collect();
        assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n\n"));
    }

    #[test]
    fn nothing_is_told_in_other_words_without_need() {
        let texts = texts();
        for (at, (from, ..)) in INSTEAD.iter().enumerate() {
            let is_needed = texts
                .iter()
                .any(|text| super::stop(&instead(text, Some(at))).is_some());
            assert!(is_needed, "the reader knows {from} by now");
        }
    }
}
