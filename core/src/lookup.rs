//! Section 1 of the policy: where to register. Lookups, discovery, and what an answer does to the plan.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::addresses::AddressQuery;
use crate::order::{self, Candidate};
use crate::plan::{Entry, NewTarget, Plan};
use crate::rollover::Stage;
use crate::validate::{self, SourcePlan};
use crate::{
    Action, Answer, EventKind, Id, LookupFailure, LookupKind, Millis, NoPlan, Registration, Seconds, Source, SrvRecord,
    Step, TargetId, Time, Transport,
};

/// Rule 7.4: a TTL is used as 60 s to 24 h.
const TTL_MIN: u32 = 60;
const TTL_MAX: u32 = 86_400;

/// An SRV lookup under way, or one no longer waited for whose answer would still be taken (rule 1.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Query {
    pub id: Id,
    /// Index into the source's names.
    pub name: usize,
    pub deadline: Time,
    pub late: bool,
}

/// What discovery has heard so far of one name (rule 1.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Reply {
    name: usize,
    answer: Answer,
}

/// All that comes from DNS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Dns {
    pub queries: Vec<Query>,
    replies: Vec<Reply>,
    /// The name that discovery chose: it holds until start or a network change (rule 1.4).
    chosen: Option<usize>,
    /// The last good plan (rule 5.4).
    pub plan: Option<Plan>,
    pub valid_until: Time,
    /// Whether the next good answer draws, changed or not: after start (rule 2.5).
    pub redraw: bool,
    pub addresses: Vec<AddressQuery>,
    /// When to go on with the addresses that have come (rule 1.5).
    pub addresses_go: Option<Time>,
}

impl Dns {
    /// Whether this is a lookup under way: no REGISTER's id then (rule 7.4).
    pub fn asked(&self, id: Id) -> bool {
        self.queries.iter().any(|query| query.id == id) || self.addresses.iter().any(|query| query.id == id)
    }

    /// Whether this kind of answer can belong to that lookup (rule 7.4).
    pub fn fits(&self, id: Id, answer: &Answer) -> bool {
        match answer {
            Answer::Srv { .. } => !self.addresses.iter().any(|query| query.id == id),
            Answer::Addresses { .. } => !self.queries.iter().any(|query| query.id == id),
            _ => true,
        }
    }

    /// Whether an SRV lookup is being waited for.
    pub fn is_waiting(&self) -> bool {
        self.queries.iter().any(|query| !query.late)
    }

    pub fn deadline(&self) -> Option<Time> {
        let records = self.queries.iter().filter(|query| !query.late).map(|query| query.deadline);
        let addresses = self.addresses.iter().filter(|query| !query.late).map(|query| query.deadline);
        records.chain(addresses).min()
    }

    pub fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    /// The plan's targets in order; none without a plan.
    pub fn order(&self) -> &[TargetId] {
        self.plan.as_ref().map_or(&[], |plan| &plan.order)
    }

    pub fn has_expired(&self, now: Time) -> bool {
        self.plan.is_none() || now >= self.valid_until
    }
}

/// Rule 7.4: a TTL is used as 60 s to 24 h.
pub(crate) fn clamp_ttl(ttl: Seconds) -> Millis {
    Seconds(ttl.0.clamp(TTL_MIN, TTL_MAX)).millis()
}

impl Registration {
    /// Asks for the SRV record, unless that is under way already (rule 1.2).
    pub(crate) fn look_up(&mut self, out: &mut Step) {
        let source = Arc::clone(&self.source);
        let names = match &*source {
            SourcePlan::Records { names, .. } => names,
            SourcePlan::Static { .. } => return self.adopt_static(out),
        };
        if self.dns.is_waiting() {
            return;
        }
        // A late answer would still have been taken until now; from here the new lookup speaks.
        self.drop_lookups(out);
        let deadline = self.now.after(self.config.lookup.timeout);
        for (index, name) in names.iter().enumerate() {
            if self.dns.chosen.is_some_and(|chosen| chosen != index) {
                continue;
            }
            let id = self.new_id();
            self.dns.queries.push(Query { id, name: index, deadline, late: false });
            out.actions.push(Action::Lookup { id, name: Arc::clone(&name.name), kind: LookupKind::Srv, deadline });
        }
    }

