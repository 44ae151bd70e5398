//! Finds out how a directory's versions are written, and refuses a mixture.

use std::path::Path;

use crate::migration::problem::{Problem, codes};
use crate::migration::version::{Version, VersionScheme};

/// A version in a file name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) text: &'a str,
    pub(super) shown: &'a Path,
}

/// The scheme that all versions follow. With a project's own scheme, each file that does not follow it is named;
/// without, one file of each of the schemes that meet.
pub(super) fn settle(
    versions: &[Written<'_>],
    wanted: Option<VersionScheme>,
    problems: &mut Vec<Problem>,
) -> Option<VersionScheme> {
    let Some(scheme) = wanted else {
        return find_out(versions, problems);
    };
    for version in versions {
        if let Err(error) = Version::parse(version.text, scheme) {
            let problem = Problem::new(codes::MIXED_SCHEMES, version.shown, error.to_string());
            problems.push(problem.help(format!(
                "this project's versions are {scheme}, such as {}",
                scheme.example()
            )));
        }
    }
    Some(scheme)
}

fn find_out(versions: &[Written<'_>], problems: &mut Vec<Problem>) -> Option<VersionScheme> {
    let read: Vec<(Version, Written<'_>)> = versions
        .iter()
        .filter_map(|written| Some((Version::detect(written.text).ok()?, *written)))
        .collect();
    let (first, _) = read.first()?;
    let is_time = |version: &Version| version.scheme() == VersionScheme::Timestamp;
    if is_time(first) && read.iter().all(|(version, _)| is_time(version)) {
        return Some(VersionScheme::Timestamp);
    }
    if let Some((_, time)) = read.iter().find(|(version, _)| is_time(version)) {
        if let Some((_, other)) = read.iter().find(|(version, _)| !is_time(version)) {
            problems.push(mixed(*time, *other));
        }
        return None;
    }
    // Read as integers they all could be compared; these two checks find those that were not meant to be.
    let only_semantic = read.iter().find(|(version, _)| version.is_prerelease());
    let only_integer = read
        .iter()
        .find(|(version, _)| version.is_padded() || version.parts() > 3);
    if let (Some((_, semantic)), Some((_, integer))) = (only_semantic, only_integer) {
        problems.push(mixed(*semantic, *integer));
        return None;
    }
    if let Some((semantic, number)) = unlikely_number(&read) {
        problems.push(mixed(semantic, number));
        return None;
    }
    let all_semantic = read
        .iter()
        .all(|(version, _)| version.scheme() == VersionScheme::Semantic);
    if all_semantic || only_semantic.is_some() {
        Some(VersionScheme::Semantic)
    } else {
        Some(VersionScheme::Integer)
    }
}

/// `1`, `1.1`, `1.1.1`, `2` is one series, as Flyway's users write it. `1.1.0` beside `101` or `007` is not: a single
/// number belongs to semantic versions only as a major release, at most one above the highest of theirs.
fn unlikely_number<'a>(read: &[(Version, Written<'a>)]) -> Option<(Written<'a>, Written<'a>)> {
    let is_semantic = |version: &Version| version.scheme() == VersionScheme::Semantic;
    let mixed_lengths = read.iter().any(|(version, _)| matches!(version.parts(), 2 | 4..));
    let (highest, semantic) = read
        .iter()
        .filter(|(version, _)| is_semantic(version))
        .max_by_key(|(v, _)| v)?;
    let (_, number) = read.iter().find(|(version, _)| {
        version.parts() == 1 && (version.is_padded() || version.major() > highest.major() + 1)
    })?;
    (!mixed_lengths).then_some((*semantic, *number))
}

fn mixed(one: Written<'_>, other: Written<'_>) -> Problem {
    let scheme = |text| Version::detect(text).map_or_else(|_| "another".into(), |v| v.scheme().to_string());
    let message = format!(
        "versions of two schemes meet: {} is {}, {} is {}",
        one.shown.display(),
        scheme(one.text),
        other.shown.display(),
        scheme(other.text)
    );
    Problem::new(codes::MIXED_SCHEMES, other.shown, message).help(
        "rename one of them; or say how versions are to be read: `versioning = \"integer\"` in dbvc.toml compares all \
         of them as numbers",
    )
}
