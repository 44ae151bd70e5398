use super::*;

fn read_in(folder: Option<&str>, file: &str, rollback: bool) -> Recognised {
    recognise(Place {
        folder,
        file,
        rollback,
    })
}

fn named(file: &str) -> FileName {
    match read_in(None, file, false) {
        Some(Ok(name)) => name,
        other => panic!("{file}: {other:?}"),
    }
}

fn refused(file: &str) -> Refusal {
    match read_in(None, file, false) {
        Some(Err(refusal)) => refusal,
        other => panic!("{file}: {other:?}"),
    }
}

const UP: Role = Role::Up(Kind::Versioned);

const NAMES: &[(&str, Role, Option<&str>, &str)] = &[
    ("V1.1.0__Add_customers.sql", UP, Some("1.1.0"), "Add_customers"),
    (
        "V101__add_user_preferences.sql",
        UP,
        Some("101"),
        "add_user_preferences",
    ),
    ("V1_2__add_x.sql", UP, Some("1_2"), "add_x"),
    ("V1.2.0-rc.1__Add_x.sql", UP, Some("1.2.0-rc.1"), "Add_x"),
    ("V20251127_143000__x.sql", UP, Some("20251127_143000"), "x"),
    (
        "20251127_143000_add_prefs.sql",
        UP,
        Some("20251127_143000"),
        "add_prefs",
    ),
    (
        "20251127_1430_ae1027_add_x.sql",
        UP,
        Some("20251127_1430"),
        "ae1027_add_x",
    ),
    (
        "20251127143000_add_prefs.sql",
        UP,
        Some("20251127143000"),
        "add_prefs",
    ),
    ("20251127_add_prefs.sql", UP, Some("20251127"), "add_prefs"),
    ("0007_add_users.sql", UP, Some("0007"), "add_users"),
    ("000001_create-users.up.sql", UP, Some("000001"), "create-users"),
    (
        "000001_create_users.down.sql",
        Role::Undo,
        Some("000001"),
        "create_users",
    ),
    ("R__Views.sql", Role::Up(Kind::Repeatable), None, "Views"),
    (
        "B2__Baseline.sql",
        Role::Up(Kind::Baseline),
        Some("2"),
        "Baseline",
    ),
    (
        "U1.1.0__Add_customers.sql",
        Role::Undo,
        Some("1.1.0"),
        "Add_customers",
    ),
    (
        "V1.1.0__Add_customers_rollback.sql",
        Role::Undo,
        Some("1.1.0"),
        "Add_customers",
    ),
];

#[test]
fn names_of_every_kind_are_understood() {
    for &(file, role, version, description) in NAMES {
        let name = named(file);
        assert_eq!(
            (name.role, name.version.as_deref(), name.description.as_str()),
            (role, version, description),
            "{file}"
        );
        assert_eq!(name.with(&name.description), file, "its parts make up the name");
    }
}

#[test]
fn everything_in_the_rollback_folder_undoes() {
    for file in [
        "V1.1.0__Add_x.sql",
        "V1.1.0__Add_x_rollback.sql",
        "20251127_143000_add_x.sql",
    ] {
        let name = read_in(None, file, true).expect("ours").expect("understood");
        assert_eq!(name.role, Role::Undo, "{file}");
    }
}

#[test]
fn diesel_has_the_version_in_the_folder() {
    let up = read_in(Some("2024-01-02-030405-0000_add_title"), "up.sql", false);
    let name = up.expect("ours").expect("understood");
    assert_eq!(name.version.as_deref(), Some("2024-01-02-030405-0000"));
    assert_eq!(name.description, "add_title");
    let down = read_in(Some("20240102030405_posts"), "down.sql", false);
    assert_eq!(down.expect("ours").expect("understood").role, Role::Undo);
    let plain = read_in(Some("posts"), "up.sql", false)
        .expect("ours")
        .expect_err("no version");
    assert_eq!(plain.help, Help::Version("posts".into()));
    let settings = read_in(Some("20240102030405_posts"), "metadata.toml", false);
    assert_eq!(
        settings.expect("ours").expect_err("refused").code,
        codes::UNSUPPORTED
    );
}

