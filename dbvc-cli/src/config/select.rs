//! Which environment and which databases a command means.

use dbvc_engine::diagnostic::Diagnostic;

use super::document::nearest;
use super::file::ProjectFile;
use super::surroundings::{Surroundings, Variables};
use super::variables::{APP_ENVIRONMENT, DBVC_DATABASE, DBVC_ENVIRONMENT};
use super::{Source, Sourced, branch, codes};

/// The environment when nothing says otherwise.
const DEFAULT_ENVIRONMENT: &str = "development";
/// What stands for every database of a project.
pub(super) const ALL: &str = "all";

/// The environment: flag, variable, git branch, the file's default, `development`.
pub(super) fn environment(
    flag: Option<Sourced<String>>,
    variables: &Variables,
    file: &ProjectFile,
    surroundings: &Surroundings,
) -> Result<Sourced<String>, Box<Diagnostic>> {
    let chosen = flag
        .or_else(|| variables.get(DBVC_ENVIRONMENT))
        .or_else(|| variables.get(APP_ENVIRONMENT));
    if let Some(chosen) = chosen {
        return known(chosen, file);
    }
    if let Some(found) = by_branch(file, branch::current(&surroundings.directory))? {
        return Ok(found);
    }
    Ok(file.default_environment.as_ref().map_or_else(
        || Sourced::default_value(DEFAULT_ENVIRONMENT.to_owned()),
        super::Located::sourced,
    ))
}

fn known(chosen: Sourced<String>, file: &ProjectFile) -> Result<Sourced<String>, Box<Diagnostic>> {
    let is_known = file.environments.is_empty()
        || file.environments.contains_key(&chosen.value)
        || chosen.value == DEFAULT_ENVIRONMENT;
    if is_known {
        return Ok(chosen);
    }
    let names: Vec<&str> = file.environments.keys().map(String::as_str).collect();
    let mut problem = Diagnostic::error(
        codes::ENVIRONMENT,
        format!("there is no environment `{}`", chosen.value),
    )
    .note(format!("it was chosen by {}", chosen.source))
    .help(format!("{} has {}", file.path.display(), names.join(", ")));
    if let Some(near) = nearest(&chosen.value, names.into_iter()) {
        problem = problem.help(format!("did you mean `{near}`?"));
    }
    Err(Box::new(problem))
}

fn by_branch(file: &ProjectFile, branch: Option<String>) -> Result<Option<Sourced<String>>, Box<Diagnostic>> {
    let Some(branch) = branch else {
        return Ok(None);
    };
    let mut fitting = file.environments.iter().filter_map(|(name, environment)| {
        let pattern = environment
            .branches
            .iter()
            .find(|pattern| super::branch::matches(&pattern.value, &branch))?;
        Some((name, pattern))
    });
    let Some((name, pattern)) = fitting.next() else {
        return Ok(None);
    };
    let Some((other, other_pattern)) = fitting.next() else {
        return Ok(Some(Sourced::new(name.clone(), Source::Branch { name: branch })));
    };
    let mut labels = [pattern.label.clone(), other_pattern.label.clone()];
    labels[0].text = format!("environment {name}");
    labels[1].text = format!("environment {other}");
    let [first, second] = labels;
    Err(Box::new(
        Diagnostic::error(
            codes::BRANCH,
            format!("git branch {branch} belongs to two environments"),
        )
        .label(first)
        .label(second)
        .help(format!(
            "say which one: `--environment {name}` or `--environment {other}`"
        )),
    ))
}

/// Which databases: flag, variable, the file's default, the only one.
pub(super) fn databases(
    flag: Option<Sourced<String>>,
    variables: &Variables,
    file: &ProjectFile,
) -> Result<Vec<String>, Box<Diagnostic>> {
    let names: Vec<&String> = file.databases.keys().collect();
    let chosen = flag
        .or_else(|| variables.get(DBVC_DATABASE))
        .or_else(|| file.default_database.as_ref().map(super::Located::sourced));
    match chosen {
        Some(chosen) if chosen.value == ALL && !names.is_empty() => Ok(names.into_iter().cloned().collect()),
        Some(chosen) if file.databases.contains_key(&chosen.value) => Ok(vec![chosen.value]),
        // Without a file a database has any name that one gives it.
        Some(chosen) if names.is_empty() => Ok(vec![if chosen.value == ALL {
            "main".into()
        } else {
            chosen.value
        }]),
        Some(chosen) => Err(Box::new(unknown(&chosen, file))),
        None if names.is_empty() => Ok(vec!["main".to_owned()]),
        None if names.len() == 1 => Ok(names.into_iter().cloned().collect()),
        None => {
            let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
            Err(Box::new(
                Diagnostic::error(codes::DATABASE, "this project has several databases")
                    .note(format!("they are {}", names.join(", ")))
                    .help("choose with `--database NAME` or `--database all`")
                    .help("or write `default_database` below [project] in dbvc.toml"),
            ))
        }
    }
}

fn unknown(chosen: &Sourced<String>, file: &ProjectFile) -> Diagnostic {
    let names: Vec<&str> = file.databases.keys().map(String::as_str).collect();
    let mut problem = Diagnostic::error(
        codes::DATABASE,
        format!("there is no database `{}` in this project", chosen.value),
    )
    .note(format!("it was chosen by {}", chosen.source))
    .help(format!(
        "{} has {}; `all` means each of them",
        file.path.display(),
        names.join(", ")
    ));
    if let Some(near) = nearest(&chosen.value, names.into_iter()) {
        problem = problem.help(format!("did you mean `{near}`?"));
    }
    problem
}
