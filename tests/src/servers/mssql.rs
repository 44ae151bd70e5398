//! A SQL Server for tests: one that runs somewhere and is named in the environment. None can be installed here, since
//! Microsoft gives it out as a container image or as packages under a licence of its own.

use std::sync::OnceLock;

use super::{Shareable, TestServer, Unavailable, given_url};

/// The server of the environment.
#[derive(Debug)]
pub struct MsSqlServer {
    url: String,
}

impl TestServer for MsSqlServer {
    const NAME: &'static str = "mssql";
    const URL_VARIABLE: &'static str = "DBVC_TEST_MSSQL_URL";
    const OPTIONAL: bool = true;

    fn install() -> Result<(), Unavailable> {
        Ok(())
    }

    fn start() -> Result<Self, Unavailable> {
        let url = given_url(Self::URL_VARIABLE).ok_or_else(|| {
            Unavailable::new(format!(
                "{} is not set; it names a server whose login may create databases, such as \
                 mssql://sa:PASSWORD@127.0.0.1:1433/master?trust_server_certificate=true for the image \
                 mcr.microsoft.com/mssql/server",
                Self::URL_VARIABLE
            ))
        })?;
        Ok(Self { url })
    }

    fn url(&self) -> &str {
        &self.url
    }

    /// Always refused: nothing but the adapter itself speaks to this server here, so who needs a database makes it
    /// through that.
    fn create_database(&self, name: &str) -> Result<String, Unavailable> {
        Err(Unavailable::new(format!(
            "database `{name}` is made by a session of the adapter's"
        )))
    }
}

impl Shareable for MsSqlServer {
    fn place() -> &'static OnceLock<Result<Self, Unavailable>> {
        static PLACE: OnceLock<Result<MsSqlServer, Unavailable>> = OnceLock::new();
        &PLACE
    }
}
