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

/// What stops the reader, unless the list has the place. There `before|behind` is what stands right before and right behind
/// the place where it stops, nothing behind it is the batch's end, and `front … before|behind` also wants that the batch
/// has `front` somewhere before; names in brackets have nothing in them, and `*` is anything. The entries that were met
/// are noted.
pub(crate) fn refusal(
    batch: &str,
    unread: &[(&'static str, &'static str)],
    met: &mut BTreeSet<&'static str>,
) -> Option<String> {
    let (at, why) = stop(batch)?;
    match unread.iter().find(|(form, _)| is_at(batch, at, form)) {
        Some((form, _)) => {
            met.insert(form);
            None
        }
        None => Some(format!("{why}\n{}|{}\nof {batch}", &batch[..at], &batch[at..])),
    }
}

fn is_at(batch: &str, at: usize, form: &str) -> bool {
    let (front, place) = form.split_once(" … ").unwrap_or(("", form));
    let (before, behind) = place.split_once('|').expect("a form has its place");
    let (done, rest) = batch.split_at(at);
    let stands_behind = match behind {
        "" => rest.is_empty(),
        "*" => true,
        _ => rest.starts_with(behind),
    };
    let done = without_names(done);
    stands_behind && done.ends_with(before) && done.contains(front)
}

fn without_names(text: &str) -> String {
    let mut parts = text.split('[');
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push('[');
        bare.push_str(part.find(']').map_or("", |end| &part[end..]));
    }
    bare
}

/// What is sent with every run, beside what scripts hold and the record's own SQL, which has a test of its own.
mod own_texts {
    use crate::message;

    /// What the reader does not know, what stands there for it instead, and why.
    const INSTEAD: &[(&str, &str, &str)] = &[
        (
            "EXEC @dbvc_lock = sp_getapplock",
            "EXEC sp_getapplock",
            "it does not keep what a procedure returns",
        ),
        (
            "FOR XML PATH(N'')",
            "FOR XML PATH('')",
            "it takes no national text there",
        ),
        (
            "ALTER DATABASE [a]]b] SET SINGLE_USER WITH ROLLBACK IMMEDIATE;",
            "",
            "it does not change databases",
        ),
    ];

    fn texts() -> Vec<String> {
        let mut texts = vec![
            message::SETTINGS.to_owned(),
            message::ROLLBACK.to_owned(),
            message::unhindered("a]b"),
            message::NO_PLANS.to_owned(),
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
