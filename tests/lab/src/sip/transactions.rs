//! Repetitions over UDP: a request seen before gets the answer given before (RFC 3261 17.2.2).

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long an answer is kept for repetitions: 64 times T1, T1 being 500 ms.
const KEPT: Duration = Duration::from_secs(32);

/// The requests of the last half minute.
#[derive(Debug, Default)]
pub(crate) struct Transactions {
    known: HashMap<String, (Instant, Option<Vec<u8>>)>,
}

impl Transactions {
    /// What is known of a request: `None`, it is new; `Some(None)`, it waits for its answer.
    pub(crate) fn find(&mut self, key: &str, now: Instant) -> Option<Option<Vec<u8>>> {
        self.known.retain(|_, (since, _)| now.duration_since(*since) < KEPT);
        self.known.get(key).map(|(_, answer)| answer.clone())
    }

    /// Remembers a request, with its answer or without.
    pub(crate) fn note(&mut self, key: String, now: Instant, answer: Option<Vec<u8>>) {
        self.known.insert(key, (now, answer));
    }

    /// Forgets a request that was never answered: its repetition is looked at afresh.
    pub(crate) fn forget(&mut self, key: &str) {
        self.known.remove(key);
    }

    pub(crate) fn clear(&mut self) {
        self.known.clear();
    }
}
