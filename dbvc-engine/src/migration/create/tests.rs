use super::*;
use crate::migration::checksum::Checksum;
use crate::migration::directives::Directives;
use crate::migration::directory::DirectoryLayout;
use crate::migration::naming::{NamingRules, NamingStyle};
use crate::migration::script::Script;
use crate::migration::set::Migration;
use crate::text::Section;

fn layout() -> DirectoryLayout {
    DirectoryLayout {
        root: PathBuf::new(),
        migrations: "migrations".into(),
        rollback: Some("rollback".into()),
        ..DirectoryLayout::default()
    }
}

fn set(layout: DirectoryLayout, versions: &[&str]) -> MigrationSet {
    let migration = |text: &&str| {
        let path = layout.migrations.join(format!("V{text}__Add_x.sql"));
        let version = Version::detect(text).expect(text);
        Migration {
            key: MigrationKey::Versioned(version),
            kind: Kind::Versioned,
            description: "Add x".into(),
            up: Script {
                shown: path.clone(),
                path,
                section: Section::WHOLE,
                checksum: Checksum::of(text),
                bytes: 0,
                directives: Directives::default(),
                empty: false,
            },
            undo: None,
        }
    };
    let migrations: Vec<Migration> = versions.iter().map(migration).collect();
    let scheme = versions
        .first()
        .map(|text| Version::detect(text).expect(text).scheme());
    MigrationSet::new(layout, scheme, migrations).expect("no duplicates")
}

fn request(version: Option<&str>, description: &str) -> Request {
    Request {
        version: version.map(str::to_owned),
        description: description.into(),
        scheme: VersionScheme::Semantic,
        now: "2025-11-27T14:30:00Z".parse().expect("a time"),
    }
}

fn refused(set: &MigrationSet, version: Option<&str>, description: &str) -> String {
    create(set, &request(version, description))
        .expect_err("refused")
        .to_string()
}

#[test]
fn a_migration_and_its_undo_script_get_names_and_headers() {
    let set = set(layout(), &["1.0.0"]);
    let new = create(&set, &request(Some("1.1.0"), "Add customer analytics")).expect("made");
    assert_eq!(
        new.up_path,
        Path::new("migrations/V1.1.0__Add_customer_analytics.sql")
    );
    assert_eq!(
        new.undo_path,
        Path::new("rollback/V1.1.0__Add_customer_analytics_rollback.sql")
    );
    assert_eq!(
        new.up_text,
        "-- Migration: V1.1.0__Add_customer_analytics\n\
         -- Version: 1.1.0\n\
         -- Created: 2025-11-27 14:30:00 UTC\n\
         -- Description: Add customer analytics\n\n"
    );
    assert!(
        new.undo_text
            .starts_with("-- Rollback of migration: V1.1.0__Add_customer_analytics\n-- Version: 1.1.0\n")
    );
    let flyway = DirectoryLayout {
        rollback: None,
        ..layout()
    };
    let new = create(&self::set(flyway, &[]), &request(None, "Add x")).expect("made");
    assert_eq!(new.undo_path, Path::new("migrations/U1.0.0__Add_x.sql"));
}

#[test]
fn the_next_free_version_follows_the_newest() {
    for (versions, next) in [
        (&[][..], "1.0.0"),
        (&["1.0.0", "1.9.0", "1.10.3"], "1.11.0"),
        (&["001", "009"], "010"),
        (&["20240101_120000"], "20251127_143000"),
        (&["20251127_143000"], "20251127_143001"),
    ] {
        let new = create(&set(layout(), versions), &request(None, "Add x")).expect("made");
        assert_eq!(new.version.to_string(), next);
    }
}

#[test]
fn a_version_that_exists_is_refused_with_the_next_free_one() {
    let set = set(layout(), &["1.0.0", "1.1.0"]);
    for typed in ["1.1.0", "V1.1.0", "1.1"] {
        assert_eq!(
            refused(&set, Some(typed), "Add y"),
            format!(
                "version {} exists: migrations/V1.1.0__Add_x.sql; the next free one is 1.2.0",
                typed.trim_start_matches('V')
            )
        );
    }
}

#[test]
fn a_version_of_another_scheme_is_refused() {
    let set = set(layout(), &["1.0.0"]);
    assert_eq!(
        refused(&set, Some("20251127_143000"), "Add y"),
        "`20251127_143000` is not a version of the semantic scheme: it is not three numbers with dots, \
         such as 1.2.0; the next free version is 1.1.0"
    );
}

#[test]
fn a_description_becomes_words_joined_by_underscores() {
    let set = set(layout(), &[]);
    for (description, name) in [
        ("Add customer analytics", "Add_customer_analytics"),
        ("  add  e-mail / phone (both) ", "add_e_mail_phone_both"),
        ("Größe ändern", "Größe_ändern"),
        ("../../etc/passwd", "....etc_passwd"),
    ] {
        let new = create(&set, &request(None, description)).expect(description);
        let path = new.up_path.to_string_lossy().into_owned();
        assert_eq!(
            path,
            format!("migrations/V1.0.0__{}.sql", name.replace("....", ".._.._")),
            "{description}"
        );
    }
}

#[test]
fn a_description_that_breaks_the_rules_is_refused() {
    let set = set(layout(), &[]);
    assert_eq!(
        refused(&set, None, "update"),
        "the description `update` does not say what changes; name the object and the change, such as \
         V1.0.0__Add_email_to_customers.sql"
    );
    assert!(refused(&set, None, " - ").starts_with("there is no description"));
    assert!(refused(&set, None, &"a".repeat(190)).contains("more than 200 characters"));
    assert!(refused(&set, None, "Add rollback").contains("undo script's"));
    let verb = DirectoryLayout {
        naming: NamingRules {
            style: NamingStyle::Verb,
            vague: Vec::new(),
        },
        ..layout()
    };
    assert!(refused(&self::set(verb, &[]), None, "email of customers").contains("V1.0.0__add_C_to_T.sql"));
}

#[test]
fn a_line_break_does_not_leave_the_header_comment() {
    let set = set(layout(), &[]);
    let new = create(&set, &request(None, "Add x\ndrop table y;")).expect("made");
    assert!(
        new.up_text
            .lines()
            .all(|line| line.is_empty() || line.starts_with("-- "))
    );
}
