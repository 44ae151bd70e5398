//! The codes of what can be wrong with settings; `docs/reference/diagnostics.md` lists them.

/// A settings file cannot be read.
pub const UNREADABLE: &str = "DBVC6001";
/// A settings file is not TOML (or YAML).
pub const SYNTAX: &str = "DBVC6002";
/// A key that dbvc does not know.
pub const UNKNOWN_KEY: &str = "DBVC6003";
/// A value of the wrong type.
pub const TYPE: &str = "DBVC6004";
/// A value that cannot be used.
pub const VALUE: &str = "DBVC6005";
/// A `${VARIABLE}` without a value.
pub const REFERENCE: &str = "DBVC6006";
/// A password file that cannot be read.
pub const PASSWORD_FILE: &str = "DBVC6007";
/// A password file that others may read.
pub const PASSWORD_FILE_OPEN: &str = "DBVC6008";
/// No environment of that name.
pub const ENVIRONMENT: &str = "DBVC6009";
/// The git branch belongs to several environments.
pub const BRANCH: &str = "DBVC6010";
/// No database of that name, or none could be chosen.
pub const DATABASE: &str = "DBVC6011";
/// Nothing says where the database is.
pub const NO_URL: &str = "DBVC6012";
/// The URL cannot be used.
pub const URL: &str = "DBVC6013";
/// No driver for the URL's scheme or of that name.
pub const DRIVER: &str = "DBVC6014";
/// A `.env` file that cannot be read.
pub const DOT_ENV: &str = "DBVC6015";
/// `config/db_config.yaml` cannot be read.
pub const YAML: &str = "DBVC6016";
/// Two settings that exclude each other.
pub const CONFLICT: &str = "DBVC6017";
/// An audit sink that cannot be used as it is described.
pub const SINK: &str = "DBVC6018";
/// A key of the audit trail that cannot be used.
pub const KEY: &str = "DBVC6019";
