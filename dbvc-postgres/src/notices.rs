//! The server's notices. sqlx gives them out only as `tracing` events, and does so while the answer is polled, on the
//! thread that polls it; so a layer puts them into a place of that thread, and the poller takes them from there.

use std::cell::RefCell;
use std::fmt;

use dbvc_engine::driver::{Notice, NoticeLevel};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

const TARGET: &str = "sqlx::postgres::notice";

/// What our own block says to make the server send what it has so far; see [`crate::send`].
pub(crate) const FLUSH: &str = "dbvc: go";

thread_local! {
    static HEARD: RefCell<Option<Vec<Notice>>> = const { RefCell::new(None) };
}

/// The layer that a program installs so that its observers hear the server's notices. Without it all works the same,
/// and notices are lost.
pub fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let wanted = |metadata: &Metadata<'_>| metadata.target() == TARGET && *metadata.level() != Level::DEBUG;
    Catcher.with_filter(filter_fn(wanted))
}

/// Runs `poll` and gives back what the server said meanwhile.
pub(crate) fn during<T>(poll: impl FnOnce() -> T) -> (T, Vec<Notice>) {
    let before = HEARD.with(|heard| heard.replace(Some(Vec::new())));
    let result = poll();
    let notices = HEARD.with(|heard| heard.replace(before)).unwrap_or_default();
    (result, notices)
}

struct Catcher;

impl<S: Subscriber> Layer<S> for Catcher {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut words = Words::default();
        event.record(&mut words);
        if words.0 == FLUSH {
            return;
        }
        let level = if *event.metadata().level() <= Level::WARN {
            NoticeLevel::Warning
        } else {
            NoticeLevel::Info
        };
        HEARD.with(|heard| {
            // A notice inside a notice's handling cannot be: nothing here talks to a server.
            if let Ok(mut heard) = heard.try_borrow_mut()
                && let Some(list) = heard.as_mut()
            {
                list.push(Notice {
                    level,
                    message: words.0,
                    code: None,
                });
            }
        });
    }
}

#[derive(Default)]
struct Words(String);

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    fn said() -> Vec<Notice> {
        let subscriber = tracing_subscriber::registry().with(layer());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "sqlx::postgres::notice", message = "before");
            let ((), heard) = during(|| {
                tracing::info!(target: "sqlx::postgres::notice", message = "table is there");
                tracing::warn!(target: "sqlx::postgres::notice", message = "mind the gap");
                tracing::trace!(target: "sqlx::postgres::notice", message = FLUSH);
                tracing::info!(target: "elsewhere", message = "noise");
            });
            heard
        })
    }

    #[test]
    fn notices_of_a_poll_are_caught_in_order_with_their_level() {
        let heard: Vec<_> = said().into_iter().map(|one| (one.level, one.message)).collect();
        assert_eq!(
            heard,
            [
                (NoticeLevel::Info, "table is there".to_owned()),
                (NoticeLevel::Warning, "mind the gap".to_owned()),
            ]
        );
    }
}
