//! Section 6 of the policy: what asks for the primary again, and the excursions that follow.

use alloc::vec::Vec;

use crate::machine::Phase;
use crate::rollover::{Kind, Stage, Walk};
use crate::{Bar, EventKind, FailbackEvery, IgnoreReason, Millis, Registration, Step, TargetId, Time, Trigger};

/// The least time between two attempts of `failback` every `ttl`, should DNS not answer.
const FAILBACK_MIN: Millis = Millis(60_000);

/// A trigger that waits until nothing bars it (rule 6.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Deferred {
    pub trigger: Trigger,
    /// For a hold or a hold-off: when it ends.
    pub until: Time,
}

impl Trigger {
    pub(crate) const fn rule(self) -> (u8, u8) {
        match self {
            Self::AgentLogin => (6, 3),
            Self::Manual | Self::Failback => (6, 4),
            Self::HomeMissing => (5, 3),
        }
    }
}

impl Registration {
    /// Something asks for the primary again (rules 6.3, 6.4).
    pub(crate) fn trigger(&mut self, trigger: Trigger, out: &mut Step) {
        let on = match trigger {
            Trigger::AgentLogin => self.config.failback.on_agent_login,
            Trigger::Manual => self.config.failback.on_manual,
            Trigger::Failback | Trigger::HomeMissing => true,
        };
        if !on {
            return out.event(6, 4, EventKind::TriggerIgnored { trigger, reason: IgnoreReason::SwitchedOff });
        }
        if self.phase != Phase::Running {
            if trigger != Trigger::AgentLogin {
                return out.event(6, 4, EventKind::TriggerIgnored { trigger, reason: IgnoreReason::NotRunning });
            }
            tell(trigger, out);
            return self.start(out);
        }
        // One that waits for the network runs too (rule 6.3).
        if self.walk.as_ref().is_some_and(|walk| !walk.is_round()) {
            return out.event(6, 3, EventKind::TriggerIgnored { trigger, reason: IgnoreReason::ExcursionRunning });
        }
        if !self.online {
            return self.defer(trigger, Bar::Offline, None, out);
        }
        if self.wait.is_some() {
            if matches!(trigger, Trigger::Failback | Trigger::HomeMissing) {
                return; // Only somebody's wish ends a wait (rule 4.4); the next round serves these anyway.
            }
            tell(trigger, out);
            self.end_wait(out);
            return self.begin_round(out);
        }
        match &self.walk {
            Some(_) => self.defer(trigger, Bar::Round, None, out),
            None if self.busy => self.defer(trigger, Bar::Busy, None, out),
            None => {
                tell(trigger, out);
                self.walk = Some(Walk::new(Kind::Excursion(trigger)));
                if trigger == Trigger::HomeMissing {
                    self.freeze_walk(out); // It is by DNS that home is missing.
                } else {
                    self.look_up_for_walk(out);
                }
            }
        }
    }

    /// Rule 6.6: deferred triggers are one. What somebody asked for outlives the absence of home (5.3), which DNS, or the
    /// next refresh, brings up again.
    fn defer(&mut self, trigger: Trigger, reason: Bar, until: Option<Time>, out: &mut Step) {
        let asked = self.deferred.filter(|_| trigger == Trigger::HomeMissing);
        let kept = asked.map_or(trigger, |deferred| deferred.trigger);
        self.deferred = Some(Deferred { trigger: kept, until: until.unwrap_or_default() });
        let (section, number) = match reason {
            Bar::HoldOff => (6, 5),
            Bar::Held => (4, 5),
            _ => (6, 6),
        };
        out.event(section, number, EventKind::TriggerDeferred { trigger, reason, until });
    }

    /// When the deferred trigger may go; none while something bars it.
    pub(crate) fn deferred_due(&self) -> Option<Time> {
        let barred = !self.is_active() || self.busy || self.walk.is_some();
        self.deferred.filter(|_| !barred).map(|deferred| deferred.until)
    }

    pub(crate) fn fire_deferred(&mut self, out: &mut Step) {
        if let Some(deferred) = self.deferred.take() {
            self.trigger(deferred.trigger, out);
        }
    }

    /// Home is missing from two good answers in a row (rule 5.3): the whole new plan, and it needs no lookup.
    pub(crate) fn home_vanished(&mut self, out: &mut Step) {
        let trigger = Trigger::HomeMissing;
        match &mut self.walk {
            // The answer that an excursion waits for: let it go over the whole plan.
            Some(walk) if walk.stage == Stage::Lookup => walk.kind = Kind::Excursion(trigger),
            Some(_) => {}
            None if self.busy => self.defer(trigger, Bar::Busy, None, out),
            None => {
                tell(trigger, out);
                self.walk = Some(Walk::new(Kind::Excursion(trigger)));
            }
        }
    }

    /// Home is listed again, or another: what was deferred because it is missing (rule 5.3) has no reason any more.
    pub(crate) fn forget_missing(&mut self) {
        self.deferred = self.deferred.filter(|deferred| deferred.trigger != Trigger::HomeMissing);
    }

