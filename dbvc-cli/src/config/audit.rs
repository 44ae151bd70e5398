//! `[audit]`: where the audit trail is shipped to, and the keys that sign it.

use std::collections::BTreeMap;
use std::path::Path;

use dbvc_engine::diagnostic::{Diagnostic, Label};
use dbvc_engine::driver::Secret;
use dbvc_engine::project::audit::OnSinkFailure;

use super::connection::{is_open, rooted, unreadable};
use super::document::{Located, Section};
use super::load::Project;
use super::reference::{self, Use};
use super::variables::{DBVC_COSMOS_CONNECTION_STRING, DBVC_COSMOS_DATABASE};
use super::{Sourced, codes};

/// The sink that `DBVC_COSMOS_CONNECTION_STRING` makes.
const COSMOS: &str = "cosmos";
/// What a key in PEM begins with.
const PEM: &str = "-----BEGIN";

/// The words of `on_failure`.
const ON_FAILURE: [(&str, OnSinkFailure); 3] = [
    ("block", OnSinkFailure::Block),
    ("spool", OnSinkFailure::Spool),
    ("warn", OnSinkFailure::Warn),
];

/// What the file says of the audit trail; in an environment, what is different there.
#[derive(Debug, Clone, Default)]
pub struct AuditSection {
    /// `enabled`: whether events are shipped.
    pub enabled: Option<Located<bool>>,
    /// `signing_key`: a file, or a reference to the key itself.
    pub signing_key: Option<Located<String>>,
    /// `public_key`: the same for the key that checks.
    pub public_key: Option<Located<String>>,
    /// `database_id`: the chain that the database must keep.
    pub database_id: Option<Located<String>>,
    /// `[audit.sinks.NAME]`.
    pub sinks: BTreeMap<String, SinkSection>,
}

/// One sink; in an environment, what is different there.
#[derive(Debug, Clone)]
pub struct SinkSection {
    /// Where the section stands.
    pub label: Label,
    /// `url`: where it is.
    pub url: Option<Located<String>>,
    /// `on_failure`: what happens when it is away.
    pub on_failure: Option<Located<OnSinkFailure>>,
    /// Settings that only its driver knows.
    pub options: Vec<(String, Located<String>)>,
}

/// The audit trail's settings that count.
#[derive(Debug, Clone)]
pub struct AuditConfig {
    /// Whether events are shipped.
    pub enabled: Sourced<bool>,
    /// The private key, in PEM.
    pub signing_key: Option<Sourced<Secret>>,
    /// The public key, in PEM.
    pub public_key: Option<Sourced<String>>,
    /// The chain that the database must keep, by its name.
    pub database_id: Option<Sourced<String>>,
    /// Where events are shipped to, in the order of their names.
    pub sinks: Vec<SinkConfig>,
    /// What is worth a warning.
    pub warnings: Vec<Diagnostic>,
}

/// One sink's settings that count.
#[derive(Debug, Clone)]
pub struct SinkConfig {
    /// Its name in the project.
    pub name: String,
    /// Where it is; may hold a key.
    pub url: Sourced<Secret>,
    /// What may be shown of it: the text as it was written, its references not filled in.
    pub shown: String,
    /// What happens when it is away.
    pub on_failure: Sourced<OnSinkFailure>,
    /// Settings that only its driver knows.
    pub options: BTreeMap<String, Sourced<Secret>>,
    /// The place in the file of its address.
    pub label: Option<Label>,
    /// The place in the file of each option.
    pub option_labels: BTreeMap<String, Label>,
}

/// Reads the section `audit`, where there is one.
pub(super) fn section(parent: &Section<'_, '_>) -> AuditSection {
    let Some(section) = parent.section("audit") else {
        return AuditSection::default();
    };
    let mut audit = AuditSection {
        enabled: section.flag("enabled"),
        signing_key: section.text("signing_key"),
        public_key: section.text("public_key"),
        database_id: section.text("database_id"),
        sinks: BTreeMap::new(),
    };
    for (name, sink) in section.sections("sinks") {
        let found = SinkSection {
            label: name.label,
            url: sink.text("url"),
            on_failure: sink.choice("on_failure", &ON_FAILURE),
            options: sink.others(),
        };
        audit.sinks.insert(name.value, found);
    }
    section.finish();
    audit
}

