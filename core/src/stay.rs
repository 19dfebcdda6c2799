//! Section 5 of the policy: home, its refreshes, and its recovery (rule 4.6).

use alloc::boxed::Box;

use crate::due::{self, Due, DueFor};
use crate::machine::Phase;
use crate::order;
use crate::outcome::{For, Via};
use crate::plan::AFTER_END;
use crate::rollover::{Kind, Walk};
use crate::{
    Addresses, CancelReason, EventKind, LastOutcome, LossReason, Millis, Redraw, RefreshOwner, Registration, Rule,
    Seconds, Selection, Step, TargetId, Time, Trigger,
};

/// How many different grants are remembered as told (rule 5.2).
const TOLD: usize = 8;

/// How many times `recoverySpread` is for what time alone sets off (rule 4.6).
const APART: u64 = 30;

/// The target of the last success.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Home {
    pub target: TargetId,
    pub expires_at: Time,
    pub expired: bool,
    /// Whether status may say registered (rule 7.3).
    pub confirmed: bool,
    pub due: Option<Due>,
    pub streak: u32,
    /// The streak before the last success, which counts on if that is not proven (rule 3.3).
    pub streak_before: u32,
    /// The last success, as long as its flow holds.
    pub success_at: Option<Time>,
    /// Whether any success here was proven (rule 3.3).
    pub proven: bool,
    /// The round that found it, until then; boxed, so that a registration stays small.
    pub found_by: Option<Box<Walk>>,
    /// In how many good answers in a row it was missing (rule 5.3).
    pub missing: u32,
    /// The rule by which it is not a primary, if it was none from the beginning.
    pub why: Option<Rule>,
}

impl Registration {
    /// Rule 3.3: a success is proven once it has lasted N times RI.
    pub(crate) fn settle(&mut self) {
        let lasting = self.proof_time();
        let now = self.now;
        if let Some(home) = &mut self.home
            && home.success_at.is_some_and(|at| at.after(lasting) <= now)
        {
            home.proven = true;
            home.found_by = None;
            home.success_at = None;
            self.rounds = 0;
        }
    }

    fn proof_time(&self) -> Millis {
        let rollover = &self.config.rollover;
        rollover.retry_interval.times(u64::from(rollover.failures_before_rollover))
    }

    /// Another target accepted and is home from now on (rule 3.3).
    pub(crate) fn become_home(&mut self, target: TargetId, started: Time, granted: Seconds, via: Via, out: &mut Step) {
        let now = self.now;
        let spread = via == Via::Attempt(For::Spread);
        let old = self.home.take();
        let walk = if spread { None } else { self.walk.take() };
        // An excursion that would try what is home now, or whose reason is gone, is over (rules 5.3, 6.3).
        let goes_on = |walk: &Walk| walk.kind != Kind::Excursion(Trigger::HomeMissing) && !walk.list.contains(&target);
        self.walk = self.walk.take().filter(goes_on);
        if !spread {
            self.wait = None;
        }
        let mut why = old.as_ref().and_then(|home| home.why);
        if let Some(old) = &old {
            if let Some(entry) = self.targets.get_mut(old.target) {
                entry.left_at = Some(now);
            }
            self.former = Some(old.target);
            // What is in flight was for the old home.
            self.cancel_attempt((3, 6), CancelReason::LateSuccess, out);
            let rule = leaving_rule(via, walk.as_ref());
            out.event(rule.0, rule.1, EventKind::HomeLeft { from: old.target, to: target });
        }
        if !spread {
            why = Some(arrival_rule(via, walk.as_ref())).filter(|_| !self.is_primary(target));
        }
        let is_first_home = old.is_none();
        // A target of a frozen walk, or a late one, may no longer be listed (rule 5.3).
        let listed = self.targets.get(target).is_some_and(|entry| entry.listed);
        let tried = walk.as_ref().filter(|walk| walk.current() == Some(target));
        let streak_before = tried.map_or(0, |walk| walk.streak);
        self.home = Some(Home {
            target,
            expires_at: now,
            expired: false,
            confirmed: true,
            due: None,
            streak: 0,
            streak_before,
            success_at: Some(now),
            proven: false,
            found_by: Self::keep_round(walk.filter(|_| is_first_home)),
            missing: u32::from(!listed),
            why,
        });
        out.event(3, 3, EventKind::Registered { target, expires: granted });
        self.schedule_refresh(started, granted, out);
        if !spread {
            self.failback_at = None;
        }
        self.forget_missing();
        if self.is_primary(target) {
            self.deferred = None; // Rule 6.6.
        }
        self.unregister_former(is_first_home, spread, out);
        if spread {
            self.after_refresh(out);
        }
    }

