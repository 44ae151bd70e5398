use std::collections::hash_map::DefaultHasher;

use proptest::prelude::*;

use super::*;

fn hash(version: &Version) -> u64 {
    let mut hasher = DefaultHasher::new();
    version.hash(&mut hasher);
    hasher.finish()
}

fn detect(text: &str) -> Version {
    Version::detect(text).expect(text)
}

fn any_version() -> impl Strategy<Value = Version> {
    let small = 0_u64..4;
    let integer = proptest::collection::vec((small.clone(), any::<bool>()), 1..5).prop_map(|parts| {
        let text = |(number, padded): (u64, bool)| format!("{}{number}", if padded { "0" } else { "" });
        parts.into_iter().map(text).collect::<Vec<_>>().join(".")
    });
    let semantic = (small.clone(), small.clone(), small, "(-(rc|beta)\\.[0-3])?")
        .prop_map(|(major, minor, patch, pre)| format!("{major}.{minor}.{patch}{pre}"));
    let timestamp = "2025112[0-3]_1[0-3]300[0-3]|2025112[0-3]1[0-3]300[0-3]|2025112[0-3]_1[0-3]30";
    prop_oneof![integer, semantic, timestamp].prop_map(|text| detect(&text))
}

proptest! {
    #[test]
    fn order_is_total(a in any_version(), b in any_version(), c in any_version()) {
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
    }

    #[test]
    fn order_equality_and_hash_agree(a in any_version(), b in any_version()) {
        prop_assert_eq!(a == b, a.cmp(&b).is_eq());
        if a == b {
            prop_assert_eq!(hash(&a), hash(&b));
        }
    }

    #[test]
    fn what_is_shown_is_read_back_as_the_same(a in any_version()) {
        let shown = a.to_string();
        prop_assert_eq!(&detect(&shown), &a);
        prop_assert_eq!(Version::parse(&shown, a.scheme()).expect("its own scheme"), a);
    }

    #[test]
    fn no_text_panics(text in "[0-9a-z._+-]{0,24}|\\PC{0,20}") {
        let _ = Version::detect(&text);
        for scheme in [VersionScheme::Semantic, VersionScheme::Integer, VersionScheme::Timestamp] {
            let _ = Version::parse(&text, scheme);
        }
    }

    #[test]
    fn the_next_version_is_greater(version in any_version(), seconds in 0_i64..4_000_000_000) {
        let now = jiff::Timestamp::from_second(seconds).expect("in range");
        prop_assert!(version.next(now) > version);
    }
}

#[test]
fn numbers_are_compared_as_numbers() {
    let texts = [
        "1.0.0-rc.1",
        "1.0.0",
        "1.2.0-rc.1",
        "1.2.0",
        "1.10.0",
        "007",
        "10",
        "20251127_1430",
    ];
    let mut versions: Vec<Version> = texts.iter().map(|text| detect(text)).collect();
    versions.reverse();
    versions.sort();
    let sorted: Vec<String> = versions.iter().map(ToString::to_string).collect();
    assert_eq!(sorted, texts);
}

#[test]
fn missing_parts_are_zero() {
    for (one, other) in [
        ("1", "1.0"),
        ("1.0", "1.0.0"),
        ("1.2", "1.2.0.0"),
        ("V007".trim_start_matches('V'), "7"),
        ("0010", "10"),
        ("1_2", "1.2"),
        ("1.0.0+build5", "1.0.0"),
        ("20251127_143000", "20251127143000"),
        ("20251127_1430", "20251127143000"),
        ("2025-11-27-143000", "20251127_143000"),
    ] {
        assert_eq!(detect(one), detect(other), "{one} {other}");
        assert_eq!(hash(&detect(one)), hash(&detect(other)), "{one} {other}");
    }
    assert_ne!(detect("1.0.1"), detect("1.1.0"));
}

#[test]
fn the_scheme_is_found() {
    for (text, scheme) in [
        ("1.1.0", VersionScheme::Semantic),
        ("1.2.0-rc.1", VersionScheme::Semantic),
        ("1", VersionScheme::Integer),
        ("7.2", VersionScheme::Integer),
        ("1.2.3.4", VersionScheme::Integer),
        ("01.2.3", VersionScheme::Integer),
        ("1500360784", VersionScheme::Integer),
        ("20251127_143000", VersionScheme::Timestamp),
        ("20251127143000", VersionScheme::Timestamp),
        ("20251127_1430", VersionScheme::Timestamp),
        // No such day.
        ("20251341_143000", VersionScheme::Integer),
    ] {
        assert_eq!(detect(text).scheme(), scheme, "{text}");
    }
}

#[test]
fn it_is_shown_as_it_was_written() {
    for text in ["007", "1.2.0-rc.1", "20251127_143000", "20251127143000"] {
        assert_eq!(detect(text).to_string(), text);
    }
    assert_eq!(detect("1_2").to_string(), "1.2");
}

#[test]
fn what_is_no_version_is_refused_with_the_reason() {
    for (text, reason) in [
        ("", "`` is not a version: a number is missing"),
        ("1..2", "`1..2` is not a version: a number is missing"),
        ("1.x", "`1.x` is not a version: `x` is not a digit"),
        (
            "99999999999999999999999",
            "`99999999999999999999999` is not a version: 99999999999999999999999 is more than 18446744073709551615",
        ),
    ] {
        assert_eq!(Version::detect(text).expect_err(text).to_string(), reason);
    }
    let error = Version::parse("7", VersionScheme::Semantic).expect_err("one part");
    assert_eq!(
        error.to_string(),
        "`7` is not a version of the semantic scheme: it has one part; write 7.0.0"
    );
    assert!(Version::parse("20250230_120000", VersionScheme::Timestamp).is_err());
}

#[test]
fn the_next_version_keeps_the_way_of_writing() {
    let now: jiff::Timestamp = "2025-11-27T14:30:00Z".parse().expect("a time");
    for (text, next) in [
        ("1.1.0", "1.2.0"),
        ("1.2.0-rc.1", "1.3.0"),
        ("7", "8"),
        ("009", "010"),
        ("1.2.3.4", "1.2.3.5"),
        ("20240101_000000", "20251127_143000"),
        ("20991231_235959", "21000101_000000"),
    ] {
        assert_eq!(detect(text).next(now).to_string(), next);
    }
}

#[test]
fn json_holds_the_text() {
    let json = serde_json::to_string(&detect("1.2.0-rc.1")).expect("to JSON");
    assert_eq!(json, "\"1.2.0-rc.1\"");
    assert_eq!(
        serde_json::from_str::<Version>(&json).expect("from JSON"),
        detect("1.2.0-rc.1")
    );
}
