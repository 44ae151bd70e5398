//! The command line of dbvc, as a library: a vendor's whole binary is
//! `Cli::new().with_builtin_drivers().with_driver(acme::driver()).run()`.

mod actor;
mod app;
pub mod args;
pub mod codes;
mod commands;
pub mod config;
pub mod exit;
mod git;
mod interrupt;
mod logging;
mod prompt;
pub mod render;
mod restart;
mod stop;
mod trail;
mod work;

use std::ffi::OsString;
use std::process::ExitCode;

use dbvc_engine::registry::{IntoAuditDriver, IntoDriver, Registry};

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
        let this = self;
        #[cfg(feature = "sqlite")]
        let this = this.with_driver(dbvc_sqlite::driver());
        #[cfg(feature = "postgres")]
        let this = this.with_driver(dbvc_postgres::driver());
        #[cfg(feature = "mysql")]
        let this = this.with_driver(dbvc_mysql::driver());
        #[cfg(feature = "mssql")]
        let this = this.with_driver(dbvc_mssql::driver());
        this.with_builtin_audit_drivers()
    }

    /// The same with the kinds of sinks for the audit trail that this build has.
    fn with_builtin_audit_drivers(self) -> Self {
        let this = self.with_audit_driver(dbvc_engine::audit::jsonl::driver());
        #[cfg(feature = "sqlite")]
        let this = this.with_audit_driver(dbvc_sqlite::audit_driver());
        #[cfg(feature = "postgres")]
        let this = this.with_audit_driver(dbvc_postgres::audit_driver());
        #[cfg(feature = "cosmos")]
        let this = this.with_audit_driver(dbvc_cosmos::audit_driver());
        this
    }

    /// The same with one more driver.
    #[must_use]
    pub fn with_driver(mut self, driver: impl IntoDriver) -> Self {
        self.registry = self.registry.with(driver);
        self
    }

    /// The same with one more kind of sink for the audit trail.
    #[must_use]
    pub fn with_audit_driver(mut self, driver: impl IntoAuditDriver) -> Self {
        self.registry = self.registry.with_audit(driver);
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
