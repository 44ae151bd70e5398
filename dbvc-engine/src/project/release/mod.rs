//! `version`: a release of the schema as files, for ever; and `list`.

mod folder;
mod list;
mod seed;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::folder::Draft;
use super::{Context, ExitClass, Failed};
use crate::diagnostic::{Diagnostic, Label};
use crate::diff::{DiffOptions, diff};
use crate::driver::Access;
use crate::migration::Version;
use crate::schema::Database;

pub use list::{Release, releases};

/// What was asked for.
#[derive(Debug, Clone)]
pub struct ReleaseRequest {
    /// The version.
    pub version: Version,
    /// What it is, in a sentence.
    pub description: Option<String>,
    /// The folder that holds a folder for each version.
    pub folder: PathBuf,
}

/// `info.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseInfo {
    /// The version.
    pub version: String,
    /// When, by the clock of the machine that wrote it.
    pub created_at: String,
    /// The server and its version.
    #[serde(default)]
    pub database_version: String,
    /// How many versioned migrations are in the schema.
    #[serde(default)]
    pub migration_count: usize,
    /// The tables' full names.
    #[serde(default)]
    pub tables: Vec<String>,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// The newest migration in the schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration: Option<String>,
    /// The database's name in the project.
    #[serde(default)]
    pub database: String,
    /// The environment that it was taken from.
    #[serde(default)]
    pub environment: String,
    /// SHA-256 of `schema.json`.
    #[serde(default)]
    pub checksum: String,
    /// The version before, that the changelog starts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// How many rows `seed_data.sql` has.
    #[serde(default)]
    pub seed_rows: u64,
}

/// What was written.
#[derive(Debug, Serialize)]
pub struct ReleaseReport {
    /// `info.json`.
    pub info: ReleaseInfo,
    /// The folder.
    pub folder: PathBuf,
    /// The files in it.
    pub files: Vec<PathBuf>,
    /// What `schema.sql` does not make, with the reason.
    pub left_out: Vec<String>,
}

/// Writes the files of a release; never over one that is there, and all of them or none. The database is only read.
pub async fn release(context: &Context<'_>, request: &ReleaseRequest) -> Result<ReleaseReport, Failed> {
    let place = request.folder.join(format!("v{}", request.version));
    if place.exists() {
        return Err(exists(context, &place));
    }
    let known = releases(&request.folder)?;
    let previous = before(&known, &request.version);
    let Some(ddl) = context.driver.ddl() else {
        return Err(unsupported(context));
    };
    let mut opening = context.open_database(Access::ReadOnly).await?;
    let database = context.introspected(opening.session.as_mut()).await?;
    let tables = seed::chosen(context, &database)?;
    let draft = Draft::begin(&place)?;
    let written = ddl.create(&database);
    let json = database.to_json();
    draft.write("schema.sql", &written.sql)?;
    draft.write("schema.json", &json)?;
    let seed_rows = seed::write(
        context,
        opening.session.as_mut(),
        &tables,
        draft.file("seed_data.sql"),
    )
    .await?;
    let info = ReleaseInfo {
        version: request.version.to_string(),
        created_at: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        database_version: {
            let server = opening.session.server();
            format!("{} {}", server.product, server.version).trim().to_owned()
        },
        migration_count: opening.known.present().count(),
        tables: database.tables().map(|(key, _)| key.full_name()).collect(),
        description: request.description.clone().unwrap_or_default(),
        migration: opening.known.current().map(|(version, _)| version.to_string()),
        database: context.settings.database.clone(),
        environment: context.settings.environment.clone(),
        checksum: super::expected::checksum(&json),
        previous: previous.map(|release| release.name.clone()),
        seed_rows,
    };
    opening.close().await;
    draft.write("README.md", &readme(&info, previous, &database))?;
    let text = serde_json::to_string_pretty(&info).unwrap_or_default();
    draft.write("info.json", &format!("{text}\n"))?;
    let files = draft.finish(&place)?;
    let left_out = written.left_out.iter();
    let left_out = left_out.map(|(key, reason)| format!("{key}: {reason}"));
    let altered = tables.iter().flat_map(seed::Seed::altered);
    Ok(ReleaseReport {
        info,
        files,
        folder: place,
        left_out: left_out.chain(altered).collect(),
    })
}

/// The newest release of a lower version.
fn before<'a>(known: &'a [Release], version: &Version) -> Option<&'a Release> {
    known
        .iter()
        .filter_map(|release| Some((release.version.as_ref()?, release)))
        .filter(|(other, _)| *other < version)
        .max_by(|one, other| one.0.cmp(other.0))
        .map(|(_, release)| release)
}

/// The changelog.
fn readme(info: &ReleaseInfo, previous: Option<&Release>, database: &Database) -> String {
    let mut text = format!("# v{}\n\n", info.version);
    if !info.description.is_empty() {
        text.push_str(&info.description);
        text.push_str("\n\n");
    }
    let facts = format!(
        "{}, {}. {} tables, {} migrations{}.\n\n",
        info.created_at,
        info.database_version,
        info.tables.len(),
        info.migration_count,
        info.migration
            .as_ref()
            .map(|newest| format!(" up to {newest}"))
            .unwrap_or_default(),
    );
    text.push_str(&facts);
    text.push_str(&changes(previous, database));
    text
}

fn changes(previous: Option<&Release>, database: &Database) -> String {
    let Some(previous) = previous else {
        return "The first version.\n".to_owned();
    };
    let since = format!("Changes since {}", previous.name);
    let before = match previous.schema() {
        Ok(before) if before.dialect == database.dialect => before,
        Ok(before) => return format!("{since} are not listed: that was on {}.\n", before.dialect),
        Err(why) => return format!("{since} cannot be listed: {why}.\n"),
    };
    let found = diff(&before, database, DiffOptions::default());
    if found.is_empty() {
        return format!("{since}: none.\n");
    }
    format!("{since}:\n\n{}\n", found.markdown().trim_end())
}

fn exists(context: &Context<'_>, place: &Path) -> Failed {
    let shown = context.settings.layout.shown(place);
    Failed::one(
        ExitClass::Findings,
        Diagnostic::error("DBVC3060", "this version is there already")
            .label(Label::file(shown))
            .help(
                "a release stays as it was; choose another version (`dbvc list` shows those that are there)",
            ),
    )
}

fn unsupported(context: &Context<'_>) -> Failed {
    let title = context.driver.info().title;
    Failed::one(
        ExitClass::Usage,
        Diagnostic::error(
            "DBVC3061",
            format!("the adapter of {title} cannot write a schema as SQL"),
        ),
    )
}
