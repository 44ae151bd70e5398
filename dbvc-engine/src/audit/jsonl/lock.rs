//! The operating system's lock on the file.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{DriverError, ErrorKind, Operation, Result};

/// Another writer holds the lock for one write and one flush.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);

/// Gives the lock back, whichever way a function ends.
pub(super) struct Locked<'a>(&'a File);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // Closing the file gives it back as well.
        let _ = self.0.unlock();
    }
}

/// Waits for the operating system's lock on the file, which ends with its holder.
pub(super) fn wait_for<'a>(
    file: &'a File,
    path: &Path,
    lock: fn(&File) -> std::result::Result<(), TryLockError>,
) -> Result<Locked<'a>> {
    let begun = Instant::now();
    loop {
        match lock(file) {
            Ok(()) => return Ok(Locked(file)),
            Err(TryLockError::WouldBlock) if begun.elapsed() < LONGEST_WAIT => std::thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                let message = format!(
                    "{} was locked by another process for {} s",
                    path.display(),
                    LONGEST_WAIT.as_secs()
                );
                return Err(DriverError::new(
                    ErrorKind::LockTimeout,
                    Operation::Record,
                    message,
                ));
            }
            Err(TryLockError::Error(error)) => return Err(failed(path, Operation::Record, &error)),
        }
    }
}

/// What went wrong with the file, by its name.
pub(super) fn failed(path: &Path, operation: Operation, error: &std::io::Error) -> DriverError {
    let kind = match error.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Denied,
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ErrorKind::Resources,
        _ => ErrorKind::Unreachable,
    };
    DriverError::new(kind, operation, format!("{}: {error}", path.display()))
}
