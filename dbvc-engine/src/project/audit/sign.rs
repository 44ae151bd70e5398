//! Signing: what has no signature yet and is sound, in one go, under the lock.

use crate::audit::{AuditAction, AuditEvent, GENESIS, PublicKey, Sealed, digest};
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, ChainFilter, ChainHead, ChainRow, Fence, LAYOUT, LockAttempt, Session};
use crate::error::{DriverError, ErrorKind, Operation};
use crate::observe::Event;
use crate::project::{Context, Failed};

/// Events that are read, and signed with one statement.
const BATCH: u32 = 500;

/// Signs what has no signature, and says how many events that were. What was written since the last signature must be
/// whole, linked to it and end at the chain's head: otherwise nothing is signed and the error names the event.
///
/// Where no event has a signature yet, those of this run are signed; older ones, and those before a signature of another
/// key, only where `older` says so.
pub(in crate::project) async fn sign_all(
    session: &mut dyn Session,
    fence: &Fence,
    context: &Context<'_>,
    older: bool,
) -> Result<u64, DriverError> {
    let Some(key) = &context.settings.audit.signing_key else {
        return Ok(0);
    };
    let Some(head) = session.chain_head().await? else {
        return Err(refused(
            "the chain's head is not there, so nothing of it is signed; `dbvc audit verify` says more"
                .to_owned(),
        ));
    };
    let last = session.last_signed().await?.filter(|_| !older);
    let mut tail = match &last {
        Some(last) => Tail::after(last, &key.public_key())?,
        None => Tail::whole(),
    };
    let rows = tail.read(session, &head).await?;
    let from = if last.is_some() || older {
        0
    } else {
        of_this_run(&rows, &context.run.to_string())
    };
    let bare: Vec<(u64, String)> = rows[from..]
        .iter()
        .filter(|row| row.signature.is_none())
        .map(|row| (row.sequence, key.sign(&row.digest)))
        .collect();
    for batch in bare.chunks(BATCH as usize) {
        session.sign(fence, batch).await?;
    }
    Ok(bare.len() as u64)
}

/// The part of a chain that is to be checked before anything of it is signed.
struct Tail {
    after: u64,
    previous: String,
}

impl Tail {
    fn whole() -> Self {
        Self {
            after: 0,
            previous: GENESIS.to_owned(),
        }
    }

    fn after(last: &ChainRow, key: &PublicKey) -> Result<Self, DriverError> {
        let signature = last.signature.as_deref().unwrap_or_default();
        if digest(&last.text) != last.digest || !key.verifies(&last.digest, signature) {
            return Err(refused(format!(
                "event {} is the last one with a signature, which is not this key's over it: either the event was changed, \
                 or the key is a new one; after a change of keys sign with `dbvc audit flush --sign-older`",
                last.sequence
            )));
        }
        Ok(Self {
            after: last.sequence,
            previous: last.digest.clone(),
        })
    }

    /// All events behind it, which are sound.
    async fn read(
        &mut self,
        session: &mut dyn Session,
        head: &ChainHead,
    ) -> Result<Vec<ChainRow>, DriverError> {
        let mut found = Vec::new();
        loop {
            let filter = ChainFilter {
                after: self.after,
                limit: BATCH,
                unsigned: false,
            };
            let rows = session.chain(&filter).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                self.take(&row, head)?;
                found.push(row);
            }
        }
        if self.after != head.sequence || self.previous != head.digest {
            return Err(refused(format!(
                "the chain ends with event {}, and its head says {} with digest {}: nothing was signed; \
                 `dbvc audit verify` says more",
                self.after, head.sequence, head.digest
            )));
        }
        Ok(found)
    }

    fn take(&mut self, row: &ChainRow, head: &ChainHead) -> Result<(), DriverError> {
        let sealed = Sealed::from(row.clone());
        let why = match sealed.event() {
            Err(error) => Some(error.to_string()),
            Ok(_) if row.sequence > head.sequence => Some("it is behind the chain's head".to_owned()),
            Ok(event) if row.sequence != self.after + 1 || event.sequence != row.sequence => {
                Some(format!("event {} should stand there", self.after + 1))
            }
            Ok(event) if event.database_id != head.database_id => Some("it is of another chain".to_owned()),
            Ok(event) if event.previous != self.previous => {
                Some("it does not carry the digest of the event before".to_owned())
            }
            Ok(_) => None,
        };
        if let Some(why) = why {
            return Err(refused(format!(
                "event {} is not as dbvc writes it, so nothing was signed: {why}; `dbvc audit verify` says more",
                row.sequence
            )));
        }
        self.after = row.sequence;
        self.previous.clone_from(&row.digest);
        Ok(())
    }
}

/// Where the events of a run begin that reach to the end; with them the chain's own beginning.
fn of_this_run(rows: &[ChainRow], run: &str) -> usize {
    let of_it = |row: &ChainRow| {
        let event: Option<AuditEvent> = serde_json::from_str(&row.text).ok();
        event.is_some_and(|event| {
            event.run == run || (event.action == AuditAction::ChainStarted && row.sequence == 1)
        })
    };
    let tail = rows.iter().rev().take_while(|row| of_it(row)).count();
    rows.len() - tail
}

/// Up to which event a chain may be shipped: with a key, up to the last one that is signed, so that no sink gets events
/// which lack a signature or were forged.
pub(super) async fn to_ship(
    context: &Context<'_>,
    session: &mut dyn Session,
    head: &ChainHead,
) -> Result<u64, DriverError> {
    if context.settings.audit.signing_key.is_none() {
        return Ok(head.sequence);
    }
    let last = session.last_signed().await?;
    Ok(last.map_or(0, |last| last.sequence.min(head.sequence)))
}

/// Signs outside of a run, and says how many events that were. Where somebody holds the lock it does nothing: that run
/// signs when it ends. `older`: events, too, that were written before any was signed, or before the key was changed.
pub async fn sign(context: &Context<'_>, older: bool) -> Result<u64, Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    if context.settings.audit.signing_key.is_none() {
        return Ok(0);
    }
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
        let done = sign_all(session.as_mut(), &lease.fence, context, older).await;
        let unlocked = session.unlock(&lease).await;
        signed = done.map_err(|error| unsound(&error))?;
        unlocked.map_err(failed)?;
        tell_older(context, session.as_mut()).await.map_err(failed)?;
    }
    let _ = session.close().await;
    Ok(signed)
}

/// Says so where events are left that only a person can have signed.
async fn tell_older(context: &Context<'_>, session: &mut dyn Session) -> Result<(), DriverError> {
    if session.last_signed().await?.is_none() {
        let warning = Diagnostic::warning(
            "DBVC8006",
            "no event of this trail has a signature yet, and those of earlier runs are not signed by themselves",
        )
        .note("they may have been written before the key was set, or somebody took their signatures away")
        .help("check them (`dbvc audit verify`), then sign them with `dbvc audit flush --sign-older`");
        context.observer.on(&Event::Diagnostic(&warning));
    }
    Ok(())
}

fn unsound(error: &DriverError) -> Failed {
    let problem = Diagnostic::error("DBVC8005", "the audit trail's events could not be signed")
        .note(error.to_string())
        .help("see with `dbvc audit verify` what is wrong; then sign them with `dbvc audit flush`");
    Failed::one(crate::project::ExitClass::Findings, problem)
}

fn refused(message: String) -> DriverError {
    DriverError::new(ErrorKind::Conflict, Operation::Record, message)
}
