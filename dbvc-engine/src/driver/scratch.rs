//! Empty databases of dbvc's own, beside a target.

mod server;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::Target;
use crate::error::Result;

pub use server::{ScratchGround, ScratchServer, scratch_on};

/// What the name of every scratch database begins with.
pub const SCRATCH_PREFIX: &str = "dbvc_scratch_";

/// What the mark of every scratch database begins with. An adapter leaves the mark where the database keeps such words
/// (a comment, a table, a file), with the time by the server's clock; what has the name and not the mark is not ours.
pub const SCRATCH_MARK: &str = "dbvc scratch database";

/// A scratch database on a server that is older, and that nobody is connected to, was left behind by a killed run.
pub const SCRATCH_AGE: Duration = Duration::from_hours(1);

/// A scratch database without a mark is one whose run was killed before it could leave it. It counts as left behind when
/// its name ([`scratch_age`]) is older than this, it is empty, and nobody is connected to it.
pub const SCRATCH_UNMARKED_AGE: Duration = Duration::from_hours(24);

/// A database that was made empty for one run, and is dropped at its end.
///
/// Dropping the value drops nothing in the database: whoever asked for it calls [`Scratch::remove`], also after a failure.
/// What a killed run leaves behind is dropped by the next call of [`super::Driver::scratch`].
#[async_trait]
pub trait Scratch: Debug + Send + Sync {
    /// Where it is, with the record's place and the other settings of the target that it was made beside.
    fn target(&self) -> &Target;
    /// Drops it, and ends the sessions that are still in it. Fine when it is gone already.
    async fn remove(self: Box<Self>) -> Result<()>;
}

/// A name for a scratch database that no other run has.
pub fn scratch_name() -> String {
    format!("{SCRATCH_PREFIX}{}", Uuid::now_v7().simple())
}

/// Whether [`scratch_name`] could have made this name.
pub fn is_scratch_name(name: &str) -> bool {
    name.strip_prefix(SCRATCH_PREFIX).is_some_and(|rest| {
        rest.len() == Uuid::nil().simple().to_string().len()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

/// How long before `now` (since 1970) a name was made here; none for one that was not. The time is in its version 7 UUID
/// (RFC 9562, 5.7), by the clock of whoever made it.
pub fn scratch_age(name: &str, now: Duration) -> Option<Duration> {
    let id = Uuid::parse_str(name.strip_prefix(SCRATCH_PREFIX)?).ok()?;
    let (seconds, nanos) = id.get_timestamp().filter(|_| is_scratch_name(name))?.to_unix();
    now.checked_sub(Duration::new(seconds, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_made_here_are_known_as_ours() {
        assert!(is_scratch_name(&scratch_name()));
        assert_ne!(scratch_name(), scratch_name());
        for other in [
            "dbvc_scratch_",
            "dbvc_scratch_mine",
            "app",
            "dbvc_scratch_0123456789ABCDEF0123456789ABCDEF",
        ] {
            assert!(!is_scratch_name(other), "{other}");
        }
    }
    #[test]
    fn a_name_tells_when_it_was_made() {
        let name = "dbvc_scratch_018bcfe568007abc8def0123456789ab";
        let age = scratch_age(name, Duration::from_secs(1_700_000_060));
        assert_eq!(age, Some(Duration::from_mins(1)));
        assert_eq!(
            scratch_age(name, Duration::from_secs(1)),
            None,
            "made later than now"
        );
        let other = format!("dbvc_scratch_f00d{}", "3".repeat(28));
        assert_eq!(scratch_age(&other, Duration::from_secs(1_700_000_060)), None);
    }
}
