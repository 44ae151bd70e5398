//! Sinks that are no place of their own.

use std::path::{Path, PathBuf};

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::driver::Target;
use percent_encoding::percent_decode_str;

use crate::config::{Config, SinkConfig, codes};

/// What stands for the database itself among the places to read from.
pub(crate) const TARGET: &str = "target";

/// Where something is, so that two ways of writing it are known as the same.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    File(PathBuf),
    Server(String),
}

/// Sinks with a name that means something else, and those that are the database itself or another sink: what happens to
/// the one happens to the other, so that they witness nothing.
pub(super) fn wrong(config: &Config, sinks: &[SinkConfig]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut seen: Vec<(Place, &str)> = Vec::new();
    let databases: Vec<(Place, &str)> = config
        .databases
        .iter()
        .filter_map(|database| {
            let connection = database.connection.as_ref().ok()?;
            Some((
                place(connection.target.reveal_url().as_str()),
                database.name.as_str(),
            ))
        })
        .collect();
    for sink in sinks {
        let unfit = |why: String, help: &str| {
            let message = format!("the audit sink `{}` cannot be used: {why}", sink.name);
            let problem = Diagnostic::error(codes::SINK, message).help(help);
            match &sink.label {
                Some(label) => problem.label(label.clone()),
                None => problem.note(format!("it came from {}", sink.url.source)),
            }
        };
        if sink.name == TARGET {
            let why = format!("`{TARGET}` means the database itself, as in `audit log --from {TARGET}`");
            problems.push(unfit(why, "give it another name"));
        }
        let place = place(sink.url.value.reveal());
        if let Some((_, name)) = databases.iter().find(|(taken, _)| *taken == place) {
            problems.push(unfit(
                format!("it is the database `{name}` itself"),
                "the trail is in there anyway; a sink is a place that the database's administrators cannot write to",
            ));
        }
        match seen.iter().find(|(taken, _)| *taken == place) {
            Some((_, name)) => problems.push(unfit(
                format!("it is the same place as the sink `{name}`"),
                "leave one of them out, or name another place",
            )),
            None => seen.push((place, &sink.name)),
        }
    }
    problems
}

fn place(url: &str) -> Place {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    if ["file", "sqlite"]
        .iter()
        .any(|file| scheme.eq_ignore_ascii_case(file))
    {
        let rest = url.split_once(':').map_or(url, |(_, rest)| rest);
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let path = rest.split_once('?').map_or(rest, |(path, _)| path);
        let path = percent_decode_str(path).decode_utf8_lossy();
        return Place::File(real(Path::new(path.as_ref())));
    }
    // A connection string is compared as it is.
    let Ok(target) = Target::parse(url) else {
        return Place::Server(url.to_owned());
    };
    let url = target.reveal_url();
    let scheme = match url.scheme() {
        "postgresql" => "postgres",
        other => other,
    };
    let port = url.port().or((scheme == "postgres").then_some(5432));
    let host = url.host_str().unwrap_or_default().to_lowercase();
    Place::Server(format!(
        "{scheme}://{host}:{}{}",
        port.unwrap_or_default(),
        url.path().trim_end_matches('/')
    ))
}

/// The same file by all its names, as far as it or its folder is there.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Some(Path::new(".")),
        other => other,
    };
    let folder = folder.and_then(|folder| folder.canonicalize().ok());
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.components().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_yet_is_known_by_its_folder() {
        let folder = std::env::current_dir().expect("a folder");
        let absolute = format!("sqlite:{}/nobody-made-this.db", folder.display());
        assert_eq!(place("sqlite:nobody-made-this.db"), place(&absolute));
        assert_eq!(place("file:./nobody-made-this.db"), place(&absolute));
    }

    #[test]
    fn two_ways_to_write_a_place_are_the_same_place() {
        for (one, other) in [
            ("file:/var/log/a.jsonl", "file:///var/log/./a.jsonl"),
            ("sqlite:/srv/a%20b.db", "sqlite:///srv/a b.db?cache=shared"),
            (
                "postgres://ann:one@Audit-Host/trail",
                "postgresql://bob:two@audit-host:5432/trail",
            ),
        ] {
            assert_eq!(place(one), place(other), "{one} and {other}");
        }
        for (one, other) in [
            ("file:/var/log/a.jsonl", "file:/var/log/b.jsonl"),
            ("postgres://host/a", "postgres://host/b"),
            ("postgres://host/a", "postgres://host:5433/a"),
        ] {
            assert_ne!(place(one), place(other), "{one} and {other}");
        }
    }
}
