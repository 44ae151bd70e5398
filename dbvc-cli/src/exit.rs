//! Exit codes, which scripts may rely on.

use dbvc_engine::project::ExitClass;

/// Done.
pub const DONE: u8 = 0;
/// Findings, or something pending with `--check`.
pub const FINDINGS: u8 = 1;
/// The command line makes no sense.
pub const USAGE: u8 = 2;
/// Settings are wrong.
pub const CONFIGURATION: u8 = 3;
/// The schema is not what it should be.
pub const DRIFT: u8 = 8;
/// The audit trail is not where it must be.
pub const AUDIT: u8 = 9;
/// Someone asked to stop: 128 and the number of SIGINT, as shells have it.
pub const CANCELLED: u8 = 130;

/// The exit code of an end that was not a good one.
pub fn code(class: ExitClass) -> u8 {
    match class {
        ExitClass::Findings => FINDINGS,
        ExitClass::Usage => USAGE,
        ExitClass::Configuration => CONFIGURATION,
        ExitClass::Connection => 4,
        ExitClass::LockHeld => 5,
        ExitClass::RolledBack => 6,
        ExitClass::Partial => 7,
        ExitClass::Drift => DRIFT,
        ExitClass::AuditUnavailable => AUDIT,
        ExitClass::Cancelled => CANCELLED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_has_the_code_that_scripts_rely_on() {
        let wanted = [
            (ExitClass::Findings, 1),
            (ExitClass::Usage, 2),
            (ExitClass::Configuration, 3),
            (ExitClass::Connection, 4),
            (ExitClass::LockHeld, 5),
            (ExitClass::RolledBack, 6),
            (ExitClass::Partial, 7),
            (ExitClass::Drift, 8),
            (ExitClass::AuditUnavailable, 9),
            (ExitClass::Cancelled, 130),
        ];
        for (class, number) in wanted {
            assert_eq!(code(class), number, "{class:?}");
        }
    }
}