    fn drop_lookups(&mut self, out: &mut Step) {
        out.actions.extend(self.dns.queries.iter().map(|query| Action::Cancel { id: query.id }));
        self.dns.queries.clear();
        self.dns.replies.clear();
    }

    /// Forgets every lookup under way: another network, or none, or the end (rules 1.2, 3.7, 6.8).
    pub(crate) fn cancel_lookups(&mut self, out: &mut Step) {
        self.drop_lookups(out);
        out.actions.extend(self.dns.addresses.iter().map(|query| Action::Cancel { id: query.id }));
        self.dns.addresses.clear();
        self.dns.addresses_go = None;
    }

    /// The choice that a snapshot remembers.
    pub(crate) fn choose_again(&mut self, chosen: Option<usize>) {
        if let SourcePlan::Records { names, .. } = &*self.source {
            self.dns.chosen = chosen.filter(|chosen| *chosen < names.len());
        }
    }

    /// A start or another network: discovery chooses anew (rule 1.4).
    pub(crate) fn forget_choice(&mut self) {
        self.dns.chosen = None;
    }

    pub(crate) fn answered(&mut self, id: Id, answer: Answer, out: &mut Step) {
        if self.dns.addresses.iter().any(|query| query.id == id) {
            return self.addresses_answered(id, answer, out);
        }
        let Some(query) = self.dns.queries.iter().find(|query| query.id == id).cloned() else {
            return out.event(1, 2, EventKind::AnswerIgnored { id });
        };
        self.dns.queries.retain(|query| query.id != id);
        let had_plan = self.dns.plan.is_some();
        if self.is_discovering() {
            self.dns.replies.push(Reply { name: query.name, answer });
            let decided = self.choose(out);
            if decided {
                self.looked_up(had_plan, out);
            }
        } else {
            self.take_answer(query.name, answer, out);
            self.looked_up(had_plan, out);
        }
    }

    pub(crate) fn lookup_overdue(&mut self, out: &mut Step) {
        self.addresses_overdue(out);
        let now = self.now;
        let source = Arc::clone(&self.source);
        let SourcePlan::Records { names, .. } = &*source else { return };
        let had_plan = self.dns.plan.is_some();
        let mut overdue = false;
        for query in self.dns.queries.iter_mut().filter(|query| !query.late && query.deadline <= now) {
            query.late = true;
            overdue = true;
            if let Some(name) = names.get(query.name) {
                let name = Arc::clone(&name.name);
                out.event(5, 4, EventKind::LookupFailed { name, cause: LookupFailure::Timeout });
            }
        }
        if overdue && (!self.is_discovering() || self.choose(out)) {
            self.looked_up(had_plan, out);
        }
    }

    fn is_discovering(&self) -> bool {
        matches!(&*self.source, SourcePlan::Records { names, .. } if names.len() > 1) && self.dns.chosen.is_none()
    }

