//! Section 3: what an answer means.

use rehome::{Meaning, Outcome};

use crate::model::{Act, Flight, Kind, Phase, Reference};

/// After so many, the oldest cancelled attempt is forgotten (7.4a).
const REMEMBERED: usize = 8;

impl Reference {
    /// The attempt in flight is no longer waited for; nothing is counted.
    pub(crate) fn cancel_flight(&mut self) -> Option<Flight> {
        let flight = self.flight.take()?;
        self.acts.push(Act::Cancel { id: flight.id });
        let now = self.now;
        self.peer(&flight.target).ended = Some(now);
        self.past.push(flight.clone());
        if self.past.len() > REMEMBERED {
            self.past.remove(0);
        }
        Some(flight)
    }

    /// 3.1b: no answer in time; or the device slept (0.4c).
    pub(crate) fn timed_out(&mut self) {
        let Some(flight) = self.cancel_flight() else { return };
        let late = self.now - flight.deadline;
        if late > 5_000 + self.config.refresh.timer_slack.get() && self.phase == Phase::Running {
            return;
        }
        self.end_pauses();
        if self.phase == Phase::Running {
            self.peer(&flight.target).answered = false;
        }
        self.failed(&flight, false);
    }

    fn failed(&mut self, flight: &Flight, leave: bool) {
        if matches!(self.phase, Phase::Stopping { .. }) {
            self.stop_now(Some(flight.target.clone()));
        } else if flight.at_home {
            self.failed_at_home(leave);
        } else {
            self.failed_in_walk(leave);
        }
    }

    /// The pause of an excursion's REGISTERs, or of all others.
    fn pause(&mut self, flight: &Flight) -> &mut u64 {
        match &mut self.walk {
            Some(walk) if matches!(walk.kind, Kind::Trip(_)) && !flight.at_home => &mut walk.pause,
            _ => &mut self.pause,
        }
    }

    /// Something can leave the device (3.7d).
    fn end_pauses(&mut self) {
        (self.pause, self.not_sent) = (0, 0);
        self.walk.iter_mut().for_each(|walk| walk.pause = 0);
    }

    /// 3.2: whether a status code counts.
    fn counts(&self, code: u16) -> bool {
        let table = &self.config.rollover.outcomes;
        let rule = table.iter().find(|rule| rule.code == code).or(table.iter().find(|rule| rule.code == code / 100));
        match rule {
            Some(rule) => rule.meaning == Meaning::Failure,
            None => matches!(code, 300..=399 | 408 | 429 | 430 | 439 | 480 | 494 | 500..=599),
        }
    }

    pub(crate) fn outcome(&mut self, id: u32, outcome: &Outcome) {
        if let Some(place) = self.byes.iter().position(|bye| bye.id == id) {
            self.bye_ended(place);
            return;
        }
        let Some(flight) = self.flight.take_if(|flight| flight.id == id) else {
            self.late(id, outcome);
            return;
        };
        let now = self.now;
        let answer = matches!(outcome, Outcome::Accepted { .. } | Outcome::Status { .. });
        let running = self.phase == Phase::Running;
        let peer = self.peer(&flight.target);
        peer.ended = Some(now);
        if running && !matches!(outcome, Outcome::NotSent) {
            peer.answered = answer;
        }
        if *outcome != Outcome::NotSent {
            self.end_pauses();
        }
        match *outcome {
            Outcome::Accepted { expires } => self.success(&flight, expires.map(|s| s.get().into())),
            Outcome::Status { code: 200..=299, .. } => self.success(&flight, None),
            Outcome::Status { code: 423, min_expires, .. } => {
                self.too_brief(&flight, min_expires.map_or(0, |s| s.get().into()));
            }
            Outcome::Status { code, retry_after, .. } if self.counts(code) => {
                // While stopping failures are reported and nothing more (6.8a).
                if let Some(seconds) = retry_after.filter(|_| self.phase == Phase::Running) {
                    let held = now + u64::from(seconds.get().clamp(1, 1800)) * 1000;
                    self.peer(&flight.target).held = held;
                }
                let leave = retry_after.is_some() && self.leaves();
                self.failed(&flight, leave);
            }
            Outcome::Status { .. } => self.rejected(&flight),
            Outcome::Unreachable { .. } => self.failed(&flight, false),
            Outcome::NoAddress => self.no_address(&flight),
            Outcome::NotSent => self.not_sent(&flight),
        }
    }

