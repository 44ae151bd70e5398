//! An event's canonical text, cut at the places that the database fills in.

use serde_json::{Map, Value};

/// A part of an event's text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Known(String),
    /// A text that the database makes: expressions that are put together.
    Text(usize),
    /// JSON that it makes: a number, or a text with its quotes.
    Json(usize),
}

/// The canonical text of an event, cut where a slot is.
pub(super) fn pieces(fields: &Map<String, Value>, slots: &[&str]) -> Vec<Piece> {
    let known = serde_json_canonicalizer::to_string(fields).unwrap_or_default();
    // A mark that nobody wrote into the event.
    let mut number = 0_u64;
    while known.contains(&format!("@{number}@")) {
        number += 1;
    }
    let mark = format!("@{number}@");
    let mut marked = fields.clone();
    for (index, name) in slots.iter().enumerate() {
        let value = Value::from(format!("{mark}{index}@"));
        match name.split_once('.') {
            None => {
                marked.insert((*name).to_owned(), value);
            }
            Some((outer, inner)) => {
                let outer = marked
                    .entry(outer.to_owned())
                    .or_insert_with(|| Map::new().into());
                if let Value::Object(inside) = outer {
                    inside.insert(inner.to_owned(), value);
                }
            }
        }
    }
    let text = serde_json_canonicalizer::to_string(&marked).unwrap_or_default();
    let opening = format!("\"{mark}");
    let mut parts = text.split(opening.as_str());
    let mut pieces = vec![Piece::Known(parts.next().unwrap_or_default().to_owned())];
    for part in parts {
        let (index, rest) = part.split_once("@\"").unwrap_or((part, ""));
        let slot = index.parse().unwrap_or_default();
        let is_json = matches!(
            slots.get(slot),
            Some(&"sequence" | &"durationMs" | &"actor.login")
        );
        pieces.push(if is_json {
            Piece::Json(slot)
        } else {
            Piece::Text(slot)
        });
        pieces.push(Piece::Known(rest.to_owned()));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_the_database_fills_in_and_nowhere_else() {
        let fields: Map<String, Value> =
            serde_json::from_str(r#"{"reason":"@0@1@ \"sequence\"","sequence":0,"at":""}"#).expect("JSON");
        let pieces = pieces(&fields, &["sequence", "at", "details.execution"]);
        assert_eq!(
            pieces,
            [
                Piece::Known("{\"at\":".into()),
                Piece::Text(1),
                Piece::Known(",\"details\":{\"execution\":".into()),
                Piece::Text(2),
                Piece::Known("},\"reason\":\"@0@1@ \\\"sequence\\\"\",\"sequence\":".into()),
                Piece::Json(0),
                Piece::Known("}".into()),
            ]
        );
    }
}