/// The file, the code, and the corrected name.
const WRONG: &[(&str, &str, &str)] = &[
    ("V1.1.0_add.sql", codes::NAME_SEPARATOR, "V1.1.0__add.sql"),
    (
        "V1.1.0_Add_users.sql",
        codes::NAME_SEPARATOR,
        "V1.1.0__Add_users.sql",
    ),
    (
        "V1.1.0-add-users.sql",
        codes::NAME_SEPARATOR,
        "V1.1.0__add_users.sql",
    ),
    (
        "V1.1.0 add users.sql",
        codes::NAME_SEPARATOR,
        "V1.1.0__add_users.sql",
    ),
    (
        "V1.2.0-rc.1_Add_x.sql",
        codes::NAME_SEPARATOR,
        "V1.2.0-rc.1__Add_x.sql",
    ),
    ("V101add_x.sql", codes::NAME_SEPARATOR, "V101__add_x.sql"),
    (
        "V20251127_143000_add_x.sql",
        codes::NAME_SEPARATOR,
        "V20251127_143000__add_x.sql",
    ),
    ("R_views.sql", codes::NAME_SEPARATOR, "R__views.sql"),
    ("0007-add-users.sql", codes::NAME_SEPARATOR, "0007_add_users.sql"),
    (
        "v1.1.0__Add_users.sql",
        codes::NAME_PREFIX,
        "V1.1.0__Add_users.sql",
    ),
    (
        "v1.1.0_add-users.sql",
        codes::NAME_PREFIX,
        "V1.1.0__add_users.sql",
    ),
    ("r__views.sql", codes::NAME_PREFIX, "R__views.sql"),
    (
        "u1.1.0__Add_users.sql",
        codes::NAME_PREFIX,
        "U1.1.0__Add_users.sql",
    ),
    (
        "1.1.0__Add_users.sql",
        codes::NAME_PREFIX,
        "V1.1.0__Add_users.sql",
    ),
    ("1.1.0_add_users.sql", codes::NAME_PREFIX, "V1.1.0__add_users.sql"),
    (
        "V1.1.0__Add_users.SQL",
        codes::NAME_EXTENSION,
        "V1.1.0__Add_users.sql",
    ),
    (
        "V1.1.0__Add_users.txt",
        codes::NAME_EXTENSION,
        "V1.1.0__Add_users.sql",
    ),
    (
        "V1.1.0__Add_users",
        codes::NAME_EXTENSION,
        "V1.1.0__Add_users.sql",
    ),
    (
        "V1.1.0__Add_users.sql.bak",
        codes::NAME_EXTENSION,
        "V1.1.0__Add_users.sql",
    ),
    (
        "V1.1.0__Add_users.sql~",
        codes::NAME_EXTENSION,
        "V1.1.0__Add_users.sql",
    ),
    ("V1__x.up.sql", codes::NAME_EXTENSION, "V1__x.sql"),
    ("V1__x.down.sql", codes::NAME_EXTENSION, "U1__x.sql"),
    ("0007_add_users.Sql", codes::NAME_EXTENSION, "0007_add_users.sql"),
];

#[test]
fn a_wrong_name_is_refused_with_the_right_one() {
    for &(file, code, right) in WRONG {
        let refusal = refused(file);
        assert_eq!(refusal.code, code, "{file}: {}", refusal.message);
        assert_eq!(refusal.help, Help::Rename(right.into()), "{file}");
        assert!(
            matches!(read_in(None, right, false), Some(Ok(_))),
            "{right} is accepted"
        );
    }
}

#[test]
fn a_name_without_version_is_refused() {
    for (file, description) in [
        ("add_users.sql", "add_users"),
        ("add-users.sql", "add_users"),
        ("V__Add_users.sql", "Add_users"),
        ("V_Add_users.sql", "Add_users"),
        ("Vehicles.sql", "Vehicles"),
        ("Vehicles__new.sql", "Vehicles_new"),
        ("roles.sql", "roles"),
        ("bookings__v2.sql", "bookings_v2"),
        ("create_users.up.sql", "create_users"),
    ] {
        let refusal = refused(file);
        assert_eq!(refusal.code, codes::NAME_NO_VERSION, "{file}");
        assert_eq!(refusal.help, Help::Version(description.into()), "{file}");
    }
}

#[test]
fn an_empty_description_and_a_bad_version_are_refused() {
    for file in [
        "V1.1.0.sql",
        "V1.1.0__.sql",
        "V1.1.0_.sql",
        "R__.sql",
        "0007.sql",
        "0007_.sql",
        "20251127_143000.sql",
    ] {
        assert_eq!(refused(file).code, codes::NAME_EMPTY, "{file}");
    }
    let bad = refused("V1.x__Add_users.sql");
    assert_eq!(bad.code, codes::NAME_BAD_VERSION);
    assert_eq!(bad.message, "`1.x` is not a version: `x` is not a digit");
}

#[test]
fn what_other_tools_would_run_is_never_ignored() {
    for file in [
        "V2__Load.java",
        "00002_load.go",
        "20240101_seed.js",
        "V1__x.sql.conf",
        "afterMigrate.sql",
        "beforeEachMigrate__x.sql",
    ] {
        assert_eq!(refused(file).code, codes::UNSUPPORTED, "{file}");
    }
    let repeatable = read_in(None, "R__views_rollback.sql", true).expect("ours");
    assert_eq!(repeatable.expect_err("refused").code, codes::UNSUPPORTED);
}

#[test]
fn other_files_are_no_concern() {
    for file in [
        "README.md",
        "dbvc.sum",
        "notes.txt",
        "2024_report.csv",
        "seed.py",
        "Makefile",
        "atlas.sum",
    ] {
        assert_eq!(read_in(None, file, false), None, "{file}");
    }
}
