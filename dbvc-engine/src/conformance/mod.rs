//! The kit that proves an adapter: one named trial for each promise of the port.
//!
//! An adapter's whole test file, declared with `harness = false`:
//!
//! ```text
//! struct Acme;
//!
//! #[async_trait]
//! impl Harness for Acme { … }
//!
//! conformance_suite!(Acme);
//! ```
//!
//! A rule that has no meaning for a session, because of what its [`Capabilities`](crate::driver::Capabilities) say, or
//! for want of a server, shows as ignored and is listed with the reason at the end. `DBVC_REQUIRE_SERVER=acme` turns a
//! missing server into a failure.

mod dice;
mod harness;
mod rule;
mod rules;
mod run;
mod samples;
mod script;
pub mod sinks;
mod world;

pub use dice::Dice;
pub use harness::{BadUrl, Harness, Planted, Scratch, Unavailable, Untouched};
pub use libtest_mimic::Arguments;
pub use rule::{Rule, Running, Stop, Verdict};
pub use rules::all;
pub use run::{Report, Required, check, run};
pub use samples::{Copy, Faulty, Samples, Script};
pub use script::{Statements, statement};
pub use world::World;

/// The `main` of a test file for audit sinks: a list of [`sinks::SinkHarness`] values.
#[macro_export]
macro_rules! sink_conformance_suite {
    ($($harness:expr),+ $(,)?) => {
        fn main() -> ::std::process::ExitCode {
            use $crate::conformance::{Arguments, Required, sinks};
            let required = ::std::env::var("DBVC_REQUIRE_SERVER").unwrap_or_default();
            let report = sinks::run(
                vec![$(::std::sync::Arc::new($harness) as ::std::sync::Arc<dyn sinks::SinkHarness>),+],
                &Arguments::from_args(),
                &Required::parse(&required),
            );
            match report.write(&mut ::std::io::stderr()) {
                Ok(()) => report.exit_code(),
                Err(_) => ::std::process::ExitCode::FAILURE,
            }
        }
    };
}

/// The `main` of an adapter's test file. It reads the arguments and `DBVC_REQUIRE_SERVER`, which the engine does not.
#[macro_export]
macro_rules! conformance_suite {
    ($harness:expr) => {
        fn main() -> ::std::process::ExitCode {
            use $crate::conformance::{Arguments, Required, run};
            let required = ::std::env::var("DBVC_REQUIRE_SERVER").unwrap_or_default();
            let report = run(
                $harness,
                &Arguments::from_args(),
                &Required::parse(&required),
            );
            match report.write(&mut ::std::io::stderr()) {
                Ok(()) => report.exit_code(),
                Err(_) => ::std::process::ExitCode::FAILURE,
            }
        }
    };
}