    /// Rule 1.4: the first name in order that exists, unless a more secure one's lookup failed.
    /// Returns whether there is nothing more to wait for.
    fn choose(&mut self, out: &mut Step) -> bool {
        let source = Arc::clone(&self.source);
        let SourcePlan::Records { names, fallback, .. } = &*source else { return true };
        let mut barred = None;
        let mut failed = false;
        let mut chosen = None;
        let mut bars = false;
        let mut refused = false;
        for (index, name) in names.iter().enumerate() {
            let reply = self.dns.replies.iter().find(|reply| reply.name == index).map(|reply| &reply.answer);
            match reply {
                None if self.dns.queries.iter().any(|query| query.name == index && !query.late) => return false,
                None | Some(Answer::Failed { .. }) => {
                    failed = true;
                    if name.transport.is_secure() && barred.is_none() {
                        barred = Some(index);
                    }
                }
                Some(Answer::Srv { records, .. }) if is_offered(records) => {
                    if barred.is_none() || name.transport.is_secure() {
                        chosen = Some(index);
                        break;
                    }
                    bars = true;
                }
                Some(Answer::Srv { records, .. }) => refused |= !records.is_empty(),
                Some(_) => {}
            }
        }
        match (chosen, fallback) {
            (Some(index), _) => {
                let answer = self.dns.replies.iter().find(|reply| reply.name == index).map(|r| r.answer.clone());
                self.drop_lookups(out);
                self.dns.chosen = Some(index);
                if let (Some(answer), Some(name)) = (answer, names.get(index)) {
                    out.event(1, 4, EventKind::CandidateChosen { name: Arc::clone(&name.name) });
                    self.take_answer(index, answer, out);
                }
            }
            // A name that failed may still be answered late: keep what is under way.
            (None, _) if failed => {
                self.report_failures(names, out);
                if let Some(name) = barred.filter(|_| bars).and_then(|by| names.get(by)) {
                    out.event(1, 4, EventKind::CandidatesBarred { name: Arc::clone(&name.name) });
                }
            }
            // Rule 2.7: a lone `.` rules the proxy out, too.
            (None, _) if refused => {
                self.drop_lookups(out);
                let name = self.source.name();
                out.event(2, 7, EventKind::NothingOffered { name, reason: NoPlan::NotOffered });
            }
            (None, Some(_)) => {
                self.drop_lookups(out);
                out.event(1, 4, EventKind::NoCandidate);
                self.adopt_static(out);
            }
            (None, None) => {
                self.drop_lookups(out);
                let name = self.source.name();
                out.event(5, 4, EventKind::NothingOffered { name, reason: NoPlan::NoName });
            }
        }
        true
    }

    fn report_failures(&mut self, names: &[validate::Name], out: &mut Step) {
        for reply in &self.dns.replies {
            if let (Answer::Failed { cause }, Some(name)) = (&reply.answer, names.get(reply.name)) {
                out.event(5, 4, EventKind::LookupFailed { name: Arc::clone(&name.name), cause: *cause });
            }
        }
        self.dns.replies.retain(|reply| !matches!(reply.answer, Answer::Failed { .. }));
    }

    fn take_answer(&mut self, index: usize, answer: Answer, out: &mut Step) {
        let source = Arc::clone(&self.source);
        let SourcePlan::Records { names, .. } = &*source else { return };
        let Some(name) = names.get(index) else { return };
        let (reason, ttl) = match answer {
            Answer::Srv { records, ttl } => match self.usable(&records, out) {
                Ok(set) => return self.adopt(&set, name, ttl, out),
                Err(reason) => (reason, Some(ttl)),
            },
            Answer::NoName { ttl } => (NoPlan::NoName, ttl),
            Answer::NoData { ttl } => (NoPlan::NoData, ttl),
            Answer::Failed { cause } => {
                return out.event(5, 4, EventKind::LookupFailed { name: Arc::clone(&name.name), cause });
            }
            Answer::Addresses { .. } => return,
        };
        self.dns.valid_until = self.now.after(clamp_ttl(ttl.unwrap_or_default()));
        let event = EventKind::NothingOffered { name: Arc::clone(&name.name), reason };
        match reason {
            NoPlan::NotOffered => out.event(2, 7, event),
            NoPlan::SiteEmpty => out.event(1, 7, event),
            _ => out.event(5, 4, event),
        }
    }

    /// Rules 2.7 and 1.7: the records that can be used.
    fn usable(&self, records: &[SrvRecord], out: &mut Step) -> Result<Vec<Candidate>, NoPlan> {
        if records.is_empty() {
            return Err(NoPlan::NoData);
        }
        if records.len() > order::MAX_RECORDS {
            let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
            out.event(2, 7, EventKind::RecordsTruncated { count });
        }
        let normalised = order::normalise(records, |index, reason| {
            out.event(2, 7, EventKind::RecordDropped { index, reason });
        });
        if normalised.not_offered {
            return Err(NoPlan::NotOffered);
        }
        let mut set = normalised.set;
        if set.is_empty() {
            return Err(NoPlan::NothingLeft);
        }
        set.retain(|candidate| {
            let site = validate::site_of(&self.config, &candidate.host);
            validate::pinned(&self.config, site.map(|site| site.name.as_str()))
        });
        if set.is_empty() { Err(NoPlan::SiteEmpty) } else { Ok(set) }
    }

