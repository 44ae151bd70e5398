//! What the text of a batch tells.

use dbvc_engine::driver::TransactionFit;

/// Whether the batch may run in a transaction.
pub(crate) fn fit(_batch: &str) -> TransactionFit {
    TransactionFit::Fits
}