    pub(crate) fn home_refreshed(&mut self, started: Time, granted: Seconds, out: &mut Step) {
        let now = self.now;
        let Some(home) = &mut self.home else { return };
        home.streak_before = home.streak;
        home.streak = 0;
        home.success_at = Some(now);
        home.expired = false;
        home.confirmed = true;
        let target = home.target;
        out.event(5, 1, EventKind::Refreshed { target, expires: granted });
        self.schedule_refresh(started, granted, out);
        self.after_refresh(out);
    }

    /// Rule 5.2: when the next refresh falls.
    fn schedule_refresh(&mut self, started: Time, granted: Seconds, out: &mut Step) {
        let refresh = &self.config.refresh;
        let rollover = &self.config.rollover;
        let grant = granted.millis();
        let tries = u64::from(rollover.failures_before_rollover).saturating_add(1);
        let reserve = rollover.attempt_timeout.plus(AFTER_END).max(rollover.retry_interval).times(tries);
        let half = Millis(grant.0.saturating_div(2));
        let most = Millis(grant.0.saturating_sub(grant.0.div_ceil(10)));
        let latest = most.min(grant.minus(reserve));
        let mut too_short = latest < half;
        let latest = latest.max(half);
        let point = match refresh.interval {
            Some(interval) => {
                too_short |= interval > latest;
                interval.min(latest)
            }
            None => Millis(self.rng.between(half.0, latest.0)),
        };
        // Timers later than the grant allows: no time would do, and REGISTERs without pause would help nobody.
        too_short |= latest.minus(refresh.timer_slack) < due::quarter(latest);
        let due = Due::refresh(started, point, rollover.retry_interval);
        let by_core = refresh.owner == RefreshOwner::Core;
        if too_short && by_core && !self.short_grants.contains(&granted.0) {
            if self.short_grants.len() >= TOLD {
                self.short_grants.clear();
            }
            self.short_grants.push(granted.0);
            out.event(5, 2, EventKind::GrantTooShort { expires: granted });
        }
        let Some(home) = &mut self.home else { return };
        home.expires_at = started.after(grant);
        // One that became due while this one was in flight is still owed (rule 6.7).
        if home.due.is_none_or(|due| due.why != DueFor::Settle) {
            home.due = by_core.then_some(due);
        }
        if home.missing > 0 {
            self.refresh_when_ttl_ends();
        }
    }

    /// Rule 5.3: home is missing, so the next refresh falls no later than the TTL's end; it may have ended during the last.
    pub(crate) fn refresh_when_ttl_ends(&mut self) {
        let latest = self.apart(self.dns.valid_until);
        let slack = self.config.refresh.timer_slack;
        let due = self.home.as_mut().and_then(|home| home.due.as_mut()).filter(|_| latest > self.now);
        if let Some(due) = due.filter(|due| due.time(slack) > latest) {
            *due = Due::then(latest, due.why);
        }
    }

    /// Rule 4.6: what time alone sets off comes in many phones at once, so each draws again.
    pub(crate) fn apart(&mut self, at: Time) -> Time {
        at.after(Millis(self.rng.up_to(self.config.rollover.recovery_spread.times(APART).0)))
    }

    /// When a REGISTER at home is due, if the lane is free for it.
    pub(crate) fn home_due(&self) -> Option<Time> {
        let home = self.home.as_ref()?;
        let due = home.due.as_ref()?;
        if !self.is_active() || self.attempt.is_some() || self.is_unregistering(home.target) {
            return None;
        }
        let spacing = if due.why == DueFor::Settle { Time::default() } else { self.spacing(home.target) };
        Some(due.time(self.config.refresh.timer_slack).max(spacing).max(self.not_before))
    }