    /// A good answer: rules 2.5 (draw or keep) and 5.3 (is home still listed).
    fn adopt(&mut self, set: &[Candidate], name: &validate::Name, ttl: Seconds, out: &mut Step) {
        self.dns.valid_until = self.now.after(clamp_ttl(ttl));
        let fingerprint = order::fingerprint(set).rotate_left(name.transport as u32);
        let changed = self.dns.plan.as_ref().is_none_or(|plan| plan.fingerprint != fingerprint);
        if changed || self.dns.redraw {
            let keep = usize::from(self.config.order.max_targets);
            let drawn = order::draw(set, self.config.order.selection, keep, &mut self.rng);
            let mut ids = Vec::with_capacity(drawn.len());
            for candidate in drawn.into_iter().filter_map(|index| set.get(index)) {
                let new = self.new_target(candidate, name.transport, &name.tls_domain);
                ids.push(self.targets.upsert(new));
            }
            let primary = set.first().map_or(0, |candidate| candidate.priority);
            self.dns.redraw = false;
            self.dns.plan = Some(Plan { order: ids, fingerprint, primary });
        }
        if changed {
            self.tell_plan(out);
        }
        self.relist(set, name.transport);
        self.check_home_is_listed(out);
        self.forget_targets();
    }

    /// What the set says of every target known, be it cut off the plan (rules 2.4, 5.3).
    fn relist(&mut self, set: &[Candidate], transport: Transport) {
        for entry in self.targets.iter_mut() {
            let target = &mut entry.target;
            let is_it = |c: &&Candidate| c.port == target.port && *c.host == *target.host;
            let found = set.iter().find(is_it).filter(|_| target.transport == transport);
            entry.listed = found.is_some();
            if let Some(candidate) = found {
                (target.priority, target.weight) = (candidate.priority, candidate.weight);
            }
        }
    }

    fn tell_plan(&self, out: &mut Step) {
        let Some(plan) = &self.dns.plan else { return };
        let targets = u32::try_from(plan.order.len()).unwrap_or(u32::MAX);
        out.event(2, 5, EventKind::PlanChanged { targets });
        self.warn_of_tls_names(out);
    }

    /// Rule 1.6: a browser checks the certificate against the host in the URL.
    fn warn_of_tls_names(&self, out: &mut Step) {
        if self.config.lookup.host_sets_tls_name {
            return;
        }
        let Some(plan) = &self.dns.plan else { return };
        for entry in plan.order.iter().filter_map(|id| self.targets.get(*id)) {
            let target = &entry.target;
            if target.transport == Transport::Wss && !is_within(&target.host, &target.tls_name) {
                out.event(1, 6, EventKind::TlsNameMismatch { target: target.id });
            }
        }
    }

    fn check_home_is_listed(&mut self, out: &mut Step) {
        let Some(home) = &mut self.home else { return };
        let target = home.target;
        if self.targets.get(target).is_some_and(|entry| entry.listed) {
            home.missing = 0;
            return self.home_is_listed_again(out);
        }
        home.missing = home.missing.saturating_add(1);
        let times = home.missing;
        self.refresh_when_ttl_ends();
        out.event(5, 3, EventKind::HomeMissing { target, times });
        if times >= 2 {
            self.home_vanished(out);
        }
    }

    fn new_target(&self, candidate: &Candidate, transport: Transport, domain: &Arc<str>) -> NewTarget {
        let site = validate::site_of(&self.config, &candidate.host).map(|site| Arc::from(site.name.as_str()));
        NewTarget {
            host: Arc::clone(&candidate.host),
            port: candidate.port,
            transport,
            tls_name: validate::tls_name(&self.config, domain, &candidate.host),
            priority: candidate.priority,
            weight: candidate.weight,
            site,
        }
    }

