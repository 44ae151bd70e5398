//! A difference as one page of HTML, with a diagram of the tables. It loads nothing, and the template escapes every text.

mod diagram;
mod place;

use askama::Template;
use dbvc_engine::diff::Difference;
use dbvc_engine::schema::Database;

use diagram::Diagram;

/// What a page tells.
#[derive(Debug)]
pub(crate) struct Story<'a> {
    /// Its heading.
    pub(crate) title: String,
    /// What is told above the difference: a name and its value.
    pub(crate) facts: Vec<(String, String)>,
    /// The schema before.
    pub(crate) before: &'a Database,
    /// The schema after.
    pub(crate) after: &'a Database,
    /// What leads from one to the other.
    pub(crate) found: &'a Difference,
    /// Scripts with their headings.
    pub(crate) scripts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "schema.html")]
struct Page {
    title: String,
    facts: Vec<(String, String)>,
    sections: Vec<Section>,
    diagram: Diagram,
    scripts: Vec<(String, String)>,
}

struct Section {
    title: String,
    class: &'static str,
    objects: Vec<Told>,
}

struct Told {
    name: String,
    lines: Vec<Line>,
}

struct Line {
    text: String,
    class: &'static str,
}

/// Writes the page.
pub(crate) fn page(story: Story<'_>) -> Result<String, askama::Error> {
    Page {
        sections: sections(&story.found.to_string()),
        diagram: Diagram::of(story.before, story.after, story.found),
        title: story.title,
        facts: story.facts,
        scripts: story.scripts,
    }
    .render()
}

/// The report for people, by its indents: sections, objects, and what there is to say of each.
fn sections(report: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in report.lines() {
        let text = line.trim_start();
        match (line.len() - text.len(), sections.last_mut()) {
            (0, _) if text == "No differences." => {}
            (0, _) => sections.push(Section {
                title: text.to_owned(),
                class: class_of(text),
                objects: Vec::new(),
            }),
            (1..=3, Some(section)) => section.objects.push(Told {
                name: text.to_owned(),
                lines: Vec::new(),
            }),
            (_, Some(section)) => {
                if let Some(object) = section.objects.last_mut() {
                    object.lines.push(Line {
                        text: line.get(4..).unwrap_or(text).to_owned(),
                        class: match text.chars().next() {
                            Some('+') => "plus",
                            Some('-') => "minus",
                            Some('~') => "tilde",
                            _ => "",
                        },
                    });
                }
            }
            (_, None) => {}
        }
    }
    sections
}

fn class_of(title: &str) -> &'static str {
    match title {
        "Added" => "added",
        "Changed" => "changed",
        "Removed" => "removed",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
