//! A difference as a changelog.

use std::fmt::Write as _;

use super::{Change, Difference, PartWhat, What};

type Wanted = fn(&What) -> bool;

impl Difference {
    /// Three sections of Markdown: Added, Modified, Removed. Names are escaped.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        let sections: [(&str, Wanted); 3] = [
            ("Added", |what| matches!(what, What::Added { .. })),
            ("Modified", |what| matches!(what, What::Changed { .. })),
            ("Removed", |what| matches!(what, What::Removed { .. })),
        ];
        for (title, wanted) in sections {
            let mut changes: Vec<&Change> = self.changes.iter().filter(|it| wanted(&it.what)).collect();
            if changes.is_empty() {
                continue;
            }
            changes.sort_by(|one, other| one.object.cmp(&other.object));
            put(&mut text, format_args!("## {title}\n\n"));
            for change in changes {
                put(
                    &mut text,
                    format_args!("- {}\n", escaped(&change.object.to_string())),
                );
                details(&mut text, change);
            }
            text.push('\n');
        }
        text
    }
}

fn details(text: &mut String, change: &Change) {
    let What::Changed { fields, parts } = &change.what else {
        return;
    };
    for field in fields {
        put(
            text,
            format_args!("  - {} changed\n", escaped(&field.field.replace('_', " "))),
        );
    }
    for part in parts {
        let name = escaped(&format!("{} {}", part.part, part.name));
        match &part.what {
            PartWhat::Added { .. } => put(text, format_args!("  - {name} added\n")),
            PartWhat::Removed { .. } => put(text, format_args!("  - {name} removed\n")),
            PartWhat::Changed { fields } => {
                let what: Vec<String> = fields
                    .iter()
                    .map(|field| escaped(&field.field.replace('_', " ")))
                    .collect();
                put(text, format_args!("  - {name}: {} changed\n", what.join(", ")));
            }
        }
    }
}

/// Adds to a text in memory, which cannot fail.
fn put(text: &mut String, more: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(more);
}

/// A name that a reader of Markdown shows as it is, in one line.
fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '<' => text.push_str("&lt;"),
            '&' => text.push_str("&amp;"),
            '\\' | '`' | '*' | '[' | ']' | '#' | '|' | '~' => {
                text.push('\\');
                text.push(letter);
            }
            letter if letter.is_control() => text.push(' '),
            letter => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::escaped;
    use crate::diff::{DiffOptions, diff};
    use crate::schema::sample::shop;
    use crate::schema::{Body, Database};

    #[test]
    fn a_name_cannot_become_a_link_a_heading_or_html() {
        assert_eq!(escaped("<b>[x](y)\n# z"), "&lt;b>\\[x\\](y) \\# z");
    }

    #[test]
    fn a_changed_table_names_its_parts() {
        let mut after = shop();
        for object in after.objects.values_mut() {
            if let Body::Table(table) = &mut object.body {
                table.columns.pop_first();
            }
        }
        let told = diff(&shop(), &after, DiffOptions::default()).markdown();
        assert!(
            told.starts_with("## Modified\n\n- table public.plants\n"),
            "{told}"
        );
        assert!(told.contains(" removed\n"), "{told}");
        let all = diff(&Database::new("postgres"), &shop(), DiffOptions::default()).markdown();
        assert!(all.starts_with("## Added\n"), "{all}");
    }
}
