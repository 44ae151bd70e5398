//! One connection.

use dbvc_engine::driver::{Session, Target};
use dbvc_engine::error::{DriverError, Operation, Result};

use crate::connect;

/// Opens a connection and readies it.
pub(crate) async fn open(target: &Target) -> Result<Box<dyn Session>> {
    let _connected = connect::open(target).await?;
    Err(DriverError::unsupported(
        Operation::Connect,
        "SQL Server sessions are not there yet",
    ))
}