    pub(crate) fn register_at_home(&mut self, out: &mut Step) {
        let Some(home) = &mut self.home else { return };
        let Some(due) = home.due.take() else { return };
        let target = home.target;
        if due.why != DueFor::Retry && self.dns.has_expired(self.now) {
            self.look_up(out); // Rule 1.2: nobody waits for it.
        }
        if self.targets.get(target).is_some_and(|entry| entry.addresses.is_empty()) && self.needs_addresses(target) {
            self.look_up_addresses(target, out); // For the next one: a refresh never waits (rule 1.5).
        }
        if due.why == DueFor::Refresh && self.config.order.redraw == Redraw::Distribute {
            let drawn = self.draw_in_tier(target);
            if drawn != target {
                return self.attempt(drawn, For::Spread, false, out);
            }
        }
        self.attempt(target, For::Home, false, out);
    }

    /// Rule 2.5, `distribute`: among the targets of home's tier whose last outcome was no failure.
    fn draw_in_tier(&mut self, home: TargetId) -> TargetId {
        let tier = self.priority(home);
        let order = self.dns.order();
        let (targets, unregisters) = (&self.targets, &self.unregisters);
        let by_core = self.config.lookup.addresses == Addresses::Core;
        let (now, interval) = (self.now, self.config.rollover.retry_interval);
        let healthy = order.iter().filter_map(|id| {
            let entry = targets.get(*id).filter(|entry| Some(entry.target.priority) == tier)?;
            let well = matches!(entry.last, None | Some(LastOutcome::Accepted));
            let leaving = unregisters.iter().any(|unregister| unregister.target == *id);
            let ready = entry.spacing(interval) <= now && !(by_core && entry.addresses.is_empty());
            (*id == home || well && !leaving && ready).then_some((*id, entry.target.weight))
        });
        order::pick(healthy, Selection::Weighted, &mut self.rng).unwrap_or(home)
    }

    pub(crate) fn home_expired(&mut self, out: &mut Step) {
        let now = self.now;
        let Some(home) = &mut self.home else { return };
        home.expired = true;
        home.confirmed = false;
        out.event(4, 3, EventKind::HomeExpired { target: home.target });
        // An application that owns the refreshes has missed one: the core asks for it (rules 5.2, 5.4).
        if self.attempt.as_ref().is_none_or(|attempt| attempt.purpose == For::Walk) {
            home.due.get_or_insert(Due::then(now, DueFor::Recovery));
        }
    }

    /// Rule 4.6: a REGISTER at home is due after a random wait, drawn once.
    fn recover(&mut self) {
        let spread = self.config.rollover.recovery_spread;
        let slack = self.config.refresh.timer_slack;
        let now = self.now;
        let Some(home) = &mut self.home else { return };
        match home.due {
            Some(due) if matches!(due.why, DueFor::Recovery | DueFor::Settle) => {}
            due => {
                let drawn = now.after(Millis(self.rng.between(0, spread.0)));
                // What fell due during sleep is spread as well.
                let at = due.map(|due| due.time(slack)).filter(|at| *at > now).map_or(drawn, |at| at.min(drawn));
                home.due = Some(Due::then(at, DueFor::Recovery));
            }
        }
    }

    /// A configuration that takes the refreshes from the application (rule 5.2) begins with one.
    pub(crate) fn take_refreshes_over(&mut self) {
        let in_flight = self.attempt.as_ref().is_some_and(|attempt| attempt.purpose != For::Walk);
        let due = self.home.as_ref().is_none_or(|home| home.due.is_some());
        if self.config.refresh.owner == RefreshOwner::Core && !due && !in_flight {
            self.recover();
        }
    }

    /// Rule 6.7: the registrar may be the same behind both, so the binding is written again, at once.
    pub(crate) fn refresh_after_unregister(&mut self) {
        let at = self.now;
        if let Some(home) = &mut self.home {
            home.due = Some(Due::then(at, DueFor::Settle));
        }
    }

