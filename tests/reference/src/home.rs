//! Section 5 and rules 3.3, 4.3, 4.6: becoming home, staying, and being lost.

use crate::model::{Flight, Home, Kind, Phase, Reference, Walk};

impl Reference {
    /// When a refresh falls after a grant (5.2), for an attempt that started then.
    fn refresh_at(&self, started: u64, grant: u64) -> u64 {
        let rollover = &self.config.rollover;
        let reserve = u64::from(self.failures() + 1) * (rollover.attempt_timeout.get() + 1_000).max(self.interval());
        let latest = (grant * 9 / 10).min(grant.saturating_sub(reserve)).max(grant / 2);
        let at = self.config.refresh.interval.map_or(latest, |interval| interval.get()).min(latest);
        started + at.saturating_sub(self.config.refresh.timer_slack.get()).max(at.div_ceil(4)).max(self.interval())
    }

    pub(crate) fn register_at_home(&mut self) {
        let Some(home) = &mut self.home else { return };
        home.exempt = false;
        let retry = std::mem::replace(&mut home.retry, true);
        let (name, streak) = (home.target.clone(), home.streak);
        // A retry asks no DNS (1.2a).
        if !retry && self.ttl_end.is_none_or(|end| end <= self.now) {
            self.ask();
        }
        self.register(&name, true, streak, false);
    }

    /// 3.3: a success there, of `flight`.
    pub(crate) fn accepted(&mut self, flight: &Flight, grant: u64) {
        let (now, name) = (self.now, flight.target.clone());
        self.accepted = true;
        let (due, expires_at) = (self.refresh_at(flight.started, grant * 1000), flight.started + grant * 1000);
        let ttl_end = self.ttl_end.unwrap_or(0);
        let missing = self.listed(&name).is_none();
        // 5.3b: a home that is missing is refreshed when the TTL ends.
        let due = if missing && ttl_end > now { due.min(ttl_end) } else { due };
        if self.home() == Some(&name) {
            let home = self.home.as_mut().expect("just seen");
            home.before = home.streak;
            home.since = Some(now);
            home.streak = 0;
            // An unregister that ended meanwhile still asks for a refresh of its own (6.7c).
            let due = if home.exempt { now } else { due };
            (home.due, home.expires_at, home.retry) = (due, expires_at, false);
            (home.expired, home.confirmed) = (false, true);
            if self.lookup.as_ref().is_none_or(|lookup| lookup.over) {
                // 5.3c: the next refresh tries again.
                self.leave_missing();
            }
            self.refreshed_at_home();
            return;
        }
        let trip = self.walk.as_ref().is_some_and(|walk| matches!(walk.kind, Kind::Trip(_)));
        if let Some(left) = self.home.take() {
            self.peer(&left.target).left = Some(now);
            self.old.push(left.target);
        }
        // A late success elsewhere has a streak of its own, which is none.
        let tried = |walk: &&Walk| walk.list.as_ref().and_then(|list| list.get(walk.at)) == Some(&name);
        let before = self.walk.as_ref().filter(tried).map_or(0, |walk| walk.streak);
        // Where the round goes on if this home does not last (3.3c); a late success leaves the target being tried.
        let mut found = self.walk.take().filter(|walk| !trip && walk.list.is_some());
        if let Some(walk) = &mut found {
            walk.at += usize::from(walk.list.as_ref().and_then(|list| list.get(walk.at)) == Some(&name));
            // Not every target of that round rejected (3.4b).
            (walk.streak, walk.accepted) = (0, true);
        }
        self.wait = None;
        self.old.retain(|old| *old != name);
        self.kept.retain(|old| *old != name);
        self.home = Some(Home {
            target: name.clone(),
            streak: 0,
            due,
            exempt: false,
            retry: false,
            expires_at,
            expired: false,
            confirmed: true,
            missing: u32::from(missing),
            since: Some(now),
            proven: false,
            before,
            found,
            failback: Some(now),
        });
        // A primary clears what is deferred (6.6c); the absence of another home is over in any case.
        if self.is_primary(&name) || matches!(self.deferred, Some((rehome::Trigger::HomeMissing, _))) {
            self.deferred = None;
        }
        self.leave_old(trip);
    }

    /// A success is proven once it has lasted N times RI (3.3b); that clears the rounds (4.4e).
    pub(crate) fn proof(&mut self) {
        let (now, long) = (self.now, u64::from(self.failures()) * self.interval());
        if let Some(home) = &mut self.home
            && home.since.is_some_and(|since| now >= since + long)
        {
            home.since = None;
            home.proven = true;
            home.found = None;
            self.rounds = 0;
        }
    }

    /// A failure at home (4.3a).
    pub(crate) fn failed_at_home(&mut self, leave: bool) {
        let failures = self.failures();
        let Some(home) = &mut self.home else { return };
        home.streak += 1;
        home.due = 0;
        if home.streak >= failures || leave {
            self.lose_home();
        }
    }

    pub(crate) fn lose_home(&mut self) {
        let Some(home) = self.home.take() else { return };
        self.peer(&home.target).left = Some(self.now);
        self.old.push(home.target.clone());
        if matches!(self.deferred, Some((rehome::Trigger::HomeMissing, _))) {
            self.deferred = None;
        }
        // An excursion has lost what it was for: its attempt is cancelled.
        self.cancel_flight();
        if let Some(found) = home.found.filter(|_| !home.proven) {
            self.walk = Some(found);
            self.end_if_done();
            return;
        }
        self.walk = Some(Walk::of(Kind::Loss(home.target)));
        self.ask();
    }

    /// 4.6: the connection to that target is gone.
    pub(crate) fn flow_lost(&mut self, name: &str) {
        let at_home = self.flight.as_ref().is_some_and(|flight| flight.at_home);
        let (now, failures) = (self.now, self.failures());
        let running = self.phase == Phase::Running && self.online;
        let Some(home) = self.home.as_mut().filter(|home| home.target == name && running && !at_home) else { return };
        home.confirmed = false;
        (home.due, home.retry) = (now, false);
        if home.since.take().is_some() {
            home.streak = home.before + 1;
            if home.streak >= failures {
                self.lose_home();
            }
        }
    }

    /// 4.6b: the device woke up, or its clock went back.
    pub(crate) fn resumed(&mut self) {
        if self.phase != Phase::Running || !self.online {
            return;
        }
        self.cancel_flight();
        let now = self.now;
        if let Some(home) = &mut self.home {
            (home.due, home.retry) = (now, false);
        } else if self.wait.as_ref().is_some_and(|wait| !wait.rejected) {
            self.next_round();
        }
    }
}
