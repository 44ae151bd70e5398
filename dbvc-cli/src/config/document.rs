//! A TOML file read by hand, so that everything wrong with it is said at once, each with its place.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dbvc_engine::diagnostic::{Diagnostic, Label};
use dbvc_engine::text::LineColumn;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Source, Sourced, codes, duration, mask};

/// A value and its place in the file. `Debug` shows the place alone: the value may hold a password.
#[derive(Clone)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub label: Label,
}

impl<T> fmt::Debug for Located<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Located")
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

impl<T: Clone> Located<T> {
    /// The value with its place as a source.
    pub fn sourced(&self) -> Sourced<T> {
        Sourced::new(self.value.clone(), self.source())
    }

    /// Its place as a source.
    pub fn source(&self) -> Source {
        Source::File {
            path: self.label.path.clone(),
            line: self.label.at.map(|at| at.line),
        }
    }
}

/// A file that is being read, and what was found wrong with it.
#[derive(Debug)]
pub(super) struct Document<'a> {
    path: PathBuf,
    text: &'a str,
    findings: RefCell<Vec<Diagnostic>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(path: &Path, text: &'a str) -> Self {
        Self {
            path: path.to_owned(),
            text,
            findings: RefCell::default(),
        }
    }

    pub(super) fn label(&self, span: &Range<usize>, text: impl Into<String>) -> Label {
        let start = floor(self.text, span.start);
        let end = floor(self.text, span.end).max(start);
        let at = LineColumn::START.after(&self.text[..start]);
        let line = self.text.lines().nth(at.line as usize - 1).unwrap_or_default();
        let marked = self.text[start..end].lines().next().unwrap_or_default();
        let mut label = Label::place(&self.path, at, text);
        label.length = u32::try_from(marked.chars().count()).unwrap_or(1).max(1);
        label.line = Some(mask::line(line));
        label
    }

    pub(super) fn report(&self, diagnostic: Diagnostic) {
        self.findings.borrow_mut().push(diagnostic);
    }

    pub(super) fn into_findings(self) -> Vec<Diagnostic> {
        let mut findings = self.findings.into_inner();
        findings.sort_by_key(|finding| finding.labels.first().and_then(|label| label.at));
        findings
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

fn floor(text: &str, mut index: usize) -> usize {
    index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// A table of the file. The keys that are asked for are the keys that it may have.
pub(super) struct Section<'d, 'a> {
    pub(super) document: &'d Document<'a>,
    name: String,
    table: &'d DeTable<'a>,
    known: RefCell<Vec<&'static str>>,
}

impl<'d, 'a> Section<'d, 'a> {
    pub(super) fn new(document: &'d Document<'a>, name: &str, table: &'d DeTable<'a>) -> Self {
        Self {
            document,
            name: name.to_owned(),
            table,
            known: RefCell::default(),
        }
    }

    fn value(&self, key: &'static str) -> Option<&'d Spanned<DeValue<'a>>> {
        self.known.borrow_mut().push(key);
        self.table.get(key)
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let found = value.get_ref().type_str();
        self.document.report(
            Diagnostic::error(codes::TYPE, format!("`{key}` must be {wanted}")).label(
                self.document
                    .label(&value.span(), format!("this is {} {found}", article(found))),
            ),
        );
    }

    fn located<T>(&self, value: T, spanned: &Spanned<DeValue<'_>>) -> Located<T> {
        Located {
            value,
            label: self.document.label(&spanned.span(), ""),
        }
    }

    pub(super) fn text(&self, key: &'static str) -> Option<Located<String>> {
        let value = self.value(key)?;
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => Some(self.located(text.to_owned(), value)),
            Some(_) => {
                self.wrong(key, value, "a text that is not empty");
                None
            }
            None => {
                self.wrong(key, value, "a text in quotes");
                None
            }
        }
    }

    pub(super) fn flag(&self, key: &'static str) -> Option<Located<bool>> {
        let value = self.value(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong(key, value, "`true` or `false`");
        }
        Some(self.located(found?, value))
    }

    pub(super) fn duration(&self, key: &'static str) -> Option<Located<Duration>> {
        let text = self.text(key)?;
        match duration::parse(&text.value) {
            Ok(value) => Some(Located {
                value,
                label: text.label,
            }),
            Err(reason) => {
                let mut label = text.label;
                label.text = reason;
                self.document.report(
                    Diagnostic::error(codes::VALUE, format!("`{key}` is not a duration"))
                        .label(label)
                        .help("write it like `500ms`, `30s` or `2min`"),
                );
                None
            }
        }
    }

    /// A duration from `least` to `most`.
    pub(super) fn duration_within(
        &self,
        key: &'static str,
        least: Duration,
        most: Duration,
    ) -> Option<Located<Duration>> {
        let found = self.duration(key)?;
        if (least..=most).contains(&found.value) {
            return Some(found);
        }
        self.document.report(
            Diagnostic::error(codes::VALUE, format!("`{key}` is out of its limits"))
                .label(found.label)
                .help(format!(
                    "it is from {} to {}",
                    duration::show(least),
                    duration::show(most)
                )),
        );
        None
    }

    pub(super) fn choice<T>(&self, key: &'static str, choices: &[(&str, T)]) -> Option<Located<T>>
    where
        T: Copy,
    {
        let text = self.text(key)?;
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text.value) {
            return Some(Located {
                value: *value,
                label: text.label,
            });
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let mut finding = Diagnostic::error(
            codes::VALUE,
            format!("`{key}` must be one of {}", names.join(", ")),
        )
        .label(text.label);
        if let Some(near) = nearest(&text.value, names.iter().copied()) {
            finding = finding.help(format!("did you mean `{near}`?"));
        }
        self.document.report(finding);
        None
    }

    pub(super) fn texts(&self, key: &'static str) -> Vec<Located<String>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(key, value, "a list of texts");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref().as_str() {
                Some(text) => texts.push(self.located(text.to_owned(), item)),
                None => self.wrong(key, item, "a list of texts"),
            }
        }
        texts
    }

    pub(super) fn section(&self, key: &'static str) -> Option<Section<'d, 'a>> {
        let value = self.value(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(key, value, "a table");
            return None;
        };
        Some(Section::new(self.document, &self.path(key), table))
    }

    /// Every entry of a table whose keys are names that the project chooses.
    pub(super) fn sections(&self, key: &'static str) -> Vec<(Located<String>, Section<'d, 'a>)> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(key, value, "a table");
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (name, entry) in table {
            let path = format!("{}.{}", self.path(key), name.get_ref());
            match entry.get_ref().as_table() {
                Some(table) => {
                    let name = Located {
                        value: name.get_ref().to_string(),
                        label: self.document.label(&name.span(), ""),
                    };
                    sections.push((name, Section::new(self.document, &path, table)));
                }
                None => self.wrong(&path, entry, "a table"),
            }
        }
        sections
    }

    /// Every entry of a table of texts.
    pub(super) fn map(&self, key: &'static str) -> Vec<(String, Located<String>)> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(key, value, "a table of texts");
            return Vec::new();
        };
        self.entries(table, &[])
    }

    /// Every entry whose key nobody asked for yet, as a text: settings that only somebody else knows.
    pub(super) fn others(&self) -> Vec<(String, Located<String>)> {
        self.entries(self.table, &self.known.borrow())
    }

    fn entries(&self, table: &DeTable<'_>, without: &[&str]) -> Vec<(String, Located<String>)> {
        let mut entries = Vec::new();
        for (name, entry) in table {
            if without.contains(&&**name.get_ref()) {
                continue;
            }
            let text = match entry.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.to_string(),
                DeValue::Boolean(yes) => yes.to_string(),
                _ => {
                    self.wrong(name.get_ref(), entry, "a text");
                    continue;
                }
            };
            entries.push((name.get_ref().to_string(), self.located(text, entry)));
        }
        entries
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    /// Says which keys nobody asked for.
    pub(super) fn finish(self) {
        let known = self.known.into_inner();
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let place = if self.name.is_empty() {
                "at the top of the file".to_owned()
            } else {
                format!("in [{}]", self.name)
            };
            let mut finding = Diagnostic::error(codes::UNKNOWN_KEY, format!("unknown key `{name}` {place}"))
                .label(self.document.label(&key.span(), "not a setting of dbvc"));
            finding = match nearest(name, known.iter().copied()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("keys here are {}", known.join(", "))),
            };
            self.document.report(finding);
        }
    }
}

/// The name that looks most like `asked`, if any looks like it at all.
pub(crate) fn nearest<'n>(asked: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let asked = asked.to_ascii_lowercase();
    names
        .map(|name| {
            let lower = name.to_ascii_lowercase();
            let likeness = strsim::jaro_winkler(&asked, &lower)
                .max(strsim::normalized_damerau_levenshtein(&asked, &lower));
            (likeness, name)
        })
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
