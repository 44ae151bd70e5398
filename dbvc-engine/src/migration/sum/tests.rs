use std::fs;

use super::*;
use crate::migration::directory::{self, DirectoryLayout};

struct Project {
    _folder: tempfile::TempDir,
    layout: DirectoryLayout,
}

fn project() -> Project {
    let folder = tempfile::tempdir().expect("a folder");
    let layout = DirectoryLayout {
        root: folder.path().into(),
        migrations: folder.path().join("db/migrations"),
        rollback: Some(folder.path().join("db/rollback")),
        ..DirectoryLayout::default()
    };
    for folder in [&layout.migrations, layout.rollback.as_ref().expect("a folder")] {
        fs::create_dir_all(folder).expect("made");
    }
    let project = Project {
        _folder: folder,
        layout,
    };
    project.write("V1__Create_a.sql", "create table a(x int);\n");
    project.write(
        "V2__Create_b.sql",
        "-- migrate:up\nselect 2;\n-- migrate:down\nselect -2;\n",
    );
    project.write("../rollback/V1__Create_a_rollback.sql", "drop table a;\n");
    project
}

impl Project {
    fn write(&self, file: &str, text: &str) {
        fs::write(self.layout.migrations.join(file), text).expect("written");
    }

    fn set(&self) -> MigrationSet {
        directory::read(&self.layout).unwrap_or_else(|problems| panic!("{problems:#?}"))
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let set = self.set();
        let sum = read(&set).expect("readable").expect("there");
        let shown = |problem: Problem| (problem.code, problem.path.display().to_string());
        check(&set, &sum).into_iter().map(shown).collect()
    }
}

#[test]
fn what_was_written_is_right() {
    let project = project();
    assert_eq!(read(&project.set()), Ok(None), "there is none yet");
    write(&project.set()).expect("written");
    assert_eq!(project.problems(), []);
    let text = fs::read_to_string(path(&project.set())).expect("read");
    let names: Vec<&str> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split("  ").nth(1))
        .collect();
    assert_eq!(
        names,
        [
            "V1__Create_a.sql",
            "../rollback/V1__Create_a_rollback.sql",
            "V2__Create_b.sql",
            "V2__Create_b.sql#down"
        ]
    );
    let files: Vec<_> = fs::read_dir(&project.layout.migrations)
        .expect("listed")
        .collect();
    assert_eq!(files.len(), 3, "nothing is left beside it");
}

#[test]
fn each_difference_is_named() {
    let project = project();
    write(&project.set()).expect("written");
    project.write("V1__Create_a.sql", "create table a(y int);\n");
    assert_eq!(
        project.problems(),
        [(codes::SUM_CHANGED, "db/migrations/V1__Create_a.sql".into())]
    );
    project.write(
        "../rollback/V1__Create_a_rollback.sql",
        "drop table if exists a;\n",
    );
    assert_eq!(project.problems().len(), 2, "undo scripts count");
    write(&project.set()).expect("written");
    project.write("V3__Create_c.sql", "select 3;\n");
    assert_eq!(
        project.problems(),
        [(codes::SUM_UNLISTED, "db/migrations/V3__Create_c.sql".into())]
    );
    fs::remove_file(project.layout.migrations.join("V3__Create_c.sql")).expect("removed");
    fs::remove_file(project.layout.migrations.join("V2__Create_b.sql")).expect("removed");
    let gone = (codes::SUM_MISSING, "db/migrations/dbvc.sum".to_owned());
    assert_eq!(project.problems(), [gone.clone(), gone]);
}

#[test]
fn line_ends_are_no_difference() {
    let project = project();
    write(&project.set()).expect("written");
    project.write("V1__Create_a.sql", "create table a(x int);  \r\n\r\n");
    let text = fs::read_to_string(path(&project.set())).expect("read");
    fs::write(path(&project.set()), text.replace('\n', "\r\n")).expect("written");
    assert_eq!(project.problems(), []);
}

#[test]
fn two_branches_that_add_a_migration_change_the_same_line() {
    let project = project();
    write(&project.set()).expect("written");
    let first_line = |project: &Project| {
        Sum::of(&project.set())
            .to_string()
            .lines()
            .next()
            .map(str::to_owned)
    };
    let base = first_line(&project);
    project.write("V3__Create_c.sql", "select 3;\n");
    let ours = first_line(&project);
    fs::remove_file(project.layout.migrations.join("V3__Create_c.sql")).expect("removed");
    project.write("V4__Create_d.sql", "select 4;\n");
    let theirs = first_line(&project);
    assert!(base != ours && ours != theirs && base != theirs);
}

#[test]
fn lines_put_together_by_hand_do_not_fit_the_total() {
    let project = project();
    project.write("V3__Create_c.sql", "select 3;\n");
    let with_three = Sum::of(&project.set());
    project.write("V4__Create_d.sql", "select 4;\n");
    let mut merged = Sum::of(&project.set());
    merged.total = with_three.total;
    let problems = check(&project.set(), &merged);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, codes::SUM_TOTAL);
}

#[test]
fn what_is_no_sum_file_is_refused_with_the_line() {
    let digest = Checksum::of("");
    for (text, line, reason) in [
        (String::new(), 1, "the file is empty"),
        (
            "h1:abc\n".to_owned(),
            1,
            "its first line is not `dbvc.sum` and a digest of all others",
        ),
        (
            format!("dbvc.sum {digest}\n<<<<<<< HEAD\n"),
            2,
            "git left a conflict here",
        ),
        (
            format!("<<<<<<< HEAD\ndbvc.sum {digest}\n"),
            1,
            "git left a conflict here",
        ),
        (
            format!("dbvc.sum {digest}\n\n{digest} V1__a.sql\n"),
            3,
            "it is not a checksum, two spaces and a file name",
        ),
    ] {
        let error = text.parse::<Sum>().expect_err("refused");
        assert_eq!((error.line, error.reason), (line, reason), "{text}");
    }
}
