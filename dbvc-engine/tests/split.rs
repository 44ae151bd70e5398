//! Every file of `testdata/split/DIALECT/` splits as the snapshot beside it says.

use std::{fmt::Write, fs, path::Path};

use dbvc_engine::{
    sql::{Dialect, SegmentKind, split},
    text::Origin,
};

#[test]
fn postgres_files_split_as_their_snapshots_say() {
    check("postgres", &Dialect::POSTGRES);
}

#[test]
fn sqlite_files_split_as_their_snapshots_say() {
    check("sqlite", &Dialect::SQLITE);
}

#[test]
fn mysql_files_split_as_their_snapshots_say() {
    check("mysql", &Dialect::MYSQL);
}

#[test]
fn mssql_files_split_as_their_snapshots_say() {
    check("mssql", &Dialect::MSSQL);
}

fn check(folder: &str, dialect: &Dialect) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/split")
        .join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no files in {}", folder.display());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for file in files {
            let script = fs::read_to_string(&file).expect("UTF-8");
            let name = file.file_stem().expect("a name").to_string_lossy();
            insta::assert_snapshot!(name.as_ref(), describe(&script, dialect));
        }
    });
}

/// The number of statements, and then each segment: where its code begins, what it is, its code, and its length.
fn describe(script: &str, dialect: &Dialect) -> String {
    let segments = split(script, dialect);
    let joined: String = segments.iter().map(|segment| segment.text(script)).collect();
    assert_eq!(joined, script, "segments joined are the script");
    let is_statement = |kind| matches!(kind, SegmentKind::Statement | SegmentKind::CopyStart);
    let statements: u32 = segments
        .iter()
        .filter(|placed| is_statement(placed.segment.kind))
        .map(|placed| placed.segment.times)
        .sum();
    let mut text = format!("statements: {statements}\n");
    for placed in &segments {
        let at = Origin::START
            .after(&script[..placed.start + placed.segment.code.start])
            .at;
        let (kind, code, length) = (placed.segment.kind, placed.code(script), placed.segment.length);
        write!(text, "{at} {kind:?} {code:?} of {length}").expect("a string");
        if placed.segment.times > 1 {
            write!(text, ", {} times", placed.segment.times).expect("a string");
        }
        text.push('\n');
    }
    text
}
