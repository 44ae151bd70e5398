//! SQLite files that are none, or that do not let themselves be written.
//!
//! Rights of files mean nothing to root, as which tests often run; a file that may not be written is therefore one that
//! is opened with `mode=ro`.

use super::case::Case;

bad_inputs! {
    sqlite_folder_instead_of_a_file: Case::sqlite().fails(&["migrate", "--url", "sqlite:migrations"], 4);
    sqlite_file_that_is_no_database: Case::sqlite()
        .file("notes.txt", "These are no pages of a database, but a text that is long enough to look like something.\n")
        .fails(&["migrate", "--url", "sqlite:notes.txt"], 4);
    sqlite_file_that_is_no_database_for_status: Case::sqlite()
        .file("notes.txt", "These are no pages of a database, but a text that is long enough to look like something.\n")
        .fails(&["status", "--url", "sqlite:notes.txt"], 4);
    sqlite_file_in_a_folder_that_is_not_there: Case::sqlite().fails(&["migrate", "--url", "sqlite:data/app.db"], 4);
    sqlite_file_below_a_file: Case::sqlite().fails(&["migrate", "--url", "sqlite:dbvc.toml/app.db"], 4);
    sqlite_file_opened_to_read_only: Case::migrated()
        .second("create table pots(id integer);\n")
        .fails(&["migrate", "--url", "sqlite:app.db?mode=ro"], 4);
    sqlite_file_that_must_be_there: Case::sqlite().fails(&["migrate", "--url", "sqlite:other.db?mode=rw"], 4);
    sqlite_database_in_memory: Case::sqlite().fails(&["migrate", "--url", "sqlite::memory:"], 3);
}
