//! Rules 6.1, 6.7 to 6.9: start, stop, a new configuration, and the clean-up lane of unregisters.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::machine::Phase;
use crate::snapshot::fingerprint;
use crate::validate;
use crate::{
    Action, CancelReason, Config, EventKind, Id, LastOutcome, Millis, Redraw, Registration, SkipReason, Step, TargetId,
    Time,
};

/// Rules 6.7, 6.8: the time an unregister has.
const UNREGISTER_TIME: Millis = Millis(4_000);
/// Rule 6.8: how long stop waits for the attempt in flight.
const GRACE: Millis = Millis(2_000);

/// What an unregister is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum UnregisterFor {
    /// The old home (rule 6.7).
    Old,
    /// A late success nobody wants (rule 3.6).
    Late,
    /// Stop (rule 6.8).
    Stop,
}

/// An unregister in flight, or one that waits for the end of a call (rule 6.6): that has no id yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Unregister {
    pub id: Option<Id>,
    pub target: TargetId,
    pub binding: Id,
    pub deadline: Time,
    pub purpose: UnregisterFor,
}

impl Registration {
    pub(crate) fn start(&mut self, out: &mut Step) {
        match &mut self.phase {
            Phase::Stopping { restart, .. } => *restart = true, // Rule 6.9.
            Phase::Stopped => self.restart(out),
            Phase::Running => {
                self.deferred = None; // Rule 6.6.
                if self.wait.is_some() && self.online {
                    self.rounds = 0; // Rule 4.4.
                    self.end_wait(out);
                    self.begin_round(out);
                }
            }
        }
    }

    /// Rule 6.1: looks up again, draws again, walks the plan from its first.
    pub(crate) fn restart(&mut self, out: &mut Step) {
        self.phase = Phase::Running;
        self.cancelled.clear();
        self.deferred = None;
        self.failback_at = None;
        self.rounds = 0;
        self.end_pause();
        self.forget_choice();
        self.dns.redraw = true;
        out.event(1, 1, EventKind::Started { source: self.source.kind(), name: self.source.name() });
        let spread = self.rng.between(0, self.config.rollover.start_spread.0);
        self.first_not_before = self.now.after(Millis(spread));
        self.begin_round(out);
    }

    /// Rule 6.8.
    pub(crate) fn stop(&mut self, out: &mut Step) {
        match &mut self.phase {
            Phase::Stopped => return,
            Phase::Stopping { restart, .. } => {
                *restart = false;
                return;
            }
            Phase::Running => {}
        }
        let grace = self.now.after(GRACE);
        self.phase = Phase::Stopping { grace, restart: false };
        self.walk = None;
        self.wait = None;
        self.deferred = None;
        self.failback_at = None;
        out.event(6, 8, EventKind::Stopping);
        self.cancel_lookups(out);
        if !self.online {
            self.finish_stop(out);
        } else if self.attempt.is_none() {
            self.unregister_all(None, out);
        }
    }

    pub(crate) fn grace_over(&mut self, out: &mut Step) {
        let target = self.attempt.as_ref().map(|attempt| attempt.target);
        self.cancel_attempt((6, 8), CancelReason::Stopping, out);
        self.unregister_all(target, out);
    }

    /// Rule 6.8: home, and where the last attempt went; and what waited for the end of a call.
    pub(crate) fn unregister_all(&mut self, tried: Option<TargetId>, out: &mut Step) {
        let home = self.home.as_ref().map(|home| home.target);
        let tried = tried.filter(|tried| Some(*tried) != home);
        for target in home.into_iter().chain(tried) {
            if let Some(binding) = self.targets.get(target).and_then(|entry| entry.binding) {
                self.unregister(target, binding, UnregisterFor::Stop, out);
            }
        }
        self.send_queued_unregisters(out);
        if self.unregisters.is_empty() {
            self.finish_stop(out);
        }
    }

    pub(crate) fn finish_stop(&mut self, out: &mut Step) {
        self.unregisters.clear(); // Those held for a call (rule 6.6), where there is no network.
        if let Some(home) = self.home.take() {
            // A binding that had no unregister is removed once another target accepts (rule 6.1); home may be where to
            // begin in any case (rule 6.4).
            let bound = self.targets.get(home.target).is_some_and(|entry| entry.binding.is_some());
            self.former = Some(home.target).filter(|_| bound || !self.config.failback.on_restart);
        }
        let restart = matches!(self.phase, Phase::Stopping { restart: true, .. });
        self.phase = Phase::Stopped;
        out.event(6, 8, EventKind::Stopped);
        if let Some((config, source)) = self.next_config.take() {
            self.take_config(config, source);
        }
        if restart {
            self.restart(out);
        }
    }

