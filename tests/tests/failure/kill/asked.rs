//! What `cargo xtask chaos` asks for, through the environment.

use super::backend::Backend;

/// How often to kill, and from which seed the moments come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// How many runs to kill.
    pub(super) kills: u32,
    /// What the choices come from.
    pub(super) seed: u64,
    /// This round again and again, in place of all from the first.
    pub(super) round: Option<u32>,
}

impl Asked {
    /// What the environment says; else what the test command does.
    pub(super) fn from_environment(backend: &Backend) -> Self {
        Self {
            kills: variable("DBVC_CHAOS_RUNS").unwrap_or(backend.kills),
            seed: variable("DBVC_CHAOS_SEED").unwrap_or(1),
            round: variable("DBVC_CHAOS_ROUND"),
        }
    }

    /// The choices of a round: they depend on the seed and the round alone.
    pub(super) fn choices(&self, round: u32) -> fastrand::Rng {
        let mut rounds = fastrand::Rng::with_seed(self.seed);
        fastrand::Rng::with_seed(rounds.u64(..).wrapping_add(u64::from(round)))
    }
}

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    let Ok(value) = text.parse() else {
        panic!("{name} is `{text}`, which is no number");
    };
    Some(value)
}
