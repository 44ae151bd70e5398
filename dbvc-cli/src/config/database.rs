//! The settings that count for one database in one environment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::driver::{RecordLocation, Secret, Target};
use dbvc_engine::execute::LOCK_PATIENCE;
use dbvc_engine::lock::LEASE;
use dbvc_engine::migration::{DirectoryLayout, NamingRules, NamingStyle, VersionScheme};
use dbvc_engine::project::{Durable, OnDrift, Policy, Settings};
use dbvc_engine::text::Placeholders;

use super::connection::{Clues, Connection, rooted};
use super::document::Located;
use super::file::{DatabaseSection, EnvironmentSection};
use super::limits::limits;
use super::load::Project;
use super::reference::{self, Use};
use super::rules::Rules;
use super::{Source, Sourced, codes};

/// What counts for one database in one environment.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// Its name in the project.
    pub name: String,
    /// The driver, where one is named.
    pub driver: Option<Sourced<String>>,
    /// The scheme of its URL, also where the rest of that is not known; tells the dialect of its files.
    pub scheme: Option<String>,
    /// Where it is, or why that is not known. Commands that only read files need none.
    pub connection: Result<Connection, Vec<Diagnostic>>,
    /// The folder of migrations.
    pub migrations: Sourced<PathBuf>,
    /// The folder of undo scripts.
    pub rollback: Sourced<PathBuf>,
    /// Where dbvc's tables are.
    pub history_schema: Sourced<String>,
    /// Their prefix, where a database has no schemas.
    pub history_prefix: Sourced<String>,
    /// How versions are written; found out when not said.
    pub versioning: Sourced<Option<VersionScheme>>,
    /// How strict names are.
    pub naming: Sourced<NamingRules>,
    /// Values for `${name}` in scripts.
    pub placeholders: BTreeMap<String, Sourced<PlaceholderValue>>,
    /// Late migrations may run without being asked for one by one.
    pub out_of_order: Sourced<bool>,
    /// Every versioned migration needs an undo script.
    pub require_undo: Sourced<bool>,
    /// `dbvc.sum` must be there and right.
    pub require_sum: Sourced<bool>,
    /// The longest a statement may run.
    pub statement_timeout: Sourced<Option<Duration>>,
    /// The longest a statement may wait for a lock.
    pub lock_timeout: Sourced<Option<Duration>>,
    /// How long a migration is tried again because of locks.
    pub lock_patience: Sourced<Duration>,
    /// How long to wait for another run.
    pub lock_wait: Sourced<Duration>,
    /// When what is committed must be on disk.
    pub durable: Sourced<Durable>,
    /// What `migrate` does where something was changed past dbvc.
    pub on_drift: Sourced<OnDrift>,
    /// Whose rows belong to a release.
    pub seed_tables: Sourced<Vec<String>>,
    /// How long the lock outlives a holder that nobody can prove alive or dead.
    pub lock_lease: Sourced<Duration>,
    /// Where scratch databases are made, if not beside the database.
    pub scratch: Option<Sourced<Target>>,
    /// The SQL file that makes the desired schema.
    pub schema: Option<Sourced<PathBuf>>,
    /// What its schema is held to.
    pub rules: Rules,
    environment: String,
    root: PathBuf,
}

/// A placeholder's value, which may hold a secret.
#[derive(Debug, Clone)]
pub struct PlaceholderValue {
    /// The value.
    pub value: Secret,
    /// What may be shown of it: the text as it was written, its references not filled in.
    pub shown: String,
}

/// The sections that speak of one database, strongest first.
pub(super) struct Said<'a>(Vec<&'a DatabaseSection>);

impl<'a> Said<'a> {
    pub(super) fn first<T>(
        &self,
        pick: impl Fn(&'a DatabaseSection) -> Option<&'a Located<T>>,
    ) -> Option<&'a Located<T>> {
        self.0.iter().find_map(|section| pick(section))
    }

    fn value<T: Clone + 'a>(
        &self,
        pick: impl Fn(&'a DatabaseSection) -> Option<&'a Located<T>>,
        default: T,
    ) -> Sourced<T> {
        self.first(pick)
            .map_or_else(|| Sourced::default_value(default), Located::sourced)
    }

