//! Section 0: which timer is next, and what it does.

use rehome::{State, Timer};

use crate::model::{Kind, Phase, Reference};

impl Reference {
    /// All timers with their times, in the order of 0.3b.
    fn timers(&self) -> Vec<(u64, Timer)> {
        let mut timers = Vec::new();
        let running = self.phase == Phase::Running && self.online;
        if let Some(flight) = &self.flight {
            timers.push((flight.deadline, Timer::Attempt));
        }
        timers.extend(self.byes.iter().map(|bye| (bye.deadline, Timer::Unregister)));
        if let (Phase::Stopping { grace, .. }, Some(_)) = (self.phase, &self.flight) {
            timers.push((grace, Timer::Grace));
        }
        if let Some(lookup) = self.lookup.as_ref().filter(|lookup| !lookup.over) {
            timers.push((lookup.deadline, Timer::Lookup));
        }
        if let Some(home) = self.home.as_ref().filter(|home| !home.expired) {
            timers.push((home.expires_at, Timer::Expiry));
        }
        if running && self.flight.is_none() {
            if let Some(home) = &self.home {
                let due = if home.exempt { home.due } else { home.due.max(self.spaced(&home.target)) };
                timers.push((self.after_byes(&home.target, due.max(self.pause)), Timer::Refresh));
            }
            if let Some(walk) = self.walk.as_ref().filter(|walk| !matches!(walk.kind, Kind::Trip(_)) || !self.busy)
                && let Some(name) = walk.list.as_ref().and_then(|list| list.get(walk.at))
            {
                // An excursion waits for a held target (4.5c).
                let held = if matches!(walk.kind, Kind::Trip(_)) { self.seen(name).held } else { 0 };
                let due = self.spaced(name).max(held).max(self.pause).max(walk.pause);
                timers.push((self.after_byes(name, due), Timer::Walk));
            }
        }
        if running {
            timers.extend(self.wait.as_ref().and_then(|wait| wait.until).map(|until| (until, Timer::RoundWait)));
            timers.extend(self.deferred_until().map(|until| (until, Timer::Hold)));
            timers.extend(self.failback_at().map(|at| (at, Timer::Failback)));
        }
        timers.sort_by_key(|(_, timer)| *timer);
        timers
    }

    /// 6.9a: a REGISTER waits for the end of an unregister there, which is its answer or its deadline.
    fn after_byes(&self, name: &str, due: u64) -> u64 {
        if self.byes.iter().any(|bye| bye.target == name) { u64::MAX } else { due }
    }

    /// The time at which to call again.
    #[must_use]
    pub fn wake(&self) -> Option<u64> {
        let next = self.timers().into_iter().map(|(at, _)| at).filter(|at| *at < u64::MAX).min();
        next.map(|at| self.host_time(at))
    }

    pub(crate) fn run_timers(&mut self) {
        for _ in 0..1_000 {
            let Some((_, timer)) = self.timers().into_iter().find(|(at, _)| *at <= self.now) else { return };
            self.fire(timer);
        }
        self.wrong = Some(format!("the reference does not come to rest in {:?}", State::Waiting));
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::Attempt => self.timed_out(),
            Timer::Unregister => {
                let now = self.now;
                let place = self.byes.iter().position(|bye| bye.deadline <= now).expect("one is due");
                let id = self.byes[place].id;
                self.acts.push(crate::Act::Cancel { id });
                self.bye_ended(place);
            }
            Timer::Grace => self.grace_over(),
            Timer::Lookup => {
                if let Some(lookup) = &mut self.lookup {
                    lookup.over = true;
                }
                self.lookup_ended();
            }
            Timer::Expiry => {
                if let Some(home) = &mut self.home {
                    home.expired = true;
                }
            }
            Timer::Refresh => self.register_at_home(),
            Timer::Walk => self.register_in_walk(),
            Timer::RoundWait => self.next_round(),
            Timer::Hold => self.fire_deferred(),
            Timer::Failback => self.failback_due(),
        }
    }
}
