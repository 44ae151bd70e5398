//! Scratch databases on a server whose databases stand side by side: in which order they are made, marked and dropped. The
//! SQL is the adapter's.

use std::fmt::Debug;
use std::marker::PhantomData;

use async_trait::async_trait;

use super::{SCRATCH_MARK, Scratch, is_scratch_name, scratch_name};
use crate::driver::{Access, Target};
use crate::error::{DriverError, ErrorKind, Result};

/// What a server tells before a database is made on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScratchGround {
    /// Databases that killed runs may have left behind. Names that are not ours ([`is_scratch_name`]) are left alone.
    pub leftovers: Vec<String>,
    /// The time by the server's clock, as the mark holds it.
    pub now: String,
    /// What the new database is to have as that beside it has: encoding, collation and the like, as the adapter reads it
    /// again.
    pub like: Vec<Option<String>>,
}

/// What an adapter says of its server. Each method is one step; [`scratch_on`] puts them in order.
#[async_trait]
pub trait ScratchServer: Debug + Send + Sync + 'static {
    /// A connection.
    type Session: Send;

    /// The database that every server has, for a target whose own does not exist yet.
    const MAINTENANCE: &'static str;

    /// Connects.
    async fn enter(target: &Target) -> Result<Self::Session>;
    /// Says goodbye.
    async fn leave(session: Self::Session);
    /// Looks around, from `beside`. `chosen` says whether somebody named the place for scratch databases; a server where
    /// one may not be made unasked refuses here.
    async fn ground(session: &mut Self::Session, beside: &Target, chosen: bool) -> Result<ScratchGround>;
    /// Whether a database has our mark, is older than [`super::SCRATCH_AGE`], and nobody is in it; or, without a mark,
    /// is empty and older than [`super::SCRATCH_UNMARKED_AGE`]. A server that judges that in [`ScratchServer::ground`]
    /// is not asked again.
    async fn is_left_behind(session: &mut Self::Session, name: &str) -> Result<bool> {
        let _ = (session, name);
        Ok(true)
    }
    /// Drops what was left behind, unless somebody is in it.
    async fn drop_leftover(session: &mut Self::Session, name: &str) -> Result<()>;
    /// Makes an empty database.
    async fn create(
        session: &mut Self::Session,
        beside: &Target,
        name: &str,
        like: &[Option<String>],
    ) -> Result<()>;
    /// Leaves the mark in it.
    async fn mark(session: &mut Self::Session, beside: &Target, name: &str, mark: &str) -> Result<()>;
    /// Sends everybody away who is in it, and drops it. Fine when it is gone already.
    async fn remove(session: &mut Self::Session, beside: &Target, name: &str) -> Result<()>;
    /// How a login gets the right to make them, for one that was refused.
    fn right(session: &Self::Session) -> String;
}

/// Makes a scratch database beside `target`, or at `place`, after dropping what killed runs left behind.
pub async fn scratch_on<S: ScratchServer>(
    target: &Target,
    place: Option<&Target>,
) -> Result<Box<dyn Scratch>> {
    let beside = place
        .unwrap_or(target)
        .clone()
        .with_access(Access::ReadWrite)
        .with_record(target.record.clone());
    let (mut session, beside) = open::<S>(beside).await?;
    let made = make_in::<S>(&mut session, &beside, place.is_some()).await;
    S::leave(session).await;
    let name = made?;
    Ok(Box::new(OnServer::<S> {
        target: beside.clone().with_database(&name),
        beside,
        server: PhantomData,
    }))
}

async fn open<S: ScratchServer>(beside: Target) -> Result<(S::Session, Target)> {
    match S::enter(&beside).await {
        Ok(session) => Ok((session, beside)),
        Err(error) if error.kind == ErrorKind::NoSuchDatabase => {
            let other = beside.with_database(S::MAINTENANCE);
            // That there is no such database is the answer to what was asked for.
            let session = S::enter(&other).await.map_err(|_| error)?;
            Ok((session, other))
        }
        Err(error) => Err(error),
    }
}

async fn make_in<S: ScratchServer>(
    session: &mut S::Session,
    beside: &Target,
    chosen: bool,
) -> Result<String> {
    let ground = S::ground(session, beside, chosen).await?;
    for name in ground.leftovers.iter().filter(|name| is_scratch_name(name)) {
        if S::is_left_behind(session, name).await? {
            // Somebody may have come in or dropped it meanwhile; then it is theirs, or gone.
            let _ = S::drop_leftover(session, name).await;
        }
    }
    let name = scratch_name();
    let created = S::create(session, beside, &name, &ground.like).await;
    created.map_err(|error| explain::<S>(error, session))?;
    let mark = format!("{SCRATCH_MARK}, made at {}", ground.now);
    if let Err(error) = S::mark(session, beside, &name, &mark).await {
        // Without its mark nobody would ever drop it.
        let _ = S::remove(session, beside, &name).await;
        return Err(error);
    }
    Ok(name)
}

fn explain<S: ScratchServer>(error: DriverError, session: &S::Session) -> DriverError {
    if error.kind == ErrorKind::Denied {
        return error.with_note(format!("the right is given with: {}", S::right(session)));
    }
    error
}

struct OnServer<S> {
    target: Target,
    /// From where it was made, and is dropped: nobody can drop the database that he is in.
    beside: Target,
    server: PhantomData<S>,
}

impl<S> Debug for OnServer<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnServer")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl<S: ScratchServer> Scratch for OnServer<S> {
    fn target(&self) -> &Target {
        &self.target
    }

    async fn remove(self: Box<Self>) -> Result<()> {
        let name = self.target.database_name();
        let mut session = S::enter(&self.beside).await?;
        let removed = S::remove(&mut session, &self.beside, &name).await;
        S::leave(session).await;
        removed
    }
}

#[cfg(test)]
mod tests;
