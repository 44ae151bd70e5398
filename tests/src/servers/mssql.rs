//! A SQL Server for tests: one that runs somewhere and is named in the environment. None can be installed here, since
//! Microsoft gives it out as a container image or as packages under a licence of its own.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::{Shareable, TestServer, Unavailable, given_url};

/// `model` is in use: whoever makes a database copies it, and wants it alone for that ("Database Engine events and
/// errors", 1807).
const MODEL_IN_USE: &str = "1807";
/// So often it is tried, with a pause that grows.
const TRIES: u32 = 12;
const PAUSE: Duration = Duration::from_millis(250);

/// Makes a database while nobody else in this process makes one, and again where somebody in another process is at it.
///
/// # Errors
/// What `make` gave, with the number of the server's error in it.
pub fn one_at_a_time(mut make: impl FnMut() -> Result<(), String>) -> Result<(), String> {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for tried in 1..TRIES {
        match make() {
            Err(told) if told.contains(MODEL_IN_USE) => std::thread::sleep(PAUSE * tried),
            other => return other,
        }
    }
    make()
}

/// The server of the environment.
#[derive(Debug)]
pub struct MsSqlServer {
    url: String,
}

impl TestServer for MsSqlServer {
    const NAME: &'static str = "mssql";
    const URL_VARIABLE: &'static str = "DBVC_TEST_MSSQL_URL";
    const OPTIONAL: bool = true;

    fn install() -> Result<(), Unavailable> {
        Ok(())
    }

    fn start() -> Result<Self, Unavailable> {
        let url = given_url(Self::URL_VARIABLE).ok_or_else(|| {
            Unavailable::new(format!(
                "{} is not set; it names a server whose login may create databases, such as \
                 mssql://sa:PASSWORD@127.0.0.1:1433/master?trust_server_certificate=true for the image \
                 mcr.microsoft.com/mssql/server",
                Self::URL_VARIABLE
            ))
        })?;
        Ok(Self { url })
    }

    fn url(&self) -> &str {
        &self.url
    }

    /// Always refused: nothing but the adapter itself speaks to this server here, so who needs a database makes it
    /// through that.
    fn create_database(&self, name: &str) -> Result<String, Unavailable> {
        Err(Unavailable::new(format!(
            "database `{name}` is made by a session of the adapter's"
        )))
    }
}

impl Shareable for MsSqlServer {
    fn place() -> &'static OnceLock<Result<Self, Unavailable>> {
        static PLACE: OnceLock<Result<MsSqlServer, Unavailable>> = OnceLock::new();
        &PLACE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_way_of_a_copy_is_waited_for_and_nothing_else_is() {
        for (first, tries, made) in [
            (
                "could not obtain exclusive lock on database 'model' (1807)",
                2,
                true,
            ),
            ("permission denied (262)", 1, false),
        ] {
            let mut tried = 0;
            let told = one_at_a_time(|| {
                tried += 1;
                if tried == 1 { Err(first.to_owned()) } else { Ok(()) }
            });
            assert_eq!((tried, told.is_ok()), (tries, made), "{first}");
        }
    }
}
