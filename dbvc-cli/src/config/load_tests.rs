use super::*;

/// A project in a folder of its own, and variables of a process that does not exist.
struct Sample {
    folder: tempfile::TempDir,
    surroundings: Surroundings,
}

impl Sample {
    fn new(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        let surroundings = Surroundings {
            variables: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            directory: folder.path().to_owned(),
        };
        Self { folder, surroundings }
    }

    fn load(&self, flags: &Flags) -> Result<Config, Vec<Diagnostic>> {
        Config::load(&self.surroundings, flags)
    }

    fn url(&self, flags: &Flags) -> (String, String) {
        let config = self.load(flags).expect("settings");
        let connection = config.databases[0].connection.as_ref().expect("a connection");
        (
            connection.target.reveal_url().to_string(),
            connection.source.to_string(),
        )
    }
}

fn url_flag(url: &str) -> Flags {
    Flags {
        url: Some(Secret::new(url)),
        ..Flags::default()
    }
}

const TOML: &str = "[databases.main]\nurl = 'postgres://file@h/file'\n";

#[test]
fn each_layer_is_stronger_than_the_one_before() {
    let file = ("dbvc.toml", TOML);
    let dot_env = (".env", "DBVC_URL=postgres://dotenv@h/d\n");
    let process = ("DBVC_URL", "postgres://process@h/p");
    let only_file = Sample::new(&[file], &[]).url(&Flags::default());
    assert_eq!(only_file, ("postgres://file@h/file".into(), "dbvc.toml:2".into()));
    let with_dot_env = Sample::new(&[file, dot_env], &[]).url(&Flags::default());
    assert_eq!(with_dot_env.1, ".env:1 (DBVC_URL)");
    let all = Sample::new(&[file, dot_env], &[process]);
    assert_eq!(all.url(&Flags::default()).1, "environment (DBVC_URL)");
    assert_eq!(all.url(&url_flag("postgres://flag@h/f")).1, "--url");
}

#[test]
fn single_variables_are_laid_over_the_files_url() {
    let sample = Sample::new(
        &[("dbvc.toml", TOML)],
        &[("DB_HOST", "other"), ("DB_PASSWORD", "p@")],
    );
    assert_eq!(sample.url(&Flags::default()).0, "postgres://file:p%40@other/file");
}

#[test]
fn yaml_then_dot_env_then_environment_as_in_their_order() {
    let yaml = (
        "config/db_config.yaml",
        "host: y\nname: n\nuser: u\npassword: py\n",
    );
    let sample = Sample::new(&[yaml, (".env", "DB_HOST=e\nDB_USER=e\n")], &[("DB_USER", "p")]);
    assert_eq!(sample.url(&Flags::default()).0, "postgres://p:py@e/n");
}

#[test]
fn without_any_file_a_url_is_enough() {
    let sample = Sample::new(&[], &[]);
    let config = sample.load(&url_flag("sqlite:app.db")).expect("settings");
    let settings = config.databases[0].settings();
    assert_eq!(settings.database, "main");
    assert_eq!(settings.environment, "development");
    assert_eq!(
        settings.layout.migrations,
        sample.folder.path().join("migrations")
    );
}

#[test]
fn nothing_said_names_what_to_say() {
    let config = Sample::new(&[], &[]).load(&Flags::default()).expect("settings");
    let problem = config.databases[0].connection.as_ref().expect_err("no url");
    assert_eq!(problem[0].code, codes::NO_URL);
    assert!(problem[0].help[0].contains("--url sqlite:app.db"));
}

#[test]
fn a_missing_reference_is_an_error_only_when_it_is_needed() {
    let file = ("dbvc.toml", "[databases.main]\nurl = 'postgres://u:${PW}@h/d'\n");
    let config = Sample::new(&[file], &[])
        .load(&Flags::default())
        .expect("settings");
    let problem = config.databases[0].connection.as_ref().expect_err("unset");
    assert_eq!(problem[0].message, "`${PW}` has no value");
    assert_eq!(Sample::new(&[file], &[]).url(&url_flag("sqlite:a")).1, "--url");
}

#[test]
fn a_password_file_fills_a_url_without_its_line_end() {
    let sample = Sample::new(
        &[
            (
                "dbvc.toml",
                "[database]\nurl = 'postgres://u@h/d'\npassword_file = 'secret'\n",
            ),
            ("secret", "pw\n"),
        ],
        &[],
    );
    assert_eq!(sample.url(&Flags::default()).0, "postgres://u:pw@h/d");
}

