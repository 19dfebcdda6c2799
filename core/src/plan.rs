//! Section 2 of the policy: the targets known, and the order in which they are to be tried.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;

use crate::host;
use crate::{Id, LastOutcome, Millis, Target, TargetId, Time, Transport};

/// Rule 4.4: the least time between the end of an attempt and the next at the same target.
pub(crate) const AFTER_END: Millis = Millis(1_000);

/// What is known of a target besides its record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Entry {
    pub target: Target,
    /// Whether the last good answer lists it, be it cut off the plan (rules 2.4, 5.3).
    pub listed: bool,
    /// Addresses in the order in which they are tried, and the one in use (rule 1.5).
    pub addresses: Vec<IpAddr>,
    pub address_at: usize,
    pub addresses_until: Time,
    pub last: Option<LastOutcome>,
    pub last_start: Option<Time>,
    pub last_end: Option<Time>,
    /// The first attempt there since its last unregister (rule 6.7).
    pub binding: Option<Id>,
    /// Seconds its 423 asked for (rule 3.5); 0 if none.
    pub min_expires: u32,
    /// Until when a Retry-After holds it (rule 4.5).
    pub held_until: Time,
    /// When home left it (rule 6.5).
    pub left_at: Option<Time>,
}

impl Entry {
    pub fn new(id: TargetId, new: NewTarget) -> Self {
        // A numeric host is its own address (rule 1.4).
        let addresses = host::address(&new.host).into_iter().collect();
        Self {
            target: Target {
                id,
                host: new.host,
                port: new.port,
                transport: new.transport,
                tls_name: new.tls_name,
                priority: new.priority,
                weight: new.weight,
                site: new.site,
            },
            listed: true,
            addresses,
            address_at: 0,
            addresses_until: Time::default(),
            last: None,
            last_start: None,
            last_end: None,
            binding: None,
            min_expires: 0,
            held_until: Time::default(),
            left_at: None,
        }
    }

    pub fn address(&self) -> Option<IpAddr> {
        self.addresses.get(self.address_at).or_else(|| self.addresses.first()).copied()
    }

    /// Rule 4.4: the earliest start of the next attempt here.
    pub fn spacing(&self, retry_interval: Millis) -> Time {
        let after_start = self.last_start.map(|start| start.after(retry_interval));
        let after_end = self.last_end.map(|end| end.after(AFTER_END));
        after_start.max(after_end).unwrap_or_default()
    }

    /// Rule 1.5: each failure goes to the next address, in a circle.
    pub fn next_address(&mut self) {
        let next = self.address_at.saturating_add(1);
        self.address_at = if next < self.addresses.len() { next } else { 0 };
    }

    pub fn is_numeric(&self) -> bool {
        host::address(&self.target.host).is_some()
    }
}

/// A target's identity and its record, before it has a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewTarget {
    pub host: Arc<str>,
    pub port: u16,
    pub transport: Transport,
    pub tls_name: Arc<str>,
    pub priority: u16,
    pub weight: u16,
    pub site: Option<Arc<str>>,
}

/// The table of targets, by number ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Targets {
    entries: Vec<Entry>,
    last: u32,
}

impl Targets {
    pub fn get(&self, id: TargetId) -> Option<&Entry> {
        let at = self.entries.binary_search_by_key(&id, |entry| entry.target.id).ok()?;
        self.entries.get(at)
    }

    pub fn get_mut(&mut self, id: TargetId) -> Option<&mut Entry> {
        let at = self.entries.binary_search_by_key(&id, |entry| entry.target.id).ok()?;
        self.entries.get_mut(at)
    }

    pub fn was_given(&self, id: TargetId) -> bool {
        id.0 != 0 && id.0 <= self.last
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.iter_mut()
    }

    /// Finds the target by host, port and transport, with its new record; or gives it a number.
    pub fn upsert(&mut self, new: NewTarget) -> TargetId {
        let same = |entry: &&mut Entry| {
            entry.target.port == new.port && entry.target.transport == new.transport && *entry.target.host == *new.host
        };
        if let Some(entry) = self.entries.iter_mut().find(same) {
            entry.target.tls_name = new.tls_name;
            entry.target.priority = new.priority;
            entry.target.weight = new.weight;
            entry.target.site = new.site;
            entry.listed = true;
            return entry.target.id;
        }
        self.last = self.last.saturating_add(1);
        let id = TargetId(self.last);
        self.entries.push(Entry::new(id, new));
        id
    }

    /// Puts an entry of a snapshot back; numbers must ascend.
    pub fn restore(&mut self, entry: Entry) {
        if entry.target.id.0 > self.last {
            self.last = entry.target.id.0;
            self.entries.push(entry);
        }
    }

    pub fn last_given(&self) -> u32 {
        self.last
    }

    pub fn set_last_given(&mut self, last: u32) {
        self.last = self.last.max(last);
    }

    pub fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        self.entries.retain(keep);
    }
}

/// All targets in the order in which they are to be tried.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Plan {
    pub order: Vec<TargetId>,
    /// Of the whole set, to know whether it has changed (rule 2.5).
    pub fingerprint: u64,
    /// The lowest priority number: the primary tier.
    pub primary: u16,
}

#[cfg(test)]
#[allow(clippy::disallowed_macros, clippy::disallowed_methods)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_put_back_once_and_never_0() {
        let new = || NewTarget {
            host: Arc::from("a.example.test"),
            port: 5060,
            transport: Transport::Udp,
            tls_name: Arc::from("example.test"),
            priority: 1,
            weight: 1,
            site: None,
        };
        let mut targets = Targets::default();
        [0, 1, 1, 3, 2].into_iter().for_each(|id| targets.restore(Entry::new(TargetId(id), new())));
        assert!(targets.iter().map(|entry| entry.target.id.0).eq([1, 3]));
    }
}
