//! Queries, page by page.

use std::num::NonZeroU32;
use std::time::Duration;

use azure_data_cosmos::options::{MaxItemCountHint, QueryOptions};
use azure_data_cosmos::{ContainerClient, FeedScope, Query};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;

use crate::error::Trouble;
use crate::patience::Patience;

/// Items that are asked for at once; the service gives fewer where they are big.
const PAGE: u32 = 500;

/// What a query finds in one partition, at most so many.
///
/// Where a page fails, the query goes on behind the last one that came, by the continuation token.
pub(crate) async fn ask<T: DeserializeOwned + Send + 'static>(
    container: &ContainerClient,
    partition: &str,
    query: &Query,
    at_most: usize,
    patience: Duration,
) -> Result<Vec<T>, Trouble> {
    let page = u32::try_from(at_most).unwrap_or(PAGE).min(PAGE);
    let hint = NonZeroU32::new(page).map_or(MaxItemCountHint::ServerDecides, MaxItemCountHint::Limit);
    let mut found: Vec<T> = Vec::new();
    let mut token = None;
    let mut waiting = Patience::of(patience);
    loop {
        let mut options = QueryOptions::default().with_max_item_count(hint);
        if let Some(token) = &token {
            options =
                options.with_continuation_token(azure_data_cosmos::feed::ContinuationToken::clone(token));
        }
        let scope = FeedScope::partition(partition.to_owned());
        let asked = container
            .query_items::<T>(query.clone(), scope, Some(options))
            .await;
        let trouble = match asked {
            Err(error) => Trouble::from(error),
            Ok(items) => {
                let mut pages = items.into_pages();
                loop {
                    match pages.next().await {
                        None => return Ok(found),
                        Some(Err(error)) => break Trouble::from(error),
                        Some(Ok(page)) => found.extend(page.into_items()),
                    }
                    if found.len() >= at_most {
                        found.truncate(at_most);
                        return Ok(found);
                    }
                    token = pages.to_continuation_token().ok();
                    // Each page is a call of its own, with all the time that one has.
                    waiting = Patience::of(patience);
                }
            }
        };
        waiting.wait_after(trouble).await?;
        if token.is_none() {
            found.clear();
        }
    }
}
