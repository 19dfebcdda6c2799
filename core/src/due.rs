//! When a REGISTER at home is due, and why.

use crate::{Millis, Time};

/// Why a REGISTER at home is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum DueFor {
    /// The binding needs it (rule 5.2).
    Refresh,
    /// The last one failed (rule 4.4).
    Retry,
    /// The connection or the network changed, or the device woke up (rule 4.6).
    Recovery,
    /// The old home's unregister may have deleted the new binding (rule 6.7): at once, spacing aside.
    Settle,
}

/// When a REGISTER at home is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Due {
    /// With timers that are never late.
    pub at: Time,
    /// How far late timers draw it forward at most (rule 5.2).
    pub earliest: Time,
    pub why: DueFor,
}

impl Due {
    /// Due then, however late timers are.
    pub fn then(at: Time, why: DueFor) -> Self {
        Self { at, earliest: at, why }
    }

    /// A refresh so long after the REGISTER that was accepted, never sooner than `interval` (rule 5.2).
    pub fn refresh(started: Time, point: Millis, interval: Millis) -> Self {
        let after = |span: Millis| started.after(span.max(interval));
        Self { at: after(point), earliest: after(quarter(point)), why: DueFor::Refresh }
    }

    /// When to send it where timers may be so late (rule 5.2).
    pub fn time(self, slack: Millis) -> Time {
        self.at.before(slack).max(self.earliest)
    }
}

/// What late timers leave of a refresh's time at least (rule 5.2).
pub(crate) fn quarter(time: Millis) -> Millis {
    Millis(time.0.div_ceil(4))
}
