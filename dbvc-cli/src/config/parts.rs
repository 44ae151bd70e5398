//! The parts of a connection, laid over each other.

use std::fmt::Write as _;
use std::path::Path;

use dbvc_engine::driver::Secret;
use serde_yaml_ng::Value;
use url::Url;

use super::connection_string;
use super::reference::escape;
use super::variables::{FAMILIES, Family};
use super::{Source, Sourced};

/// Some parts of a connection.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// The driver that these parts mean where nothing else says.
    pub driver: Option<String>,
    /// The host.
    pub host: Option<Sourced<String>>,
    /// The port.
    pub port: Option<Sourced<String>>,
    /// The database.
    pub name: Option<Sourced<String>>,
    /// The login.
    pub user: Option<Sourced<String>>,
    /// Its password.
    pub password: Option<Sourced<Secret>>,
    /// Options of the connection, by the names that the driver's other clients have for them.
    pub options: Vec<(String, Secret)>,
}

impl Parts {
    /// The first family of which `get` knows anything.
    pub(super) fn of_variables(get: &dyn Fn(&str) -> Option<Sourced<String>>) -> Self {
        FAMILIES
            .iter()
            .map(|family| Self::of_family(family, get))
            .find(|parts| !parts.is_empty())
            .unwrap_or_default()
    }

    fn of_family(family: &Family, get: &dyn Fn(&str) -> Option<Sourced<String>>) -> Self {
        let mut host = get(family.host);
        let mut port = family.port.and_then(get);
        if family.driver.is_some_and(is_mssql)
            && let Some(written) = host.take()
        {
            // As in a connection string: `tcp:host,1433`.
            let (name, number) =
                connection_string::server(&written.value).unwrap_or_else(|_| (written.value.clone(), None));
            port = number
                .map(|number| Sourced::new(number, written.source.clone()))
                .or(port);
            host = Some(Sourced::new(name, written.source));
        }
        Self {
            driver: family.driver.map(ToOwned::to_owned),
            host,
            port,
            name: get(family.name),
            user: get(family.user),
            password: get(family.password).map(|password| password.map(Secret::new)),
            options: Vec::new(),
        }
    }

    /// Reads `config/db_config.yaml`: keys at the top, below `database`, or below the environment's name.
    pub(super) fn of_yaml(shown: &Path, text: &str, environment: &str) -> Result<Self, String> {
        let value: Value = serde_yaml_ng::from_str(text).map_err(|error| {
            // The library's own words may quote a value, and so a password.
            match error.location() {
                Some(at) => format!("line {}, column {} is not valid YAML", at.line(), at.column()),
                None => "it is not valid YAML".to_owned(),
            }
        })?;
        let scopes = [
            value.get(environment).and_then(|inner| inner.get("database")),
            value.get(environment),
            value.get("database").and_then(|inner| inner.get(environment)),
            value.get("database"),
            Some(&value),
        ];
        let find = |keys: &[&str]| {
            let found = scopes
                .iter()
                .flatten()
                .find_map(|scope| keys.iter().find_map(|key| scope.get(*key).and_then(scalar)))?;
            let path = shown.to_owned();
            Some(Sourced::new(found, Source::File { path, line: None }))
        };
        Ok(Self {
            driver: find(&["driver", "type", "engine"]).map(|driver| driver.value),
            host: find(&["host", "hostname"]),
            port: find(&["port"]),
            name: find(&["name", "database", "dbname"]),
            user: find(&["user", "username"]),
            password: find(&["password"]).map(|password| password.map(Secret::new)),
            options: Vec::new(),
        })
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.host.is_none()
            && self.port.is_none()
            && self.name.is_none()
            && self.user.is_none()
            && self.password.is_none()
    }

    /// These parts with stronger ones over them.
    #[must_use]
    pub fn under(self, stronger: Self) -> Self {
        Self {
            driver: stronger.driver.or(self.driver),
            host: stronger.host.or(self.host),
            port: stronger.port.or(self.port),
            name: stronger.name.or(self.name),
            user: stronger.user.or(self.user),
            password: stronger.password.or(self.password),
            options: if stronger.options.is_empty() {
                self.options
            } else {
                stronger.options
            },
        }
    }

    /// The driver meant: the one that is said, else by the well-known port, else PostgreSQL.
    pub fn driver(&self) -> &str {
        if let Some(driver) = &self.driver {
            return driver;
        }
        match self.port.as_ref().map(|port| port.value.as_str()) {
            Some("3306") => "mysql",
            Some("1433") => "sqlserver",
            _ => "postgres",
        }
    }

    /// A whole URL; none without a database name or a host.
    pub fn url(&self, scheme: &str) -> Option<String> {
        let name = self.name.as_ref()?;
        let host = self
            .host
            .as_ref()
            .map_or_else(|| "localhost".to_owned(), |host| in_url(&host.value));
        let mut url = format!("{scheme}://");
        if let Some(user) = &self.user {
            url.push_str(&escape(&user.value));
        }
        if let Some(password) = &self.password {
            url.push(':');
            url.push_str(&escape(password.value.reveal()));
        }
        if self.user.is_some() || self.password.is_some() {
            url.push('@');
        }
        url.push_str(&host);
        if let Some(port) = &self.port {
            url.push(':');
            url.push_str(&port.value);
        }
        url.push('/');
        url.push_str(&escape(&name.value));
        for (at, (key, value)) in self.options.iter().enumerate() {
            let mark = if at == 0 { '?' } else { '&' };
            write!(url, "{mark}{}={}", escape(key), escape(value.reveal())).ok()?;
        }
        Some(url)
    }

