//! Rules 3.7, 6.1, 6.7 to 6.9: start, stop, the network, and unregisters.

use crate::model::{Act, Bye, Phase, Reference, Walk};

impl Reference {
    pub(crate) fn start(&mut self) {
        match self.phase {
            Phase::Stopping { grace, .. } => self.phase = Phase::Stopping { grace, restart: true },
            Phase::Running => {
                // 6.1b: it ends a wait, and with it the count of rounds and a deferred trigger.
                self.deferred = None;
                // Without network there is none to end: the network's return begins a round anyway (3.7c).
                if self.wait.is_some() && self.online {
                    self.rounds = 0;
                    self.next_round();
                }
            }
            Phase::Stopped => {
                self.phase = Phase::Running;
                self.past.clear();
                self.rounds = 0;
                self.deferred = None;
                if self.online {
                    self.next_round();
                }
            }
        }
    }

    pub(crate) fn stop(&mut self) {
        match self.phase {
            Phase::Stopped => return,
            Phase::Stopping { grace, .. } => {
                self.phase = Phase::Stopping { grace, restart: false };
                return;
            }
            Phase::Running => {}
        }
        (self.walk, self.wait, self.deferred) = (None, None, None);
        self.cancel_lookup();
        self.phase = Phase::Stopping { grace: self.now + 2_000, restart: false };
        if self.flight.is_none() {
            self.stop_now(None);
        } else {
            self.leave_kept(None);
        }
    }

    pub(crate) fn grace_over(&mut self) {
        let target = self.cancel_flight().map(|flight| flight.target);
        self.stop_now(target);
    }

    /// 6.8a: home and the attempt's target are unregistered, then it has stopped.
    pub(crate) fn stop_now(&mut self, attempt: Option<String>) {
        let home = self.home().map(str::to_owned);
        for name in home.iter().chain(attempt.iter().filter(|name| home.as_ref() != Some(name))) {
            if self.online {
                self.unregister(name, None);
            } else if self.home() == Some(name) && self.seen(name).binding.is_some() {
                // No unregister has ended that binding (6.1c, 6.7d).
                self.old.push(name.clone());
            }
        }
        self.leave_kept(home.as_ref());
        self.stopped_if_done();
    }

    /// The unregisters that waited for the end of a call, or for the network since; one whose target is being tried waits
    /// on (6.7b).
    pub(crate) fn leave_waiting(&mut self) {
        if self.phase != Phase::Running || !self.online || self.busy {
            return;
        }
        let tried = self.walk.as_ref().and_then(|walk| walk.list.as_ref()?.get(walk.at).cloned());
        let (kept, free) = std::mem::take(&mut self.kept).into_iter().partition(|name| Some(name) == tried.as_ref());
        self.kept = kept;
        let free: Vec<String> = free;
        for name in free {
            self.unregister(&name, None);
        }
    }

    /// What waited for the end of a call waits no longer (6.8b).
    fn leave_kept(&mut self, home: Option<&String>) {
        for name in std::mem::take(&mut self.kept) {
            if self.online && home != Some(&name) {
                self.unregister(&name, None);
            }
        }
    }

    fn stopped_if_done(&mut self) {
        let Phase::Stopping { restart, .. } = self.phase else { return };
        if self.flight.is_none() && self.byes.is_empty() {
            (self.phase, self.home, self.pause, self.not_sent) = (Phase::Stopped, None, 0, 0);
            if restart {
                self.start();
            }
        }
    }

    /// One unregister, unless one is under way there (6.7b).
    pub(crate) fn unregister(&mut self, name: &str, bound: Option<u32>) {
        // Nor where a REGISTER is in flight: stop waits for that one first.
        let tried = self.flight.as_ref().is_some_and(|flight| flight.target == name);
        let stops = matches!(self.phase, Phase::Stopping { .. }) && self.flight.is_some() && self.home() == Some(name);
        if tried || stops || self.byes.iter().any(|bye| bye.target == name) {
            return;
        }
        let Some(binding) = bound.or(self.peer(name).binding) else { return };
        // That is the end of it, answered or not (6.7d).
        self.peer(name).binding.take_if(|of_peer| *of_peer == binding);
        let id = self.fresh_id();
        let deadline = self.now + 4_000;
        let target = name.to_owned();
        self.byes.push(Bye { id, target: target.clone(), deadline });
        self.acts.push(Act::Unregister { id, target, binding, deadline: self.host_time(deadline) });
    }

    /// 6.7a: the homes left behind, now that another target has accepted.
    pub(crate) fn leave_old(&mut self, trip: bool) {
        for name in std::mem::take(&mut self.old) {
            if !self.config.failback.unregister_old || !self.seen(&name).answered {
                continue;
            }
            if trip && self.busy {
                self.kept.push(name);
            } else {
                self.unregister(&name, None);
            }
        }
    }

    /// 6.7c; while stopping, 6.8a.
    pub(crate) fn bye_ended(&mut self, place: usize) {
        self.byes.remove(place);
        if self.phase == Phase::Running {
            let now = self.now;
            if let Some(home) = &mut self.home {
                (home.due, home.exempt, home.retry) = (now, true, false);
            }
        }
        self.stopped_if_done();
    }

    pub(crate) fn network_down(&mut self) {
        if !self.online {
            return;
        }
        self.online = false;
        self.cancel_flight();
        self.past.clear();
        self.cancel_lookup();
        for bye in std::mem::take(&mut self.byes) {
            self.acts.push(Act::Cancel { id: bye.id });
        }
        if let Some(home) = &mut self.home {
            (home.confirmed, home.exempt) = (false, false);
        }
        if matches!(self.phase, Phase::Stopping { .. }) {
            self.stop_now(None);
        }
    }

    pub(crate) fn network_changed(&mut self) {
        self.online = true;
        if self.phase != Phase::Running {
            self.past.clear();
            return;
        }
        self.rounds = 0;
        (self.pause, self.not_sent) = (0, 0);
        self.cancel_flight();
        self.past.clear();
        self.cancel_lookup();
        let now = self.now;
        if let Some(home) = &mut self.home {
            (home.streak, home.confirmed, home.since) = (0, false, None);
            (home.due, home.retry) = (now, false);
            // An excursion waits for what the new network's DNS says (1.2b).
            if let Some(walk) = &mut self.walk {
                *walk = Walk::of(walk.kind.clone());
            }
            self.ask();
        } else {
            self.next_round();
        }
    }
}
