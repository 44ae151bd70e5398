//! Lease, fence and the session's application lock.