    /// Rule 6.9.
    pub(crate) fn configure(&mut self, config: Config, out: &mut Step) {
        let Ok(source) = validate::source(&config) else { return };
        // The same again is no such change: it may tell of a new password.
        let slack_differs = self.config.refresh.timer_slack != config.refresh.timer_slack;
        if slack_differs && self.next_config.is_none() && fingerprint(&self.config) == fingerprint(&config) {
            // Rule 5.2: the host's timers are no policy.
            out.event(6, 9, EventKind::Configured { restart: false });
            self.config = Arc::new(config);
            return;
        }
        let other_place = !validate::same_place(&self.config, &config);
        let (config, source) = (Arc::new(config), Arc::new(source));
        match self.phase {
            Phase::Stopped => {
                out.event(6, 9, EventKind::Configured { restart: false });
                self.take_config(config, source);
            }
            Phase::Stopping { .. } => {
                out.event(6, 9, EventKind::Configured { restart: false });
                self.next_config = Some((config, source));
            }
            Phase::Running if other_place => {
                out.event(6, 9, EventKind::Configured { restart: true });
                self.next_config = Some((config, source));
                self.stop(out);
                self.start(out);
            }
            Phase::Running => {
                out.event(6, 9, EventKind::Configured { restart: false });
                self.take_config(config, source);
                if self.wait.as_ref().is_some_and(|wait| wait.rejected) && self.online {
                    self.end_wait(out); // Rule 3.4: another configuration may be accepted.
                    self.begin_round(out);
                }
            }
        }
    }

    fn take_config(&mut self, config: Arc<Config>, source: Arc<validate::SourcePlan>) {
        if !validate::same_place(&self.config, &config) {
            self.dns = crate::lookup::Dns::default();
        }
        self.config = config;
        self.source = source;
        self.rounds = 0;
        self.accepted = false;
        self.rejection_told = false;
        self.failback_at = None;
        self.take_refreshes_over();
    }

    /// Rule 6.7: another target is home, so the old one is unregistered. `lost` says that it was lost before.
    pub(crate) fn unregister_former(&mut self, lost: bool, spread: bool, out: &mut Step) {
        // One that waits for the end of a call is not for a target that is home again (rule 6.7).
        let home = self.home.as_ref().map(|home| home.target);
        self.unregisters.retain(|unregister| unregister.id.is_some() || Some(unregister.target) != home);
        let Some(old) = self.former.take() else { return };
        let Some(entry) = self.targets.get(old) else { return };
        let Some(binding) = entry.binding.filter(|_| !self.is_home(old)) else { return };
        let silent = matches!(entry.last, None | Some(LastOutcome::Silent | LastOutcome::NoAddress));
        let tier = self.home.as_ref().and_then(|home| self.priority(home.target));
        if spread || (self.config.order.redraw == Redraw::Distribute && self.priority(old) == tier) {
            return skip(old, (2, 5), SkipReason::SameTier, out);
        }
        if !self.config.failback.unregister_old {
            return skip(old, (6, 7), SkipReason::SwitchedOff, out);
        }
        if silent {
            return skip(old, (6, 7), SkipReason::Silent, out);
        }
        if self.busy && !lost {
            let (purpose, deadline) = (UnregisterFor::Old, Time::default());
            return self.unregisters.push(Unregister { id: None, target: old, binding, deadline, purpose });
        }
        self.unregister(old, binding, UnregisterFor::Old, out);
    }

    /// What waited for the end of a call goes now (rule 6.6); stop does not wait (rule 6.8). One whose target is being tried
    /// waits on: should that not become home, its binding would be left (rule 6.7).
    pub(crate) fn send_queued_unregisters(&mut self, out: &mut Step) {
        let wait = self.busy && self.phase == Phase::Running;
        if wait || !self.online {
            return;
        }
        let ready = |this: &Self, queued: &Unregister| {
            queued.id.is_none() && (this.is_at_home(queued.target) || !this.is_being_tried(queued.target))
        };
        while let Some(queued) = self.unregisters.iter().find(|queued| ready(self, queued)).cloned() {
            self.unregisters.retain(|unregister| *unregister != queued);
            self.unregister(queued.target, queued.binding, queued.purpose, out);
        }
    }

