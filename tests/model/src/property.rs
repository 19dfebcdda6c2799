//! What must hold, in the words of the policy.

/// A property; a state in which one is broken goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Property {
    /// 0.1a, 6.9a.
    OneInFlight,
    /// 5.4e.
    NeverForgotten,
    /// 4.1, 3.4, 4.3a, 4.5e, 3.3c.
    OnlyThoseRollOver,
    /// 2.1, 4.2, 4.3c, 4.5a, 6.3a.
    NextIsTheWalks,
    /// 5.1.
    Sticky,
    /// 6.3b, 0.2b.
    ExcursionKeepsHome,
    /// 6.3, 6.4, 6.6.
    OnlyOnTriggers,
    /// 4.2, 5.4e.
    AliveIsReached,
    /// 6.7, 3.6a.
    NoSecondBinding,
    /// 4.4b.
    Spacing,
    /// 4.4d, 4.4e, 3.4b.
    BackOff,
    /// 5.5.
    SnapshotBehaves,
    /// 7.3b.
    SaysTheTruth,
}

impl Property {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::OneInFlight,
        Self::NeverForgotten,
        Self::OnlyThoseRollOver,
        Self::NextIsTheWalks,
        Self::Sticky,
        Self::ExcursionKeepsHome,
        Self::OnlyOnTriggers,
        Self::AliveIsReached,
        Self::NoSecondBinding,
        Self::Spacing,
        Self::BackOff,
        Self::SnapshotBehaves,
        Self::SaysTheTruth,
    ];

    /// The sentence.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::OneInFlight => {
                "one REGISTER in flight, none where an unregister is under way, none stopped or offline"
            }
            Self::NeverForgotten => "never running without a deadline",
            Self::OnlyThoseRollOver => "N failures, rejections and leave, and only those, roll over",
            Self::NextIsTheWalks => "the next target is the walk's next",
            Self::Sticky => "home stays as long as it answers",
            Self::ExcursionKeepsHome => "an excursion never loses a living home",
            Self::OnlyOnTriggers => "the primary is asked exactly on its triggers",
            Self::AliveIsReached => "a target that stays alive is reached within one round",
            Self::NoSecondBinding => {
                "no second binding is left without one unregister, unless its target had fallen silent"
            }
            Self::Spacing => "attempts at one target keep their distance",
            Self::BackOff => "the wait between rounds keeps its bounds",
            Self::SnapshotBehaves => "a snapshot restored behaves as the original",
            Self::SaysTheTruth => "status says registered exactly while that is known",
        }
    }

    /// Its name on one word.
    #[must_use]
    pub fn name(self) -> String {
        format!("{self:?}")
    }
}

/// A property that does not hold, and how that shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Broken {
    /// Which.
    pub property: Property,
    /// What was seen.
    pub what: String,
}

pub(crate) fn broken<T>(property: Property, what: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { property, what: what.into() })
}

/// Ends with a broken property unless the condition holds.
macro_rules! hold {
    ($condition:expr, $property:ident, $($text:tt)+) => {
        if !$condition {
            return crate::property::broken(crate::property::Property::$property, format!($($text)+));
        }
    };
}
pub(crate) use hold;