#[test]
fn environments_are_chosen_by_flag_then_variable_then_branch_then_default() {
    let toml = "[project]\ndefault_environment = 'd'\n[environments.d]\n[environments.b]\nbranches = ['main']\n[environments.v]\n[environments.f]\n";
    let head = (".git/HEAD", "ref: refs/heads/main\n");
    let name = |sample: &Sample, flags: &Flags| sample.load(flags).expect("settings").environment.value;
    let flag = Flags {
        environment: Some("f".into()),
        ..Flags::default()
    };
    let all = Sample::new(&[("dbvc.toml", toml), head], &[("APP_ENVIRONMENT", "v")]);
    assert_eq!(name(&all, &flag), "f");
    assert_eq!(name(&all, &Flags::default()), "v");
    let branch = Sample::new(&[("dbvc.toml", toml), head], &[]);
    assert_eq!(name(&branch, &Flags::default()), "b");
    let nothing = Sample::new(
        &[("dbvc.toml", toml), (".git/HEAD", "ref: refs/heads/other\n")],
        &[],
    );
    assert_eq!(name(&nothing, &Flags::default()), "d");
}

#[test]
fn a_branch_of_two_environments_is_an_error() {
    let toml = "[environments.a]\nbranches = ['main']\n[environments.b]\nbranches = ['m*']\n";
    let sample = Sample::new(
        &[("dbvc.toml", toml), (".git/HEAD", "ref: refs/heads/main\n")],
        &[],
    );
    let problem = sample.load(&Flags::default()).expect_err("two");
    assert_eq!(problem[0].code, codes::BRANCH);
    assert_eq!(problem[0].labels.len(), 2);
}

#[test]
fn an_unknown_environment_names_the_nearest() {
    let sample = Sample::new(&[("dbvc.toml", "[environments.production]\n")], &[]);
    let flags = Flags {
        environment: Some("prodution".into()),
        ..Flags::default()
    };
    let problem = sample.load(&flags).expect_err("unknown");
    assert_eq!(problem[0].help[1], "did you mean `production`?");
}

const TWO: &str = "[databases.a]\nurl = 'sqlite:a.db'\n[databases.b]\nurl = 'sqlite:b.db'\n";

#[test]
fn several_databases_want_a_choice() {
    let sample = Sample::new(&[("dbvc.toml", TWO)], &[]);
    assert_eq!(
        sample.load(&Flags::default()).expect_err("which?")[0].code,
        codes::DATABASE
    );
    let all = Flags {
        database: Some("all".into()),
        ..Flags::default()
    };
    let names: Vec<String> = sample
        .load(&all)
        .expect("settings")
        .databases
        .into_iter()
        .map(|database| database.name)
        .collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn a_variable_for_one_connection_never_moves_another_database() {
    let sample = Sample::new(
        &[("dbvc.toml", TWO)],
        &[("DATABASE_URL", "postgres://h/wrong"), ("DBVC_DATABASE", "b")],
    );
    assert_eq!(sample.url(&Flags::default()).1, "dbvc.toml:4");
}

#[test]
fn an_environments_settings_are_stronger_than_the_databases() {
    let toml = "[databases.main]\nurl = 'sqlite:dev.db'\nlock_wait = '1s'\n[environments.production]\nprotected = true\nurl = 'sqlite:prod.db'\nlock_wait = '9s'\n";
    let sample = Sample::new(&[("dbvc.toml", toml)], &[]);
    let flags = Flags {
        environment: Some("production".into()),
        ..Flags::default()
    };
    let config = sample.load(&flags).expect("settings");
    assert!(config.protected.value);
    assert_eq!(config.databases[0].lock_wait.value, Duration::from_secs(9));
    assert_eq!(sample.url(&flags).0, "sqlite:prod.db");
}

#[test]
fn a_relative_path_in_the_file_is_meant_from_the_projects_folder() {
    let mut sample = Sample::new(
        &[
            ("dbvc.toml", "[database]\nurl = 'sqlite:app.db'\n"),
            ("sub/x", ""),
        ],
        &[],
    );
    sample.surroundings.directory = sample.folder.path().join("sub");
    let url = sample.url(&Flags::default()).0;
    assert_eq!(
        url,
        format!("sqlite:{}", sample.folder.path().join("app.db").display())
    );
}

#[test]
fn settings_never_show_a_secret_when_debugged() {
    let sample = Sample::new(&[("dbvc.toml", TOML)], &[("DB_PASSWORD", "hunter2")]);
    let config = sample.load(&Flags::default()).expect("settings");
    assert!(!format!("{config:?}").contains("hunter2"));
}
