//! Signing: every event that has no signature yet, in one go, under the lock.

use crate::audit::SigningKey;
use crate::driver::{Access, ChainFilter, Fence, LAYOUT, LockAttempt, Session};
use crate::error::DriverError;
use crate::project::{Context, Failed};

/// Events that are signed with one statement.
const BATCH: u32 = 500;

/// Signs all that is unsigned, and says how many events that were.
pub(in crate::project) async fn sign_all(
    session: &mut dyn Session,
    fence: &Fence,
    key: &SigningKey,
) -> Result<u64, DriverError> {
    let mut signed = 0;
    let mut after = 0;
    loop {
        let filter = ChainFilter {
            after,
            unsigned: true,
            limit: BATCH,
        };
        let rows = session.chain(&filter).await?;
        let Some(last) = rows.last() else {
            return Ok(signed);
        };
        after = last.sequence;
        let signatures: Vec<(u64, String)> = rows
            .iter()
            .map(|row| (row.sequence, key.sign(&row.digest)))
            .collect();
        session.sign(fence, &signatures).await?;
        signed += signatures.len() as u64;
    }
}

/// The same outside of a run. Where somebody holds the lock it does nothing: that run signs when it ends.
pub(super) async fn sign_now(context: &Context<'_>) -> Result<u64, Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let Some(key) = &context.settings.audit.signing_key else {
        return Ok(0);
    };
    let mut session = context.connect(Access::ReadWrite).await?;
    let unsigned = ChainFilter {
        unsigned: true,
        limit: 1,
        after: 0,
    };
    let survey = session.survey().await.map_err(failed)?;
    let mut signed = 0;
    if survey.layout == Some(LAYOUT)
        && !session.chain(&unsigned).await.map_err(failed)?.is_empty()
        && let LockAttempt::Acquired(lease) = session
            .try_lock(&context.lock_request("audit flush"))
            .await
            .map_err(failed)?
    {
        let done = sign_all(session.as_mut(), &lease.fence, key).await;
        let unlocked = session.unlock(&lease).await;
        signed = done.map_err(failed)?;
        unlocked.map_err(failed)?;
    }
    let _ = session.close().await;
    Ok(signed)
}
