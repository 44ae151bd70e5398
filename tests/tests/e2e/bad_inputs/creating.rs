//! `create` and `init`.

use super::case::Case;

bad_inputs! {
    create_with_a_version_that_is_there: Case::sqlite().fails(&["create", "1.0.0", "Add pots"], 1);
    create_with_a_version_that_is_none: Case::sqlite().fails(&["create", "1.x", "Add pots"], 1);
    create_with_a_version_of_another_scheme: Case::sqlite().fails(&["create", "20251127_143000", "Add pots"], 1);
    create_with_a_vague_description: Case::sqlite().fails(&["create", "update"], 1);
    create_without_a_description: Case::sqlite().fails(&["create", ""], 1);
    create_with_only_signs: Case::sqlite().fails(&["create", "1.1.0", "!!!"], 1);
    create_with_an_endless_description: Case::sqlite().fails(&["create", &"Add pots and ".repeat(30)], 1);
    create_what_would_be_an_undo_script: Case::sqlite().fails(&["create", "Add rollback"], 1);
    create_among_files_with_faults: Case::sqlite()
        .file("migrations/V1.1.0_Add_pots.sql", "select 1;\n")
        .fails(&["create", "Add beds"], 1);
    init_where_a_project_is: Case::sqlite().fails(&["init"], 2);
}
