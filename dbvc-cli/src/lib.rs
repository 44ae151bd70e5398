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
use std::sync::Arc;

use dbvc_engine::driver::Driver;
use dbvc_engine::registry::Registry;

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
        let builtin: Vec<Arc<dyn Driver>> = vec![
            #[cfg(feature = "sqlite")]
            dbvc_sqlite::driver(),
            #[cfg(feature = "postgres")]
            dbvc_postgres::driver(),
        ];
        builtin.into_iter().fold(self, Self::with_driver)
    }

    /// The same with one more driver.
    #[must_use]
    pub fn with_driver(mut self, driver: Arc<dyn Driver>) -> Self {
        self.registry = self.registry.with_shared(driver);
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
