//! The lock's protocol, as a model that a machine searches to the end.
//!
//! # The protocol
//!
//! The database keeps two things for the lock: a **lease** (who holds it, until when by the server's clock, and whether
//! the server knows the holder's session) and a **fence**, a number that grows whenever the lock changes hands.
//!
//! - **Take.** A runner tries, and never waits inside the database. It gets the lock when there is no lease, when the
//!   server knows that the holder's session is gone, or, where no session proves anything (behind a pooler), when the
//!   lease has ended. Taking moves the fence on. It needs the fence's row for itself: while a transaction pins that row,
//!   nobody takes the lock.
//! - **Renew.** A keeper moves the lease's end while it is the holder. The holder counts the end of its lease on a clock of
//!   its own, from before the request was sent, so it never believes in a longer lease than the server does.
//! - **Write with the fence.** A transaction begins with pinning the fence's row and comparing the number. With another
//!   number it fails; with the right one the number cannot change until it ends. So whoever was robbed cannot commit, and
//!   who is about to commit is not robbed.
//! - **Write without.** Some statements refuse a transaction (`CREATE INDEX CONCURRENTLY`). A runner sends one only after
//!   it wrote down with the fence what it is about to do, and only while its own clock says that the lease lasts. What the
//!   server then runs for it may outlive it, so whoever takes over first waits for that to end.
//! - **Pause.** A process may stop at any moment, for any time, and go on. It finds its lease ended on its own clock, which
//!   nobody can set and which goes on while the machine sleeps, and stops.
//! - **Crash.** The process ends. The server sees its sessions end, but goes on with what it was already sent.
//! - **Cut.** The keeper's connection is lost while the process lives. The server no longer knows that it lives, so it
//!   may be robbed, and the fence alone stops it.
//! - **Break.** An operator takes the lock by force; that is a take from anybody, and waits for a pinned fence too.
//!
//! # What must hold
//!
//! In every state that can be reached: nobody commits with an old fence after the lock changed hands; nobody whose session
//! the server knows is robbed, unless by force; nobody sends a statement outside a transaction once its lease has ended.
//! And from every
//! state somebody who lives can get the lock, without an operator.
//!
//! # What the model leaves out
//!
//! Between looking at its own clock and the server's reading of a statement outside a transaction a process may be paused
//! too; no client can close that gap, and the model sends in one step. The next run finds such a statement as it
//! finds those of the dead: it still runs, or its effect is in the catalogue.

mod rules;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

const RUNNERS: usize = 3;
/// Ticks that a lease lasts: all that matters is whether it has ended.
const LEASE: u8 = 1;
/// Fence numbers and ticks after which the search stops going deeper; enough for the lock to change hands so often that
/// each runner had it.
const HIGHEST_FENCE: u8 = 3;

const BREAK: &str = "break";

/// A step of the protocol that can be left out, to see whether the search would notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Without {
    Nothing,
    /// A transaction does not compare the fence.
    FenceCheck,
    /// A transaction compares the fence, but does not keep it from moving.
    FencePin,
    /// Taking the lock does not move the fence.
    FenceMove,
    /// A lease that has ended is taken although the session lives.
    ProofOfLife,
    /// Only the end of a session frees the lock: the lease's end counts for nothing.
    LeaseEnd,
    /// A runner does not look at its own clock before a statement outside a transaction.
    OwnClock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Life {
    Awake,
    Paused,
    Dead,
}

/// A transaction of a runner, on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Open {
    No,
    /// It pinned the fence; its next step is the commit.
    Pinned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Runner {
    life: Life,
    /// The fence that it was given; none when it never had the lock, or gave up.
    fence: Option<u8>,
    /// Ticks left of its lease, on its own clock.
    left: u8,
    /// Whether the server knows the session of its keeper.
    session: bool,
    open: Open,
    /// Whether a statement outside a transaction runs for it on the server.
    alone: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    runners: [Runner; RUNNERS],
    fence: u8,
    holder: Option<usize>,
    /// Ticks left of the lease, on the server's clock.
    left: u8,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    CommittedWithAnOldFence,
    RobbedAlthoughItLives,
    SentAfterItsLease,
    NobodyCanEverHaveIt,
}

/// Whether sessions prove anything, or a pooler is between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Direct,
    Pooled,
}

struct Model {
    way: Way,
    without: Without,
}

type Step = (String, Result<State, Fault>);

