//! The operating system's lock on a file beside the database, and the fence inside it.
//!
//! The lock ends with the process that holds it, so a dead holder's is free at once and a live one's is never taken.
//! On a network file system it is as good as that system's locks are.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use dbvc_engine::driver::{Fence, Holder, Lease, LockAttempt, LockRequest, LockStore};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use crate::connect::beside;
use crate::record::not_installed;
use crate::session::SqliteSession;

const LOOKS: u32 = 3;
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// The lock, held; dropping it gives it back. The file itself stays: removing it would let two runs lock two files of
/// one name.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
    token: u64,
}

impl SqliteSession {
    /// Beside the file itself, whatever link led to it: two names of one database are one lock.
    fn lock_file(&self) -> PathBuf {
        let file = &self.settings.file;
        beside(
            &std::fs::canonicalize(file).unwrap_or_else(|_| file.clone()),
            "-dbvc-lock",
        )
    }

    /// The operating system's lock, or none when another process or session has it.
    async fn grab(&self) -> Result<Option<File>> {
        let path = self.lock_file();
        let unusable = |error: &std::io::Error| {
            let message = format!("cannot lock {}: {error}", path.display());
            DriverError::new(ErrorKind::Denied, Operation::Lock, message).with_note(
                "dbvc keeps its lock in a file beside the database, so that folder must be writable",
            )
        };
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| unusable(&error))?;
        for _ in 0..LOOKS {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                // Somebody who only looks whether the lock is held is gone in a moment.
                Err(TryLockError::WouldBlock) => tokio::time::sleep(BETWEEN_LOOKS).await,
                Err(TryLockError::Error(error)) => return Err(unusable(&error)),
            }
        }
        Ok(None)
    }

    /// Whether some process holds the operating system's lock; makes no file.
    pub(crate) fn lock_is_held(&self) -> bool {
        if self.lock.is_some() {
            return true;
        }
        let file = OpenOptions::new().read(true).open(self.lock_file());
        // A shared lock, so that two who look do not take each other for a holder.
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    async fn recorded_holder(&mut self, name: &str) -> Result<Option<Holder>> {
        self.catch_up().await?;
        let sql = self.record.holder_of(name);
        let rows = self.read(&sql, Operation::Lock).await.map_err(not_installed)?;
        self.record.read_holder(&[rows])
    }

    /// Writes the new holder and moves the fence on, in one transaction.
    async fn write_holder(&mut self, request: &LockRequest) -> Result<(u64, Option<Holder>)> {
        self.begin_immediate().await?;
        let written = self.write_holder_inside(request).await;
        self.end(written).await
    }

    async fn write_holder_inside(&mut self, request: &LockRequest) -> Result<(u64, Option<Holder>)> {
        let before = self.recorded_holder(&request.name).await?;
        let statements = [
            self.record.make_fence(&request.name),
            self.record.move_fence(&request.name),
            self.record.hold(request, false, true),
            self.record.token(&request.name),
        ];
        let answers = self.read_each(&statements, Operation::Lock).await?;
        let token = self.record.read_token(&answers)?;
        let none = || DriverError::new(ErrorKind::Protocol, Operation::Lock, "the fence has no number");
        Ok((token.ok_or_else(none)?, before))
    }
}

#[async_trait]
impl LockStore for SqliteSession {
    async fn try_lock(&mut self, request: &LockRequest) -> Result<LockAttempt> {
        self.make_file().await?;
        let Some(file) = self.grab().await? else {
            let holder = self.recorded_holder(&request.name).await?;
            let not_yet = || {
                DriverError::new(
                    ErrorKind::LockTimeout,
                    Operation::Lock,
                    "another process takes the lock just now",
                )
            };
            let holder = holder.ok_or_else(not_yet)?;
            return Ok(LockAttempt::Held(Holder {
                alive: Some(true),
                ..holder
            }));
        };
        let (token, before) = self.write_holder(request).await?;
        self.lock = Some(FileLock { _file: file, token });
        Ok(LockAttempt::Acquired(Lease {
            fence: Fence {
                lock: request.name.clone(),
                token,
            },
            run: request.owner.run,
            ttl: request.ttl,
            proven: true,
            taken_from: before.map(|holder| Holder {
                alive: Some(false),
                ..holder
            }),
        }))
    }

    async fn renew(&mut self, lease: &Lease) -> Result<()> {
        let held = self
            .lock
            .as_ref()
            .is_some_and(|lock| lock.token == lease.fence.token);
        if held {
            self.check_fence(&lease.fence).await
        } else {
            Err(DriverError::new(
                ErrorKind::LockLost,
                Operation::Lock,
                "this session does not hold the lock",
            ))
        }
    }

    async fn unlock(&mut self, lease: &Lease) -> Result<()> {
        let ours = self.lock.take_if(|lock| lock.token == lease.fence.token);
        if ours.is_some() {
            let sql = self.record.release(&lease.fence.lock, lease.run);
            self.write(&sql, Operation::Lock).await?;
        }
        Ok(())
    }

    async fn holder(&mut self, name: &str) -> Result<Option<Holder>> {
        let alive = self.lock_is_held();
        match self.recorded_holder(name).await {
            Ok(holder) => Ok(holder.map(|holder| Holder {
                alive: Some(alive),
                ..holder
            })),
            Err(error) if error.kind == ErrorKind::NotInstalled => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn break_lock(&mut self, name: &str, holder: &Holder) -> Result<bool> {
        self.make_file().await?;
        let Some(_file) = self.grab().await? else {
            return Ok(false);
        };
        self.begin_immediate().await?;
        let broken = self.break_inside(name, holder).await;
        self.end(broken).await
    }
}

impl SqliteSession {
    async fn break_inside(&mut self, name: &str, holder: &Holder) -> Result<bool> {
        let now = self.recorded_holder(name).await?;
        let same = now.is_some_and(|now| now.owner.run == holder.owner.run && now.token == holder.token);
        if same {
            let statements = [
                self.record.move_fence(name),
                self.record.release(name, holder.owner.run),
            ];
            self.read_each(&statements, Operation::Lock).await?;
        }
        Ok(same)
    }
}
