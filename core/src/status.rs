//! What can be said at any time (rule 7.3).

use alloc::vec::Vec;

use crate::machine::Phase;
use crate::rollover::Stage;
use crate::{Registration, Rule, Target, TargetId, Time};

/// The states of a registration; `STATES.md` (on the crate's front page) has what moves between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum State {
    /// Not started, or stopped.
    Stopped,
    /// A round waits for DNS.
    LookingUp,
    /// A round tries its targets.
    Registering,
    /// A round has failed; the next one starts after a wait.
    Waiting,
    /// Every target rejected this phone; the next round starts after a long wait (rule 3.4).
    Rejected,
    /// Home holds a binding.
    Registered,
    /// Home is known, but its binding is in doubt: expired, or the connection or network changed (rule 7.3).
    Unconfirmed,
    /// The device has no network (rule 3.7).
    Offline,
    /// Unregistering (rule 6.8).
    Stopping,
}

/// Everything an agent desktop or a support engineer asks about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Status {
    /// The state.
    pub state: State,
    /// Home: the target of the last success; calls go there.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none", default))]
    pub home: Option<Target>,
    /// Whether home is of the primary tier of the plan.
    pub primary: bool,
    /// The rule by which home is not a primary.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none", default))]
    pub why: Option<Rule>,
    /// Failed REGISTERs in a row, at home or at the walk's current target.
    pub streak: u32,
    /// When home's binding ends.
    #[cfg_attr(feature = "serde", serde(rename = "expiresAtMs", skip_serializing_if = "Option::is_none", default))]
    pub expires_at: Option<Time>,
    /// All targets, in the order in which they are to be tried.
    pub plan: Vec<PlanEntry>,
    /// When to call again, as the last step said.
    #[cfg_attr(feature = "serde", serde(rename = "wakeMs", skip_serializing_if = "Option::is_none", default))]
    pub wake: Option<Time>,
    /// What for.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none", default))]
    pub wake_for: Option<Timer>,
    /// The target that the walk is trying now.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none", default))]
    pub trying: Option<TargetId>,
    /// Failed rounds since the last proven success (rule 4.4).
    pub failed_rounds: u32,
}

/// One target of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct PlanEntry {
    /// The target.
    pub target: Target,
    /// What its last attempt came to.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none", default))]
    pub last: Option<LastOutcome>,
    /// Until when a Retry-After holds it (rule 4.5).
    #[cfg_attr(feature = "serde", serde(rename = "heldUntilMs", skip_serializing_if = "Option::is_none", default))]
    pub held_until: Option<Time>,
}

/// What a target's last attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum LastOutcome {
    /// Accepted.
    Accepted,
    /// A final answer that counted as a failure, by its status code.
    Failed(u16),
    /// A final answer that was a rejection, by its status code.
    Rejected(u16),
    /// No answer: time-out, or no connection.
    Silent,
    /// No address.
    NoAddress,
}

/// The core's timers, in the order in which they run when due together (rule 0.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum Timer {
    /// The REGISTER in flight is given up (rule 3.1).
    Attempt,
    /// An unregister is given up (rules 6.7, 6.8).
    Unregister,
    /// Stopping no longer waits for the REGISTER in flight (rule 6.8).
    Grace,
    /// A lookup is no longer waited for (rule 1.2).
    Lookup,
    /// Home's binding ends (rule 4.3).
    Expiry,
    /// A REGISTER at home is due (rules 5.2, 4.4, 4.6).
    Refresh,
    /// The walk's next attempt is due (rule 4.4).
    Walk,
    /// The wait after a failed round ends (rules 4.4, 3.4).
    RoundWait,
    /// A deferred trigger may go (rules 4.5, 6.5).
    Hold,
    /// Time to try the primary unasked (rule 6.4).
    Failback,
}

impl Timer {
    /// All, in the order in which they run.
    pub const ALL: [Self; 10] = [
        Self::Attempt,
        Self::Unregister,
        Self::Grace,
        Self::Lookup,
        Self::Expiry,
        Self::Refresh,
        Self::Walk,
        Self::RoundWait,
        Self::Hold,
        Self::Failback,
    ];
}

impl Registration {
    /// What can be said now (rule 7.3); `now` is the host's time.
    #[must_use]
    pub fn status(&self, now: Time) -> Status {
        let now = Time(now.0.saturating_add(self.offset)).max(self.now);
        let home = self.home.as_ref();
        let primary = home.is_some_and(|home| self.is_primary(home.target));
        let missing = home.is_some_and(|home| home.missing > 0);
        let next = self.next_timer();
        let plan = self.dns.order();
        Status {
            state: self.state(),
            home: home.and_then(|home| self.target(home.target)).cloned(),
            primary,
            why: home.filter(|_| !primary).map(|home| match home.why {
                Some(why) if !missing => why,
                _ => Rule::new(5, 3),
            }),
            streak: match (home, &self.walk) {
                (Some(home), _) => home.streak,
                (None, Some(walk)) => walk.streak,
                (None, None) => 0,
            },
            expires_at: home.map(|home| self.host_time(home.expires_at)),
            plan: plan
                .iter()
                .filter_map(|id| self.targets.get(*id))
                .map(|entry| PlanEntry {
                    target: entry.target.clone(),
                    last: entry.last,
                    held_until: Some(entry.held_until).filter(|until| *until > now).map(|until| self.host_time(until)),
                })
                .collect(),
            wake: next.map(|(at, _)| self.host_time(at)),
            wake_for: next.map(|(_, timer)| timer),
            trying: self.trying(),
            failed_rounds: self.rounds,
        }
    }

    /// The state alone.
    #[must_use]
    pub fn state(&self) -> State {
        match self.phase {
            Phase::Stopped => return State::Stopped,
            Phase::Stopping { .. } => return State::Stopping,
            Phase::Running if !self.online => return State::Offline,
            Phase::Running => {}
        }
        match (&self.home, &self.walk, &self.wait) {
            (Some(home), _, _) if home.confirmed => State::Registered,
            (Some(_), _, _) => State::Unconfirmed,
            (None, Some(walk), _) if walk.stage == Stage::Lookup => State::LookingUp,
            (None, Some(_), _) => State::Registering,
            (None, None, Some(wait)) if wait.rejected => State::Rejected,
            (None, None, _) => State::Waiting,
        }
    }
}
