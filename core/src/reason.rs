//! The reasons that events carry (rule 7.2).

use crate::Unreachable;

/// Which source is in force (rule 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum Source {
    /// The SRV record is set, so it is used.
    SrvRecord,
    /// No SRV record is set, so the proxy is used as it is.
    OutboundProxy,
    /// SRV names of the domain or proxy are discovered (rule 1.4).
    Discovery,
}

/// Why DNS left nothing to register to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum NoPlan {
    /// The name does not exist (rule 5.4).
    NoName,
    /// The name has no such records (rule 5.4).
    NoData,
    /// A lone `.` (rule 2.7).
    NotOffered,
    /// No record of the set can be used (rule 5.4).
    NothingLeft,
    /// No target is of the pinned site (rule 1.7).
    SiteEmpty,
}

/// Why a record was dropped (rule 2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum DropReason {
    /// Port 0.
    PortZero,
    /// Not a host name.
    BadName,
    /// Longer than a name can be.
    NameTooLong,
    /// `.` among others.
    Root,
    /// The same target under a second priority or weight: the first in order stays.
    SameTarget,
}

/// Why an attempt failed (rule 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum FailureReason {
    /// No answer in time.
    Timeout,
    /// No connection.
    Unreachable(Unreachable),
    /// A status code that counts.
    Status(u16),
    /// Accepted for 0 seconds (rule 3.3).
    ZeroGrant,
    /// No address at home (rule 1.5).
    NoAddress,
}

/// Why an attempt was cancelled without counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum CancelReason {
    /// The device slept (rule 0.4).
    Slept,
    /// A late success made it needless (rule 3.6).
    LateSuccess,
    /// No network (rule 3.7).
    NetworkDown,
    /// Another network (rule 4.6).
    NetworkChanged,
    /// The host woke up (rule 4.6).
    Resumed,
    /// Stopping waited long enough (rule 6.8).
    Stopping,
    /// Home was lost meanwhile (rule 4.3).
    HomeLost,
    /// Home is listed again: the excursion has lost its reason (rule 5.3).
    HomeListed,
}

/// Why home was lost (rule 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum LossReason {
    /// N failures in a row.
    Failures,
    /// A rejection.
    Rejected,
    /// A Retry-After, where those leave at once (rule 4.5).
    RetryAfter,
}

/// What asks for the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum Trigger {
    /// A new agent login (rule 6.3).
    AgentLogin,
    /// By hand (rule 6.4).
    Manual,
    /// The failback timer (rule 6.4).
    Failback,
    /// Home vanished from DNS (rule 5.3): the whole plan, not the primary alone.
    HomeMissing,
}

/// What bars a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum Bar {
    /// A round is running (rule 6.3).
    Round,
    /// A call is up (rule 6.6).
    Busy,
    /// Home left that tier too short a time ago (rule 6.5).
    HoldOff,
    /// Every target of the tier is held by a Retry-After (rule 4.5).
    Held,
    /// No network (rule 3.7).
    Offline,
}

/// Why a trigger changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum IgnoreReason {
    /// Home is a primary (rule 6.3).
    HomeIsPrimary,
    /// An excursion is running (rule 6.3).
    ExcursionRunning,
    /// The trigger is switched off (rule 6.4).
    SwitchedOff,
    /// Not started, or stopping.
    NotRunning,
}

/// Why the old home gets no unregister (rule 6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum SkipReason {
    /// It had fallen silent.
    Silent,
    /// It is home again, being tried, or the same machine under another name.
    InUse,
    /// `unregisterOld` is off.
    SwitchedOff,
    /// `distribute`: nothing is unregistered inside the tier (rule 2.5).
    SameTier,
    /// No network.
    Offline,
}
