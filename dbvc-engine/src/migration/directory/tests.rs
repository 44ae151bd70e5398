use std::fs;

use super::*;
use crate::migration::{Kind, Migration, MigrationKey, codes};

mod layouts;

/// A project in a temporary folder.
struct Project {
    folder: tempfile::TempDir,
    layout: DirectoryLayout,
}

impl Project {
    fn new(files: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let layout = DirectoryLayout {
            root: folder.path().into(),
            migrations: folder.path().join("migrations"),
            rollback: Some(folder.path().join("rollback")),
            ..DirectoryLayout::default()
        };
        fs::create_dir(&layout.migrations).expect("made");
        let project = Self { folder, layout };
        for file in files {
            project.write(file, b"select 1;\n");
        }
        project
    }

    fn write(&self, file: &str, bytes: &[u8]) {
        let path = self.folder.path().join(file);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    fn read(&self) -> MigrationSet {
        read(&self.layout).unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    fn problems(&self) -> Vec<Problem> {
        read(&self.layout).expect_err("something is wrong")
    }

    fn problem(&self) -> Problem {
        let mut problems = self.problems();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        problems.remove(0)
    }
}

fn keys<'a>(migrations: impl Iterator<Item = &'a std::sync::Arc<Migration>>) -> Vec<String> {
    migrations.map(|migration| migration.key.to_string()).collect()
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let project = Project::new(&[
        "migrations/V1.0.0__Add_users.sql",
        "migrations/V1.1.0_add.sql",
        "migrations/V1.2.0__add-users.sql",
        "migrations/V1.3.0__update.sql",
        "migrations/add_orders.sql",
        "migrations/V1.4.0__Add_x.SQL",
        "rollback/V9.0.0__Gone_rollback.sql",
    ]);
    project.write(
        "migrations/V1.5.0__Add_y.sql",
        b"-- dbvc: no-transactoin\nselect 1;\n",
    );
    project.write("migrations/V1.6.0__Add_z.sql", b"select 1;\nselect '\xE4';\n");
    let found: Vec<_> = project
        .problems()
        .into_iter()
        .map(|p| (p.code, p.help.expect("help")))
        .collect();
    let wanted = [
        (codes::NAME_SEPARATOR, "rename it to V1.1.0__add.sql"),
        (codes::NAME_HYPHEN, "rename it to V1.2.0__add_users.sql"),
        (
            codes::NAME_VAGUE,
            "name the object and the change, such as V1.3.0__Add_email_to_customers.sql",
        ),
        (codes::NAME_EXTENSION, "rename it to V1.4.0__Add_x.sql"),
        (codes::DIRECTIVE, "did you mean `no-transaction`?"),
        (
            codes::ENCODING,
            "save it as UTF-8, or as UTF-16 with a byte order mark",
        ),
        (codes::NAME_NO_VERSION, "rename it to V9.1.0__add_orders.sql"),
    ];
    for (found, (code, help)) in found.iter().zip(wanted) {
        assert_eq!((found.0, found.1.as_str()), (code, help));
    }
    assert_eq!(found.last().expect("one more").0, codes::UNDO_WITHOUT_MIGRATION);
    assert_eq!(found.len(), wanted.len() + 1);
}

#[test]
fn a_problem_has_its_place() {
    let project = Project::new(&[]);
    project.write("migrations/V1.6.0__Add_z.sql", b"select 1;\nselect '\xE4';\n");
    assert_eq!(
        project.problem().to_string(),
        "migrations/V1.6.0__Add_z.sql:2:1: the file is not valid UTF-8: byte 0xE4 at offset 18; \
         save it as UTF-8, or as UTF-16 with a byte order mark"
    );
}

#[test]
fn a_missing_folder_is_said_with_advice() {
    let project = Project::new(&[]);
    fs::remove_dir(&project.layout.migrations).expect("removed");
    let problem = project.problem();
    assert_eq!(problem.code, codes::DIRECTORY_MISSING);
    assert_eq!(problem.path, Path::new("migrations"));
    assert!(problem.help.expect("help").contains("dbvc init"));
    project.write("migrations", b"");
    assert_eq!(project.problem().message, "the migrations folder is a file");
}

#[test]
fn two_files_of_one_version_are_both_named() {
    for (one, other, what) in [
        ("V1.1.0__Add_a.sql", "V1.1__Add_b.sql", "version 1.1"),
        ("V007__Add_a.sql", "V7__Add_b.sql", "version 7"),
        (
            "R__Views.sql",
            "sub/R__Views.sql",
            "repeatable migration R__Views",
        ),
        ("B1__One.sql", "sub/B1__Two.sql", "baseline 1"),
        (
            "20251127_143000_add_a.sql",
            "V20251127143000__Add_b.sql",
            "version 20251127143000",
        ),
    ] {
        let files = [one, other].map(|file| format!("migrations/{file}"));
        let problem = Project::new(&[&files[0], &files[1]]).problem();
        assert_eq!(problem.code, codes::DUPLICATE);
        let message = format!("{what} exists twice: {} and {}", files[0], files[1]);
        assert_eq!(problem.message, message);
    }
    let project = Project::new(&[
        "migrations/V1__Add_a.sql",
        "migrations/U1__Add_a.sql",
        "rollback/V1__Add_a_rollback.sql",
    ]);
    assert_eq!(
        project.problem().message,
        "the undo script of version 1 exists twice: migrations/U1__Add_a.sql and rollback/V1__Add_a_rollback.sql"
    );
}

#[test]
fn an_undo_script_of_nothing_is_refused() {
    let project = Project::new(&["migrations/V1__Add_a.sql", "rollback/V2__Add_b_rollback.sql"]);
    let problem = project.problem();
    assert_eq!(problem.code, codes::UNDO_WITHOUT_MIGRATION);
    assert_eq!(problem.path, Path::new("rollback/V2__Add_b_rollback.sql"));
}

#[test]
fn schemes_are_never_mixed_by_accident() {
    for (one, other) in [
        ("V1.1.0__Add_a.sql", "V20251127_143000__Add_b.sql"),
        ("V7__Add_a.sql", "20251127_143000_add_b.sql"),
        ("V1.1.0__Add_a.sql", "V101__Add_b.sql"),
        ("V1.1.0__Add_a.sql", "V002__Add_b.sql"),
        ("V1.2.0-rc.1__Add_a.sql", "V1.2.3.4__Add_b.sql"),
    ] {
        let files = [one, other].map(|file| format!("migrations/{file}"));
        let problem = Project::new(&[&files[0], &files[1]]).problem();
        assert_eq!(problem.code, codes::MIXED_SCHEMES, "{one} {other}");
        assert!(
            files.iter().all(|file| problem.message.contains(file.as_str())),
            "{}",
            problem.message
        );
    }
}

#[test]
fn a_series_as_flyways_users_write_it_is_no_mixture() {
    for files in [
        &[
            "V1__A.sql",
            "V1.1__B.sql",
            "V1.1.1__C.sql",
            "V2__D.sql",
            "V10__E.sql",
        ][..],
        &["V1__A.sql", "V1.0.1__B.sql", "V2__C.sql"],
        &["V1.1.0__A.sql", "V1.2.0-rc.1__B.sql"],
        &["V1_1__A.sql", "V1.2.3.4__B.sql"],
    ] {
        let paths: Vec<String> = files.iter().map(|file| format!("migrations/{file}")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        assert_eq!(Project::new(&paths).read().len(), files.len());
    }
}

#[test]
fn with_a_scheme_of_the_project_the_misfit_is_named() {
    let mut project = Project::new(&["migrations/V1.1.0__Add_a.sql", "migrations/V101__Add_b.sql"]);
    project.layout.scheme = Some(VersionScheme::Semantic);
    let problem = project.problem();
    assert_eq!(problem.path, Path::new("migrations/V101__Add_b.sql"));
    assert_eq!(
        problem.help.as_deref(),
        Some("this project's versions are semantic, such as 1.2.0")
    );
    project.layout.scheme = Some(VersionScheme::Integer);
    assert_eq!(keys(project.read().iter()), ["1.1.0", "101"]);
}

#[test]
fn the_proposed_versions_are_free_and_of_the_directorys_scheme() {
    let help = |files: &[&str]| {
        let problems = Project::new(files).problems();
        problems
            .into_iter()
            .filter_map(|problem| problem.help)
            .collect::<Vec<_>>()
    };
    assert_eq!(help(&["migrations/a_b.sql"]), ["rename it to V1.0.0__a_b.sql"]);
    assert_eq!(
        help(&[
            "migrations/a_b.sql",
            "migrations/c_d.sql",
            "migrations/V009__Add_x.sql"
        ]),
        ["rename it to V010__a_b.sql", "rename it to V011__c_d.sql"]
    );
    assert_eq!(
        help(&["migrations/20251127_143000_add_x.sql", "migrations/a_b.sql"]),
        ["rename it to V20251127_143001__a_b.sql"]
    );
}

#[test]
fn a_name_too_long_is_refused() {
    let file = format!("migrations/V1__{}.sql", "a".repeat(200));
    assert_eq!(Project::new(&[&file]).problem().code, codes::NAME_TOO_LONG);
}

#[test]
fn hidden_files_and_other_files_are_left_alone() {
    let project = Project::new(&[
        "migrations/V1__Add_a.sql",
        "migrations/.hidden/nonsense.sql",
        "migrations/.V2__Add_b.sql.swp",
        "migrations/README.md",
    ]);
    assert_eq!(keys(project.read().iter()), ["1"]);
}

#[test]
fn the_rollback_folder_may_lie_within() {
    let mut project = Project::new(&["migrations/V1__Add_a.sql", "migrations/undo/V1__Add_a.sql"]);
    project.layout.rollback = Some(project.layout.migrations.join("undo"));
    let set = project.read();
    let migration = set.find("1").expect("there");
    let undo = migration.undo.as_ref().expect("an undo script");
    assert_eq!(undo.shown, Path::new("migrations/undo/V1__Add_a.sql"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_once_and_broken_ones_reported() {
    use std::os::unix::fs::symlink;
    let project = Project::new(&["elsewhere/V1__Add_a.sql"]);
    let migrations = &project.layout.migrations;
    symlink(project.folder.path().join("elsewhere"), migrations.join("linked")).expect("linked");
    symlink(migrations, migrations.join("round")).expect("linked");
    assert_eq!(keys(project.read().iter()), ["1"]);
    symlink("nowhere", migrations.join("V2__Add_b.sql")).expect("linked");
    let problem = project.problem();
    assert_eq!(problem.code, codes::UNREADABLE);
    assert_eq!(problem.path, Path::new("migrations/V2__Add_b.sql"));
}

#[test]
fn a_script_edited_while_it_is_read_is_noticed() {
    let project = Project::new(&["migrations/V1__Add_a.sql"]);
    let set = project.read();
    let script = &set.find("V1").expect("there").up;
    assert_eq!(script.read_to_string().expect("as it was"), "select 1;\n");
    project.write("migrations/V1__Add_a.sql", b"select 2;\n");
    let error = script.read_to_string().expect_err("changed");
    assert!(matches!(error, crate::text::TextError::Changed { .. }), "{error}");
}

#[test]
fn an_empty_folder_is_an_empty_set() {
    let set = Project::new(&[]).read();
    assert!(set.is_empty() && set.newest().is_none() && set.scheme().is_none());
}
