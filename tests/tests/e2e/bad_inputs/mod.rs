//! Bad inputs: each with its exit code, its words as a snapshot, and nothing changed by it.

mod case;

/// A table of bad inputs. Each becomes a test of its own; where a case needs a server that is not there, the test says
/// so and ends.
macro_rules! bad_inputs {
    ($($name:ident: $case:expr;)*) => {
        pub(super) const NAMES: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                let case: Option<$crate::bad_inputs::case::Case> = $case.into();
                if let Some(case) = case {
                    case.check(stringify!($name));
                }
            }
        )*
    };
}

macro_rules! tables {
    ($($table:ident),* $(,)?) => {
        $(mod $table;)*
        const TABLES: &[&[&str]] = &[$($table::NAMES),*];
    };
}

tables![
    connections,
    creating,
    directives,
    encodings,
    environments,
    mysql,
    names,
    plans,
    postgres,
    record,
    running,
    scripts,
    settings,
    sqlite,
    undo,
    usage,
    versions,
];

#[test]
fn there_are_enough_of_them_and_no_name_is_used_twice() {
    let names: Vec<&str> = TABLES.concat();
    let different: std::collections::BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(different.len(), names.len());
    assert!(names.len() >= 110, "only {}", names.len());
}

#[test]
fn no_snapshot_is_left_over() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/bad_inputs/snapshots");
    let names: Vec<String> = TABLES
        .concat()
        .iter()
        .map(|name| format!("{name}.snap"))
        .collect();
    for entry in std::fs::read_dir(folder).expect("the folder of snapshots") {
        let file = entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned();
        assert!(names.contains(&file), "{file} belongs to no bad input");
    }
}