    fn success(&mut self, flight: &Flight, grant: Option<u64>) {
        let grant = grant.unwrap_or(flight.expires);
        if grant == 0 {
            self.failed(flight, false);
        } else if matches!(self.phase, Phase::Stopping { .. }) {
            self.stop_now(Some(flight.target.clone()));
        } else {
            self.accepted(flight, grant);
        }
    }

    /// 3.5.
    fn too_brief(&mut self, flight: &Flight, least: u64) {
        let least = least.min(86_400);
        let stopping = matches!(self.phase, Phase::Stopping { .. });
        if !stopping {
            let peer = self.peer(&flight.target);
            peer.min_expires = peer.min_expires.max(least);
        }
        if flight.longer || least <= flight.expires || stopping {
            self.failed(flight, false);
        } else if flight.at_home || !self.busy || self.home.is_none() {
            // An excursion asks again once the call has ended (6.6a).
            self.register(&flight.target.clone(), flight.at_home, flight.streak, true);
        }
    }

    /// 3.4.
    fn rejected(&mut self, flight: &Flight) {
        if matches!(self.phase, Phase::Stopping { .. }) {
            self.stop_now(Some(flight.target.clone()));
        } else if flight.at_home {
            self.lose_home();
        } else if let Some(walk) = &mut self.walk {
            walk.rejections += 1;
            self.next_target();
        }
    }

    /// 1.5d.
    fn no_address(&mut self, flight: &Flight) {
        if matches!(self.phase, Phase::Stopping { .. }) || flight.at_home {
            self.failed(flight, false);
        } else {
            self.next_target();
        }
    }

    /// 3.7a.
    fn not_sent(&mut self, flight: &Flight) {
        if matches!(self.phase, Phase::Stopping { .. }) {
            return self.stop_now(Some(flight.target.clone()));
        }
        let interval = self.interval();
        let wait = (interval << self.not_sent.min(10)).min(60_000.max(interval));
        *self.pause(flight) = self.now + wait;
        self.not_sent += 1;
        if let Some(home) = self.home.as_mut().filter(|_| flight.at_home) {
            home.due = 0;
        }
    }

    /// 3.6: an answer that nobody waits for any more.
    fn late(&mut self, id: u32, outcome: &Outcome) {
        let Some(place) = self.past.iter().position(|flight| flight.id == id) else { return };
        let flight = self.past.remove(place);
        let grant = match *outcome {
            Outcome::Accepted { expires } => expires.map_or(flight.expires, |s| s.get().into()),
            Outcome::Status { code: 200..=299, .. } => flight.expires,
            _ => 0,
        };
        // The grant counts from the attempt's start (3.3a): what it bound may be over already.
        if flight.started + grant * 1000 <= self.now {
            return;
        }
        if self.phase == Phase::Running {
            self.peer(&flight.target).answered = true;
        }
        let tried = self.walk.as_ref().and_then(|walk| walk.list.as_ref()?.get(walk.at).cloned());
        let running = self.phase == Phase::Running && self.online;
        let taken =
            self.home.is_none() || self.home() == Some(&flight.target) || tried.as_ref() == Some(&flight.target);
        if running && taken {
            // What was unregistered is there again (6.7d).
            self.peer(&flight.target).binding.get_or_insert(flight.binding);
            // A refresh of the home that is left is needless too.
            let moves = self.home() != Some(&flight.target);
            let needless =
                |current: &Flight| self.home.is_none() || current.target == flight.target || current.at_home && moves;
            if self.flight.as_ref().is_some_and(needless) {
                self.cancel_flight();
            }
            self.accepted(&flight, grant);
        } else if self.online {
            // It names what that attempt bound, whatever was unregistered since.
            self.unregister(&flight.target, Some(flight.binding));
        }
    }
}
