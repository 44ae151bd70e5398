//! Databases on a running server.

use std::sync::atomic::{AtomicU32, Ordering};

use super::programs::{Programs, output};
use crate::servers::Unavailable;

/// Creates an empty database whose name starts with `name` and is used by nobody else.
pub(super) fn create(programs: &Programs, url: &str, name: &str) -> Result<String, Unavailable> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    // The server cuts names at 63 bytes, and the unique part stands at the end.
    let start: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(30)
        .collect();
    let unique = format!("{start}_{}_{count}", std::process::id()).to_lowercase();
    let mut command = programs.command("createdb");
    // template0: nobody can be connected to it, which would make the server refuse the copy.
    command.args(["--template", "template0", "--maintenance-db", url, &unique]);
    output(command)?;
    Ok(with_database(url, &unique))
}

/// The same address with another database; its options stay.
fn with_database(url: &str, database: &str) -> String {
    let (address, options) = url
        .split_once('?')
        .map_or((url, None), |(address, options)| (address, Some(options)));
    let host_at = address.find("://").map_or(0, |at| at + 3);
    let end = address[host_at..]
        .find('/')
        .map_or(address.len(), |at| host_at + at);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{}/{database}{options}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_in_an_address_is_replaced_and_its_options_stay() {
        assert_eq!(
            with_database("postgres://u:p@h:1/a?x=1", "b"),
            "postgres://u:p@h:1/b?x=1"
        );
        assert_eq!(with_database("postgres://u:p@h:1", "b"), "postgres://u:p@h:1/b");
        assert_eq!(
            with_database("postgres://h?host=/run/x", "b"),
            "postgres://h/b?host=/run/x"
        );
    }
}
