//! What differs from run to run, for snapshots.

use std::sync::atomic::{AtomicU32, Ordering};

use dbvc_tests::ProjectFolder;

use dbvc_tests::stage::Database;

/// Patterns and what stands for them; the order counts.
const PATTERNS: &[(&str, &str)] = &[
    (r"dbvc_scratch_[0-9a-f]{32}", "[SCRATCH]"),
    (r"gardener_\d+_\d+", "[LOGIN]"),
    // 2026-11-02T09:00:00.123Z, 2026-11-02 09:00:00 UTC
    (
        r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(UTC|Z|[+-]\d\d:?\d\d))?",
        "[WHEN]",
    ),
    (
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "[RUN]",
    ),
    (r"\(process \d+\)", "(process [PID])"),
    // Advice such as `30s` has no space in it.
    (r"\b\d+(\.\d+)? (ms|s|min)\b", "[TIME]"),
    (r"failed to lookup address information: .*", "[WHY]"),
    (
        r"(?i)(PostgreSQL|SQLite|MariaDB|MySQL) \d+(\.\d+)+( \([^)]*\))?",
        "$1 [VERSION]",
    ),
    (
        r"[a-z_]+ on [A-Za-z0-9.-]+ \(process",
        "[USER] on [HOST] (process",
    ),
    (r"\[WHEN\](,?) by [A-Za-z0-9_.-]+", "[WHEN]$1 by [USER]"),
];

/// Applies [`PATTERNS`] while `work` takes snapshots.
pub(crate) fn filtered(work: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    for (pattern, word) in PATTERNS {
        settings.add_filter(pattern, *word);
    }
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(work);
}

/// Puts words in place of what this project and this database alone are called.
pub(crate) fn without_names(text: &str, project: &ProjectFolder, database: Option<&Database>) -> String {
    let mut text = text.replace(&*project.path().to_string_lossy(), "[PROJECT]");
    text = text.replace(&*project.root().to_string_lossy(), "[FOLDER]");
    if let Some(Database::Postgres(url) | Database::MySql(url) | Database::MsSql(url)) = database {
        let address = Address::of(url);
        text = text
            .replace(&address.name, "[DATABASE]")
            .replace(&format!("{}:{}", address.host, address.port), "[HOST]:[PORT]")
            .replace(&address.port, "[PORT]")
            .replace(&format!("//{}:", address.user), "//[USER]:")
            .replace(&format!("//{}@", address.user), "//[USER]:****@")
            .replace(&format!("\"{}\"", address.user), "\"[USER]\"")
            .replace(&address.host, "[HOST]");
    }
    text
}

/// A name that no other test uses: for what a server shares among its databases, such as logins.
pub(crate) fn unique(start: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{start}_{}_{count}", std::process::id())
}

/// The parts of a server's URL.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) host: String,
    pub(crate) port: String,
    pub(crate) name: String,
}

impl Address {
    /// Reads `postgres://user:password@host:port/name`.
    pub(crate) fn of(url: &str) -> Self {
        let (_, rest) = url.split_once("://").expect("a scheme");
        let (login, rest) = rest.split_once('@').expect("a login");
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (server, name) = rest.split_once('/').expect("a database");
        let (host, port) = server.split_once(':').unwrap_or((server, "5432"));
        let name = name.split('?').next().unwrap_or(name);
        Self {
            user: user.into(),
            password: password.into(),
            host: host.into(),
            port: port.into(),
            name: name.into(),
        }
    }
}
