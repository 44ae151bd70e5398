//! A difference as text for people.

use std::fmt;

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::{Change, Difference, FieldChange, PartChange, PartWhat, Rename, What};

impl fmt::Display for Difference {
    /// Three lists: what is new, what is another, what is there no more; then what may only have another name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(f, "No differences.");
        }
        self.list(f, "Added", |what| matches!(what, What::Added { .. }))?;
        self.list(f, "Changed", |what| matches!(what, What::Changed { .. }))?;
        self.list(f, "Removed", |what| matches!(what, What::Removed { .. }))?;
        if !self.renames.is_empty() {
            writeln!(f, "Perhaps renamed")?;
            for rename in &self.renames {
                writeln!(f, "  {rename}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Rename {
    /// `column titel to title of table books`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} to {}", self.what, self.from, self.to)?;
        match &self.within {
            Some(key) => write!(f, " of {key}"),
            None => Ok(()),
        }
    }
}

impl Difference {
    fn list(&self, f: &mut fmt::Formatter<'_>, title: &str, wanted: impl Fn(&What) -> bool) -> fmt::Result {
        let mut changes: Vec<&Change> = self
            .changes
            .iter()
            .filter(|change| wanted(&change.what))
            .collect();
        if changes.is_empty() {
            return Ok(());
        }
        changes.sort_by(|one, other| one.object.cmp(&other.object));
        writeln!(f, "{title}")?;
        for change in changes {
            writeln!(f, "  {}", change.object)?;
            if let What::Changed { fields, parts } = &change.what {
                for field in fields {
                    tell_field(f, "    ", "", field)?;
                }
                for part in parts {
                    tell_part(f, part)?;
                }
            }
        }
        Ok(())
    }
}

fn tell_part(f: &mut fmt::Formatter<'_>, part: &PartChange) -> fmt::Result {
    let name = format!("{} {}", part.part, part.name);
    match &part.what {
        PartWhat::Added { value } => writeln!(f, "    + {name}{}", brief(value)),
        PartWhat::Removed { value } => writeln!(f, "    - {name}{}", brief(value)),
        PartWhat::Changed { fields } => {
            for field in fields {
                tell_field(f, "    ", &format!("{name}: "), field)?;
            }
            Ok(())
        }
    }
}

/// The type of a column; of anything else the name is enough.
fn brief(value: &Value) -> String {
    let raw = value
        .get("type")
        .and_then(|it| it.get("raw"))
        .and_then(Value::as_str);
    raw.map(|raw| format!(" {raw}")).unwrap_or_default()
}

fn tell_field(f: &mut fmt::Formatter<'_>, indent: &str, name: &str, field: &FieldChange) -> fmt::Result {
    let title = field.field.replace('_', " ");
    if let (Some(before), Some(after)) = (field.before.as_str(), field.after.as_str())
        && (before.contains('\n') || after.contains('\n'))
    {
        writeln!(f, "{indent}~ {name}{title}:")?;
        return tell_lines(f, indent, before, after);
    }
    writeln!(
        f,
        "{indent}~ {name}{title}: {} → {}",
        shown(&field.before),
        shown(&field.after)
    )
}

fn tell_lines(f: &mut fmt::Formatter<'_>, indent: &str, before: &str, after: &str) -> fmt::Result {
    let lines = TextDiff::from_lines(before, after);
    for hunk in lines.unified_diff().context_radius(1).iter_hunks() {
        for change in hunk.iter_changes() {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            writeln!(f, "{indent}    {sign} {}", change.value().trim_end_matches('\n'))?;
        }
    }
    Ok(())
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().map(shown).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
