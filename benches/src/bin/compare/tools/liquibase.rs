//! Liquibase, whose npm package carries its jars and PostgreSQL's driver. It needs Java.

use std::io;
use std::path::{Path, PathBuf};

use super::{Place, Tool, Trial, UNDONE, padded};
use crate::database::{Database, System};
use crate::install::{Cache, on_path};
use crate::measure::Invocation;
use crate::scripts::Shape;
use crate::set::{Set, folder};

const CHANGELOG: &str = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<databaseChangeLog xmlns=\"http://www.liquibase.org/xml/ns/dbchangelog\"
    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"
    xsi:schemaLocation=\"http://www.liquibase.org/xml/ns/dbchangelog
        http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd\">
    <includeAll path=\"migrations\" relativeToChangelogFile=\"true\"/>
</databaseChangeLog>
";

#[derive(Debug)]
struct Liquibase {
    java: PathBuf,
    jars: String,
}

pub(super) fn find(cache: &Cache) -> Result<Box<dyn Tool>, String> {
    let java = on_path("java").ok_or("no `java` on the PATH")?;
    // Later packages come without the program.
    let package = cache.npm("liquibase", "4")?;
    let jars = package.join("dist/liquibase/internal/lib");
    if !jars.is_dir() {
        return Err("its package comes without the program".to_owned());
    }
    let jars = format!("{}/*", jars.display());
    Ok(Box::new(Liquibase { java, jars }))
}

impl Liquibase {
    fn java(&self, words: &[&str]) -> Invocation {
        let start = [
            "-cp",
            &self.jars,
            "liquibase.integration.commandline.LiquibaseCommandLine",
        ];
        // Nothing is to be told to its makers during a measurement.
        Invocation::new(&self.java, start.iter().chain(words).copied())
            .with("LIQUIBASE_ANALYTICS_ENABLED", "false")
    }

    fn call(&self, place: &Place, words: &[&str]) -> Invocation {
        let (url, login) = match &place.database {
            Database::Postgres(address) => {
                let (host, port, name) = (&address.host, address.port, &address.name);
                let url = format!("--url=jdbc:postgresql://{host}:{port}/{name}?sslmode=disable");
                let user = format!("--username={}", address.user);
                (url, vec![user, format!("--password={}", address.password)])
            }
            Database::MariaDb(address) => {
                let (host, port, name) = (&address.host, address.port, &address.name);
                let url = format!("--url=jdbc:mariadb://{host}:{port}/{name}");
                let user = format!("--username={}", address.user);
                (url, vec![user, format!("--password={}", address.password)])
            }
            Database::Sqlite(path) => (format!("--url=jdbc:sqlite:{}", path.display()), Vec::new()),
        };
        let mut all = vec!["--changelog-file=changelog.xml", &url];
        all.extend(login.iter().map(String::as_str));
        // The words before the first of these are options of the program, those after it of its command.
        let (command, options) = words.split_at(1);
        let all: Vec<_> = command.iter().chain(&all).chain(options).copied().collect();
        self.java(&all)
    }
}

impl Tool for Liquibase {
    fn name(&self) -> String {
        "liquibase".to_owned()
    }

    fn version(&self) -> Invocation {
        self.java(&["--version"])
    }

    fn refuses(&self, trial: Trial) -> Option<&'static str> {
        match trial {
            Trial::Small(System::Sqlite) | Trial::Large(System::Sqlite, _) => {
                Some("its package lacks a library that its SQLite driver needs")
            }
            Trial::Large(_, Shape::Copy) => Some("no COPY data in a script"),
            _ => None,
        }
    }

    fn lay_out(&self, set: &Set, place: &Path) -> io::Result<()> {
        std::fs::write(place.join("changelog.xml"), CHANGELOG)?;
        let files = folder(place, "migrations")?;
        for one in &set.migrations {
            let file = files.join(format!("{}_{}.sql", padded(one.number), one.name));
            let before = format!("--liquibase formatted sql\n--changeset bench:{}\n", one.number);
            one.up
                .write(&file, &before, &format!("--rollback {};\n", one.down))?;
        }
        Ok(())
    }

    fn migrate(&self, place: &Place) -> Invocation {
        self.call(place, &["update"])
    }

    fn status(&self, place: &Place) -> Option<Invocation> {
        Some(self.call(place, &["status"]))
    }

    fn undo(&self, place: &Place, _applied: usize) -> Vec<Invocation> {
        vec![self.call(place, &["rollback-count", &format!("--count={UNDONE}")])]
    }
}
