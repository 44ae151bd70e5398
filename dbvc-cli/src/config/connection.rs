//! Where a database is: `db_config.yaml` < `dbvc.toml` < `.env` < environment < `--url`.

use std::path::Path;

use dbvc_engine::diagnostic::{Diagnostic, Label};
use dbvc_engine::driver::{RecordLocation, Secret, Target};
use url::Url;

use super::connection_string;
use super::document::Located;
use super::missing;
use super::parts::{Parts, is_mssql};
use super::reference::{self, Use};
use super::surroundings::{Surroundings, Variables};
use super::variables::{DATABASE_URL, DBVC_URL, SQL_CONNECTION_STRING};
use super::{Source, Sourced, codes};

/// A connection that is known, with its secrets kept from view.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Where to connect.
    pub target: Target,
    /// Where the URL came from.
    pub source: Source,
    /// The parts that were laid over it, or that made it.
    pub parts: Parts,
    /// What is worth a warning.
    pub warnings: Vec<Diagnostic>,
    string: bool,
}

impl Connection {
    /// Whether a connection string of SQL Server made it, and no URL.
    pub fn is_string(&self) -> bool {
        self.string
    }
}

/// All that may say where a database is.
pub(super) struct Clues<'a> {
    pub(super) surroundings: &'a Surroundings,
    pub(super) root: &'a Path,
    /// What relative paths in URLs are made relative to.
    pub(super) base: &'a Path,
    pub(super) variables: &'a Variables,
    pub(super) environment: &'a str,
    pub(super) database: &'a str,
    pub(super) driver: Option<&'a Located<String>>,
    pub(super) url: Option<&'a Located<String>>,
    pub(super) password_file: Option<&'a Located<String>>,
    pub(super) flag: Option<&'a str>,
    /// Whether the variables that name one connection mean this database.
    pub(super) variables_count: bool,
    pub(super) record: RecordLocation,
}

/// What is known so far, from weak to strong.
#[derive(Default)]
struct Found {
    url: Option<Sourced<String>>,
    parts: Parts,
    /// A weaker layer's password, for a URL that has none.
    spare: Option<Sourced<Secret>>,
    warnings: Vec<Diagnostic>,
    /// A connection string that cannot be read, and why.
    broken: Option<(Source, String)>,
    /// Where a connection string came from that was laid over the rest.
    string: Option<Source>,
}

impl Found {
    fn whole(&mut self, url: Sourced<String>) {
        self.url = Some(url);
        self.string = None;
        self.broken = None;
        let weaker = std::mem::take(&mut self.parts);
        self.spare = weaker.password.or(self.spare.take());
    }

    /// A URL, or a connection string of SQL Server, whose parts are laid over weaker ones.
    fn string(&mut self, text: Sourced<String>) {
        if connection_string::is_one(&text.value) {
            self.pairs(text);
        } else {
            self.whole(text);
        }
    }

    /// What is a connection string by the name that it has, and may say little: `TrustServerCertificate=true`.
    fn named_string(&mut self, text: Sourced<String>) {
        if text.value.contains("://") {
            self.whole(text);
        } else {
            self.pairs(text);
        }
    }

    fn pairs(&mut self, text: Sourced<String>) {
        match connection_string::read(&text) {
            Ok(parts) => {
                self.url = None;
                self.string = Some(text.source);
                self.lay(parts);
            }
            Err(reason) => self.broken = Some((text.source, reason)),
        }
    }

    /// Says which variables of the same layer do not count beside a connection string.
    fn contradict(&mut self, text: &Sourced<String>, get: &dyn Fn(&str) -> Option<Sourced<String>>) {
        let Ok(said) = connection_string::read(text) else {
            return;
        };
        let weak = Parts::of_variables(get);
        let pairs = [
            (&weak.host, &said.host, "server"),
            (&weak.name, &said.name, "database"),
            (&weak.user, &said.user, "login"),
        ];
        for (weak, strong, what) in pairs {
            if let (Some(weak), Some(strong)) = (weak, strong)
                && !weak.value.eq_ignore_ascii_case(&strong.value)
            {
                let message = format!(
                    "{} names another {what} than {}, which counts",
                    weak.source, strong.source
                );
                self.warnings.push(
                    Diagnostic::warning(codes::CONFLICT, message)
                        .note(format!("`{}` and `{}`", weak.value, strong.value))
                        .help("unset one of them"),
                );
            }
        }
    }

