//! The codes of what the command line itself says; `docs/reference/diagnostics.md` lists them.

/// Words of the command line that do not fit together.
pub const WORDS: &str = "DBVC7001";
/// Something destructive wants to be confirmed, and there is nobody to ask.
pub const CONFIRM: &str = "DBVC7002";
/// What was typed or passed is not the database's name.
pub const CONFIRM_WRONG: &str = "DBVC7003";
/// Somebody said no.
pub const DECLINED: &str = "DBVC7004";
/// A version or a migration's id that cannot be read.
pub const VERSION: &str = "DBVC7005";
/// A file that cannot be read or written.
pub const FILE: &str = "DBVC7006";
/// A file that is not a plan.
pub const PLAN: &str = "DBVC7007";
/// A project is there already.
pub const EXISTS: &str = "DBVC7008";
/// Several databases were meant, and one failed before the others ran.
pub const NOT_RUN: &str = "DBVC7009";
/// Something in dbvc itself went wrong.
pub const INTERNAL: &str = "DBVC7010";
/// A file that is not a snapshot of a schema.
pub const SNAPSHOT: &str = "DBVC7011";
/// Schemas of two database systems.
pub const DIALECTS: &str = "DBVC7012";
/// No desired schema is named.
pub const DESIRED: &str = "DBVC7013";
/// A chain without events.
pub const EMPTY_TRAIL: &str = "DBVC7014";
/// Anchors that cannot be kept in git, or read there.
pub const GIT_NOTES: &str = "DBVC7015";
/// An audit sink whose containers or tables cannot be made.
pub const SINK_SETUP: &str = "DBVC7016";
/// No pack of rules is switched on.
pub const RULES: &str = "DBVC7020";
