//! Running batches, transactions, cancelling.
