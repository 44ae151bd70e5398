//! The lock: rivals, dead and paused holders, poolers, orphaned statements.
