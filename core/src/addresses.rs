//! Rule 1.5: the addresses of a target, where the core looks them up.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::IpAddr;

use crate::lookup::clamp_ttl;
use crate::rollover::Stage;
use crate::{
    Action, Addresses, Answer, EventKind, Id, LookupFailure, LookupKind, Millis, Registration, Step, TargetId, Time,
};

/// How long to wait for the other family after the first usable answer (RFC 8305 section 3).
const OTHER_FAMILY: Millis = Millis(50);

/// Rule 7.4.
const MAX_ADDRESSES: usize = 16;

/// An A or AAAA lookup under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AddressQuery {
    pub id: Id,
    pub target: TargetId,
    pub kind: LookupKind,
    pub deadline: Time,
    /// No longer waited for; an answer still serves the next walk (rule 1.2).
    pub late: bool,
}

impl Registration {
    /// Whether the core must look the target's addresses up before it can be tried.
    pub(crate) fn needs_addresses(&self, target: TargetId) -> bool {
        self.config.lookup.addresses == Addresses::Core
            && self.targets.get(target).is_some_and(|entry| {
                !entry.is_numeric() && (entry.addresses.is_empty() || self.now >= entry.addresses_until)
            })
    }

    /// Asks for A and AAAA together.
    pub(crate) fn look_up_addresses(&mut self, target: TargetId, out: &mut Step) {
        let Some(host) = self.targets.get(target).map(|entry| Arc::clone(&entry.target.host)) else { return };
        let old = self.dns.addresses.iter().filter(|query| query.target == target);
        out.actions.extend(old.map(|query| Action::Cancel { id: query.id }));
        self.dns.addresses.retain(|query| query.target != target);
        // Nobody waits for those of another target any more.
        self.dns.addresses.iter_mut().for_each(|query| query.late = true);
        self.dns.addresses_go = None;
        let deadline = self.now.after(self.config.lookup.timeout);
        for kind in [LookupKind::A, LookupKind::Aaaa] {
            let id = self.new_id();
            self.dns.addresses.push(AddressQuery { id, target, kind, deadline, late: false });
            out.actions.push(Action::Lookup { id, name: Arc::clone(&host), kind, deadline });
        }
    }

    pub(crate) fn addresses_answered(&mut self, id: Id, answer: Answer, out: &mut Step) {
        let Some(query) = self.dns.addresses.iter().find(|query| query.id == id).cloned() else { return };
        self.dns.addresses.retain(|query| query.id != id);
        let waiting = !query.late && self.walk.as_ref().is_some_and(|walk| walk.stage == Stage::Addresses);
        let now = self.now;
        let Some(entry) = self.targets.get_mut(query.target) else { return };
        let mut usable_came = false;
        match answer {
            Answer::Addresses { addresses, ttl } => {
                let mut usable = addresses;
                usable.retain(|address| address.is_ipv6() == (query.kind == LookupKind::Aaaa));
                usable_came = !query.late && !usable.is_empty();
                entry.replace_family(query.kind, usable, waiting);
                let until = now.after(clamp_ttl(ttl));
                entry.addresses_until =
                    if entry.addresses_until > now { until.min(entry.addresses_until) } else { until };
            }
            Answer::NoName { .. } | Answer::NoData { .. } | Answer::Srv { .. } => {
                entry.replace_family(query.kind, Vec::new(), waiting);
            }
            Answer::Failed { cause } => {
                let name = Arc::clone(&entry.target.host);
                out.event(5, 4, EventKind::LookupFailed { name, cause });
            }
        }
        if usable_came && self.dns.addresses_go.is_none() {
            self.dns.addresses_go = Some(now.after(OTHER_FAMILY));
        }
    }

    pub(crate) fn addresses_overdue(&mut self, out: &mut Step) {
        let now = self.now;
        for query in self.dns.addresses.iter_mut().filter(|query| !query.late && query.deadline <= now) {
            query.late = true;
            if let Some(entry) = self.targets.get(query.target) {
                let name = Arc::clone(&entry.target.host);
                out.event(5, 4, EventKind::LookupFailed { name, cause: LookupFailure::Timeout });
            }
        }
    }

    /// When a walk that waits for addresses goes on: at once with all answers, or a moment after the first.
    pub(crate) fn addresses_due(&self) -> Option<Time> {
        let waits = self.dns.addresses.iter().any(|query| !query.late);
        if waits { self.dns.addresses_go } else { Some(self.now) }
    }
}

impl crate::plan::Entry {
    /// Puts the addresses of one family in, interleaved, IPv6 first (RFC 8305 section 4).
    fn replace_family(&mut self, kind: LookupKind, new: Vec<IpAddr>, from_the_top: bool) {
        let current = self.address();
        let is_new_family = |address: &IpAddr| address.is_ipv6() == (kind == LookupKind::Aaaa);
        let old: Vec<IpAddr> = self.addresses.iter().copied().filter(|address| !is_new_family(address)).collect();
        let (six, four) = if kind == LookupKind::Aaaa { (new, old) } else { (old, new) };
        let (mut six, mut four) = (six.into_iter(), four.into_iter());
        self.addresses.clear();
        for _ in 0..MAX_ADDRESSES {
            self.addresses.extend(six.next());
            self.addresses.extend(four.next());
        }
        self.addresses.truncate(MAX_ADDRESSES);
        let place = self.addresses.iter().position(|address| Some(*address) == current);
        self.address_at = place.filter(|_| !from_the_top).unwrap_or(0);
    }
}
