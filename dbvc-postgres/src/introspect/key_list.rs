//! The list of keys in an index's definition.
//!
//! The server gives each key's column or expression by itself, and everything else about it (collation, operator class,
//! direction) only in the whole definition, where it is left out when it is the default. So the list is cut at its
//! commas, and what follows each key is read.

use dbvc_engine::schema::{IndexPart, NullOrder};

/// The text of each key in `CREATE INDEX … USING method (…)`.
pub(super) fn keys(definition: &str) -> Vec<&str> {
    // Names may hold anything, so ` USING ` is looked for outside quotes.
    let Some(open) = after_using(definition) else {
        return Vec::new();
    };
    let text = &definition[open..];
    let (mut depth, mut start, mut found) = (0_usize, 0, Vec::new());
    for (at, byte) in outside_quotes(text) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' if depth == 0 => {
                found.push(text[start..at].trim());
                break;
            }
            b')' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                found.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

/// The first byte after the list's opening parenthesis.
fn after_using(definition: &str) -> Option<usize> {
    const USING: &[u8] = b" USING ";
    let bytes = definition.as_bytes();
    let using = outside_quotes(definition).find(|(at, _)| bytes[*at..].starts_with(USING))?;
    let open = definition[using.0..].find('(')?;
    Some(using.0 + open + 1)
}

/// The bytes that stand in no quotes. A doubled quote closes and opens again, which comes to the same.
fn outside_quotes(text: &str) -> impl Iterator<Item = (usize, u8)> {
    let mut quote = None;
    text.bytes().enumerate().filter(move |(_, byte)| match quote {
        Some(open) => {
            if *byte == open {
                quote = None;
            }
            false
        }
        None if matches!(byte, b'\'' | b'"') => {
            quote = Some(*byte);
            false
        }
        None => true,
    })
}

/// A key: what the server says of it alone, its text in the list, and the column's name if it is one.
pub(super) fn part(alone: &str, listed: &str, column: Option<String>) -> IndexPart {
    let mut part = match column {
        Some(name) => IndexPart::column(name),
        None => IndexPart::expression(alone),
    };
    let mut rest = listed.strip_prefix(alone).unwrap_or(listed).trim();
    for (word, order) in [
        (" NULLS FIRST", NullOrder::First),
        (" NULLS LAST", NullOrder::Last),
    ] {
        if let Some(before) = strip(rest, word) {
            part.nulls = Some(order);
            rest = before;
        }
    }
    if let Some(before) = strip(rest, " DESC") {
        part.descending = true;
        rest = before;
    }
    if let Some(after) = rest.strip_prefix("COLLATE ") {
        let end = outside_quotes(after)
            .find(|(_, byte)| *byte == b' ')
            .map_or(after.len(), |(at, _)| at);
        part.collation = Some(after[..end].to_owned());
        rest = after[end..].trim();
    }
    part.operator_class = (!rest.is_empty()).then(|| rest.to_owned());
    part
}

/// What stands before a word at the end; the word may be all there is.
fn strip<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    if text == word.trim_start() {
        return Some("");
    }
    text.strip_suffix(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_cut_at_the_commas_of_the_list_only() {
        let definition = "CREATE INDEX \"x USING (\" ON public.t USING btree (a, f(b, 'x,)'::text) DESC, \
                          (((c)::text || ','::text)), \"d,\" COLLATE \"C\" text_pattern_ops) INCLUDE (e) WHERE (a > 0)";
        assert_eq!(
            keys(definition),
            [
                "a",
                "f(b, 'x,)'::text) DESC",
                "(((c)::text || ','::text))",
                "\"d,\" COLLATE \"C\" text_pattern_ops"
            ]
        );
    }

    #[test]
    fn what_follows_a_key_is_read() {
        let read = part(
            "lower(a)",
            "lower(a) COLLATE \"my C\" text_pattern_ops DESC NULLS LAST",
            None,
        );
        assert_eq!(read.expression.as_deref(), Some("lower(a)"));
        assert_eq!(read.collation.as_deref(), Some("\"my C\""));
        assert_eq!(read.operator_class.as_deref(), Some("text_pattern_ops"));
        assert!(read.descending);
        assert_eq!(read.nulls, Some(NullOrder::Last));
    }

    #[test]
    fn a_plain_key_is_only_its_column() {
        assert_eq!(part("\"A\"", "\"A\"", Some("A".into())), IndexPart::column("A"));
        let down = part("a", "a DESC", Some("a".into()));
        assert!(down.descending && down.nulls.is_none() && down.operator_class.is_none());
    }

    #[test]
    fn parameters_stay_with_their_operator_class() {
        let read = part("a", "a gist_trgm_ops (siglen='32')", Some("a".into()));
        assert_eq!(
            read.operator_class.as_deref(),
            Some("gist_trgm_ops (siglen='32')")
        );
    }
}
