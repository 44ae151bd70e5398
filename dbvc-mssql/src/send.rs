//! Sending one batch and reading its whole answer, while someone may ask to stop.

use std::future::Future as _;
use std::pin::pin;
use std::time::Duration;

use dbvc_engine::driver::{Heard, Limits, Rows};
use futures_util::TryStreamExt as _;
use futures_util::future::poll_fn;
use tiberius::QueryItem;
use tiberius::error::Error;

use crate::connect::Client;
use crate::{cells, notices};

/// A server that has not stopped a batch after this long is left alone: the connection is closed, which stops it too.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the server was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Somebody wants the run to end.
    Asked,
    /// The batch ran too long.
    TooLong,
}

/// Whether the rows of an answer are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Rows,
    Nothing,
}

/// What the server answered.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// The sets of rows, in order.
    pub(crate) asked: Vec<Rows>,
    /// Rows that were changed, as far as [`notices::layer`] is installed.
    pub(crate) rows: u64,
    /// The first error: the library keeps no other.
    pub(crate) error: Option<Error>,
    /// Numbers and words of all errors, as far as [`notices::layer`] is installed.
    pub(crate) errors: Vec<(Option<u64>, String)>,
    pub(crate) stop: Option<Stop>,
    /// The server did not stop in time, or not in a way that is understood; the connection is of no more use.
    pub(crate) abandoned: bool,
}

/// Sends `sql` as one batch and reads its answer to the end. A request to stop goes over the same connection
/// ("attention", MS-TDS 2.2.1.7), and the server acknowledges it when the batch has stopped.
pub(crate) async fn send(
    client: &mut Client,
    sql: &str,
    keep: Keep,
    limits: Option<&Limits>,
    mut heard: Option<&mut dyn Heard>,
) -> Answer {
    let mut answer = Answer::default();
    let mut asked = Vec::new();
    let stop = {
        let mut reading = pin!(read(client, sql, keep, &mut asked));
        let mut reads = false;
        // What is ours stands before the script's, and ends with the probe.
        let mut ours = sql.contains(notices::PROBE);
        let listening = poll_fn(|context| {
            let (poll, said) = notices::during(&mut reads, || reading.as_mut().poll(context));
            answer.rows += said.rows;
            answer.errors.extend(said.errors);
            ours &= !said.probed;
            if let Some(heard) = heard.as_deref_mut().filter(|_| !ours) {
                for notice in said.notices {
                    heard.notice(notice);
                }
            }
            poll
        });
        tokio::select! {
            biased;
            read = listening => {
                answer.error = read.err();
                None
            }
            why = until_stopped(limits) => Some(why),
        }
    };
    answer.asked = asked;
    if stop.is_some() {
        answer.stop = stop;
        let stopped = tokio::time::timeout(PATIENCE, client.cancel_query()).await;
        answer.abandoned = !matches!(stopped, Ok(Ok(())));
    }
    answer
}

async fn read(client: &mut Client, sql: &str, keep: Keep, asked: &mut Vec<Rows>) -> Result<(), Error> {
    let mut answer = client.simple_query(sql).await?;
    while let Some(item) = answer.try_next().await? {
        match (item, asked.last_mut()) {
            _ if keep == Keep::Nothing => {}
            (QueryItem::Metadata(set), _) => asked.push(Rows {
                columns: cells::names(set.columns()),
                cells: Vec::new(),
            }),
            (QueryItem::Row(row), Some(rows)) => cells::push(rows, &row),
            (QueryItem::Row(_), None) => {}
        }
    }
    Ok(())
}

/// Waits until the run is to end, or the batch has run longer than it may.
async fn until_stopped(limits: Option<&Limits>) -> Stop {
    let Some(limits) = limits else {
        return std::future::pending().await;
    };
    let too_long = async {
        match limits.statement_timeout {
            Some(longest) => tokio::time::sleep(longest).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = limits.cancel.cancelled() => Stop::Asked,
        () = too_long => Stop::TooLong,
    }
}
