//! Section 4 of the policy: walks and rounds, the loss of home, and how everything is paced.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::machine::Phase;
use crate::outcome::For;
use crate::{
    AfterLoss, CancelReason, EventKind, LastOutcome, LossReason, Millis, Registration, Rule, Step, TargetId, Time,
    Trigger,
};

/// Rule 4.4: the first wait after a failed round; it doubles from there.
const FIRST_WAIT: Millis = Millis(30_000);

/// Which kind of walk (see "Words" in the policy).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// The plan from its first.
    All,
    /// Home was lost (rule 4.3).
    Loss,
    /// Home is kept (rule 6.3).
    Excursion(Trigger),
}

/// How far a walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Stage {
    /// It waits for the SRV record (rule 1.2).
    Lookup,
    /// It waits for the addresses of its current target (rule 1.5).
    Addresses,
    /// It tries its current target.
    Trying,
}

/// A list of targets, frozen when the walk begins, with a position.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Walk {
    pub kind: Kind,
    pub stage: Stage,
    pub list: Vec<TargetId>,
    pub at: usize,
    pub streak: u32,
    /// The home that was lost, of a `loss` walk.
    pub lost: Option<TargetId>,
    /// Whether every target so far rejected (rule 3.4).
    pub all_rejected: bool,
    /// Whether the addresses of the current target have been looked up.
    pub resolved: bool,
    /// When the last attempt of the walk ended.
    pub last_end: Option<Time>,
    /// An excursion whose REGISTER could not be sent pauses until then (rules 3.7, 0.2).
    pub not_before: Time,
    /// The rule by which a primary was left.
    pub why: Option<Rule>,
}

impl Walk {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            stage: Stage::Lookup,
            list: Vec::new(),
            at: 0,
            streak: 0,
            lost: None,
            all_rejected: true,
            resolved: false,
            last_end: None,
            not_before: Time::default(),
            why: None,
        }
    }

    pub fn is_round(&self) -> bool {
        !matches!(self.kind, Kind::Excursion(_))
    }

    /// The target being tried; none while the walk still waits for the record.
    pub fn current(&self) -> Option<TargetId> {
        if self.stage == Stage::Lookup { None } else { self.list.get(self.at).copied() }
    }
}

/// Between two rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wait {
    /// None: only an event ends it (rule 3.4, `never`).
    pub until: Option<Time>,
    pub rejected: bool,
}

impl Registration {
    /// A round over the plan from its first, with its lookup (rules 1.2, 4.2).
    pub(crate) fn begin_round(&mut self, out: &mut Step) {
        self.wait = None;
        self.walk = Some(Walk::new(Kind::All));
        self.look_up_for_walk(out);
    }

    /// The same for a fleet that may do so in one instant: its first REGISTER is spread (rule 4.6).
    pub(crate) fn begin_spread_round(&mut self, out: &mut Step) {
        let spread = self.rng.up_to(self.config.rollover.recovery_spread.0);
        // A longer spread of the start still holds.
        self.first_not_before = self.first_not_before.max(self.now.after(Millis(spread)));
        self.begin_round(out);
    }

    /// The same, when the answer has just come (rule 1.2: with no plan yet, it begins the round).
    pub(crate) fn begin_round_without_lookup(&mut self, out: &mut Step) {
        self.walk = Some(Walk::new(Kind::All));
        self.freeze_walk(out);
    }

    pub(crate) fn look_up_for_walk(&mut self, out: &mut Step) {
        if !self.online {
            return; // It begins when the network is back (rule 3.7).
        }
        self.look_up(out);
        if !self.dns.is_waiting() {
            self.freeze_walk(out);
        }
    }

    /// Freezes the walk's list: from now on the plan may change without it.
    pub(crate) fn freeze_walk(&mut self, out: &mut Step) {
        let Some(mut walk) = self.walk.take() else { return };
        if let Kind::Excursion(trigger) = walk.kind {
            return self.begin_excursion(walk, trigger, out);
        }
        let order = self.dns.order();
        if order.is_empty() {
            self.walk = Some(walk);
            return self.end_round(out);
        }
        walk.list = match walk.lost {
            Some(lost) => self.after_loss(order, lost),
            None => self.plan_or_old_home_first(order),
        };
        self.held_last(&mut walk.list);
        walk.stage = Stage::Trying;
        self.walk = Some(walk);
        // Where DNS does not answer at start, the last draw stands (rule 2.5).
        self.dns.redraw = false;
    }

    /// Rule 6.1, and its switch (6.4): where a restart does not go back to the primary, the old home is first.
    fn plan_or_old_home_first(&self, order: &[TargetId]) -> Vec<TargetId> {
        let first = self.former.filter(|old| !self.config.failback.on_restart && order.contains(old));
        let rest = order.iter().copied().filter(|id| Some(*id) != first);
        first.into_iter().chain(rest).collect()
    }

