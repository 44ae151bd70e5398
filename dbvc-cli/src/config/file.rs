//! `dbvc.toml`: what a project says of its databases and environments.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dbvc_engine::diagnostic::{Diagnostic, Label};
use dbvc_engine::lock::{LONGEST_LEASE, SHORTEST_LEASE};
use dbvc_engine::migration::{NamingStyle, VersionScheme};
use dbvc_engine::project::{Durable, OnDrift};
use toml::de::DeTable;

use super::audit::{AuditSection, section as audit};
use super::codes;
use super::document::{Document, Located, Section};
use super::rules::{Rules, rules};

/// The file's name.
pub const FILE_NAME: &str = "dbvc.toml";

/// The whole file.
#[derive(Debug, Clone, Default)]
pub struct ProjectFile {
    /// The file, as people are shown it.
    pub path: PathBuf,
    /// The project's name.
    pub name: Option<Located<String>>,
    /// The environment when nothing else chooses one.
    pub default_environment: Option<Located<String>>,
    /// The database when nothing else chooses one.
    pub default_database: Option<Located<String>>,
    /// `[databases.NAME]`, or `[database]` as the only one.
    pub databases: BTreeMap<String, DatabaseSection>,
    /// `[environments.NAME]`.
    pub environments: BTreeMap<String, EnvironmentSection>,
    /// `[audit]`.
    pub audit: AuditSection,
}

/// What is said of a database; in an environment, what is different there.
#[derive(Debug, Clone, Default)]
pub struct DatabaseSection {
    /// Where `[databases.NAME]` stands.
    pub label: Option<Label>,
    /// `driver`: which adapter.
    pub driver: Option<Located<String>>,
    /// `url`: where it is.
    pub url: Option<Located<String>>,
    /// `password_file`: a file that holds the password.
    pub password_file: Option<Located<String>>,
    /// `migrations`: the folder of migrations.
    pub migrations: Option<Located<String>>,
    /// `rollback`: the folder of undo scripts.
    pub rollback: Option<Located<String>>,
    /// `history_schema`: the schema of dbvc's tables.
    pub history_schema: Option<Located<String>>,
    /// `history_prefix`: their prefix, where a database has no schemas.
    pub history_prefix: Option<Located<String>>,
    /// `versioning`: how versions are written.
    pub versioning: Option<Located<VersionScheme>>,
    /// `naming.style`.
    pub naming_style: Option<Located<NamingStyle>>,
    /// `naming.vague`.
    pub naming_vague: Vec<Located<String>>,
    /// `placeholders`.
    pub placeholders: Vec<(String, Located<String>)>,
    /// `out_of_order`.
    pub out_of_order: Option<Located<bool>>,
    /// `statement_timeout`.
    pub statement_timeout: Option<Located<Duration>>,
    /// `lock_timeout`.
    pub lock_timeout: Option<Located<Duration>>,
    /// `lock_patience`.
    pub lock_patience: Option<Located<Duration>>,
    /// `lock_wait`.
    pub lock_wait: Option<Located<Duration>>,
    /// `durable`: when what is committed must be on disk.
    pub durable: Option<Located<Durable>>,
    /// `on_drift`: what `migrate` does where something was changed past dbvc.
    pub on_drift: Option<Located<OnDrift>>,
    /// `seed_tables`: whose rows belong to a release.
    pub seed_tables: Vec<Located<String>>,
    /// `lock_lease`.
    pub lock_lease: Option<Located<Duration>>,
    /// `scratch`: where scratch databases are made.
    pub scratch: Option<Located<String>>,
    /// `schema`: the SQL file that makes the desired schema.
    pub schema: Option<Located<String>>,
    /// `rules`: what its schema is held to.
    pub rules: Option<Rules>,
}

/// What is said of an environment.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentSection {
    /// `branches`: patterns of git branches that belong to it.
    pub branches: Vec<Located<String>>,
    /// `protected`: anything destructive wants the database's name.
    pub protected: Option<Located<bool>>,
    /// `require_undo`: every versioned migration needs an undo script.
    pub require_undo: Option<Located<bool>>,
    /// `require_sum`: `dbvc.sum` must be there and right.
    pub require_sum: Option<Located<bool>>,
    /// What is different for all its databases.
    pub every: DatabaseSection,
    /// `[environments.NAME.databases.NAME]`: what is different for one.
    pub databases: BTreeMap<String, DatabaseSection>,
    /// `[environments.NAME.audit]`: what is different in the audit trail.
    pub audit: AuditSection,
}

/// Reads the file's text; says everything that is wrong with it.
pub(super) fn parse(path: &Path, text: &str) -> Result<ProjectFile, Vec<Diagnostic>> {
    let document = Document::new(path, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or_default();
        document.report(
            Diagnostic::error(codes::SYNTAX, format!("{} is not valid TOML", path.display()))
                .label(document.label(&span, error.message())),
        );
    }
    if !errors.is_empty() {
        return Err(document.into_findings());
    }
    let file = read(&document, path, table.get_ref());
    check(&document, &file);
    let findings = document.into_findings();
    if findings.is_empty() {
        Ok(file)
    } else {
        Err(findings)
    }
}

