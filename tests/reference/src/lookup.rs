//! Rules 1.2, 2.1, 2.3, 2.7, 5.3 and 5.4: DNS.

use rehome::{Answer, SrvRecord, Trigger};

use crate::model::{Act, Entry, Kind, Lookup, Reference, Walk};

impl Reference {
    /// Somebody wants DNS: a lookup under way serves (1.2d).
    pub(crate) fn ask(&mut self) {
        match &self.lookup {
            Some(lookup) if !lookup.over => return,
            Some(lookup) => self.acts.push(Act::Cancel { id: lookup.id }),
            None => {}
        }
        let id = self.fresh_id();
        let deadline = self.now + self.config.lookup.timeout.get();
        self.lookup = Some(Lookup { id, deadline, over: false });
        self.acts.push(Act::Lookup { id, deadline: self.host_time(deadline) });
    }

    pub(crate) fn cancel_lookup(&mut self) {
        if let Some(lookup) = self.lookup.take() {
            self.acts.push(Act::Cancel { id: lookup.id });
        }
    }

    pub(crate) fn answer(&mut self, id: u32, answer: &Answer) {
        let Some(lookup) = self.lookup.take_if(|lookup| lookup.id == id) else { return };
        let had = !self.plan.is_empty();
        let good = match answer {
            Answer::Srv { records, .. } => self.good(records),
            _ => false,
        };
        // The plan's TTL is that of the last answer, be it no (7.4a); a failure has none.
        let ttl = match answer {
            Answer::Srv { ttl, .. } => Some(ttl.get()),
            Answer::NoName { ttl } | Answer::NoData { ttl } => Some(ttl.map_or(0, |ttl| ttl.get())),
            Answer::Addresses { .. } | Answer::Failed { .. } => None,
        };
        if let Some(ttl) = ttl {
            self.ttl_end = Some(self.now + u64::from(ttl.clamp(60, 86_400)) * 1000);
        }
        if good {
            self.look_for_home();
        }
        if !lookup.over {
            self.lookup_ended();
        } else if good && !had && self.wait.is_some() {
            // 1.2c: with no plan yet, it begins the round.
            self.wait = None;
            self.walk = Some(Walk::of(Kind::All));
            self.begin_walk();
        }
    }

    /// A set of which something is left is the plan (2.1, 2.3b, 2.4a).
    fn good(&mut self, records: &[SrvRecord]) -> bool {
        let mut plan: Vec<Entry> = Vec::new();
        let mut records = records.to_vec();
        records.retain(|record| record.target != "." && record.port != 0);
        records.sort_by_key(|record| (record.priority, std::cmp::Reverse(record.weight), record.target.clone()));
        for SrvRecord { priority, weight, target, .. } in records {
            if !plan.iter().any(|entry| entry.name == target) {
                plan.push(Entry { name: target, priority, weight });
            }
        }
        for entry in &plan {
            self.peer(&entry.name).priority = entry.priority;
        }
        let set = plan.clone();
        plan.truncate(self.config.order.max_targets.into());
        if plan.is_empty() {
            return false;
        }
        let was = self.home().is_some_and(|home| self.is_primary(home));
        (self.set, self.plan) = (set, plan);
        if was && !self.home().is_some_and(|home| self.is_primary(home)) {
            // Failback counts from when home is away from the primary (6.4b).
            let now = self.now;
            self.home.iter_mut().for_each(|home| home.failback = Some(now));
        }
        true
    }

    /// 5.3.
    fn look_for_home(&mut self) {
        let Some(name) = self.home().map(str::to_owned) else { return };
        let listed = self.listed(&name).is_some();
        let end = self.ttl_end.unwrap_or(self.now);
        let trip = self.walk.as_ref().map(|walk| walk.kind.clone());
        let Some(home) = &mut self.home else { return };
        if listed {
            home.missing = 0;
            if matches!(self.deferred, Some((Trigger::HomeMissing, _))) {
                self.deferred = None;
            }
            if trip == Some(Kind::Trip(Trigger::HomeMissing)) {
                if self.flight.as_ref().is_some_and(|flight| !flight.at_home) {
                    self.cancel_flight();
                }
                self.walk = None;
            }
            return;
        }
        home.missing += 1;
        home.due = home.due.min(end);
        self.leave_missing();
    }

    /// Missing from two good answers in a row (5.3b); one that was to go to the primary goes over the whole plan.
    pub(crate) fn leave_missing(&mut self) {
        let missing = self.home.as_ref().is_some_and(|home| home.missing >= 2);
        let held = self.all_held_until();
        match &mut self.walk {
            _ if !missing => {}
            Some(walk) if walk.list.is_none() => walk.kind = Kind::Trip(Trigger::HomeMissing),
            Some(_) => {}
            None if self.busy => self.defer(Trigger::HomeMissing, 0),
            // An excursion waits for held targets (4.5c).
            None if held > self.now => self.defer(Trigger::HomeMissing, held),
            None => {
                self.walk = Some(Walk::of(Kind::Trip(Trigger::HomeMissing)));
                self.begin_walk();
            }
        }
    }

    /// Who waited goes on, with the last good plan at worst.
    pub(crate) fn lookup_ended(&mut self) {
        let Some(walk) = self.walk.as_ref().filter(|walk| walk.list.is_none()) else { return };
        match walk.kind {
            Kind::Trip(trigger) => self.excursion(trigger),
            Kind::All | Kind::Loss(_) => self.begin_walk(),
        }
    }
}
