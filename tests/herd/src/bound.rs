//! What a rule promises of a herd, and what was seen.

use std::fmt;

/// Something that must not be more than so much.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The rules that it follows from.
    pub rules: &'static str,
    /// What it is about.
    pub what: &'static str,
    /// What was seen.
    pub seen: u64,
    /// And how much it may be.
    pub at_most: u64,
}

impl Bound {
    /// A plain bound.
    #[must_use]
    pub fn new(rules: &'static str, what: &'static str, seen: u64, at_most: u64) -> Self {
        Self { rules, what, seen, at_most }
    }

    /// A bound on a count that chance makes: what is expected, and five standard deviations. `together` of the things
    /// counted come within a second of each other, where one phone sends them at once.
    #[must_use]
    pub fn by_chance(rules: &'static str, what: &'static str, seen: u64, expected: f64, together: u32) -> Self {
        let deviation = (expected * f64::from(together)).sqrt();
        Self::new(rules, what, seen, (expected + 5.0 * deviation).ceil() as u64)
    }

    /// Whether it is kept.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.seen <= self.at_most
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rules, what, seen, at_most } = self;
        write!(f, "{what} {seen}, at most {at_most} by {rules}{}", if self.holds() { "" } else { ": BROKEN" })
    }
}