    /// One unregister, unless that target is in use by then (rule 6.7) or one is under way there.
    pub(crate) fn unregister(&mut self, target: TargetId, binding: Id, purpose: UnregisterFor, out: &mut Step) {
        if self.is_unregistering(target) {
            return;
        }
        if purpose == UnregisterFor::Old && self.is_in_use(target) {
            return skip(target, (6, 7), SkipReason::InUse, out);
        }
        let id = self.new_id();
        let deadline = self.now.after(UNREGISTER_TIME);
        let mut address = None;
        if let Some(entry) = self.targets.get_mut(target) {
            entry.binding = entry.binding.filter(|of_target| *of_target != binding);
            address = entry.address();
        }
        self.unregisters.push(Unregister { id: Some(id), target, binding, deadline, purpose });
        out.actions.push(Action::Unregister { id, target, address, binding, deadline });
    }

    fn is_home(&self, target: TargetId) -> bool {
        self.home.as_ref().is_some_and(|home| home.target == target)
    }

    pub(crate) fn is_unregistering(&self, target: TargetId) -> bool {
        self.unregisters.iter().any(|unregister| unregister.id.is_some() && unregister.target == target)
    }

    fn is_in_use(&self, target: TargetId) -> bool {
        self.is_at_home(target) || self.is_being_tried(target)
    }

    fn is_at_home(&self, target: TargetId) -> bool {
        self.home.as_ref().is_some_and(|home| self.is_same_place(target, home.target))
    }

    fn is_being_tried(&self, target: TargetId) -> bool {
        let attempt = self.attempt.as_ref().map(|attempt| attempt.target);
        self.trying().into_iter().chain(attempt).any(|tried| self.is_same_place(target, tried))
    }

    /// By name or, where known, by address and port.
    fn is_same_place(&self, one: TargetId, other: TargetId) -> bool {
        let place = |id: TargetId| {
            let entry = self.targets.get(id)?;
            Some((entry.address()?, entry.target.port))
        };
        one == other || place(one).is_some_and(|of_one| place(other) == Some(of_one))
    }

    pub(crate) fn unregister_ended(&mut self, id: Id, confirmed: bool, out: &mut Step) {
        let Some(ended) = self.unregisters.iter().find(|unregister| unregister.id == Some(id)).cloned() else { return };
        self.unregisters.retain(|unregister| unregister.id != Some(id));
        let (section, number) = match ended.purpose {
            UnregisterFor::Old | UnregisterFor::Late => (6, 7),
            UnregisterFor::Stop => (6, 8),
        };
        out.event(section, number, EventKind::Unregistered { target: ended.target, confirmed });
        match self.phase {
            Phase::Running => self.refresh_after_unregister(),
            Phase::Stopping { .. } if self.unregisters.is_empty() && self.attempt.is_none() => self.finish_stop(out),
            Phase::Stopping { .. } | Phase::Stopped => {}
        }
    }

    pub(crate) fn unregister_overdue(&mut self, out: &mut Step) {
        let now = self.now;
        let overdue = self.unregisters.iter().find(|unregister| unregister.id.is_some() && unregister.deadline <= now);
        if let Some(id) = overdue.and_then(|unregister| unregister.id) {
            out.actions.push(Action::Cancel { id });
            self.unregister_ended(id, false, out);
        }
    }

    /// No network: nobody waits for unregisters (rule 3.7).
    pub(crate) fn forget_unregisters(&mut self, out: &mut Step) {
        let stopping = matches!(self.phase, Phase::Stopping { .. });
        let (queued, sent) =
            core::mem::take(&mut self.unregisters).into_iter().partition(|u| u.id.is_none() && !stopping);
        self.unregisters = queued;
        let sent: Vec<Unregister> = sent;
        for unregister in sent {
            out.actions.extend(unregister.id.map(|id| Action::Cancel { id }));
            if stopping {
                let (target, confirmed) = (unregister.target, false);
                out.event(6, 8, EventKind::Unregistered { target, confirmed }); // Failures are reported.
            }
        }
    }
}

fn skip(target: TargetId, rule: (u8, u8), reason: SkipReason, out: &mut Step) {
    out.event(rule.0, rule.1, EventKind::UnregisterSkipped { target, reason });
}
