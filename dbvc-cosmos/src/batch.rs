//! Items in transactional batches: all of one are written, or none.

use azure_data_cosmos::{ContainerClient, TransactionalBatch};

use crate::error::Trouble;
use crate::item::Item;
use crate::patience::{Patience, patiently};

/// A batch has up to 100 operations and 2 MB ("Transactional batch operations in Azure Cosmos DB", limits).
const OPERATIONS: usize = 100;
const BYTES: usize = 1_950_000;
/// What an operation has beside its item.
const AROUND: usize = 64;

/// How a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// All of it was written.
    All,
    /// An id of it is there already; where the service keeps its word, nothing was written.
    There,
}

/// What is done with an item whose id is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// It stays.
    Create,
    /// It is replaced.
    Replace,
}

/// How many items from the front fit into one batch; at least one.
pub(crate) fn fitting(items: &[Item]) -> usize {
    let mut bytes = 0;
    let fitting = items.iter().take(OPERATIONS).take_while(|item| {
        bytes += item.bytes + AROUND;
        bytes <= BYTES
    });
    fitting.count().max(1)
}

/// Writes items of one partition as one batch.
pub(crate) async fn write(
    container: &ContainerClient,
    chain: &str,
    items: &[Item],
    way: Way,
    patience: Patience,
) -> Result<Written, Trouble> {
    patiently(patience, || once(container, chain, items, way)).await
}

async fn once(
    container: &ContainerClient,
    chain: &str,
    items: &[Item],
    way: Way,
) -> Result<Written, Trouble> {
    let mut batch = TransactionalBatch::new(chain.to_owned());
    for item in items {
        batch = match way {
            Way::Create => batch.create_item(&item.value)?,
            Way::Replace => batch.upsert_item(&item.value, None)?,
        };
    }
    let response = match container.execute_transactional_batch(batch, None).await {
        Ok(response) => response.into_model()?,
        Err(error) if error.status().is_conflict() => return Ok(Written::There),
        Err(error) => return Err(error.into()),
    };
    // The operations that did not fail themselves have 424.
    let failed = response
        .results()
        .iter()
        .filter(|one| !one.is_success() && one.status_code() != 424)
        .max_by_key(|one| one.status_code() != 409);
    match failed {
        None => Ok(Written::All),
        Some(one) if one.status_code() == 409 => Ok(Written::There),
        Some(one) => Err(Trouble::Batch {
            status: one.status_code(),
            wait: one.retry_after(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(bytes: &[usize]) -> Vec<Item> {
        let item = |bytes: &usize| Item {
            value: serde_json::Value::Null,
            bytes: *bytes,
        };
        bytes.iter().map(item).collect()
    }

    #[test]
    fn a_batch_has_at_most_a_hundred_operations_and_two_megabytes() {
        assert_eq!(fitting(&items(&[500; 250])), 100);
        assert_eq!(fitting(&items(&[600_000; 5])), 3);
        assert_eq!(fitting(&items(&[1_949_000, 500, 1_000])), 2);
        assert_eq!(fitting(&items(&[3_000_000, 1])), 1);
    }
}
