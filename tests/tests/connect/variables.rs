//! The whole way from variables to a server: `DATABASE_HOST` and its kin, passwords of any characters.

use std::path::PathBuf;

use dbvc_tests::servers::{MariaDbServer, MySqlServer, TestServer as _};
use dbvc_tests::{Invocation, ProjectFolder};
use url::Url;

use crate::logins::{ODD, make_odd};
use crate::secured::plain;

const SETTINGS: &str = "[databases.shop]\ndriver = \"mysql\"\n";

/// A project with one migration.
fn project(settings: &str) -> ProjectFolder {
    ProjectFolder::with(&[
        ("dbvc.toml", settings),
        (
            "migrations/V1.0.0__Create_orders.sql",
            "CREATE TABLE orders (id INT PRIMARY KEY);\n",
        ),
    ])
}

/// An empty database, and a login of the test's own.
struct Place {
    url: Url,
    login: &'static str,
    /// The server's socket, where we know it.
    socket: Option<String>,
}

/// One place on each server that there is.
async fn places(login: &'static str) -> Vec<Place> {
    let mut places = Vec::new();
    if let Some(server) = MariaDbServer::shared() {
        places.push((server.create_database("shop").unwrap(), server.socket()));
    }
    if let Some(server) = MySqlServer::shared() {
        places.push((server.create_database("shop").unwrap(), server.socket()));
    }
    for (url, _) in &places {
        make_odd(&mut plain(url).await, login).await;
    }
    let place = |(url, socket): (String, Option<PathBuf>)| Place {
        url: Url::parse(&url).unwrap(),
        login,
        socket: socket.map(|path| path.display().to_string()),
    };
    places.into_iter().map(place).collect()
}

impl Place {
    fn given(&self, call: Invocation, host: &str) -> Invocation {
        call.env("DATABASE_HOST", host)
            .env("DATABASE_PORT", &self.url.port().unwrap().to_string())
            .env("DATABASE_NAME", self.url.path().trim_start_matches('/'))
            .env("DATABASE_USERNAME", self.login)
            .env("DATABASE_PASSWORD", ODD)
            .env("APP_ENVIRONMENT", "staging")
    }
}

fn kept_quiet(ran: dbvc_tests::Ran) {
    ran.ok().kept_quiet_about(ODD).kept_quiet_about("漢");
}

#[tokio::test]
async fn database_host_and_its_kin() {
    for place in places("odd_parts").await {
        let project = project(SETTINGS);
        kept_quiet(place.given(project.dbvc(["migrate"]), "127.0.0.1").run());
        let look = || project.dbvc(["status", "--check"]);
        kept_quiet(place.given(look(), "localhost").run());
        if let Some(socket) = &place.socket {
            kept_quiet(place.given(look(), socket).run());
        }
    }
}

#[tokio::test]
async fn a_password_over_a_url_of_the_settings() {
    for Place { url, login, .. } in places("odd_whole").await {
        let whole = format!(
            "mysql://{login}@127.0.0.1:{}{}?ssl-mode=preferred&charset=utf8mb4",
            url.port().unwrap(),
            url.path()
        );
        let project = project(&format!("{SETTINGS}url = \"{whole}\"\n"));
        kept_quiet(project.dbvc(["migrate"]).env("DATABASE_PASSWORD", ODD).run());
        project.write("secrets/word", ODD);
        project.write(
            "dbvc.toml",
            format!("{SETTINGS}url = \"{whole}\"\npassword_file = \"secrets/word\"\n"),
        );
        kept_quiet(project.dbvc(["status", "--check"]).run());
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told_with_its_remedy() {
    for mut place in places("odd_nowhere").await {
        place.url.set_path("not_made");
        let project = project(SETTINGS);
        place
            .given(project.dbvc(["migrate"]), "127.0.0.1")
            .run()
            .ended(4)
            .said("DBVC4005")
            .said("CREATE DATABASE `not_made`")
            .kept_quiet_about(ODD);
    }
}