    fn text(
        &self,
        pick: impl Fn(&'a DatabaseSection) -> Option<&'a Located<String>>,
        default: &str,
    ) -> Sourced<String> {
        self.value(pick, default.to_owned())
    }
}

impl DatabaseConfig {
    pub(super) fn resolve(project: &Project<'_>, name: &str) -> Result<Self, Vec<Diagnostic>> {
        let environment = project.file.environments.get(&project.environment.value);
        let said = said(project, environment, name);
        let record = RecordLocation::default();
        let history_schema = said.text(|section| section.history_schema.as_ref(), &record.schema);
        let history_prefix = said.text(|section| section.history_prefix.as_ref(), &record.prefix);
        let folder = |pick: fn(&DatabaseSection) -> Option<&Located<String>>, default: &str| {
            said.text(pick, default).map(|folder| project.root.join(folder))
        };
        let mut problems = Vec::new();
        let placeholders = placeholders(project, &said, &mut problems);
        let limits = limits(project, &said, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let [statement_timeout, lock_timeout, lock_wait] = limits;
        let scratch = scratch(project, &said, name)?;
        let connection = connection(project, &said, name, &history_schema, &history_prefix);
        let written = said.first(|section| section.url.as_ref());
        let scheme = match &connection {
            Ok(connection) => Some(connection.target.scheme().to_owned()),
            Err(_) => written.and_then(|url| Some(url.value.split_once(':')?.0.to_owned())),
        };
        Ok(Self {
            name: name.to_owned(),
            driver: said
                .first(|section| section.driver.as_ref())
                .map(Located::sourced),
            scheme,
            connection,
            migrations: folder(|section| section.migrations.as_ref(), "migrations"),
            rollback: folder(|section| section.rollback.as_ref(), "rollback"),
            history_schema,
            history_prefix,
            versioning: said
                .first(|section| section.versioning.as_ref())
                .map_or_else(|| Sourced::default_value(None), |found| found.sourced().map(Some)),
            naming: naming(&said),
            placeholders,
            out_of_order: yes_or_no(said.first(|section| section.out_of_order.as_ref())),
            require_undo: yes_or_no(environment.and_then(|found| found.require_undo.as_ref())),
            require_sum: yes_or_no(environment.and_then(|found| found.require_sum.as_ref())),
            statement_timeout,
            lock_timeout,
            lock_patience: said.value(|section| section.lock_patience.as_ref(), LOCK_PATIENCE),
            lock_wait: lock_wait.map(|wait| wait.unwrap_or(Settings::LOCK_WAIT)),
            durable: said.value(|section| section.durable.as_ref(), Durable::default()),
            seed_tables: seed_tables(&said),
            on_drift: said.value(|section| section.on_drift.as_ref(), OnDrift::default()),
            lock_lease: said.value(|section| section.lock_lease.as_ref(), LEASE),
            scratch,
            schema: schema(project, &said),
            rules: rules(&said),
            environment: project.environment.value.clone(),
            root: project.root.clone(),
        })
    }

    /// The same as the engine wants it.
    pub fn settings(&self) -> Settings {
        let values = self
            .placeholders
            .iter()
            .map(|(name, value)| (name.clone(), value.value.value.reveal().to_owned()))
            .collect();
        let layout = DirectoryLayout {
            root: self.root.clone(),
            migrations: self.migrations.value.clone(),
            rollback: Some(self.rollback.value.clone()),
            scheme: self.versioning.value,
            naming: self.naming.value.clone(),
        };
        Settings {
            placeholders: Placeholders::new(values),
            policy: Policy {
                out_of_order: self.out_of_order.value,
                require_undo: self.require_undo.value,
                require_sum: self.require_sum.value,
                on_drift: self.on_drift.value,
            },
            statement_timeout: self.statement_timeout.value,
            lock_timeout: self.lock_timeout.value,
            lock_patience: self.lock_patience.value,
            lock_wait: self.lock_wait.value,
            durable: self.durable.value,
            lock_lease: self.lock_lease.value,
            scratch: self.scratch.as_ref().map(|place| place.value.clone()),
            seed_tables: self.seed_tables.value.clone(),
            ..Settings::new(self.name.as_str(), self.environment.as_str(), layout)
        }
    }
}

fn said<'a>(project: &'a Project<'_>, environment: Option<&'a EnvironmentSection>, name: &str) -> Said<'a> {
    let mut sections = Vec::new();
    if let Some(environment) = environment {
        sections.extend(environment.databases.get(name));
        sections.push(&environment.every);
    }
    sections.extend(project.file.databases.get(name));
    Said(sections)
}