    /// Home is in DNS again (rule 5.3): an excursion for its absence has no reason any more.
    pub(crate) fn home_is_listed_again(&mut self, out: &mut Step) {
        let trigger = Trigger::HomeMissing;
        self.forget_missing();
        let trying = |walk: &Walk| walk.kind == Kind::Excursion(trigger) && walk.stage != Stage::Lookup;
        if self.walk.as_ref().is_some_and(trying) {
            self.cancel_attempt_for_walk(out);
            self.end_excursion(trigger, out);
        }
    }

    /// The lookup of an excursion has ended: does it begin at all (rules 6.3, 6.5, 6.6, 4.5)?
    pub(crate) fn begin_excursion(&mut self, mut walk: Walk, trigger: Trigger, out: &mut Step) {
        let Some(home) = self.home.as_ref().map(|home| (home.target, home.missing)) else { return };
        let (home, missing) = home;
        let whole_plan = trigger == Trigger::HomeMissing;
        let (section, number) = trigger.rule();
        if whole_plan && missing == 0 {
            return out.event(section, number, EventKind::HomeKept { target: home });
        }
        if !whole_plan && self.is_primary(home) {
            self.deferred = None;
            let reason = IgnoreReason::HomeIsPrimary;
            return out.event(6, 3, EventKind::TriggerIgnored { trigger, reason });
        }
        if self.busy {
            return self.defer(trigger, Bar::Busy, None, out);
        }
        let Some(plan) = &self.dns.plan else { return };
        let primary = Some(plan.primary);
        let wanted = |id: &TargetId| *id != home && (whole_plan || self.priority(*id) == primary);
        let mut list: Vec<TargetId> = plan.order.iter().copied().filter(wanted).collect();
        if let Some(until) = self.held_off(plan.primary).filter(|_| !whole_plan) {
            let until = self.apart(until);
            return self.defer(trigger, Bar::HoldOff, Some(until), out);
        }
        let free = list.iter().any(|id| self.held_until(*id).is_none());
        if let Some(until) = list.iter().filter_map(|id| self.held_until(*id)).min().filter(|_| !free) {
            let until = self.apart(until);
            return self.defer(trigger, Bar::Held, Some(until), out);
        }
        out.event(section, number, EventKind::ExcursionBegan { trigger });
        self.held_last(&mut list);
        walk.stage = Stage::Trying;
        let nothing = list.is_empty();
        walk.list = list;
        self.walk = Some(walk);
        if nothing {
            self.end_excursion(trigger, out);
        }
    }

    /// Rule 6.5: until when no excursion may go to the tier, because home left it a short time ago.
    fn held_off(&self, tier: u16) -> Option<Time> {
        let of_tier = self.targets.iter().filter(|entry| entry.target.priority == tier);
        let left = of_tier.filter_map(|entry| entry.left_at).max()?;
        let until = left.after(self.config.failback.hold_off);
        (until > self.now).then_some(until)
    }

    /// None of its targets accepted: home stays home (rule 6.3).
    pub(crate) fn end_excursion(&mut self, trigger: Trigger, out: &mut Step) {
        self.walk = None;
        self.failback_at = None;
        if let Some(target) = self.home.as_ref().map(|home| home.target) {
            let (section, number) = trigger.rule();
            out.event(section, number, EventKind::HomeKept { target });
        }
    }

    /// A refresh at home succeeded: the moment for `failback` every `refresh`, and to look again for a new home where
    /// DNS no longer lists this one (rule 5.3).
    pub(crate) fn after_refresh(&mut self, out: &mut Step) {
        let waits = self.deferred.map(|deferred| deferred.trigger);
        if self.walk.is_some() || waits == Some(Trigger::HomeMissing) {
            return;
        }
        let Some(home) = self.home.as_ref().map(|home| (home.target, home.missing)) else { return };
        if home.1 >= 2 && !self.dns.is_waiting() {
            self.trigger(Trigger::HomeMissing, out); // Whatever else waits, be it for hold-off (rule 6.5).
        } else if waits.is_none() && self.config.failback.every == FailbackEvery::Refresh && !self.is_primary(home.0) {
            self.trigger(Trigger::Failback, out);
        }
    }

    /// Rule 6.4: sets the failback timer while home is no primary, and nothing is under way.
    pub(crate) fn arm_failback(&mut self) {
        let away = self.home.as_ref().is_some_and(|home| !self.is_primary(home.target));
        if !away {
            self.failback_at = None;
        } else if self.failback_at.is_none() && self.walk.is_none() && self.deferred.is_none() {
            self.failback_at = match self.config.failback.every {
                FailbackEvery::Never | FailbackEvery::Refresh => None,
                FailbackEvery::Ttl if self.dns.valid_until > self.now => Some(self.apart(self.dns.valid_until)),
                FailbackEvery::Ttl => Some(self.now.after(FAILBACK_MIN)),
                FailbackEvery::Millis(every) => {
                    let spread = self.rng.between(0, self.config.rollover.recovery_spread.0);
                    Some(self.now.after(every).after(Millis(spread)))
                }
            };
        }
    }

    pub(crate) fn failback_due(&mut self, out: &mut Step) {
        self.failback_at = None;
        if self.deferred.is_none() {
            self.trigger(Trigger::Failback, out);
        }
    }
}

fn tell(trigger: Trigger, out: &mut Step) {
    let (section, number) = trigger.rule();
    out.event(section, number, EventKind::Triggered { trigger });
}
