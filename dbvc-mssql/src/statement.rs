//! What the text of a batch tells.

use dbvc_engine::driver::TransactionFit;

/// Whether the batch may run in a transaction.
pub(crate) fn fit(_batch: &str) -> TransactionFit {
    TransactionFit::Fits
}

/// What the batch leaves in its session that only the session's end removes.
pub(crate) fn leaves_in_session(batch: &str) -> Option<String> {
    batch.contains('#').then(|| "a temporary table".to_owned())
}