fn connection(
    project: &Project<'_>,
    said: &Said<'_>,
    name: &str,
    schema: &Sourced<String>,
    prefix: &Sourced<String>,
) -> Result<Connection, Vec<Diagnostic>> {
    Clues {
        surroundings: project.surroundings,
        root: &project.root,
        base: project.base(),
        variables: &project.variables,
        environment: &project.environment.value,
        database: name,
        driver: said.first(|section| section.driver.as_ref()),
        url: said.first(|section| section.url.as_ref()),
        password_file: said.first(|section| section.password_file.as_ref()),
        flag: project.flags.url.as_ref().map(Secret::reveal),
        variables_count: project.is_main_database(name),
        record: RecordLocation {
            schema: schema.value.clone(),
            prefix: prefix.value.clone(),
        },
    }
    .connection()
}

/// The file of the desired schema, where one is named.
fn schema(project: &Project<'_>, said: &Said<'_>) -> Option<Sourced<PathBuf>> {
    let file = said.first(|section| section.schema.as_ref())?;
    Some(file.sourced().map(|file| project.root.join(file)))
}

/// Where scratch databases are made, where that is said.
fn scratch(
    project: &Project<'_>,
    said: &Said<'_>,
    name: &str,
) -> Result<Option<Sourced<Target>>, Vec<Diagnostic>> {
    let Some(url) = said.first(|section| section.scratch.as_ref()) else {
        return Ok(None);
    };
    let text = reference::resolve(url, &project.variables, Use::Url).map_err(|problem| vec![*problem])?;
    let read = Target::parse(&rooted(&text, &project.root));
    let read = read.map(|target| Some(Sourced::new(target, url.source())));
    read.map_err(|error| {
        let message = format!("the scratch URL of database `{name}` cannot be used: {error}");
        vec![Diagnostic::error(codes::URL, message).label(url.label.clone())]
    })
}

fn naming(said: &Said<'_>) -> Sourced<NamingRules> {
    let style = said.first(|section| section.naming_style.as_ref());
    let vague = said.0.iter().find(|section| !section.naming_vague.is_empty());
    let rules = NamingRules {
        style: style.map_or(NamingStyle::Default, |style| style.value),
        vague: vague
            .map(|section| {
                section
                    .naming_vague
                    .iter()
                    .map(|word| word.value.clone())
                    .collect()
            })
            .unwrap_or_default(),
    };
    let source = style.map(Located::source).or_else(|| {
        vague
            .and_then(|section| section.naming_vague.first())
            .map(Located::source)
    });
    Sourced::new(rules, source.unwrap_or(Source::Default))
}

fn rules(said: &Said<'_>) -> Rules {
    let found = said.0.iter().find_map(|section| section.rules.clone());
    found.unwrap_or_default()
}

fn seed_tables(said: &Said<'_>) -> Sourced<Vec<String>> {
    let found = said.0.iter().find_map(|section| {
        let first = section.seed_tables.first()?;
        let names = section.seed_tables.iter().map(|name| name.value.clone());
        Some(Sourced::new(names.collect(), first.source()))
    });
    found.unwrap_or_else(|| Sourced::default_value(Vec::new()))
}

fn yes_or_no(found: Option<&Located<bool>>) -> Sourced<bool> {
    found.map_or_else(|| Sourced::default_value(false), Located::sourced)
}

fn placeholders(
    project: &Project<'_>,
    said: &Said<'_>,
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Sourced<PlaceholderValue>> {
    let mut values = BTreeMap::new();
    for section in said.0.iter().rev() {
        for (name, located) in &section.placeholders {
            match reference::resolve(located, &project.variables, Use::Text) {
                Ok(value) => {
                    values.insert(
                        name.clone(),
                        Sourced::new(
                            PlaceholderValue {
                                value: Secret::new(value),
                                shown: located.value.clone(),
                            },
                            located.source(),
                        ),
                    );
                }
                Err(problem) => problems.push(*problem),
            }
        }
    }
    for (name, value) in &project.flags.placeholders {
        values.insert(
            name.clone(),
            Sourced::new(
                PlaceholderValue {
                    value: value.clone(),
                    shown: super::mask::MASK.to_owned(),
                },
                Source::flag("--placeholder"),
            ),
        );
    }
    values
}
