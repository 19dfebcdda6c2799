//! What the host tells.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

use crate::{Config, Id, Seconds, TargetId};

/// One thing that has happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)
)]
pub enum Input {
    /// Begin to register; after a stop this is a restart (rule 6.1).
    Start,
    /// Unregister and end (rule 6.8).
    Stop,
    /// The deadline returned last has come. Calling early or late is harmless.
    Wake,
    /// A new agent login session began: try the primary again (rule 6.3).
    AgentLogin,
    /// Somebody asked by hand for the primary (rule 6.4).
    TryPrimary,
    /// The device has no network any more (rule 3.7).
    NetworkDown,
    /// The device has a network again, or another one (rule 4.6).
    NetworkChanged,
    /// The device woke up, or the page is shown again (rule 4.6).
    Resumed,
    /// A call is up: nothing may be moved (rule 6.6).
    Busy,
    /// The last call has ended (rule 6.6).
    Idle,
    /// Another configuration (rule 6.9).
    Configure {
        /// The whole of it.
        config: Box<Config>,
    },
    /// A connection was lost, or its keep-alive went unanswered (rule 4.6).
    FlowLost {
        /// The target at its other end.
        target: TargetId,
    },
    /// A lookup's result (rules 1.2, 5.4).
    Answer {
        /// Which lookup.
        id: Id,
        /// What DNS said.
        answer: Answer,
    },
    /// A REGISTER's or an unregister's result (section 3).
    Outcome {
        /// Which attempt or unregister.
        id: Id,
        /// What the registrar or the network said.
        outcome: Outcome,
    },
    /// Where the application owns the refreshes: what one of its own at home came to (rule 5.2).
    Refreshed {
        /// What the registrar or the network said.
        outcome: Outcome,
    },
}

/// One SRV record (RFC 2782).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct SrvRecord {
    /// Lower is tried first.
    pub priority: u16,
    /// Share within the priority.
    pub weight: u16,
    /// Port; 0 makes the record worthless (rule 2.7).
    pub port: u16,
    /// Host name, with or without the final dot; `.` alone means "not offered" (rule 2.7).
    pub target: String,
}

/// What DNS said to a lookup. No data and failure are different things (rule 5.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)
)]
pub enum Answer {
    /// SRV records.
    Srv {
        /// In any order; at most 4,096 are read (rule 2.7).
        records: Vec<SrvRecord>,
        /// Lowest TTL among them, in seconds; used as 60 s to 24 h (rule 7.4).
        ttl: Seconds,
    },
    /// Addresses.
    Addresses {
        /// In the order of the answer; at most 16 are kept for a target (rule 7.4).
        addresses: Vec<IpAddr>,
        /// Lowest TTL among them, in seconds; used as 60 s to 24 h (rule 7.4).
        ttl: Seconds,
    },
    /// NXDOMAIN: the name does not exist.
    NoName {
        /// Negative TTL in seconds, if the answer had one (RFC 2308).
        #[cfg_attr(feature = "serde", serde(default))]
        ttl: Option<Seconds>,
    },
    /// The name exists, without records of this kind.
    NoData {
        /// Negative TTL in seconds, if the answer had one (RFC 2308).
        #[cfg_attr(feature = "serde", serde(default))]
        ttl: Option<Seconds>,
    },
    /// No usable answer at all.
    Failed {
        /// Why.
        cause: LookupFailure,
    },
}

/// Why a lookup brought no answer (rule 5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
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

/// What came of a REGISTER or an unregister.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)
)]
pub enum Outcome {
    /// 2xx.
    Accepted {
        /// The expiry granted to our Contact, in seconds; none stated means as requested (rule 3.3).
        #[cfg_attr(feature = "serde", serde(default))]
        expires: Option<Seconds>,
    },
    /// Any other final answer.
    Status {
        /// Status code, 300 to 699. What else a server may invent: below it an acceptance (rule 3.3), above it a rejection (rule 3.2).
        code: u16,
        /// Retry-After in seconds, if there was one (rule 4.5).
        #[cfg_attr(feature = "serde", serde(default))]
        retry_after: Option<Seconds>,
        /// Min-Expires in seconds, if there was one (rule 3.5).
        #[cfg_attr(feature = "serde", serde(default))]
        min_expires: Option<Seconds>,
    },
    /// No connection, or none any more, before an answer (rule 3.2).
    Unreachable {
        /// Why.
        cause: Unreachable,
    },
    /// The host found no address for the target (rule 1.5).
    NoAddress,
    /// Nothing left the device (rule 3.7).
    NotSent,
}

/// Why a target could not be reached (rule 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
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
