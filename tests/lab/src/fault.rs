//! Faults of registrars: what goes wrong, for whom.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The longest delay a fault may ask for: ten minutes, in milliseconds.
pub(crate) const MAX_DELAY_MS: u64 = 600_000;

/// What a registrar does instead of its work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub enum SipFault {
    /// For everyone: the sockets are closed and connections cut. For one user, who shares the sockets with others:
    /// connections that carried the user's requests are closed unanswered, and UDP stays silent.
    Refuse,
    /// Connections and packets are accepted, nothing is answered; for everyone, no TLS or WebSocket handshake either.
    Silent,
    /// Every request gets this answer.
    #[serde(rename_all = "camelCase")]
    Status {
        /// The status code, 300 to 699. 401 and 407 carry a fresh challenge.
        code: u16,
        /// `Retry-After`, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
        /// `Min-Expires`, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_expires: Option<u32>,
    },
    /// Every request waits before it is looked at, so a digest exchange waits twice.
    Slow {
        /// The wait, in milliseconds.
        ms: u64,
    },
    /// A REGISTER over TCP, TLS or WebSocket is accepted and its binding stored; then the connection is closed. UDP
    /// has none: no effect.
    HangUp,
    /// The WebSocket handshake is answered with HTTP 503. No effect on open WebSockets, UDP, TCP and TLS. The
    /// handshake names a user only by its URL (`/ws?user=alice`).
    NoUpgrade,
}

impl SipFault {
    /// A sentence about the first value that cannot be.
    pub(crate) fn validate(&self) -> Result<(), String> {
        match self {
            Self::Status { code, .. } if !(300..=699).contains(code) => {
                Err(format!("fault status: code {code} is no final refusal; choose one from 300 to 699"))
            }
            Self::Slow { ms } => valid_delay("fault slow", *ms),
            _ => Ok(()),
        }
    }
}

/// A sentence if `ms` is out of bounds.
pub(crate) fn valid_delay(what: &str, ms: u64) -> Result<(), String> {
    if (1..=MAX_DELAY_MS).contains(&ms) {
        return Ok(());
    }
    Err(format!("{what}: ms {ms} is out of bounds; choose 1 to {MAX_DELAY_MS} milliseconds"))
}

/// The faults in force, by registrar and by user (`None`: everyone). A user's own fault goes before everyone's.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    by_place: BTreeMap<(usize, Option<String>), SipFault>,
}

impl Faults {
    pub(crate) fn set(&mut self, registrar: usize, user: Option<&str>, fault: Option<SipFault>) {
        let place = (registrar, user.map(str::to_owned));
        match fault {
            Some(fault) => self.by_place.insert(place, fault),
            None => self.by_place.remove(&place),
        };
    }

    pub(crate) fn clear(&mut self) {
        self.by_place.clear();
    }

    /// What everyone meets there.
    pub(crate) fn of_all(&self, registrar: usize) -> Option<&SipFault> {
        self.by_place.get(&(registrar, None))
    }

    /// What this user meets there.
    pub(crate) fn of(&self, registrar: usize, user: &str) -> Option<&SipFault> {
        self.by_place.get(&(registrar, Some(user.to_owned()))).or_else(|| self.of_all(registrar))
    }

    /// The faults of single users there.
    pub(crate) fn of_users(&self, registrar: usize) -> BTreeMap<String, SipFault> {
        self.by_place
            .iter()
            .filter(|((at, _), _)| *at == registrar)
            .filter_map(|((_, user), fault)| Some((user.clone()?, fault.clone())))
            .collect()
    }

    /// Whether the sockets there are closed.
    pub(crate) fn closes(&self, registrar: usize) -> bool {
        self.of_all(registrar) == Some(&SipFault::Refuse)
    }

    /// What the users of a connection meet there, or everyone as long as it has none.
    pub(crate) fn of_some<'a>(&self, registrar: usize, users: impl IntoIterator<Item = &'a String>) -> Vec<&SipFault> {
        let mut users = users.into_iter().peekable();
        match users.peek() {
            None => self.of_all(registrar).into_iter().collect(),
            Some(_) => users.filter_map(|user| self.of(registrar, user)).collect(),
        }
    }

    /// How long this user's requests wait there.
    pub(crate) fn delay(&self, registrar: usize, user: &str) -> Option<Duration> {
        match self.of(registrar, user) {
            Some(SipFault::Slow { ms }) => Some(Duration::from_millis(*ms)),
            _ => None,
        }
    }
}
