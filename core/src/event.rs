//! What was decided, and by which rule (rule 7.2).

use core::fmt;

use alloc::sync::Arc;

use crate::{
    Bar, CancelReason, DropReason, FailureReason, Id, IgnoreReason, LookupFailure, LossReason, Millis, NoPlan, Seconds,
    SkipReason, Source, TargetId, Time, Trigger,
};

/// A rule of `POLICY.md`; displays as `4.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rule {
    /// Section.
    pub section: u8,
    /// Number within it.
    pub number: u8,
}

impl Rule {
    pub(crate) const fn new(section: u8, number: u8) -> Self {
        Self { section, number }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.section, self.number)
    }
}

/// One decision. Hosts log it; nothing needs to be done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Event {
    /// The rule that was followed.
    pub rule: Rule,
    /// What was decided.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub kind: EventKind,
}

/// What was decided. Kinds may be added in a minor version: write an `else`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase"))]
pub enum EventKind {
    /// Started, and which source is in force (rule 1.1).
    Started {
        /// The source.
        source: Source,
        /// Its name: the SRV record, the domain, or the proxy's host.
        name: Arc<str>,
    },
    /// Stopping began (rule 6.8).
    Stopping,
    /// Stopped (rule 6.8).
    Stopped,
    /// A new configuration is in force; `restart` if it changes where to register (rule 6.9).
    Configured {
        /// Whether it meant stop, then start.
        restart: bool,
    },

    /// A lookup brought no answer; the last good plan serves (rule 5.4).
    LookupFailed {
        /// The name asked for.
        name: Arc<str>,
        /// Why.
        cause: LookupFailure,
    },
    /// DNS says that there is nothing to register to (rules 5.4, 2.7, 1.7).
    NothingOffered {
        /// The name asked for.
        name: Arc<str>,
        /// Why.
        reason: NoPlan,
    },
    /// A record cannot be used (rule 2.7).
    RecordDropped {
        /// Its position in the answer, from 0.
        index: u32,
        /// Why.
        reason: DropReason,
    },
    /// More records came than are read (rule 2.7).
    RecordsTruncated {
        /// How many came.
        count: u32,
    },
    /// A new set of targets was ordered (rule 2.5).
    PlanChanged {
        /// How many targets it has.
        targets: u32,
    },
    /// Discovery chose a name (rule 1.4).
    CandidateChosen {
        /// The SRV name.
        name: Arc<str>,
    },
    /// Discovery may not use less secure names, because the lookup of this one failed (rule 1.4).
    CandidatesBarred {
        /// The SRV name whose lookup failed.
        name: Arc<str>,
    },
    /// Discovery found no SRV name: the proxy itself is the target (rule 1.4).
    NoCandidate,
    /// The host cannot check this target against the domain (rule 1.6).
    TlsNameMismatch {
        /// The target.
        target: TargetId,
    },
    /// A DNS answer nobody waits for changed nothing (rule 1.2).
    AnswerIgnored {
        /// Its lookup.
        id: Id,
    },

    /// A target accepted and is home from now on (rule 3.3).
    Registered {
        /// The target.
        target: TargetId,
        /// The expiry granted.
        expires: Seconds,
    },
    /// Home accepted a refresh (rule 5.1).
    Refreshed {
        /// The target.
        target: TargetId,
        /// The expiry granted.
        expires: Seconds,
    },
    /// An attempt failed and counts (rule 3.2).
    AttemptFailed {
        /// The target.
        target: TargetId,
        /// Why.
        reason: FailureReason,
        /// Failures in a row, this one included.
        streak: u32,
    },
    /// A target rejected this phone (rule 3.4).
    AttemptRejected {
        /// The target.
        target: TargetId,
        /// The status code.
        code: u16,
        /// Whether it is the first since a success or a new configuration: show it.
        first: bool,
    },
    /// 423: asked again for longer (rule 3.5).
    LongerExpires {
        /// The target.
        target: TargetId,
        /// The expiry asked for now.
        expires: Seconds,
    },
    /// A target without an address was passed over, or is no use at home (rule 1.5).
    NoAddress {
        /// The target.
        target: TargetId,
    },
    /// Nothing left the device (rule 3.7).
    NotSent {
        /// The target.
        target: TargetId,
        /// The wait before the next try.
        #[cfg_attr(feature = "serde", serde(rename = "waitMs"))]
        wait: Millis,
    },
    /// An attempt in flight was cancelled without counting (rules 0.4, 3.6, 3.7, 4.6).
    AttemptCancelled {
        /// Its id.
        id: Id,
        /// Why.
        reason: CancelReason,
    },
    /// A late success was taken (rule 3.6); the event that follows says what as.
    LateSuccess {
        /// The attempt.
        id: Id,
        /// The target.
        target: TargetId,
    },
    /// A late success is answered by an unregister (rule 3.6).
    LateUnregistered {
        /// The attempt.
        id: Id,
        /// The target.
        target: TargetId,
    },
    /// A late answer changed nothing (rule 3.6).
    LateIgnored {
        /// The attempt or unregister.
        id: Id,
    },
    /// A Retry-After holds this target (rule 4.5).
    TargetHeld {
        /// The target.
        target: TargetId,
        /// For how long (1 to 1800 s).
        seconds: Seconds,
    },