    pub(crate) fn flow_lost(&mut self, target: TargetId, out: &mut Step) {
        let at_home = self.attempt.as_ref().is_some_and(|attempt| attempt.target == target);
        let enough = u32::from(self.config.rollover.failures_before_rollover);
        let running = self.is_active();
        let Some(home) = self.home.as_mut().filter(|home| home.target == target && !at_home && running) else {
            return out.event(4, 6, EventKind::FlowLossIgnored { target });
        };
        home.confirmed = false;
        let counts = home.success_at.take().is_some();
        if counts {
            home.streak = home.streak_before.saturating_add(1);
        }
        let streak = home.streak;
        let (section, number) = if counts { (3, 3) } else { (4, 6) };
        out.event(section, number, EventKind::FlowLost { target, streak });
        if counts && streak >= enough {
            return self.lose_home(LossReason::Failures, out);
        }
        self.recover();
    }

    pub(crate) fn network_down(&mut self, out: &mut Step) {
        if !self.online {
            return;
        }
        self.online = false;
        out.event(3, 7, EventKind::NetworkDown);
        if self.phase == Phase::Stopped {
            return self.forget_unregisters(out);
        }
        self.cancel_attempt((3, 7), CancelReason::NetworkDown, out);
        self.cancel_lookups(out);
        self.forget_unregisters(out);
        self.cancelled.clear();
        if let Some(home) = &mut self.home {
            home.confirmed = false;
            home.due = None; // The next network draws anew (rule 4.6).
        }
        if matches!(self.phase, Phase::Stopping { .. }) {
            self.finish_stop(out); // Rule 6.8: without network it just stops.
        }
    }

    pub(crate) fn network_changed(&mut self, out: &mut Step) {
        self.online = true;
        out.event(4, 6, EventKind::NetworkChanged);
        if self.phase != Phase::Running {
            self.cancelled.clear();
            return;
        }
        self.cancel_attempt((4, 6), CancelReason::NetworkChanged, out);
        self.cancel_lookups(out);
        self.cancelled.clear();
        self.forget_choice();
        self.rounds = 0;
        self.end_pause();
        let home = self.home.as_ref().map(|home| home.target);
        for entry in self.targets.iter_mut().filter(|entry| Some(entry.target.id) != home && !entry.is_numeric()) {
            entry.addresses.clear(); // Another network may translate them otherwise.
        }
        if let Some(home) = &mut self.home {
            home.streak = 0;
            home.streak_before = 0;
            home.success_at = None; // The device moved; the server did not hang up.
            home.confirmed = false;
            self.recover();
            match &mut self.walk {
                // The excursion begins again, over the plan of this network.
                Some(walk) => {
                    *walk = Walk::new(walk.kind);
                    self.look_up_for_walk(out);
                }
                None => self.look_up(out),
            }
        } else {
            if self.wait.take().is_some() {
                out.event(4, 4, EventKind::WaitEnded);
            }
            self.begin_spread_round(out);
        }
    }

    pub(crate) fn resumed(&mut self, out: &mut Step) {
        out.event(4, 6, EventKind::Resumed);
        if !self.is_active() {
            return;
        }
        self.cancel_attempt((4, 6), CancelReason::Resumed, out);
        if self.home.is_some() {
            self.recover();
        } else if self.wait.as_ref().is_some_and(|wait| !wait.rejected) {
            self.end_wait(out);
            self.begin_spread_round(out);
        }
    }

    /// Whether a target is of the primary tier of the plan.
    pub(crate) fn is_primary(&self, target: TargetId) -> bool {
        let listed = self.home.as_ref().is_none_or(|home| home.target != target || home.missing == 0);
        let primary = self.dns.plan.as_ref().map(|plan| plan.primary);
        listed && primary.is_some() && self.priority(target) == primary
    }
}

/// The rule by which home moved.
fn leaving_rule(via: Via, walk: Option<&Walk>) -> (u8, u8) {
    match (via, walk.map(|walk| walk.kind)) {
        (Via::Attempt(For::Spread), _) => (2, 5),
        (Via::Attempt(_), Some(Kind::Excursion(trigger))) => trigger.rule(),
        _ => (3, 6),
    }
}

/// The rule by which this target, if no primary, is home.
fn arrival_rule(via: Via, walk: Option<&Walk>) -> Rule {
    match walk {
        _ if via == Via::Late => Rule::new(3, 6),
        Some(walk) if matches!(walk.kind, Kind::Excursion(_)) => Rule::new(5, 3),
        Some(walk) => walk.why.unwrap_or(if walk.kind == Kind::Loss { Rule::new(4, 3) } else { Rule::new(4, 5) }),
        None => Rule::new(4, 1),
    }
}
