//! What the server says beside its answers. tiberius gives it out only as `tracing` events, and does so while the answer
//! is polled, on the thread that polls it; so a layer puts them into a place of that thread, and the poller takes them
//! from there.
//!
//! `PRINT` and errors up to level 10 come as one kind of event, changes of the session's environment as another of the
//! same level and shape. Which is which is learned from [`PROBE`], which every session prints first.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::sync::OnceLock;

use dbvc_engine::driver::{Notice, NoticeLevel};
use tracing::callsite::Identifier;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

const TARGET: &str = "tiberius::tds::stream::token";

/// What a session prints first, so that the place where the library tells what the server says is known.
pub(crate) const PROBE: &str = "dbvc: here";

/// What the library's rows and other tokens, which are told at the same place, do not begin with.
const DONE: &str = "Done with status ";

/// What the server adds to an error, and tells nobody anything.
const TERMINATED: &str = "The statement has been terminated.";

static SAID_HERE: OnceLock<Identifier> = OnceLock::new();

thread_local! {
    static HEARD: RefCell<Option<Said>> = const { RefCell::new(None) };
}

/// What the server said while one answer was polled.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// Messages, in order.
    pub(crate) notices: Vec<Notice>,
    /// Every error's number and words, in order.
    pub(crate) errors: Vec<(Option<u64>, String)>,
    /// Rows that statements changed.
    pub(crate) rows: u64,
    /// The statement being answered gives rows; its count is of those.
    reads: bool,
    /// [`PROBE`] was heard: what is ours in the batch is over.
    pub(crate) probed: bool,
}

/// The layer that a program installs so that its observers hear the server's messages, and learn how many rows were
/// changed. Without it all works the same, and both are lost.
pub fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    Catcher.with_filter(filter_fn(|metadata: &Metadata<'_>| metadata.target() == TARGET))
}

/// Runs `poll` and gives back what the server said meanwhile. `reads` is kept by the caller from one poll to the next.
pub(crate) fn during<T>(reads: &mut bool, poll: impl FnOnce() -> T) -> (T, Said) {
    let listening = Said {
        reads: *reads,
        ..Said::default()
    };
    let before = HEARD.with(|heard| heard.replace(Some(listening)));
    let result = poll();
    let said = HEARD.with(|heard| heard.replace(before)).unwrap_or_default();
    *reads = said.reads;
    (result, said)
}

struct Catcher;

impl<S: Subscriber> Layer<S> for Catcher {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        HEARD.with(|heard| {
            if let Ok(mut heard) = heard.try_borrow_mut()
                && let Some(said) = heard.as_mut()
            {
                said.take(event);
            }
        });
    }
}

impl Said {
    fn take(&mut self, event: &Event<'_>) {
        let level = *event.metadata().level();
        let mut words = Words {
            only_done: level == Level::TRACE,
            ..Words::default()
        };
        event.record(&mut words);
        if level == Level::ERROR {
            self.errors.push((words.code, words.message));
        } else if level == Level::DEBUG {
            let here = event.metadata().callsite();
            if words.message == PROBE {
                let _ = SAID_HERE.set(here);
                // `USE` and `SET LANGUAGE` are answered with a message (5701, 5703), in the login's language.
                self.notices.clear();
                self.probed = true;
            } else if SAID_HERE.get() == Some(&here) && words.message != TERMINATED {
                self.notices.push(notice(words.message));
            }
        } else if words.columns {
            self.reads = true;
        } else if let Some(rows) = changed_rows(&words.message)
            && !std::mem::take(&mut self.reads)
        {
            self.rows += rows;
        }
    }
}

/// The library does not tell a message's level, and the server begins its warnings with one of these.
fn notice(message: String) -> Notice {
    let loud = ["Warning", "Caution"]
        .iter()
        .any(|word| message.starts_with(word));
    Notice {
        level: if loud {
            NoticeLevel::Warning
        } else {
            NoticeLevel::Info
        },
        message,
        code: None,
    }
}