    /// Rule 4.3: where to look when home is lost; home itself comes last.
    fn after_loss(&self, order: &[TargetId], lost: TargetId) -> Vec<TargetId> {
        let place = order.iter().position(|id| *id == lost);
        let back = order.iter().copied().filter(|id| *id == lost);
        let others = || order.iter().copied().filter(move |id| *id != lost);
        let next = self.config.rollover.after_loss == AfterLoss::Next || !self.config.failback.on_loss;
        if next {
            let after = place.map_or(0, |place| place.saturating_add(1));
            let round = order.iter().skip(after).chain(order.iter().take(after));
            return round.copied().filter(|id| *id != lost).chain(back).collect();
        }
        let in_tier = |id: &TargetId| self.priority(*id) == self.priority(lost);
        let tier = others().filter(in_tier);
        let rest = others().filter(|id| !in_tier(id));
        tier.chain(rest).chain(back).collect()
    }

    pub(crate) fn priority(&self, id: TargetId) -> Option<u16> {
        self.targets.get(id).map(|entry| entry.target.priority)
    }

    pub(crate) fn held_until(&self, id: TargetId) -> Option<Time> {
        self.targets.get(id).map(|entry| entry.held_until).filter(|until| *until > self.now)
    }

    /// Rule 4.5: held targets go to the end, in their order; none is skipped.
    pub(crate) fn held_last(&self, list: &mut Vec<TargetId>) {
        let held: Vec<TargetId> = list.iter().copied().filter(|id| self.held_until(*id).is_some()).collect();
        if !held.is_empty() {
            list.retain(|id| !held.contains(id));
            list.extend(held);
        }
    }

    /// Rule 4.4: the earliest start of an attempt at this target, its unregister aside.
    pub(crate) fn spacing(&self, id: TargetId) -> Time {
        self.targets.get(id).map_or_else(Time::default, |entry| entry.spacing(self.config.rollover.retry_interval))
    }

    /// When the walk's next attempt is due, if the lane is free for it (rules 0.1, 0.2, 4.4).
    pub(crate) fn walk_due(&self) -> Option<Time> {
        let walk = self.walk.as_ref()?;
        if !self.is_active() || self.attempt.is_some() {
            return None;
        }
        let target = walk.current()?;
        if walk.stage == Stage::Addresses {
            return self.addresses_due();
        }
        if self.is_unregistering(target) {
            return None;
        }
        let mut at = self.spacing(target).max(self.not_before).max(walk.not_before);
        if walk.is_round() {
            return Some(at.max(self.first_not_before));
        }
        at = at.max(self.held_until(target).unwrap_or_default());
        (!self.busy).then_some(at)
    }

    /// The walk's current target is due: its addresses first, where the core looks them up, then the attempt.
    pub(crate) fn walk_on(&mut self, out: &mut Step) {
        let Some((target, stage, resolved)) =
            self.walk.as_ref().and_then(|walk| Some((walk.current()?, walk.stage, walk.resolved)))
        else {
            return;
        };
        if stage == Stage::Addresses {
            if let Some(walk) = &mut self.walk {
                walk.stage = Stage::Trying;
                walk.resolved = true;
            }
            self.dns.addresses_go = None;
            if self.targets.get(target).is_some_and(|entry| entry.addresses.is_empty()) {
                self.pass_over(target, out);
            }
            return;
        }
        if !resolved && self.needs_addresses(target) {
            if let Some(walk) = &mut self.walk {
                walk.stage = Stage::Addresses;
            }
            return self.look_up_addresses(target, out);
        }
        self.attempt(target, For::Walk, false, out);
    }

    /// Rule 1.5: a target without any address is passed over in a walk; nothing is counted.
    pub(crate) fn pass_over(&mut self, target: TargetId, out: &mut Step) {
        if let Some(entry) = self.targets.get_mut(target) {
            entry.last = Some(LastOutcome::NoAddress);
        }
        out.event(1, 5, EventKind::NoAddress { target });
        if let Some(walk) = &mut self.walk {
            walk.all_rejected = false;
        }
        self.walk_to_next((1, 5), out);
    }

