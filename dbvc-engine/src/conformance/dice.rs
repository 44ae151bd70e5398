//! Chance that is the same in every run.

/// Numbers that look random and are the same for the same seed, for schemas that nobody thought of.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Those of one seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 up to `end`, which is not among them and not 0.
    ///
    /// # Panics
    /// Where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        // The multiplier and increment of Knuth's MMIX; its upper bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end
    }

    /// One of them.
    ///
    /// # Panics
    /// Where there is none.
    pub fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}
