//! Encodings, and scripts with nothing in them.

use super::case::Case;

const PATH: &str = "migrations/V1.1.0__Add_pots.sql";

fn bytes(bytes: &[u8]) -> Case {
    Case::sqlite().bytes(PATH, bytes).fails(&["validate"], 1)
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

bad_inputs! {
    latin_1: bytes(b"-- caf\xe9\ncreate table pots(id integer);\n");
    latin_1_further_down: bytes(b"create table pots(\n  id integer,\n  m\xfcll text\n);\n");
    utf_16_without_mark: bytes(&utf16("create table pots(id integer);\n"));
    utf_16_cut_off: bytes(&[b"\xff\xfe".as_slice(), &utf16("create table pots"), b"\x28"].concat());
    utf_16_with_half_a_pair: bytes(&[b"\xff\xfe".as_slice(), &utf16("select '"), b"\x00\xd8", &utf16("';")].concat());
    utf_8_cut_off: bytes(b"create table pots(name text default '\xe2\x82");
    nul_in_the_script: bytes(b"create table pots(id\0 integer);\n");
    a_database_for_a_script: bytes(b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20\xff\xfe\x80");
    migrate_a_script_in_latin_1: Case::sqlite().bytes(PATH, b"select 'caf\xe9';\n").fails(&["migrate"], 1);
    migrations_folder_missing: Case::bare()
        .file("dbvc.toml", "[databases.plants]\nurl = \"sqlite:app.db\"\nmigrations = \"migration\"\n")
        .fails(&["migrate"], 1);
    migrations_folder_that_is_a_file: Case::bare()
        .file("dbvc.toml", "[databases.plants]\nurl = \"sqlite:app.db\"\n")
        .file("migrations", "")
        .fails(&["migrate"], 1);
}
