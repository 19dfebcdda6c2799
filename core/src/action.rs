//! What the host is to do.

use alloc::sync::Arc;
use core::net::IpAddr;

use crate::{Seconds, TargetId, Time};

/// The number of a lookup, an attempt or an unregister: one counter for all, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Id(pub(crate) u32);

impl Id {
    /// The number itself, as the bindings carry it.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// An id that came back from a host.
    #[must_use]
    pub const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }
}

/// What a lookup asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum LookupKind {
    /// SRV records (RFC 2782).
    Srv,
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
}

/// One thing the host is to do. The list is closed: a fifth kind is a major version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase"))]
pub enum Action {
    /// Look a name up and hand the result in as [`Input::Answer`](crate::Input::Answer) (rules 1.2, 1.5).
    Lookup {
        /// Its number.
        id: Id,
        /// The name to ask for, without a final dot.
        name: Arc<str>,
        /// What to ask for.
        kind: LookupKind,
        /// Until when the answer is waited for; one that comes later is still worth handing in (rule 1.2).
        #[cfg_attr(feature = "serde", serde(rename = "deadlineMs"))]
        deadline: Time,
    },
    /// Send one REGISTER, answer its digest challenges, and hand the result in as
    /// [`Input::Outcome`](crate::Input::Outcome) (rule 3.1).
    Register {
        /// Its number.
        id: Id,
        /// Where to; [`Registration::target`](crate::Registration::target) has the record.
        target: TargetId,
        /// The address to use, if the core resolves or knows it (rule 1.5); else the host resolves.
        #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none", default))]
        address: Option<IpAddr>,
        /// Names the binding: one Contact for all REGISTERs that carry the same number (rule 6.7).
        binding: Id,
        /// 1 for the first try in a row at this target, then 2, 3, ...
        attempt: u32,
        /// The expiry to ask for, in seconds.
        expires: Seconds,
        /// When the core stops waiting and counts it as failed (rule 3.1).
        #[cfg_attr(feature = "serde", serde(rename = "deadlineMs"))]
        deadline: Time,
    },
    /// Send one REGISTER with an expiry of 0 for that binding (rules 6.7, 6.8).
    Unregister {
        /// Its number.
        id: Id,
        /// Where to.
        target: TargetId,
        /// The address in use, if the core resolves or knows it (rule 1.5); else the host resolves.
        #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none", default))]
        address: Option<IpAddr>,
        /// Which binding, as the [`Action::Register`] named it.
        binding: Id,
        /// When the core stops waiting for it.
        #[cfg_attr(feature = "serde", serde(rename = "deadlineMs"))]
        deadline: Time,
    },
    /// The core no longer waits for this. A connect may be aborted; a REGISTER already sent may still be answered:
    /// hand that in for 32 s (rule 3.6).
    Cancel {
        /// What is no longer waited for.
        id: Id,
    },
}
