//! The stories of the schema in T-SQL, read by somebody else's parser: most who run these tests have no SQL Server.

use dbvc_tests::stage::{Database, Stage};
use sqlparser::dialect::MsSqlDialect;
use sqlparser::parser::Parser;

use super::{drift, generating, proving, release, replaying, rules};

/// A project for a server that nobody asks.
fn stage() -> Stage {
    Stage::in_the_database(Database::MsSql("mssql://ann@127.0.0.1:1/garden".to_owned()))
}

/// What the reader does not know, though the server does, and what stands there for it instead.
const INSTEAD: &[(&str, &str)] = &[];

fn scripts(stage: &Stage) -> Vec<String> {
    vec![
        drift::by_hand(stage),
        drift::taken_back(stage).to_owned(),
        drift::odd_column(stage).to_owned(),
        generating::schema(stage),
        release::HERBS.to_owned(),
        release::hard_rows(stage),
        release::many_rows(stage),
        replaying::WANTED.to_owned(),
        rules::HUB.to_owned(),
        rules::SATELLITE.to_owned(),
    ]
}

/// The scripts that a story wrote into its project.
fn files(stage: &Stage) -> Vec<String> {
    let listing = stage.project.listing().into_iter();
    let scripts = listing.filter(|(path, _)| path.extension().is_some_and(|it| it == "sql"));
    let texts = scripts.filter_map(|(_, content)| String::from_utf8(content?).ok());
    texts.collect()
}

fn instead(batch: &str) -> String {
    let told = INSTEAD.iter();
    told.fold(batch.to_owned(), |batch, (from, to)| batch.replace(from, to))
}

#[test]
fn a_second_reader_of_t_sql_understands_what_the_stories_hold() {
    let mut texts = scripts(&stage());
    texts.extend(files(&proving::of_each_kind(stage().with_names())));
    let batches: Vec<String> = texts.iter().flat_map(|text| stage().batches(text)).collect();
    assert!(batches.len() > 40, "{}", batches.len());
    let wrong: Vec<String> = batches
        .iter()
        .filter_map(|batch| {
            let why = Parser::parse_sql(&MsSqlDialect {}, &instead(batch)).err()?;
            Some(format!("{why}\nof {batch}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    for (from, _) in INSTEAD {
        assert!(batches.iter().any(|batch| batch.contains(from)), "{from}");
    }
}

/// Reference, CREATE VIEW: it must be the first statement of its batch; `sys.sql_modules` keeps the batch with it.
#[test]
fn a_view_is_alone_in_its_batch() {
    let mut texts = scripts(&stage());
    texts.extend(files(&stage().planted().with_names()));
    let batches: Vec<String> = texts.iter().flat_map(|text| stage().batches(text)).collect();
    let views: Vec<&String> = batches
        .iter()
        .filter(|batch| batch.contains("create view"))
        .collect();
    assert!(views.len() >= 3, "{views:?}");
    for view in views {
        assert!(view.trim_start().starts_with("create view"), "{view}");
        assert_eq!(view.matches(';').count(), 1, "{view}");
    }
}

/// Words that are no type, no operator or no statement there.
#[test]
fn nothing_is_left_in_the_words_of_others() {
    let mut texts = scripts(&stage());
    texts.extend(files(&proving::of_each_kind(stage().with_names())));
    for batch in texts.iter().flat_map(|text| stage().batches(text)) {
        for word in [
            "add column",
            " text",
            " boolean",
            " timestamp",
            "||",
            " true",
            "recursive",
        ] {
            assert!(!batch.contains(word), "`{word}` in {batch}");
        }
    }
}
