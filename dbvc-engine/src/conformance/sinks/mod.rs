//! The kit that proves an audit sink: one named trial for each promise of
//! [`AuditSink`](crate::audit::AuditSink) and [`AuditDriver`](crate::audit::AuditDriver).
//!
//! The whole test file of a sink, declared with `harness = false`, is `sink_conformance_suite!(Acme)`.

mod harness;
mod rules;
mod world;

use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::Arguments;

pub use harness::{BadTarget, SinkHarness, SinkPlanted, SinkScratch, target};
pub use rules::all;
pub use world::{SinkWorld, chain};

use super::rule::{Running, Stop, Verdict};
use super::run::{NotRun, Report, Required, report, trial};

/// No rule takes this long; one that does hangs.
const LONGEST: Duration = Duration::from_mins(2);

/// One promise. Its function's name says it in short, and the function's doc comment is the contract.
#[derive(Clone, Copy)]
pub struct SinkRule {
    /// What it is about, such as `append`.
    pub topic: &'static str,
    /// Its name, such as `a_gap_is_refused`.
    pub name: &'static str,
    /// Tries the promise out.
    pub run: for<'a> fn(&'a SinkWorld) -> Running<'a>,
}

impl SinkRule {
    /// The name of the trial: `file::append::a_gap_is_refused`.
    pub fn trial(&self, sink: &str) -> String {
        format!("{sink}::{}::{}", self.topic, self.name)
    }
}

impl std::fmt::Debug for SinkRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}::{}", self.topic, self.name)
    }
}

/// Runs all rules that the arguments choose on all sinks.
pub fn run(harnesses: Vec<Arc<dyn SinkHarness>>, arguments: &Arguments, required: &Required) -> Report {
    let not_run = NotRun::default();
    let mut trials = Vec::new();
    for harness in harnesses {
        for rule in all() {
            let (rule, harness) = (*rule, harness.clone());
            let required = required.names(harness.name());
            let name = rule.trial(harness.name());
            trials.push(trial(name, required, not_run.clone(), move || {
                check(harness, rule)
            }));
        }
    }
    report("sinks".to_owned(), arguments, trials, &not_run)
}

/// Tries one rule out on an empty sink, on a runtime of its own.
pub fn check(harness: Arc<dyn SinkHarness>, rule: SinkRule) -> Verdict {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Stop::Unavailable(format!("no runtime: {error}")))?;
    let world = runtime.block_on(SinkWorld::open(harness))?;
    let verdict = runtime.block_on(async {
        tokio::time::timeout(LONGEST, (rule.run)(&world))
            .await
            .unwrap_or_else(|_| Err(Stop::broken(format!("no end after {LONGEST:?}"))))
    });
    // What still runs in the background must end before the sink is removed.
    drop(runtime);
    drop(world);
    verdict
}
