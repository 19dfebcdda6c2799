//! The core's plain enumerations, which cross as they are. Their declarations are read by uniffi and then dropped: what is
//! compiled is the core's own, and a variant missing here does not compile.

use rehome::{
    Addresses, AfterLoss, Bar, CancelReason, DropReason, IgnoreReason, LookupFailure, LookupKind, LossReason, Meaning,
    NoPlan, Redraw, RefreshOwner, RetryAfter, Selection, SkipReason, Source, State, Timer, Transport, Trigger,
    Unreachable,
};

/// What a lookup asks for.
#[uniffi::remote(Enum)]
pub enum LookupKind {
    /// SRV records (RFC 2782).
    Srv,
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
}

/// A SIP transport (RFC 3263 section 4.1, RFC 7118 for the WebSocket ones).
#[uniffi::remote(Enum)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// DTLS over UDP.
    Dtls,
    /// WebSocket.
    Ws,
    /// WebSocket over TLS.
    Wss,
}

/// Who resolves a target's host name (rule 1.5).
#[uniffi::remote(Enum)]
pub enum Addresses {
    /// The host application, inside the attempt.
    Host,
    /// The core, by A and AAAA lookups of its own.
    Core,
}

/// How the targets of one priority are ordered.
#[uniffi::remote(Enum)]
pub enum Selection {
    /// Each next pick exactly in proportion to weight; zeros last (rule 2.2).
    Weighted,
    /// RFC 2782 to the letter (rule 2.3).
    Rfc2782,
    /// Highest weight first, no chance at all (rule 2.3).
    HighestWeight,
}

/// Whether a refresh may go to another target of home's tier (rule 2.5).
#[uniffi::remote(Enum)]
pub enum Redraw {
    /// One draw serves until the record set changes.
    Persist,
    /// Each refresh draws among the healthy targets of home's tier.
    Distribute,
}

/// What an answer means (rule 3.2).
#[uniffi::remote(Enum)]
pub enum Meaning {
    /// It counts.
    Failure,
    /// The target is left at once.
    Rejection,
}

/// Where to look when home is lost (rule 4.3).
#[uniffi::remote(Enum)]
pub enum AfterLoss {
    /// The rest of home's tier, then the plan from its first.
    Tier,
    /// The plan from the entry after home.
    Next,
}

/// What a Retry-After on a failure does (rule 4.5).
#[uniffi::remote(Enum)]
pub enum RetryAfter {
    /// The count still decides; the target goes to the end of the next walks.
    Count,
    /// The target is left at once, as RFC 3261 asks.
    Leave,
}

/// Who sends the refreshes (rule 5.2).
#[uniffi::remote(Enum)]
pub enum RefreshOwner {
    /// The core asks for them.
    Core,
    /// The application, which reports what each came to, by `refreshed`.
    Application,
}

/// Why a lookup brought no answer (rule 5.4).
#[uniffi::remote(Enum)]
pub enum LookupFailure {
    /// No answer in time.
    Timeout,
    /// The server could not answer (RCODE 2).
    ServFail,
    /// The server would not answer (RCODE 5).
    Refused,
    /// The answer could not be read.
    Malformed,
    /// No server could be reached.
    Network,
    /// Anything else.
    Other,
}

/// Why a target could not be reached (rule 3.2).
#[uniffi::remote(Enum)]
pub enum Unreachable {
    /// The connection was refused, or the port is closed.
    Refused,
    /// There is no route to this address.
    NoRoute,
    /// The connection was closed before the answer.
    Closed,
    /// The TLS handshake or the certificate failed.
    Tls,
    /// The WebSocket handshake failed.
    WebSocket,
    /// The stack's own time-out.
    Timeout,
    /// Anything else.
    Other,
}

/// Which source is in force (rule 1.1).
#[uniffi::remote(Enum)]
pub enum Source {
    /// The SRV record is set, so it is used.
    SrvRecord,
    /// No SRV record is set, so the proxy is used as it is.
    OutboundProxy,
    /// SRV names of the domain or proxy are discovered (rule 1.4).
    Discovery,
}

/// Why DNS left nothing to register to.
#[uniffi::remote(Enum)]
#[uniffi(name = "NothingReason")]
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
#[uniffi::remote(Enum)]
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

/// Why an attempt was cancelled without counting.
#[uniffi::remote(Enum)]
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
#[uniffi::remote(Enum)]
pub enum LossReason {
    /// N failures in a row.
    Failures,
    /// A rejection.
    Rejected,
    /// A Retry-After, where those leave at once (rule 4.5).
    RetryAfter,
}

/// What asks for the primary.
#[uniffi::remote(Enum)]
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
#[uniffi::remote(Enum)]
#[uniffi(name = "DeferReason")]
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
#[uniffi::remote(Enum)]
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
#[uniffi::remote(Enum)]
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

/// The states of a registration.
#[uniffi::remote(Enum)]
#[uniffi(name = "RegistrationState")]
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

/// The core's timers, in the order in which they run when due together (rule 0.3).
#[uniffi::remote(Enum)]
#[uniffi(name = "WakeTimer")]
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