/// The count in `Done with status BitFlags<…>(…, Count) (5 rows left)`; without the flag the number means nothing
/// (MS-TDS, "DONE").
fn changed_rows(message: &str) -> Option<u64> {
    let rest = message.strip_prefix(DONE)?;
    if !rest.contains("Count") {
        return Some(0);
    }
    let count = rest
        .rsplit_once(" (")
        .and_then(|(_, tail)| tail.split(' ').next());
    Some(count.and_then(|number| number.parse().ok()).unwrap_or(0))
}

#[derive(Default)]
struct Words {
    message: String,
    code: Option<u64>,
    /// The columns of rows that come.
    columns: bool,
    /// Stop reading what does not begin as the end of a statement: it may be a long row.
    only_done: bool,
}

impl Visit for Words {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "code" {
            self.code = Some(value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "meta" => self.columns = true,
            "message" if self.only_done => {
                let mut beginning = Beginning(String::new());
                // It fails on purpose, where something else begins.
                let _ = write!(beginning, "{value:?}");
                self.message = beginning.0;
            }
            "message" => self.message = format!("{value:?}"),
            _ => {}
        }
    }
}

/// Takes a text only as long as it can be the end of a statement.
struct Beginning(String);

impl fmt::Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(text);
        let read = self.0.len().min(DONE.len());
        if self.0.as_bytes()[..read] == DONE.as_bytes()[..read] {
            Ok(())
        } else {
            self.0.clear();
            Err(fmt::Error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    fn info(message: &str) {
        tracing::debug!(target: TARGET, "{}", message);
    }

    fn environment(message: &str) {
        tracing::debug!(target: TARGET, "{}", message);
    }

    fn done(status: &str) {
        tracing::trace!(target: TARGET, "{}", status);
    }

    fn heard(events: impl FnOnce()) -> Said {
        let subscriber = tracing_subscriber::registry().with(layer());
        tracing::subscriber::with_default(subscriber, || {
            let mut reads = false;
            let ((), _) = during(&mut reads, || info(PROBE));
            during(&mut reads, events).1
        })
    }

    #[test]
    fn what_is_printed_is_told_apart_from_changes_of_the_environment() {
        let said = heard(|| {
            info("one");
            environment("Database change from 'a' to 'b'");
            info("Warning: Null value is eliminated by an aggregate or other SET operation.");
            info(TERMINATED);
        });
        let told: Vec<_> = said
            .notices
            .iter()
            .map(|one| (one.level, one.message.as_str()))
            .collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!(told[0], (NoticeLevel::Info, "one"));
        assert_eq!(told[1].0, NoticeLevel::Warning);
    }

    #[test]
    fn what_our_own_statements_cause_is_not_told() {
        let said = heard(|| {
            info("Changed database context to 'shop'.");
            info(PROBE);
            info("one");
        });
        assert!(said.probed);
        assert_eq!(said.notices.len(), 1, "{:?}", said.notices);
        assert_eq!(said.notices[0].message, "one");
    }

    #[test]
    fn only_rows_that_were_changed_count() {
        let said = heard(|| {
            done("Done with status BitFlags<DoneStatus>(0b10001, More | Count) (5 rows left)");
            done("Done with status BitFlags<DoneStatus>(0b10001, More | Count) (1 row left)");
            // No flag, no count.
            done("Done with status BitFlags<DoneStatus>(0b1, More) (7 rows left)");
            let meta = "columns";
            tracing::trace!(target: TARGET, ?meta);
            done("TokenRow { data: [] }");
            done("Done with status BitFlags<DoneStatus>(0b10000, Count) (100 rows left)");
            done("Done with status BitFlags<DoneStatus>(0b10000, Count)");
        });
        assert_eq!(said.rows, 6);
    }

    #[test]
    fn every_error_is_kept_with_its_number() {
        let said = heard(|| {
            tracing::error!(target: TARGET, message = %"first", code = 1750u32);
            tracing::error!(target: TARGET, message = %"second", code = 3621u32);
        });
        assert_eq!(
            said.errors,
            [
                (Some(1750), "first".to_owned()),
                (Some(3621), "second".to_owned())
            ]
        );
    }
}
