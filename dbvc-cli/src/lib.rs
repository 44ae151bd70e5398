//! The command line of dbvc, as a library: a vendor's whole binary is
//! `Cli::new().with_builtin_drivers().with_driver(acme::driver()).run()`.

mod actor;
mod app;
pub mod args;
pub mod codes;
mod commands;
pub mod config;
pub mod exit;
mod interrupt;
mod logging;
mod prompt;
pub mod render;
mod stop;
mod work;

use std::ffi::OsString;
use std::process::ExitCode;

use dbvc_engine::registry::{IntoDriver, Registry};

/// A binary in the making.
#[derive(Debug, Default)]
pub struct Cli {
    registry: Registry,
}

impl Cli {
    /// A command line without any driver.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with the drivers that this build has as cargo features.
    #[must_use]
    pub fn with_builtin_drivers(self) -> Self {
        #[cfg(feature = "sqlite")]
        let this = self.with_driver(dbvc_sqlite::driver());
        #[cfg(not(feature = "sqlite"))]
        let this = self;
        #[cfg(feature = "postgres")]
        let this = this.with_driver(dbvc_postgres::driver());
        #[cfg(feature = "mysql")]
        let this = this.with_driver(dbvc_mysql::driver());
        #[cfg(feature = "mssql")]
        let this = this.with_driver(dbvc_mssql::driver());
        this
    }

    /// The same with one more driver.
    #[must_use]
    pub fn with_driver(mut self, driver: impl IntoDriver) -> Self {
        self.registry = self.registry.with(driver);
        self
    }

    /// Does what this process's arguments say.
    pub fn run(self) -> ExitCode {
        self.run_with(std::env::args_os())
    }

    /// Does what `arguments` say; the first is the program's name.
    pub fn run_with(self, arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
        ExitCode::from(app::run(self.registry, arguments.into_iter().collect()))
    }
}