    /// Lays these parts over a URL; the error names the part that does not fit.
    pub fn over(&self, url: &mut Url) -> Result<(), &'static str> {
        if let Some(host) = &self.host {
            url.set_host(Some(&in_url(&host.value))).map_err(|_| "host")?;
        }
        if let Some(port) = &self.port {
            let number = port.value.parse().map_err(|_| "port")?;
            url.set_port(Some(number)).map_err(|()| "port")?;
        }
        if let Some(name) = &self.name {
            url.set_path(&format!("/{}", escape(&name.value)));
        }
        if let Some(user) = &self.user {
            url.set_username(&escape(&user.value)).map_err(|()| "user")?;
        }
        if let Some(password) = &self.password {
            url.set_password(Some(&escape(password.value.reveal())))
                .map_err(|()| "password")?;
        }
        Ok(())
    }
}

/// Whether a driver's name or a scheme means SQL Server.
pub(super) fn is_mssql(driver: &str) -> bool {
    matches!(driver, "mssql" | "sqlserver" | "azuresql")
}

/// A host as a URL has it: an IPv6 address in brackets, a socket's folder escaped.
fn in_url(host: &str) -> String {
    if host.starts_with('[') {
        host.to_owned()
    } else if host.contains(':') {
        format!("[{host}]")
    } else {
        escape(host)
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<Sourced<String>> + 'a {
        move |name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| Sourced::default_value((*value).to_owned()))
        }
    }

    fn url(pairs: &[(&str, &str)]) -> String {
        let parts = Parts::of_variables(&get(pairs));
        parts.url(parts.driver()).expect("a database")
    }

    #[test]
    fn db_variables_make_a_postgres_url() {
        let url = url(&[
            ("DB_HOST", "h"),
            ("DB_PORT", "6"),
            ("DB_NAME", "n"),
            ("DB_USER", "u"),
            ("DB_PASSWORD", "p@"),
        ]);
        assert_eq!(url, "postgres://u:p%40@h:6/n");
    }

    #[test]
    fn odd_hosts_and_a_password_without_a_login_are_kept() {
        let of = |host| url(&[("DB_HOST", host), ("DB_NAME", "n"), ("DB_PASSWORD", "p")]);
        assert_eq!(of("::1"), "postgres://:p@[::1]/n");
        assert_eq!(of("/var/run/x"), "postgres://:p@%2Fvar%2Frun%2Fx/n");
    }

    #[test]
    fn a_login_and_a_password_over_a_url_are_not_read_as_escapes() {
        let parts = Parts::of_variables(&get(&[
            ("DATABASE_USERNAME", "a%40"),
            ("DATABASE_PASSWORD", "p%40@/"),
        ]));
        let mut url = Url::parse("mysql://db/n").expect("a URL");
        parts.over(&mut url).expect("they fit");
        assert_eq!(url.as_str(), "mysql://a%2540:p%2540%40%2F@db/n");
    }

    #[test]
    fn database_variables_on_mysqls_port_mean_mysql() {
        let url = url(&[
            ("DATABASE_HOST", "h"),
            ("DATABASE_PORT", "3306"),
            ("DATABASE_NAME", "n"),
            ("DATABASE_USERNAME", "u"),
        ]);
        assert_eq!(url, "mysql://u@h:3306/n");
    }

    #[test]
    fn sql_variables_mean_sql_server() {
        assert_eq!(
            url(&[("SQL_SERVER", "h"), ("SQL_DATABASE", "n"), ("SQL_USER", "u")]),
            "sqlserver://u@h/n"
        );
        assert_eq!(
            url(&[("SQL_SERVER", "tcp:h\\DEV,1500"), ("SQL_DATABASE", "n")]),
            "sqlserver://h%5CDEV:1500/n"
        );
    }

    #[test]
    fn families_are_never_mixed() {
        let parts = Parts::of_variables(&get(&[("DB_HOST", "h"), ("DATABASE_NAME", "n")]));
        assert!(parts.name.is_none());
    }

    #[test]
    fn yaml_is_read_at_the_top_below_database_and_below_the_environment() {
        for text in [
            "host: h\nname: n\n",
            "database:\n  host: h\n  name: n\n",
            "prod:\n  host: h\n  database: n\nhost: other\n",
        ] {
            let parts = Parts::of_yaml(Path::new("c.yaml"), text, "prod").expect("fine");
            assert_eq!(parts.url("postgres").as_deref(), Some("postgres://h/n"), "{text}");
        }
    }

    #[test]
    fn broken_yaml_does_not_show_its_text() {
        let error = Parts::of_yaml(Path::new("c"), "password: 'hunter2\n", "x").expect_err("broken");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