    /// Rule 1.1: the proxy is the one static target.
    fn adopt_static(&mut self, out: &mut Step) {
        let source = Arc::clone(&self.source);
        let Some(proxy) = source.static_target() else { return };
        let candidate = Candidate { host: Arc::clone(&proxy.host), port: proxy.port, priority: 0, weight: 0 };
        let new = self.new_target(&candidate, proxy.transport, &proxy.tls_domain);
        let id = self.targets.upsert(new);
        self.dns.valid_until = Time(u64::MAX);
        if self.dns.plan.is_none() {
            self.dns.plan = Some(Plan { order: Vec::from([id]), fingerprint: 0, primary: 0 });
            self.warn_of_tls_names(out);
        }
    }

    /// The lookup has ended, one way or another: whoever waited goes on (rule 1.2).
    pub(crate) fn looked_up(&mut self, had_plan: bool, out: &mut Step) {
        if self.walk.as_ref().is_some_and(|walk| walk.stage == Stage::Lookup) {
            self.freeze_walk(out);
        } else if !had_plan && self.dns.plan.is_some() && self.wait.is_some() && self.is_active() {
            self.end_wait(out);
            self.begin_round_without_lookup(out);
        }
    }

    /// Drops the records of targets that nothing refers to any more (rule 7.4).
    fn forget_targets(&mut self) {
        let mut used: Vec<TargetId> = Vec::new();
        used.extend(self.dns.plan.iter().flat_map(|plan| &plan.order));
        used.extend(self.walk.iter().flat_map(|walk| &walk.list));
        used.extend(self.walk.iter().filter_map(|walk| walk.lost));
        used.extend(self.home.iter().map(|home| home.target));
        used.extend(self.home.iter().filter_map(|home| home.found_by.as_ref()).flat_map(|walk| &walk.list));
        used.extend(self.former);
        used.extend(self.attempt.iter().map(|attempt| attempt.target));
        used.extend(self.cancelled.iter().map(|cancelled| cancelled.target));
        used.extend(self.unregisters.iter().map(|unregister| unregister.target));
        used.extend(self.dns.addresses.iter().map(|query| query.target));
        // What still bears on rules 4.4, 4.5 and 6.5 is kept for a target that DNS may list again.
        let (now, interval) = (self.now, self.config.rollover.retry_interval);
        let hold_off = self.config.failback.hold_off;
        let bears = |entry: &Entry| {
            entry.spacing(interval).max(entry.held_until) > now
                || entry.left_at.is_some_and(|left| left.after(hold_off) > now)
        };
        self.targets.retain(|entry| used.contains(&entry.target.id) || bears(entry));
    }
}

/// A lone `.` is an answer "no" (rule 2.7).
fn is_offered(records: &[SrvRecord]) -> bool {
    records.iter().any(|record| record.target != "." && !record.target.is_empty())
}

/// Whether a host is the domain or below it.
fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl SourcePlan {
    /// Which setting is in force (rule 1.1).
    pub(crate) const fn kind(&self) -> Source {
        match self {
            Self::Records { source, .. } | Self::Static { source, .. } => *source,
        }
    }

    /// What it names: the SRV record, the domain that is discovered, or the proxy's host.
    pub(crate) fn name(&self) -> Arc<str> {
        match self {
            Self::Records { names, source: Source::SrvRecord, .. } => names.first().map(|name| &name.name),
            Self::Records { names, .. } => names.first().map(|name| &name.tls_domain),
            Self::Static { target, .. } => Some(&target.host),
        }
        .map_or_else(|| Arc::from(""), Arc::clone)
    }

    /// The one target that needs no SRV record.
    pub(crate) const fn static_target(&self) -> Option<&validate::Static> {
        match self {
            Self::Records { fallback, .. } => fallback.as_ref(),
            Self::Static { target, .. } => Some(target),
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_macros, clippy::disallowed_methods)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_can_only_choose_a_name_that_there_is() {
        let mut config = crate::Config { domain: Some("example.test".into()), ..crate::Config::default() };
        config.lookup.discover = true;
        config.lookup.candidates = Vec::from(["_sips._tcp".into(), "_sip._udp".into()]);
        let mut registration = Registration::new(config, 1).unwrap();
        for (number, chosen) in [(1, Some(1)), (2, None)] {
            registration.choose_again(Some(number));
            assert_eq!(registration.dns.chosen, chosen);
        }
    }
}
