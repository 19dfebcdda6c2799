//! Section 6: back to the primary.

use rehome::{FailbackEvery, Trigger};

use crate::model::{Kind, Phase, Reference, Walk};

impl Reference {
    pub(crate) fn trigger(&mut self, trigger: Trigger) {
        let failback = &self.config.failback;
        let on = match trigger {
            Trigger::AgentLogin => failback.on_agent_login,
            Trigger::Manual => failback.on_manual,
            Trigger::Failback | Trigger::HomeMissing => true,
        };
        if !on {
            return;
        }
        match self.phase {
            Phase::Stopped | Phase::Stopping { .. } if trigger == Trigger::AgentLogin => return self.start(),
            Phase::Stopped | Phase::Stopping { .. } => return,
            Phase::Running => {}
        }
        // An excursion runs, be it paused for want of a network: an event and nothing more (6.3c).
        if self.home.is_some() && self.walk.is_some() {
            return;
        }
        if !self.online || self.busy && self.home.is_some() {
            self.defer(trigger, 0);
        } else if self.home.is_some() {
            if self.walk.is_none() {
                self.ask_for_excursion(trigger);
            }
        } else if self.wait.is_some() {
            self.next_round();
        } else {
            self.defer(trigger, 0);
        }
    }

    pub(crate) fn defer(&mut self, trigger: Trigger, until: u64) {
        // Deferred triggers are one (6.6c): the last, with its bar; but home's absence (5.3) drops nobody's wish.
        let asked = self.deferred.filter(|_| trigger == Trigger::HomeMissing);
        self.deferred = Some((asked.map_or(trigger, |(asked, _)| asked), until));
    }

    fn ask_for_excursion(&mut self, trigger: Trigger) {
        self.walk = Some(Walk::of(Kind::Trip(trigger)));
        self.ask();
    }

    /// DNS has been heard for it: does it go, and is there anything to go to (6.3c, 6.5, 6.6)?
    pub(crate) fn excursion(&mut self, trigger: Trigger) {
        let primary = self.home().is_some_and(|home| self.is_primary(home));
        let exempt = trigger == Trigger::HomeMissing;
        let bar = if exempt { self.all_held_until() } else { self.barred_until() };
        if !primary && (self.busy || bar > self.now) {
            self.walk = None;
            self.defer(trigger, if self.busy { 0 } else { bar });
        } else if primary {
            (self.walk, self.deferred) = (None, None);
        } else {
            self.begin_walk();
        }
    }

    /// The end of hold-off and holds for the primary tier (6.5a, 4.5c).
    fn barred_until(&self) -> u64 {
        let off = self.config.failback.hold_off.get();
        let tier: Vec<&str> =
            self.plan.iter().map(|entry| entry.name.as_str()).filter(|name| self.is_primary(name)).collect();
        let first = self.set.first().map(|entry| entry.priority);
        let in_tier = self.peers.iter().filter(|peer| Some(peer.priority) == first);
        let left = in_tier.filter_map(|peer| peer.left).max().map_or(0, |left| left + off);
        let held = tier.iter().map(|name| self.seen(name).held).min().unwrap_or(0);
        // One bar after the other.
        if left > self.now { left } else { held }
    }

    /// When the deferred trigger may go; none while it waits for an event.
    pub(crate) fn deferred_until(&self) -> Option<u64> {
        let (trigger, until) = self.deferred?;
        if self.busy || self.walk.is_some() {
            return None;
        }
        if self.home.is_none() {
            // A login that came during the round begins the next one; the failback timer does not.
            let asked = matches!(trigger, Trigger::AgentLogin | Trigger::Manual);
            return self.wait.as_ref().filter(|_| asked).map(|_| until.max(self.now));
        }
        Some(until.max(self.now))
    }

    pub(crate) fn fire_deferred(&mut self) {
        let Some((trigger, _)) = self.deferred.take() else { return };
        if self.home.is_none() {
            self.next_round();
        } else if trigger == Trigger::HomeMissing {
            self.walk = Some(Walk::of(Kind::Trip(trigger)));
            self.begin_walk();
        } else {
            self.ask_for_excursion(trigger);
        }
    }

    /// 6.4b: when the primary is tried unasked.
    pub(crate) fn failback_at(&self) -> Option<u64> {
        let home = self.home.as_ref()?;
        // Deferred triggers are one (6.6c).
        if self.deferred.is_some() || self.is_primary(&home.target) {
            return None;
        }
        match self.config.failback.every {
            FailbackEvery::Never | FailbackEvery::Refresh => None,
            FailbackEvery::Ttl => self.ttl_end.filter(|end| self.fired != Some(*end)),
            FailbackEvery::Millis(every) => home.failback.map(|from| from + every.get()),
        }
    }

    pub(crate) fn failback_due(&mut self) {
        self.fired = self.ttl_end;
        self.home.iter_mut().for_each(|home| home.failback = None);
        self.trigger(Trigger::Failback);
    }

    /// After a successful refresh at home.
    pub(crate) fn refreshed_at_home(&mut self) {
        let away = self.home().is_some_and(|home| !self.is_primary(home));
        if self.config.failback.every == FailbackEvery::Refresh && away && self.walk.is_none() {
            self.trigger(Trigger::Failback);
        }
    }
}
