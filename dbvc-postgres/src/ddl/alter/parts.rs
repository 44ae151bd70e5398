//! Parts of tables that change.

use dbvc_engine::diff::{FieldChange, PartChange, PartWhat};

/// Whether a part changes in nothing but what is said about it.
fn is_comment(part: &PartChange) -> bool {
    matches!(&part.what, PartWhat::Changed { fields } if fields.iter().all(|field| field.field == "comment"))
}

/// Whether the part that was there goes, though another of its name may come.
pub(super) fn goes(part: &PartChange) -> bool {
    !matches!(part.what, PartWhat::Added { .. }) && !is_comment(part)
}

/// Whether a part comes that was not there so.
pub(super) fn comes(part: &PartChange) -> bool {
    !matches!(part.what, PartWhat::Removed { .. }) && !is_comment(part)
}

/// The parts of one sort whose comment alone changes.
pub(super) fn commented<'a>(parts: &'a [PartChange], word: &'a str) -> impl Iterator<Item = &'a PartChange> {
    parts
        .iter()
        .filter(move |part| part.part == word && is_comment(part))
}

/// The parts of one sort.
pub(super) fn of<'a>(parts: &'a [PartChange], word: &'a str) -> impl Iterator<Item = &'a PartChange> {
    parts.iter().filter(move |part| part.part == word)
}

/// What changes in a part that stays.
pub(super) fn fields(part: &PartChange) -> &[FieldChange] {
    match &part.what {
        PartWhat::Changed { fields } => fields,
        _ => &[],
    }
}
