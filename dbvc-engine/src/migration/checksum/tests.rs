use proptest::prelude::*;

use super::*;

fn normalised(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text
        .split('\n')
        .map(|line| line.trim_end_matches([' ', '\t', '\u{b}', '\u{c}']))
        .collect();
    lines.join("\n").trim_end_matches('\n').to_owned()
}

fn plain_sha256(text: &str) -> String {
    format!("v1:{}", hex::encode(Sha256::digest(text)))
}

proptest! {
    #[test]
    fn is_sha256_of_the_normalised_text_however_it_is_cut(
        pieces in proptest::collection::vec("[a-c \t\r\n\u{feff}ä]{0,6}", 0..12),
    ) {
        let mut builder = ChecksumBuilder::new();
        for piece in &pieces {
            builder.update(piece);
        }
        let whole = pieces.concat();
        prop_assert_eq!(builder.finish().to_string(), plain_sha256(&normalised(&whole)));
    }

    #[test]
    fn any_other_change_shows(left in "[ab \n]{0,12}", right in "[ab \n]{0,12}") {
        let same = normalised(&left) == normalised(&right);
        let answer = Checksum::of(&left).compare(&Checksum::of(&right));
        prop_assert_eq!(answer == ChecksumMatch::Same, same);
    }
}

#[test]
fn windows_editors_do_not_change_a_script() {
    let unix = Checksum::of("create table a(\n  x int\n);\n");
    let windows = Checksum::of("\u{feff}create table a( \r\n  x int\t\r\n);\r\n\r\n");
    assert_eq!(unix, windows);
}

#[test]
fn the_first_version_of_the_algorithm_never_changes() {
    assert_eq!(
        Checksum::of("").to_string(),
        "v1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(Checksum::of("abc\n").short(), "ba7816bf8f01");
}

#[test]
fn an_unknown_algorithm_is_kept_and_cannot_be_compared() {
    let newer: Checksum = "v9:AbC=".parse().expect("kept");
    assert_eq!(newer.to_string(), "v9:AbC=");
    assert_eq!(newer.compare(&newer), ChecksumMatch::CannotCompare);
    assert_eq!(newer.compare(&Checksum::of("")), ChecksumMatch::CannotCompare);
}

#[test]
fn what_is_not_a_checksum_is_refused() {
    for text in ["", "v1", "v1:", ":abc", "v1:abc", "v1:zz", "v 1:00"] {
        assert!(text.parse::<Checksum>().is_err(), "{text:?}");
    }
}