    /// The walk went on to its next target (rules 4.1, 3.4, 1.5, 3.3, 4.5).
    RolledOver {
        /// From.
        from: TargetId,
        /// To.
        to: TargetId,
    },
    /// Every target of the round was in vain (rule 4.2).
    RoundFailed {
        /// Whether every one rejected (rule 3.4).
        rejected: bool,
        /// Failed rounds since the last proven success.
        rounds: u32,
        /// When the next begins; none if only an event can begin it.
        #[cfg_attr(feature = "serde", serde(rename = "untilMs", skip_serializing_if = "Option::is_none", default))]
        until: Option<Time>,
    },
    /// The wait was ended early (rule 4.4).
    WaitEnded,
    /// The next round begins at the plan's first (rule 4.2).
    Wrapped,
    /// Home is lost (rule 4.3).
    HomeLost {
        /// The target.
        target: TargetId,
        /// Why.
        reason: LossReason,
    },
    /// Home's binding has expired; it is still home (rule 4.3).
    HomeExpired {
        /// The target.
        target: TargetId,
    },
    /// Home's connection was lost (rule 4.6).
    FlowLost {
        /// The target.
        target: TargetId,
        /// Failures in a row: it counts as one if the success was not proven (rule 3.3).
        streak: u32,
    },
    /// A lost connection that is not home's, or whose outcome an attempt will tell (rule 4.6).
    FlowLossIgnored {
        /// The target.
        target: TargetId,
    },
    /// The network is gone (rule 3.7).
    NetworkDown,
    /// The network is another (rule 4.6).
    NetworkChanged,
    /// The host woke up (rule 4.6).
    Resumed,
    /// The device slept through an attempt (rule 0.4).
    Slept,
    /// The clock went back (rule 0.4).
    ClockSetBack {
        /// By how much.
        #[cfg_attr(feature = "serde", serde(rename = "byMs"))]
        by: Millis,
    },

    /// A grant is too short for a safe refresh (rule 5.2).
    GrantTooShort {
        /// The grant.
        expires: Seconds,
    },
    /// A good DNS answer does not list home (rule 5.3).
    HomeMissing {
        /// The target.
        target: TargetId,
        /// In how many answers in a row.
        times: u32,
    },

    /// A trigger asks for the primary (rules 6.3, 6.4, 5.3).
    Triggered {
        /// Which.
        trigger: Trigger,
    },
    /// A trigger waits (rules 6.3, 6.5, 6.6, 4.5).
    TriggerDeferred {
        /// Which.
        trigger: Trigger,
        /// What bars it.
        reason: Bar,
        /// Until when, where that is known.
        #[cfg_attr(feature = "serde", serde(rename = "untilMs", skip_serializing_if = "Option::is_none", default))]
        until: Option<Time>,
    },
    /// A trigger changes nothing (rules 6.3, 6.4).
    TriggerIgnored {
        /// Which.
        trigger: Trigger,
        /// Why.
        reason: IgnoreReason,
    },
    /// An excursion began; home is kept meanwhile (rule 6.3).
    ExcursionBegan {
        /// What asked for it.
        trigger: Trigger,
    },
    /// An excursion ended without success, and home stays home (rules 6.3, 5.3).
    HomeKept {
        /// The target.
        target: TargetId,
    },
    /// Home moved to another target that accepted (rules 6.3, 5.3, 2.5, 3.6).
    HomeLeft {
        /// The old home.
        from: TargetId,
        /// The new one.
        to: TargetId,
    },
    /// An unregister has ended (rules 6.7, 6.8).
    Unregistered {
        /// The target.
        target: TargetId,
        /// Whether the registrar confirmed it.
        confirmed: bool,
    },
    /// The old home gets no unregister (rule 6.7).
    UnregisterSkipped {
        /// The target.
        target: TargetId,
        /// Why.
        reason: SkipReason,
    },
}

#[cfg(feature = "serde")]
mod rule_as_text {
    use super::Rule;
    use alloc::string::{String, ToString};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    impl Serialize for Rule {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&self.to_string())
        }
    }

    impl<'de> Deserialize<'de> for Rule {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let text = String::deserialize(deserializer)?;
            let parts = text.split_once('.').and_then(|(section, number)| {
                Some(Self { section: section.parse().ok()?, number: number.parse().ok()? })
            });
            parts.ok_or_else(|| D::Error::custom("a rule is written as \"4.1\""))
        }
    }
}