impl Model {
    fn start(&self) -> State {
        let runner = Runner {
            life: Life::Awake,
            fence: None,
            left: 0,
            session: self.way == Way::Direct,
            open: Open::No,
            alone: false,
        };
        State {
            runners: [runner; RUNNERS],
            fence: 0,
            holder: None,
            left: 0,
        }
    }

    /// Everything that can happen next.
    fn steps(&self, state: &State) -> Vec<Step> {
        let mut steps = vec![("a tick".to_owned(), Ok(tick(state)))];
        if state.holder.is_some() && state.fence < HIGHEST_FENCE && !self.is_pinned(state) {
            let mut broken = *state;
            broken.holder = None;
            broken.fence += u8::from(self.without != Without::FenceMove);
            steps.push((BREAK.to_owned(), Ok(broken)));
        }
        for who in 0..RUNNERS {
            self.of_the_world(state, who, &mut steps);
            if state.runners[who].life == Life::Awake {
                self.of_the_lock(state, who, &mut steps);
                self.of_the_work(state, who, &mut steps);
            }
        }
        steps
    }

    /// What befalls a runner, and what the server does for it whether it lives or not.
    fn of_the_world(&self, state: &State, who: usize, steps: &mut Vec<Step>) {
        let runner = state.runners[who];
        let mut may = |name: &str, change: &dyn Fn(&mut Runner)| {
            let mut next = *state;
            change(&mut next.runners[who]);
            steps.push((format!("{name} {who}"), Ok(next)));
        };
        match runner.life {
            Life::Awake => may("pause", &|runner| runner.life = Life::Paused),
            Life::Paused => may("continue", &|runner| runner.life = Life::Awake),
            Life::Dead => {}
        }
        if runner.life != Life::Dead {
            may("kill", &|runner| {
                runner.life = Life::Dead;
                runner.session = false;
            });
        }
        if runner.session && self.way == Way::Direct {
            may("cut", &|runner| runner.session = false);
        }
        if runner.alone {
            may("the server ends the statement of", &|runner| runner.alone = false);
        }
        if runner.open == Open::Pinned {
            may("roll back", &|runner| runner.open = Open::No);
            // The commit may be on its way already, whatever became of its sender.
            steps.push((format!("commit {who}"), self.commit(state, who)));
        }
    }

    fn commit(&self, state: &State, who: usize) -> Result<State, Fault> {
        if state.runners[who].fence != Some(state.fence) || (self.moved_without_fence(state, who)) {
            return Err(Fault::CommittedWithAnOldFence);
        }
        let mut next = *state;
        next.runners[who].open = Open::No;
        Ok(next)
    }

    /// Without a moving fence two may have the same number; the holder tells them apart.
    fn moved_without_fence(&self, state: &State, who: usize) -> bool {
        self.without == Without::FenceMove && state.holder.is_some_and(|holder| holder != who)
    }

    fn of_the_lock(&self, state: &State, who: usize, steps: &mut Vec<Step>) {
        if state.fence < HIGHEST_FENCE && self.can_take(state, who) {
            let robbed = state.holder.is_some_and(|holder| state.runners[holder].session);
            let taken = if robbed && self.way == Way::Direct {
                Err(Fault::RobbedAlthoughItLives)
            } else {
                Ok(self.take(state, who))
            };
            steps.push((format!("take {who}"), taken));
        }
        let runner = state.runners[who];
        if state.holder == Some(who) && runner.fence.is_some() && runner.left > 0 {
            let mut renewed = *state;
            renewed.left = LEASE;
            renewed.runners[who].left = LEASE;
            renewed.runners[who].session = self.way == Way::Direct;
            steps.push((format!("renew {who}"), Ok(renewed)));
        }
        let idle = runner.open == Open::No && !runner.alone;
        if runner.fence.is_some() && idle {
            let mut given = *state;
            given.runners[who].fence = None;
            if state.holder == Some(who) {
                given.holder = None;
            }
            steps.push((format!("give back {who}"), Ok(given)));
        }
    }

    fn is_pinned(&self, state: &State) -> bool {
        self.without != Without::FencePin && state.runners.iter().any(|runner| runner.open == Open::Pinned)
    }

    /// Whether a try for the lock succeeds.
    fn can_take(&self, state: &State, who: usize) -> bool {
        if self.is_pinned(state) || state.runners[who].fence.is_some() {
            return false;
        }
        let Some(holder) = state.holder else { return true };
        let lives = match self.way {
            Way::Direct => state.runners[holder].session,
            Way::Pooled => state.left > 0,
        };
        match self.without {
            Without::ProofOfLife => state.left == 0 || !lives,
            Without::LeaseEnd => self.way == Way::Direct && !lives,
            _ => !lives,
        }
    }