fn read(document: &Document<'_>, path: &Path, table: &DeTable<'_>) -> ProjectFile {
    let top = Section::new(document, "", table);
    let mut file = ProjectFile {
        path: path.to_owned(),
        ..ProjectFile::default()
    };
    if let Some(project) = top.section("project") {
        file.name = project.text("name");
        file.default_environment = project.text("default_environment");
        file.default_database = project.text("default_database");
        project.finish();
    }
    for (name, section) in top.sections("databases") {
        let mut database = database(&section);
        section.finish();
        database.label = Some(name.label);
        file.databases.insert(name.value, database);
    }
    if let Some(single) = top.section("database") {
        let name = single.text("name");
        let section = database(&single);
        single.finish();
        if let Some((_, other)) = file.databases.iter().next() {
            let label = other.label.clone().unwrap_or_else(|| Label::file(path));
            document.report(
                Diagnostic::error(codes::CONFLICT, "both [database] and [databases.…] are there")
                    .label(label)
                    .help("write `[databases.NAME]` for each, or one `[database]` alone"),
            );
        }
        let name = name.map_or_else(|| "main".to_owned(), |name| name.value);
        file.databases.insert(name, section);
    }
    file.audit = audit(&top);
    for (name, section) in top.sections("environments") {
        file.environments.insert(name.value, environment(&section));
        section.finish();
    }
    top.finish();
    file
}

fn environment(section: &Section<'_, '_>) -> EnvironmentSection {
    let mut environment = EnvironmentSection {
        branches: section.texts("branches"),
        protected: section.flag("protected"),
        require_undo: section.flag("require_undo"),
        require_sum: section.flag("require_sum"),
        every: database(section),
        databases: BTreeMap::new(),
        audit: audit(section),
    };
    for (name, section) in section.sections("databases") {
        let mut database = database(&section);
        section.finish();
        database.label = Some(name.label);
        environment.databases.insert(name.value, database);
    }
    environment
}

fn database(section: &Section<'_, '_>) -> DatabaseSection {
    let mut database = DatabaseSection {
        label: None,
        driver: section.text("driver"),
        url: section.text("url"),
        password_file: section.text("password_file"),
        migrations: section.text("migrations"),
        rollback: section.text("rollback"),
        history_schema: section.text("history_schema"),
        history_prefix: section.text("history_prefix"),
        versioning: section.choice(
            "versioning",
            &[
                ("semantic", VersionScheme::Semantic),
                ("integer", VersionScheme::Integer),
                ("timestamp", VersionScheme::Timestamp),
            ],
        ),
        naming_style: None,
        naming_vague: Vec::new(),
        placeholders: section.map("placeholders"),
        out_of_order: section.flag("out_of_order"),
        statement_timeout: section.duration("statement_timeout"),
        lock_timeout: section.duration("lock_timeout"),
        lock_patience: section.duration("lock_patience"),
        lock_wait: section.duration("lock_wait"),
        durable: section.choice(
            "durable",
            &[("run", Durable::Run), ("migration", Durable::Migration)],
        ),
        seed_tables: section.texts("seed_tables"),
        on_drift: section.choice(
            "on_drift",
            &[("ignore", OnDrift::Ignore), ("refuse", OnDrift::Refuse)],
        ),
        lock_lease: section.duration_within("lock_lease", SHORTEST_LEASE, LONGEST_LEASE),
        scratch: section.text("scratch"),
        schema: section.text("schema"),
        rules: rules(section),
    };
    if let Some(naming) = section.section("naming") {
        let styles = [
            ("default", NamingStyle::Default),
            ("verb", NamingStyle::Verb),
            ("off", NamingStyle::Off),
        ];
        database.naming_style = naming.choice("style", &styles);
        database.naming_vague = naming.texts("vague");
        naming.finish();
    }
    database
}

/// Names that must fit together.
fn check(document: &Document<'_>, file: &ProjectFile) {
    let databases = || file.databases.keys().map(String::as_str);
    let environments = || file.environments.keys().map(String::as_str);
    let unknown = |what: &str, code: &str, name: &Located<String>, names: Vec<&str>| {
        let mut finding = Diagnostic::error(code, format!("there is no {what} `{}`", name.value))
            .label(name.label.clone())
            .help(format!("{what}s here are {}", names.join(", ")));
        if let Some(near) = super::document::nearest(&name.value, names.into_iter()) {
            finding = finding.help(format!("did you mean `{near}`?"));
        }
        document.report(finding);
    };
    if let Some(name) = &file.default_database
        && !file.databases.contains_key(&name.value)
        && !file.databases.is_empty()
    {
        unknown("database", codes::DATABASE, name, databases().collect());
    }
    if let Some(name) = &file.default_environment
        && !file.environments.contains_key(&name.value)
        && !file.environments.is_empty()
    {
        unknown("environment", codes::ENVIRONMENT, name, environments().collect());
    }
    for environment in file.environments.values() {
        for (name, section) in &environment.databases {
            let known = file.databases.contains_key(name) || (file.databases.is_empty() && name == "main");
            if !known && let Some(label) = &section.label {
                let name = Located {
                    value: name.clone(),
                    label: label.clone(),
                };
                unknown("database", codes::DATABASE, &name, databases().collect());
            }
        }
        check_urls(document, file, environment);
        for pattern in &environment.branches {
            if let Err(error) = glob::Pattern::new(&pattern.value) {
                let mut label = pattern.label.clone();
                error.msg.clone_into(&mut label.text);
                document.report(
                    Diagnostic::error(codes::VALUE, "this is not a pattern of branches")
                        .label(label)
                        .help("`*` stands for any text: `release/*`"),
                );
            }
        }
    }
}

fn check_urls(document: &Document<'_>, file: &ProjectFile, environment: &EnvironmentSection) {
    if file.databases.len() > 1
        && let Some(url) = &environment.every.url
    {
        document.report(
            Diagnostic::error(codes::CONFLICT, "one `url` cannot serve several databases")
                .label(url.label.clone())
                .help("give each its own in `[environments.NAME.databases.NAME]`"),
        );
    }
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