/// What counts in the project's environment.
pub(super) fn resolve(project: &Project<'_>) -> Result<AuditConfig, Vec<Diagnostic>> {
    let environment = project.file.environments.get(&project.environment.value);
    let sections: Vec<&AuditSection> = environment
        .map(|found| &found.audit)
        .into_iter()
        .chain([&project.file.audit])
        .collect();
    let mut problems = Vec::new();
    let mut warnings = Vec::new();
    let key = |pick: fn(&AuditSection) -> Option<&Located<String>>| {
        sections.iter().find_map(|section| pick(section))
    };
    let signing_key = key(|section| section.signing_key.as_ref())
        .and_then(|located| kept(private_key(project, located, &mut warnings), &mut problems));
    let public_key = key(|section| section.public_key.as_ref()).and_then(|located| {
        let read = pem(project, located, "public_key").map(|(text, _)| Sourced::new(text, located.source()));
        kept(read, &mut problems)
    });
    let database_id = key(|section| section.database_id.as_ref()).and_then(|located| {
        let read = reference::resolve(located, &project.variables, Use::Text);
        kept(
            read.map(|text| Sourced::new(text, located.source())),
            &mut problems,
        )
    });
    let sinks = sinks(project, &sections, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let enabled = sections.iter().find_map(|section| section.enabled.as_ref());
    Ok(AuditConfig {
        enabled: enabled.map_or_else(|| Sourced::default_value(true), Located::sourced),
        signing_key,
        public_key,
        database_id,
        sinks,
        warnings,
    })
}

fn kept<T>(read: Result<T, Box<Diagnostic>>, problems: &mut Vec<Diagnostic>) -> Option<T> {
    read.map_err(|problem| problems.push(*problem)).ok()
}

fn sinks(
    project: &Project<'_>,
    sections: &[&AuditSection],
    problems: &mut Vec<Diagnostic>,
) -> Vec<SinkConfig> {
    let connection_string = project.variables.get(DBVC_COSMOS_CONNECTION_STRING);
    let mut names: Vec<&str> = sections
        .iter()
        .flat_map(|section| section.sinks.keys().map(String::as_str))
        .chain(connection_string.as_ref().map(|_| COSMOS))
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut sinks = Vec::new();
    for name in names {
        let said: Vec<&SinkSection> = sections
            .iter()
            .filter_map(|section| section.sinks.get(name))
            .collect();
        let string = connection_string.clone().filter(|_| name == COSMOS);
        match sink(project, name, &said, string) {
            Ok(found) => sinks.push(found),
            Err(found) => problems.extend(found),
        }
    }
    sinks
}

/// One sink of what the sections say, strongest first; the connection string of the environment is stronger still.
fn sink(
    project: &Project<'_>,
    name: &str,
    said: &[&SinkSection],
    connection_string: Option<Sourced<String>>,
) -> Result<SinkConfig, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut options = BTreeMap::new();
    let mut option_labels = BTreeMap::new();
    for section in said.iter().rev() {
        for (key, located) in &section.options {
            let value = reference::resolve(located, &project.variables, Use::Text);
            if let Some(value) = kept(value, &mut problems) {
                options.insert(key.clone(), Sourced::new(Secret::new(value), located.source()));
                option_labels.insert(key.clone(), located.label.clone());
            }
        }
    }
    if connection_string.is_some()
        && let Some(database) = project.variables.get(DBVC_COSMOS_DATABASE)
    {
        option_labels.remove("database");
        options.insert("database".to_owned(), database.map(Secret::new));
    }
    let written = said.iter().find_map(|section| section.url.as_ref());
    let (url, shown, label) = match (connection_string, written) {
        (Some(string), _) => (string.map(Secret::new), super::mask::MASK.to_owned(), None),
        (None, Some(located)) => {
            let text = reference::resolve(located, &project.variables, Use::Url);
            let text = kept(text, &mut problems).unwrap_or_default();
            let url = Secret::new(rooted(&text, project.base()));
            let shown = super::mask::line(&located.value);
            (
                Sourced::new(url, located.source()),
                shown,
                Some(located.label.clone()),
            )
        }
        (None, None) => {
            problems.push(without_url(name, said));
            return Err(problems);
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let on_failure = said.iter().find_map(|section| section.on_failure.as_ref());
    Ok(SinkConfig {
        name: name.to_owned(),
        url,
        shown,
        on_failure: on_failure.map_or_else(
            || Sourced::default_value(OnSinkFailure::default()),
            Located::sourced,
        ),
        options,
        label,
        option_labels,
    })
}

fn without_url(name: &str, said: &[&SinkSection]) -> Diagnostic {
    let problem = Diagnostic::error(
        codes::SINK,
        format!("nothing says where the audit sink `{name}` is"),
    )
    .help(format!("write `url` below [audit.sinks.{name}]"));
    match said.first() {
        Some(section) => problem.label(section.label.clone()),
        None => problem,
    }
}

fn private_key(
    project: &Project<'_>,
    located: &Located<String>,
    warnings: &mut Vec<Diagnostic>,
) -> Result<Sourced<Secret>, Box<Diagnostic>> {
    if located.value.contains(PEM) {
        return Err(Box::new(
            Diagnostic::error(codes::KEY, "a private key does not belong into this file")
                .label(located.label.clone())
                .help("name a file, `signing_key = \"audit-key.pem\"`, or a variable, `signing_key = \"${AUDIT_KEY}\"`"),
        ));
    }
    let (text, file) = pem(project, located, "signing_key")?;
    if let Some(path) = file
        && is_open(&path)
    {
        let shown = project.surroundings.shown(&path);
        let message = format!("others on this machine can read {}", shown.display());
        warnings.push(
            Diagnostic::warning(codes::PASSWORD_FILE_OPEN, message)
                .help(format!("chmod 600 {}", shown.display())),
        );
    }
    Ok(Sourced::new(Secret::new(text), located.source()))
}

/// A key's text, and the file that it came from, if it came from one.
fn pem(
    project: &Project<'_>,
    located: &Located<String>,
    setting: &str,
) -> Result<(String, Option<std::path::PathBuf>), Box<Diagnostic>> {
    let text = reference::resolve(located, &project.variables, Use::Text)?;
    if text.trim_start().starts_with(PEM) {
        return Ok((text, None));
    }
    let path = project.root.join(Path::new(&text));
    let shown = project.surroundings.shown(&path);
    let help = format!(
        "`{setting}` names a file in PEM, which counts from the project's folder, or a `${{VARIABLE}}` that holds the key"
    );
    let wrong = |mut problem: Diagnostic| {
        problem.labels = vec![located.label.clone()];
        Box::new(problem.help(help.clone()))
    };
    let text =
        std::fs::read_to_string(&path).map_err(|error| wrong(unreadable(codes::KEY, &shown, &error)))?;
    if text.contains(PEM) {
        Ok((text, Some(path)))
    } else {
        let message = format!("{} holds no key in PEM", shown.display());
        Err(wrong(Diagnostic::error(codes::KEY, message)))
    }
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