    fn take(&self, state: &State, who: usize) -> State {
        let mut next = *state;
        if self.without != Without::FenceMove {
            next.fence += 1;
        }
        next.holder = Some(who);
        next.left = LEASE;
        next.runners[who].fence = Some(next.fence);
        next.runners[who].left = LEASE;
        next
    }

    fn of_the_work(&self, state: &State, who: usize, steps: &mut Vec<Step>) {
        let runner = state.runners[who];
        let Some(fence) = runner.fence else { return };
        if runner.open == Open::Pinned || runner.alone {
            return;
        }
        if fence == state.fence || self.without == Without::FenceCheck {
            let mut begun = *state;
            begun.runners[who].open = Open::Pinned;
            steps.push((format!("begin {who}"), Ok(begun)));
        }
        // The progress is written with the fence and the own clock looked at, right before.
        let others_run = (0..RUNNERS).any(|other| other != who && state.runners[other].alone);
        if fence == state.fence && !others_run && (runner.left > 0 || self.without == Without::OwnClock) {
            let sent = if runner.left == 0 {
                Err(Fault::SentAfterItsLease)
            } else {
                let mut sent = *state;
                sent.runners[who].alone = true;
                Ok(sent)
            };
            steps.push((format!("send alone {who}"), sent));
        }
    }

    /// Searches every state, the nearest first.
    fn search(&self) -> Result<usize, Counterexample> {
        let start = self.start();
        let mut from: BTreeMap<State, Option<(State, String)>> = BTreeMap::from([(start, None)]);
        let mut back: BTreeMap<State, Vec<State>> = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(state) = queue.pop_front() {
            for (name, next) in self.steps(&state) {
                match next {
                    Err(fault) => return Err(Counterexample::found(fault, &from, state, name)),
                    Ok(next) => {
                        // The lock must come free without an operator.
                        if name != BREAK {
                            back.entry(next).or_default().push(state);
                        }
                        from.entry(next).or_insert_with(|| {
                            queue.push_back(next);
                            Some((state, name))
                        });
                    }
                }
            }
        }
        match self.stuck(&from, &back) {
            Some(state) => Err(Counterexample::found(
                Fault::NobodyCanEverHaveIt,
                &from,
                state,
                String::new(),
            )),
            None => Ok(from.len()),
        }
    }

    /// A state in which somebody lives and from which nobody can ever get the lock, though numbers are left.
    fn stuck(
        &self,
        states: &BTreeMap<State, Option<(State, String)>>,
        back: &BTreeMap<State, Vec<State>>,
    ) -> Option<State> {
        let can = |state: &State| {
            (0..RUNNERS).any(|who| state.runners[who].life == Life::Awake && self.can_take(state, who))
        };
        let mut good: BTreeSet<State> = states.keys().copied().filter(can).collect();
        let mut queue: VecDeque<State> = good.iter().copied().collect();
        while let Some(state) = queue.pop_front() {
            for before in back.get(&state).into_iter().flatten() {
                if good.insert(*before) {
                    queue.push_back(*before);
                }
            }
        }
        // A rival without the lock that lives, and a holder that does not: the lock must come to the rival.
        let waits = |state: &&State| {
            let rival = |(who, runner): (usize, &Runner)| {
                runner.life == Life::Awake && runner.fence.is_none() && state.holder != Some(who)
            };
            state.fence < HIGHEST_FENCE
                && state.runners.iter().enumerate().any(rival)
                && !good.contains(*state)
        };
        states.keys().find(waits).copied()
    }
}

/// Time passes for everybody, asleep or not.
fn tick(state: &State) -> State {
    let mut next = *state;
    next.left = next.left.saturating_sub(1);
    for runner in &mut next.runners {
        runner.left = runner.left.saturating_sub(1);
    }
    next
}

/// The shortest way into a fault.
#[derive(Debug)]
struct Counterexample {
    fault: Fault,
    way: Vec<String>,
}

impl Counterexample {
    fn found(
        fault: Fault,
        from: &BTreeMap<State, Option<(State, String)>>,
        mut state: State,
        last: String,
    ) -> Self {
        let mut way = vec![last];
        while let Some(Some((before, name))) = from.get(&state) {
            way.push(name.clone());
            state = *before;
        }
        way.reverse();
        Self { fault, way }
    }
}
