use std::io::Write;

use super::*;
use crate::text::LineColumn;

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    file
}

fn read(bytes: &[u8]) -> Result<String, TextError> {
    let file = file(bytes);
    let mut source = TextFile::open(file.path())?;
    let mut text = String::new();
    while source.read_more(&mut text)? {}
    Ok(text)
}

fn refused(bytes: &[u8]) -> (&'static str, u8, u64, u32) {
    match read(bytes) {
        Err(TextError::Encoding {
            encoding,
            byte,
            offset,
            line,
            ..
        }) => (encoding, byte, offset, line),
        other => panic!("expected an encoding error, got {other:?}"),
    }
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(bytes)
        .collect()
}

#[test]
fn each_encoding_gives_the_same_text_without_its_mark() {
    let text = "select 'ä € 𝄞';\r\n";
    assert_eq!(read(text.as_bytes()).expect("plain"), text);
    assert_eq!(read(format!("\u{feff}{text}").as_bytes()).expect("marked"), text);
    assert_eq!(read(&utf16(text, u16::to_le_bytes)).expect("LE"), text);
    assert_eq!(read(&utf16(text, u16::to_be_bytes)).expect("BE"), text);
    assert_eq!(read(b"").expect("empty"), "");
}

#[test]
fn a_character_that_straddles_two_blocks_is_whole() {
    for shift in 0..4 {
        let text = format!("{}{}", "x".repeat(shift), "𝄞".repeat(BLOCK / 2));
        assert!(read(text.as_bytes()).expect("UTF-8") == text);
        assert!(read(&utf16(&text, u16::to_le_bytes)).expect("UTF-16") == text);
    }
}

#[test]
fn the_first_bad_byte_is_named_with_its_offset_and_line() {
    assert_eq!(refused(b"a\r\nb\rc \xE4 d"), ("UTF-8", 0xE4, 7, 3));
    assert_eq!(refused(b"\xEF\xBB\xBFab\xFF"), ("UTF-8", 0xFF, 5, 1));
}

#[test]
fn text_that_breaks_off_inside_a_character_is_refused() {
    assert_eq!(refused(b"ab\xE2\x82"), ("UTF-8", 0xE2, 2, 1));
    assert_eq!(refused(b"\xFF\xFEa\0b"), ("UTF-16 LE", b'b', 4, 1));
    assert_eq!(refused(b"\xFE\xFF\0a\0\n\xD8\x34"), ("UTF-16 BE", 0xD8, 6, 2));
    assert_eq!(refused(b"\xFE\xFF\xDC\x34\0a").2, 2);
}

#[test]
fn utf16_without_a_mark_is_refused_at_its_first_nul() {
    assert_eq!(refused(b"s\0e\0l\0"), (NUL, 0, 1, 1));
}

#[test]
fn a_section_is_cut_out_of_the_decoded_text() {
    let text = "\u{feff}-- up\nä1;\n-- down\nä2;\n";
    let start = Origin {
        offset: 11,
        at: LineColumn { line: 3, column: 1 },
    };
    for (section, wanted) in [
        (
            Section {
                start: Origin::START,
                end: Some(11),
            },
            "-- up\nä1;\n",
        ),
        (Section { start, end: None }, "-- down\nä2;\n"),
    ] {
        for bytes in [
            text.as_bytes().to_vec(),
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ] {
            let file = file(&bytes);
            let mut source = TextFile::open_section(file.path(), section).expect("opens");
            let mut got = String::new();
            while source.read_more(&mut got).expect("reads") {}
            assert_eq!(got, wanted);
        }
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = TextFile::open("/nowhere/at/all.sql").expect_err("no such file");
    assert_eq!(error.to_string(), "cannot read /nowhere/at/all.sql");
}
