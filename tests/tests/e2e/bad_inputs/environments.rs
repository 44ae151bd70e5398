//! Which database and which environment, and what a protected one demands.

use super::case::Case;

fn production() -> Case {
    Case::sqlite()
        .setting("[environments.development]\n[environments.production]\nprotected = true\nbranches = [\"main\"]")
        .run(&["migrate", "--environment", "production", "--yes", "--confirm", "plants"])
}

fn on_branch(case: Case, branch: &str) -> Case {
    case.file(".git/HEAD", &format!("ref: refs/heads/{branch}\n"))
}

bad_inputs! {
    environment_that_is_unknown: production().fails(&["status", "--environment", "prodution"], 3);
    environment_in_a_variable_that_is_unknown: production().env("DBVC_ENVIRONMENT", "prod").fails(&["status"], 3);
    environment_in_app_environment_that_is_unknown: production().env("APP_ENVIRONMENT", "live").fails(&["status"], 3);
    environment_that_is_said_twice: production().fails(&["status", "development", "--environment", "production"], 2);
    two_environments_for_one_branch: on_branch(
        Case::sqlite().setting("[environments.staging]\nbranches = [\"release/*\"]\n[environments.production]\nbranches = [\"release/1*\"]"),
        "release/1.2",
    )
    .fails(&["status"], 3);
    database_that_is_unknown: Case::sqlite().fails(&["status", "--database", "plant"], 3);
    database_where_nothing_chooses_one: Case::sqlite()
        .setting("[databases.animals]\nurl = \"sqlite:animals.db\"")
        .fails(&["status"], 3);
    protected_environment_without_a_terminal: production().fails(&["rollback", "--environment", "production"], 2);
    protected_environment_with_yes_alone: production().fails(&["rollback", "--environment", "production", "--yes"], 2);
    protected_environment_with_the_wrong_name:
        production().fails(&["rollback", "--environment", "production", "--yes", "--confirm", "animals"], 2);
    protected_environment_with_the_name_through_a_pipe:
        production().input("plants\n").fails(&["rollback", "--environment", "production"], 2);
    protected_environment_by_branch: on_branch(production(), "main").fails(&["rollback"], 2);
    protected_environment_with_the_name_but_without_yes:
        production().fails(&["rollback", "--environment", "production", "--confirm", "plants"], 2);
    protected_environment_for_verify_fix: production()
        .file("migrations/V1.0.0__Create_plants.sql", "create table plants(id integer);\n")
        .fails(&["verify", "--fix", "--environment", "production"], 2);
}
