//! What the registrars saw, request by request.

use std::collections::VecDeque;

use serde::Serialize;

/// How many requests are remembered; older ones are forgotten.
const KEPT: usize = 10_000;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// One datagram a message.
    Udp,
    /// A stream of messages.
    Tcp,
    /// The same within TLS.
    Tls,
    /// WebSocket, one message a WebSocket message.
    Ws,
}

/// One request as a registrar saw it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    /// Milliseconds since the lab started, when the request arrived.
    pub at_ms: u64,
    /// The registrar's name.
    pub registrar: String,
    /// `REGISTER`, `OPTIONS` or another.
    pub method: String,
    /// The user of `To`; empty if it names none.
    pub user: String,
    /// How it came.
    pub transport: Transport,
    /// Whence it came.
    pub source: String,
    /// `Call-ID`.
    pub call_id: String,
    /// The number in `CSeq`.
    pub cseq: u32,
    /// The expiry asked for, in seconds: the first contact's, else that of `Expires`.
    pub expires: Option<u32>,
    /// Whether it carried credentials.
    pub authorized: bool,
    /// A repetition over UDP of a request already seen.
    pub retransmission: bool,
    /// The status code of the answer; `None` if there was none, or none yet.
    pub code: Option<u16>,
}

/// The latest requests. Each has a number by which its answer is filled in later.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: VecDeque<LogEntry>,
    forgotten: u64,
}

impl Log {
    /// Remembers a request and returns its number.
    pub(crate) fn push(&mut self, entry: LogEntry) -> u64 {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
            self.forgotten += 1;
        }
        self.entries.push_back(entry);
        self.forgotten + self.entries.len() as u64 - 1
    }

    /// Fills in the answer.
    pub(crate) fn answered(&mut self, number: u64, code: u16) {
        let index = number.checked_sub(self.forgotten).and_then(|index| usize::try_from(index).ok());
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            entry.code = Some(code);
        }
    }

    /// The entries of one user, or all, oldest first.
    pub(crate) fn of(&self, user: Option<&str>) -> Vec<LogEntry> {
        self.entries.iter().filter(|entry| user.is_none_or(|user| entry.user == user)).cloned().collect()
    }
}
