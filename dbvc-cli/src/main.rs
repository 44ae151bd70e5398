//! The `dbvc` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    dbvc_cli::Cli::new().with_builtin_drivers().run()
}
