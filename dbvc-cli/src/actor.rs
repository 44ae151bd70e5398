//! Who runs dbvc, and in which CI job.

use dbvc_engine::driver::Actor;

use crate::config::Surroundings;
use crate::git::Checkout;

/// The operating system's user and host, and the CI job where there is one.
pub(crate) fn actor(surroundings: &Surroundings) -> Actor {
    let unknown = || "unknown".to_owned();
    let checkout = Checkout::of(surroundings);
    Actor {
        user: whoami::username().unwrap_or_else(|_| unknown()),
        host: whoami::hostname().unwrap_or_else(|_| unknown()),
        ci_job: ci_job(surroundings),
        git_commit: checkout.commit,
        git_branch: checkout.branch,
    }
}

/// The address of the CI job, as each service's variables make it.
fn ci_job(surroundings: &Surroundings) -> Option<String> {
    let get = |name| surroundings.variable(name);
    if get("GITHUB_ACTIONS").is_some()
        && let (Some(server), Some(repository), Some(run)) = (
            get("GITHUB_SERVER_URL"),
            get("GITHUB_REPOSITORY"),
            get("GITHUB_RUN_ID"),
        )
    {
        return Some(format!("{server}/{repository}/actions/runs/{run}"));
    }
    if let (Some(collection), Some(project), Some(build)) = (
        get("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI"),
        get("SYSTEM_TEAMPROJECT"),
        get("BUILD_BUILDID"),
    ) {
        return Some(format!(
            "{}/{project}/_build/results?buildId={build}",
            collection.trim_end_matches('/')
        ));
    }
    ["CI_JOB_URL", "BUILD_URL", "CIRCLE_BUILD_URL", "BUILD_BUILDURI"]
        .into_iter()
        .find_map(get)
        .map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(variables: &[(&str, &str)]) -> Option<String> {
        let mut surroundings = Surroundings::default();
        for (name, value) in variables {
            surroundings
                .variables
                .insert((*name).to_owned(), (*value).to_owned());
        }
        ci_job(&surroundings)
    }

    #[test]
    fn each_ci_service_tells_its_job() {
        let github = job(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://git.example"),
            ("GITHUB_REPOSITORY", "a/b"),
            ("GITHUB_RUN_ID", "7"),
        ]);
        assert_eq!(github.as_deref(), Some("https://git.example/a/b/actions/runs/7"));
        assert_eq!(
            job(&[("CI_JOB_URL", "https://gitlab.example/1")]).as_deref(),
            Some("https://gitlab.example/1")
        );
        let azure = job(&[
            ("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI", "https://dev.example/o/"),
            ("SYSTEM_TEAMPROJECT", "p"),
            ("BUILD_BUILDID", "9"),
        ]);
        assert_eq!(
            azure.as_deref(),
            Some("https://dev.example/o/p/_build/results?buildId=9")
        );
    }

    #[test]
    fn outside_of_ci_there_is_no_job() {
        assert_eq!(job(&[]), None);
    }
}
