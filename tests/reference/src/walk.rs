//! Section 4: walks, rounds, and the waits between them.

use rehome::AfterLoss;

use crate::model::{Act, Flight, Kind, Reference, Wait, Walk};

impl Walk {
    pub(crate) fn of(kind: Kind) -> Self {
        Self { kind, list: None, at: 0, streak: 0, pause: 0, rejections: 0, accepted: false }
    }
}

impl Reference {
    /// A new round: its lookup first (1.2a).
    pub(crate) fn next_round(&mut self) {
        self.wait = None;
        self.walk = Some(Walk::of(Kind::All));
        self.ask();
    }

    /// DNS has been heard, or waited for long enough: the list is frozen (2.1, 4.3, 4.5a).
    pub(crate) fn begin_walk(&mut self) {
        let Some(mut walk) = self.walk.take() else { return };
        let all: Vec<String> = self.plan.iter().map(|entry| entry.name.clone()).collect();
        let list = match &walk.kind {
            Kind::All => all,
            Kind::Loss(lost) => self.after_loss(lost, &all),
            Kind::Trip(rehome::Trigger::HomeMissing) => all,
            Kind::Trip(_) => all.into_iter().filter(|name| self.is_primary(name)).collect(),
        };
        let held = |name: &String| self.seen(name).held > self.now;
        let (last, mut list): (Vec<String>, Vec<String>) = list.into_iter().partition(held);
        list.extend(last);
        list.retain(|name| self.home() != Some(name));
        let nothing = list.is_empty();
        walk.list = Some(list);
        self.walk = Some(walk);
        if nothing {
            self.end_walk();
        }
    }

    fn after_loss(&self, lost: &str, all: &[String]) -> Vec<String> {
        let mut list = Vec::new();
        let place = all.iter().position(|name| name == lost);
        if self.config.rollover.after_loss == AfterLoss::Next || !self.config.failback.on_loss {
            // The plan from the entry after home, round to home (4.3d).
            let after = place.map_or(0, |place| place + 1);
            list.extend(all[after..].iter().chain(&all[..after]).cloned());
            return list;
        }
        // The rest of its tier, be that a new one (4.3e), then the plan from its first, the lost one last (4.3c).
        let priority = self.seen(lost).priority;
        let in_tier = self.plan.iter().filter(|entry| entry.priority == priority).map(|entry| entry.name.clone());
        for name in in_tier.chain(all.iter().cloned()) {
            if name != lost && !list.contains(&name) {
                list.push(name);
            }
        }
        list.extend(place.map(|_| lost.to_owned()));
        list
    }

    pub(crate) fn register_in_walk(&mut self) {
        let Some(walk) = &self.walk else { return };
        let name =
            walk.list.as_ref().and_then(|list| list.get(walk.at)).cloned().expect("a walk under way has a target");
        self.register(&name, false, walk.streak, false);
    }

    /// One REGISTER (3.1a).
    pub(crate) fn register(&mut self, name: &str, at_home: bool, streak: u32, longer: bool) {
        let id = self.fresh_id();
        let now = self.now;
        let asked: u64 = self.config.refresh.expires.get().into();
        let peer = self.peer(name);
        let binding = *peer.binding.get_or_insert(id);
        peer.started = Some(now);
        let expires = asked.max(peer.min_expires);
        let deadline = now + self.config.rollover.attempt_timeout.get();
        let attempt = streak + 1;
        let target = name.to_owned();
        self.flight = Some(Flight {
            id,
            target: target.clone(),
            started: now,
            deadline,
            expires,
            at_home,
            longer,
            streak,
            binding,
        });
        let deadline = self.host_time(deadline);
        self.acts.push(Act::Register { id, target, attempt, binding, expires, deadline });
    }

    /// A failure at the walk's target (4.1).
    pub(crate) fn failed_in_walk(&mut self, leave: bool) {
        let failures = self.failures();
        let Some(walk) = &mut self.walk else { return };
        walk.streak += 1;

        if walk.streak >= failures || leave {
            self.next_target();
        }
    }

    pub(crate) fn next_target(&mut self) {
        let Some(walk) = &mut self.walk else { return };
        walk.at += 1;
        walk.streak = 0;
        self.end_if_done();
    }

    pub(crate) fn end_if_done(&mut self) {
        let Some(walk) = &self.walk else { return };
        if walk.list.as_ref().is_none_or(|list| walk.at >= list.len()) {
            self.end_walk();
        }
    }

    fn end_walk(&mut self) {
        let Some(walk) = self.walk.take() else { return };
        if let Kind::Trip(_) = walk.kind {
            let again = self.now;
            if let Some(home) = &mut self.home {
                home.failback = Some(again);
            }
            return;
        }
        let tried = walk.list.map_or(0, |list| list.len());
        self.round_failed(tried > 0 && walk.rejections >= tried && !walk.accepted);
    }

    /// The wait that follows (4.4d, 3.4b, 3.4c, 4.5b); its length is the core's draw, if that is in range.
    fn round_failed(&mut self, rejected: bool) {
        self.rounds += 1;
        let drawn = if self.drawn.is_empty() { None } else { Some(self.drawn.remove(0)) };
        let refused = rejected && !self.accepted;
        let most = self.config.rollover.round_wait_max.get();
        let retry = self.config.rollover.rejected_retry.map(|wait| wait.get());
        let whole = if refused {
            retry
        } else {
            let cap = retry.filter(|_| rejected).unwrap_or(most);
            Some(cap.min(30_000 << (self.rounds - 1).min(20)))
        };
        let until = whole.map(|whole| {
            // What chance may add to the least wait.
            let chance = whole / 2;
            let (mut first, mut last) = (self.now + whole - chance, self.now + whole);
            if !refused && !self.plan.is_empty() {
                let (hold, latest) = (self.all_held_until(), self.now + most);
                first = first.max(hold.min(latest));
                // It is added to the hold's end as well, where there is one.
                last = last.max(if hold > 0 { (hold + chance).min(latest) } else { 0 });
            }
            match drawn {
                Some(Some(until)) if (first..=last).contains(&until) => until,
                other => {
                    let now = self.now;
                    self.wrong = Some(format!("a wait from {now} to {other:?}, not to {first}..={last} (4.4d)"));
                    first
                }
            }
        });
        self.wait = Some(Wait { until, rejected });
    }

    /// When the first hold ends, if all of the plan are held.
    pub(crate) fn all_held_until(&self) -> u64 {
        self.plan
            .iter()
            .map(|entry| self.seen(&entry.name).held)
            .map(|held| if held > self.now { held } else { 0 })
            .min()
            .unwrap_or(0)
    }
}