    fn lay(&mut self, parts: Parts) {
        self.parts = std::mem::take(&mut self.parts).under(parts);
    }
}

impl Clues<'_> {
    pub(super) fn connection(&self) -> Result<Connection, Vec<Diagnostic>> {
        let mut found = Found::default();
        self.files(&mut found)?;
        if self.variables_count {
            self.layer(&mut found, &|name| self.variables.of_file(name));
            self.layer(&mut found, &|name| self.variables.of_process(name));
        }
        if let Some(url) = self.flag {
            found.string(Sourced::new(url.to_owned(), Source::flag("--url")));
        }
        self.finish(found).map_err(|problem| vec![*problem])
    }

    fn files(&self, found: &mut Found) -> Result<(), Vec<Diagnostic>> {
        let mut problems = Vec::new();
        match self.url {
            Some(url) => match reference::resolve(url, self.variables, Use::Url) {
                Ok(text) => found.string(Sourced::new(rooted(&text, self.base), url.source())),
                // A stronger layer may make the reference needless.
                Err(_) if self.flag.is_some() || self.has_url_variable() => {}
                Err(problem) => problems.push(*problem),
            },
            None => match self.yaml() {
                Ok(parts) => found.lay(parts),
                Err(problem) => problems.push(*problem),
            },
        }
        if let Some(file) = self.password_file {
            match self.password(file, &mut found.warnings) {
                Ok(password) => found.parts.password = Some(password),
                Err(problem) => problems.push(*problem),
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    fn has_url_variable(&self) -> bool {
        self.variables_count
            && [DBVC_URL, DATABASE_URL]
                .iter()
                .any(|name| self.variables.get(name).is_some())
    }

    /// Where one layer has several: parts are weaker than `SQL_CONNECTION_STRING`, that than `DATABASE_URL`, and that
    /// than `DBVC_URL`.
    fn layer(&self, found: &mut Found, get: &dyn Fn(&str) -> Option<Sourced<String>>) {
        let mut parts = Parts::of_variables(get);
        if self.is_file_database(found) && get(DBVC_URL).is_none() && get(DATABASE_URL).is_none() {
            // A file has no host, and its name is not what `DB_NAME` says.
            return;
        }
        if parts.driver.as_deref().is_some_and(is_mssql)
            && self.known_driver(found).is_some_and(|known| !is_mssql(&known))
        {
            parts = Parts::default();
        }
        found.lay(parts);
        if let Some(text) = get(SQL_CONNECTION_STRING)
            && self.known_driver(found).is_none_or(|known| is_mssql(&known))
        {
            found.contradict(&text, get);
            found.named_string(text);
        }
        for name in [DATABASE_URL, DBVC_URL] {
            if let Some(url) = get(name) {
                found.string(url);
            }
        }
    }

    fn known_driver(&self, found: &Found) -> Option<String> {
        let scheme = found.url.as_ref().and_then(|url| url.value.split_once(':'));
        self.driver
            .map(|driver| driver.value.clone())
            .or_else(|| scheme.map(|(scheme, _)| scheme.to_owned()))
    }

    fn is_file_database(&self, found: &Found) -> bool {
        self.known_driver(found)
            .is_some_and(|known| known.starts_with("sqlite"))
    }

    fn yaml(&self) -> Result<Parts, Box<Diagnostic>> {
        let path = self.root.join("config").join("db_config.yaml");
        let shown = self.surroundings.shown(&path);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) if self.variables_count => text,
            Ok(_) => return Ok(Parts::default()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Parts::default()),
            Err(error) => return Err(Box::new(unreadable(codes::YAML, &shown, &error))),
        };
        let parts = Parts::of_yaml(&shown, &text, self.environment).map_err(|reason| {
            Box::new(
                Diagnostic::error(codes::YAML, format!("{}: {reason}", shown.display()))
                    .label(Label::file(shown.clone()))
                    .help("mend the line, or remove the file where other settings say all"),
            )
        })?;
        Ok(parts)
    }

    fn password(
        &self,
        file: &Located<String>,
        warnings: &mut Vec<Diagnostic>,
    ) -> Result<Sourced<Secret>, Box<Diagnostic>> {
        let path = self
            .root
            .join(reference::resolve(file, self.variables, Use::Text)?);
        let shown = self.surroundings.shown(&path);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let mut problem = unreadable(codes::PASSWORD_FILE, &shown, &error);
            problem.labels = vec![file.label.clone()];
            problem = problem.help("`password_file` names a file whose first line is the password; it counts from the project's folder");
            Box::new(problem)
        })?;
        if is_open(&path) {
            warnings.push(
                Diagnostic::warning(
                    codes::PASSWORD_FILE_OPEN,
                    format!("others on this machine can read {}", shown.display()),
                )
                .help(format!("chmod 600 {}", shown.display())),
            );
        }
        let secret = text.strip_suffix('\n').unwrap_or(&text);
        let secret = secret.strip_suffix('\r').unwrap_or(secret);
        if secret.is_empty() {
            let message = format!("{} holds no password: its first line is empty", shown.display());
            let problem = Diagnostic::error(codes::PASSWORD_FILE, message).label(file.label.clone());
            return Err(Box::new(problem.help(
                "write the password into it, or leave `password_file` out where none is needed",
            )));
        }
        Ok(Sourced::new(
            Secret::new(secret),
            Source::File {
                path: shown,
                line: None,
            },
        ))
    }

    fn finish(&self, found: Found) -> Result<Connection, Box<Diagnostic>> {
        if let Some((source, reason)) = &found.broken {
            return Err(Box::new(missing::unreadable(self.database, source, reason)));
        }
        let driver = self.driver.map(|driver| driver.value.as_str());
        let (text, source) = if let Some(url) = &found.url {
            (url.value.clone(), url.source.clone())
        } else {
            let scheme = driver.unwrap_or_else(|| found.parts.driver());
            // Nobody means this machine by saying nothing, where a server is what is named first.
            let is_whole = found.parts.host.is_some() || !is_mssql(scheme);
            let Some(url) = found.parts.url(scheme).filter(|_| is_whole) else {
                let place = (self.database, self.environment);
                return Err(Box::new(missing::no_url(place, scheme, &found.parts)));
            };
            let name = found.parts.name.as_ref().map(|name| name.source.clone());
            // Its options are the string's, and are what may be wrong.
            (url, found.string.clone().or(name).unwrap_or(Source::Default))
        };
        let wrong = |reason: String| {
            Box::new(
                Diagnostic::error(
                    codes::URL,
                    format!("the URL of database `{}` cannot be used", self.database),
                )
                .note(format!("it came from {source}"))
                .note(reason)
                .help("`dbvc config` shows each setting and where it came from"),
            )
        };
        let mut target = Target::parse(&text).map_err(|error| wrong(error.to_string()))?;
        if found.url.is_some() && !found.parts.is_empty() {
            let mut url: Url = target.reveal_url().clone();
            found
                .parts
                .over(&mut url)
                .map_err(|part| wrong(format!("its {part} cannot be set")))?;
            target = Target::parse(url.as_str()).map_err(|error| wrong(error.to_string()))?;
        }
        if let Some(password) = &found.spare
            && !target.scheme().starts_with("sqlite")
        {
            target = target.with_password(&password.value);
        }
        let mut parts = found.parts;
        parts.password = parts.password.or(found.spare);
        Ok(Connection {
            target: target.with_record(self.record.clone()),
            source,
            parts,
            warnings: found.warnings,
            string: found.string.is_some(),
        })
    }
}

pub(super) fn unreadable(code: &str, shown: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(code, format!("cannot read {}: {error}", shown.display())).label(Label::file(shown))
}

/// A relative path in `dbvc.toml` is meant from the project's folder, wherever dbvc is started.
pub(super) fn rooted(url: &str, root: &Path) -> String {
    let Some((scheme, path)) = url
        .split_once(':')
        .filter(|(scheme, _)| matches!(*scheme, "sqlite" | "file"))
    else {
        return url.to_owned();
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty()
        || path.starts_with(['/', ':'])
        || path.starts_with("file:")
        || root.as_os_str().is_empty()
    {
        return url.to_owned();
    }
    let path = path.strip_prefix("./").unwrap_or(path);
    let folder = root.display().to_string();
    // A file's URL may hold escapes, so the folder must not look like one.
    let folder = if scheme == "file" {
        folder.replace('%', "%25").replace('?', "%3F")
    } else {
        folder
    };
    format!("{scheme}:{}", Path::new(&folder).join(path).display())
}

#[cfg(unix)]
pub(super) fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_open(_path: &Path) -> bool {
    false
}
