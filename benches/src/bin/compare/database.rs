//! Addresses of the databases that are measured on.

use std::path::PathBuf;

use url::Url;

/// Which database system a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    Postgres,
    MariaDb,
    Sqlite,
}

impl System {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::Sqlite => "SQLite",
        }
    }
}

/// One database, as each tool may have to spell it in its own way.
#[derive(Debug, Clone)]
pub(crate) enum Database {
    Postgres(Address),
    MariaDb(Address),
    Sqlite(PathBuf),
}

/// Where a server's database is.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) name: String,
}

impl Address {
    /// From a URL with host, user and database.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|error| format!("the server's address: {error}"))?;
        Ok(Self {
            host: url.host_str().unwrap_or("127.0.0.1").to_owned(),
            port: url.port().unwrap_or(5432),
            user: url.username().to_owned(),
            password: url.password().unwrap_or_default().to_owned(),
            name: url.path().trim_start_matches('/').to_owned(),
        })
    }

    /// The URL with the scheme that a tool asks for, without options.
    pub(crate) fn url(&self, scheme: &str) -> String {
        let Self {
            host,
            port,
            user,
            password,
            name,
        } = self;
        format!("{scheme}://{user}:{password}@{host}:{port}/{name}")
    }
}

impl Address {
    fn through(&self, port: u16) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port,
            ..self.clone()
        }
    }
}

impl Database {
    /// The address, where there is a server.
    pub(crate) fn address(&self) -> Option<&Address> {
        match self {
            Self::Postgres(address) | Self::MariaDb(address) => Some(address),
            Self::Sqlite(_) => None,
        }
    }

    /// The URL, for tools that tell the system by its scheme. TLS is off for all: nobody shall be ahead by not asking for
    /// it. MariaDB's server has none.
    pub(crate) fn url(&self, postgres: &str, mariadb: &str, sqlite: &str) -> String {
        match self {
            Self::Postgres(address) => format!("{}?sslmode=disable", address.url(postgres)),
            Self::MariaDb(address) => address.url(mariadb),
            Self::Sqlite(path) => format!("{sqlite}{}", path.display()),
        }
    }

    /// The same database through a proxy on this port of loopback.
    pub(crate) fn through(&self, port: u16) -> Self {
        match self {
            Self::Postgres(address) => Self::Postgres(address.through(port)),
            Self::MariaDb(address) => Self::MariaDb(address.through(port)),
            Self::Sqlite(path) => Self::Sqlite(path.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_being_parsed_and_written() {
        let address = Address::parse("postgres://me:secret@127.0.0.1:5433/orders").expect("an address");
        assert_eq!(
            address.url("postgresql+psycopg"),
            "postgresql+psycopg://me:secret@127.0.0.1:5433/orders"
        );
    }

    #[test]
    fn a_proxy_takes_the_place_of_host_and_port_only() {
        let direct =
            Database::Postgres(Address::parse("postgres://me:secret@db:5433/orders").expect("an address"));
        assert_eq!(
            direct.through(7000).url("postgres", "mysql", "sqlite:"),
            "postgres://me:secret@127.0.0.1:7000/orders?sslmode=disable"
        );
    }
}