    /// Rules 4.1, 4.2: the next target is current, with a streak of 0; after the last the walk has ended. An excursion's end is
    /// no round's (rule 0.2).
    pub(crate) fn walk_to_next(&mut self, rule: (u8, u8), out: &mut Step) {
        let now = self.now;
        let primary = self.dns.plan.as_ref().map(|plan| plan.primary);
        let Some(mut walk) = self.walk.take() else { return };
        let from = walk.current();
        if from.and_then(|from| self.priority(from)) == primary {
            walk.why.get_or_insert(Rule::new(rule.0, rule.1));
        }
        walk.at = walk.at.saturating_add(1);
        walk.streak = 0;
        walk.resolved = false;
        walk.last_end = Some(now);
        let to = walk.current();
        let kind = walk.kind;
        self.walk = Some(walk);
        match (from, to, kind) {
            (Some(from), Some(to), _) => out.event(rule.0, rule.1, EventKind::RolledOver { from, to }),
            (_, _, Kind::Excursion(trigger)) => self.end_excursion(trigger, out),
            _ => self.end_round(out),
        }
    }

    /// The round has failed: the next one begins after a wait (rules 4.2, 4.4, 3.4, 4.5).
    pub(crate) fn end_round(&mut self, out: &mut Step) {
        let Some(walk) = self.walk.take() else { return };
        let rejected = walk.all_rejected && !walk.list.is_empty();
        let base = walk.last_end.unwrap_or(self.now);
        self.rounds = self.rounds.saturating_add(1);
        let rollover = &self.config.rollover;
        let refused = rejected && !self.accepted;
        let longest = if refused {
            rollover.rejected_retry
        } else {
            let doublings = self.rounds.saturating_sub(1);
            let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
            let cap = rollover.rejected_retry.filter(|_| rejected).unwrap_or(rollover.round_wait_max);
            Some(FIRST_WAIT.times(factor).min(cap))
        };
        let until = longest.map(|longest| {
            let least = Millis(longest.0.div_ceil(2));
            let drawn = Millis(self.rng.up_to(longest.minus(least).0));
            let until = base.after(least).after(drawn);
            if refused { until } else { self.after_holds(until, base, drawn) }
        });
        self.wait = Some(Wait { until, rejected });
        let (section, number) = if rejected { (3, 4) } else { (4, 2) };
        out.event(section, number, EventKind::RoundFailed { rejected, rounds: self.rounds, until });
    }

    /// Rule 4.5: if every target is held, the round waits for the first hold to end, and for the chance in its wait, within
    /// `roundWaitMax`.
    fn after_holds(&self, until: Time, base: Time, drawn: Millis) -> Time {
        let order = self.dns.order();
        let mut first: Option<Time> = None;
        for id in order {
            match self.held_until(*id) {
                Some(held) => first = Some(first.map_or(held, |first| first.min(held))),
                None => return until,
            }
        }
        let latest = base.after(self.config.rollover.round_wait_max);
        first.map_or(until, |first| until.max(first.after(drawn).min(latest)))
    }

    /// Something asks for the next round now (rule 4.4).
    pub(crate) fn end_wait(&mut self, out: &mut Step) {
        if self.wait.take().is_some() {
            out.event(4, 4, EventKind::WaitEnded);
            out.event(4, 2, EventKind::Wrapped);
        }
    }

    pub(crate) fn wait_over(&mut self, out: &mut Step) {
        self.wait = None;
        out.event(4, 2, EventKind::Wrapped);
        self.begin_round(out);
    }

    /// Home is lost (rule 4.3). If nothing there was ever proven, the round that found it goes on (rule 3.3).
    pub(crate) fn lose_home(&mut self, reason: LossReason, out: &mut Step) {
        let now = self.now;
        let Some(home) = self.home.take() else { return };
        let target = home.target;
        if let Some(entry) = self.targets.get_mut(target) {
            entry.left_at = Some(now);
        }
        self.former = Some(target);
        self.forget_missing();
        out.event(4, 3, EventKind::HomeLost { target, reason });
        // An excursion has nothing to be an excursion from any more.
        self.cancel_attempt((4, 3), CancelReason::HomeLost, out);
        if self.phase != Phase::Running {
            return;
        }
        match home.found_by.filter(|walk| !home.proven && !walk.list.is_empty()) {
            Some(walk) if walk.current() == Some(target) => {
                self.walk = Some(*walk);
                return self.walk_to_next((3, 3), out);
            }
            // Home was found late: the walk was already at another target, which is the next.
            Some(mut walk) => {
                (walk.stage, walk.resolved, walk.streak) = (Stage::Trying, false, 0);
                if let Some(to) = walk.current() {
                    out.event(3, 3, EventKind::RolledOver { from: target, to });
                }
                self.walk = Some(*walk);
                return;
            }
            None => {}
        }
        let mut walk = Walk::new(Kind::Loss);
        walk.lost = Some(target);
        self.walk = Some(walk);
        self.look_up_for_walk(out);
    }

    /// Keeps the round that found home until a success there is proven.
    pub(crate) fn keep_round(walk: Option<Walk>) -> Option<Box<Walk>> {
        walk.filter(Walk::is_round).map(|mut walk| {
            walk.all_rejected = false;
            Box::new(walk)
        })
    }
}
