//! Whether a unit that nobody waits for any more is still at work on the server.

use std::time::Duration;

use async_trait::async_trait;

use crate::error::Result;

/// A session that has the mark may be about to read what its client sent last.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 100 });

/// A server on which a unit's transaction can be known by something that it holds from its beginning to its end.
#[async_trait]
pub trait MarkedUnits: Send {
    /// Whether another session's transaction has the mark.
    async fn is_marked(&mut self) -> Result<bool>;

    /// Another session, with the mark as far as that can be told, that is not waiting for its client: its name.
    async fn marked_at_work(&mut self) -> Result<Option<String>>;
}

/// The session that still applies a unit. One that has the mark and runs nothing for a while has lost its client, and
/// rolls back when the server finds out.
///
/// # Errors
/// What the questions to the server say.
pub async fn at_work<S: MarkedUnits + ?Sized>(session: &mut S) -> Result<Option<String>> {
    for _ in 0..LOOKS {
        if !session.is_marked().await? {
            return Ok(None);
        }
        if let Some(name) = session.marked_at_work().await? {
            return Ok(Some(name));
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mark that goes after some looks, and a session that begins to work after some.
    struct Server {
        marked: u32,
        idle: u32,
    }

    #[async_trait]
    impl MarkedUnits for Server {
        async fn is_marked(&mut self) -> Result<bool> {
            let marked = self.marked > 0;
            self.marked = self.marked.saturating_sub(1);
            Ok(marked)
        }

        async fn marked_at_work(&mut self) -> Result<Option<String>> {
            let works = self.idle == 0;
            self.idle = self.idle.saturating_sub(1);
            Ok(works.then(|| "7".to_owned()))
        }
    }

    #[tokio::test]
    async fn a_unit_is_at_work_while_its_session_is_marked_and_not_idle_for_long() {
        for (marked, idle, expected) in [
            (0, 0, None),
            (9, 0, Some("7")),
            (9, 3, Some("7")),
            (3, 9, None),
            (99, 99, None),
        ] {
            let found = at_work(&mut Server { marked, idle }).await.expect("an answer");
            assert_eq!(found.as_deref(), expected, "{marked} {idle}");
        }
    }
}
