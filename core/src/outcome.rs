//! Section 3 of the policy: attempts, and what their outcomes mean.

use crate::due::{Due, DueFor};
use crate::life::UnregisterFor;
use crate::machine::Phase;
use crate::validate;
use crate::{
    Action, CancelReason, EventKind, FailureReason, Id, LastOutcome, LossReason, Meaning, Millis, Outcome,
    Registration, RetryAfter, Seconds, Step, TargetId, Time,
};

/// Rule 3.5: a longer expiry than this is not granted to a registrar.
const MIN_EXPIRES_MAX: u32 = 86_400;
/// Rule 4.5: a Retry-After is used as 1 to 1800 s.
const RETRY_AFTER_MAX: u32 = 1800;
/// Rule 0.4: how late the time-out of an attempt may be noticed before it means that the device slept.
const SLEPT: Millis = Millis(5_000);
/// Rule 3.7: the longest pause when nothing leaves the device.
const NOT_SENT_MAX: Millis = Millis(60_000);
/// Rule 7.4: how many cancelled attempts are remembered.
const REMEMBERED: usize = 8;

/// What an attempt is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum For {
    /// The binding at home.
    Home,
    /// The walk's current target.
    Walk,
    /// A refresh drawn to another target of home's tier (rule 2.5).
    Spread,
}

/// The REGISTER in flight (rule 0.1: there is at most one).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Attempt {
    pub id: Id,
    pub target: TargetId,
    pub purpose: For,
    pub started: Time,
    pub deadline: Time,
    pub expires: Seconds,
    /// Whether it is the second try of a 423 (rule 3.5).
    pub longer: bool,
}

/// An attempt no longer waited for, whose success would still matter (rule 3.6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Cancelled {
    pub id: Id,
    pub target: TargetId,
    pub binding: Id,
    pub started: Time,
    pub expires: Seconds,
}

/// How a target came to accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Attempt(For),
    Late,
}

impl Registration {
    /// Sends a REGISTER (rule 3.1).
    pub(crate) fn attempt(&mut self, target: TargetId, purpose: For, longer: bool, out: &mut Step) {
        let id = self.new_id();
        let now = self.now;
        let streak = match purpose {
            For::Home => self.home.as_ref().map_or(0, |home| home.streak),
            For::Walk => self.walk.as_ref().map_or(0, |walk| walk.streak),
            For::Spread => 0,
        };
        let Some(entry) = self.targets.get_mut(target) else { return };
        entry.last_start = Some(now);
        let binding = *entry.binding.get_or_insert(id);
        let expires = Seconds(self.config.refresh.expires.0.max(entry.min_expires));
        let deadline = now.after(self.config.rollover.attempt_timeout);
        out.actions.push(Action::Register {
            id,
            target,
            address: entry.address(),
            binding,
            attempt: streak.saturating_add(1),
            expires,
            deadline,
        });
        self.attempt = Some(Attempt { id, target, purpose, started: now, deadline, expires, longer });
    }

    pub(crate) fn came_out(&mut self, id: Id, outcome: Outcome, out: &mut Step) {
        if self.attempt.as_ref().is_some_and(|attempt| attempt.id == id) {
            self.attempt_ended(Some(outcome), out);
        } else if self.unregisters.iter().any(|unregister| unregister.id == Some(id)) {
            let confirmed = match outcome {
                Outcome::Accepted { .. } => true,
                Outcome::Status { code, .. } => code < 300,
                _ => false,
            };
            self.unregister_ended(id, confirmed, out);
        } else {
            self.late(id, outcome, out);
        }
    }

    /// The attempt's deadline has passed (rule 3.1), or the device slept through it (rule 0.4).
    pub(crate) fn attempt_overdue(&mut self, out: &mut Step) {
        let Some(attempt) = &self.attempt else { return };
        let slack = SLEPT.plus(self.config.refresh.timer_slack);
        if self.now > attempt.deadline.after(slack) && self.phase == Phase::Running {
            out.actions.push(Action::Cancel { id: attempt.id });
            out.event(0, 4, EventKind::Slept);
            self.abandon_attempt((0, 4), CancelReason::Slept, out);
        } else {
            out.actions.push(Action::Cancel { id: attempt.id });
            self.remember_attempt();
            self.attempt_ended(None, out);
        }
    }

    /// Cancels the attempt in flight without counting it (rules 3.6, 4.3, 4.6); its target is tried again when its spacing allows.
    pub(crate) fn cancel_attempt(&mut self, rule: (u8, u8), reason: CancelReason, out: &mut Step) {
        if let Some(attempt) = &self.attempt {
            out.actions.push(Action::Cancel { id: attempt.id });
            self.abandon_attempt(rule, reason, out);
        }
    }

    /// The same for an excursion that has lost its reason (rule 5.3); what is in flight at home goes on.
    pub(crate) fn cancel_attempt_for_walk(&mut self, out: &mut Step) {
        if self.attempt.as_ref().is_some_and(|attempt| attempt.purpose == For::Walk) {
            self.cancel_attempt((5, 3), CancelReason::HomeListed, out);
        }
    }

    fn abandon_attempt(&mut self, rule: (u8, u8), reason: CancelReason, out: &mut Step) {
        self.remember_attempt();
        let now = self.now;
        let Some(attempt) = self.attempt.take() else { return };
        if let Some(entry) = self.targets.get_mut(attempt.target) {
            entry.last_end = Some(now);
        }
        out.event(rule.0, rule.1, EventKind::AttemptCancelled { id: attempt.id, reason });
        if reason == CancelReason::Slept {
            self.retry_at_home(attempt.purpose);
        }
    }

    fn remember_attempt(&mut self) {
        let Some(attempt) = &self.attempt else { return };
        let binding = self.targets.get(attempt.target).and_then(|entry| entry.binding).unwrap_or(attempt.id);
        let (id, target, started, expires) = (attempt.id, attempt.target, attempt.started, attempt.expires);
        if self.cancelled.len() >= REMEMBERED {
            let oldest = self.cancelled.iter().map(|cancelled| cancelled.id).min();
            self.cancelled.retain(|cancelled| Some(cancelled.id) != oldest);
        }
        self.cancelled.push(Cancelled { id, target, binding, started, expires });
    }

    /// The attempt has its outcome (rules 3.2, 3.3, 3.5); none means that its time ran out.
    fn attempt_ended(&mut self, outcome: Option<Outcome>, out: &mut Step) {
        let now = self.now;
        let Some(attempt) = self.attempt.take() else { return };
        if let Some(entry) = self.targets.get_mut(attempt.target) {
            entry.last_end = Some(now);
        }
        if self.phase != Phase::Running {
            return self.unregister_all(Some(attempt.target), out);
        }
        self.conclude(&attempt, outcome, out);
    }

    fn conclude(&mut self, attempt: &Attempt, outcome: Option<Outcome>, out: &mut Step) {
        if outcome != Some(Outcome::NotSent) {
            self.end_pause();
        }
        match outcome {
            None => self.failed(attempt, FailureReason::Timeout, None, out),
            Some(Outcome::Unreachable { cause }) => {
                self.failed(attempt, FailureReason::Unreachable(cause), None, out);
            }
            Some(Outcome::Accepted { expires }) => match expires.unwrap_or(attempt.expires) {
                Seconds(0) => self.failed(attempt, FailureReason::ZeroGrant, None, out),
                granted => {
                    let via = Via::Attempt(attempt.purpose);
                    self.accepted(attempt.target, attempt.started, granted, via, out);
                }
            },
            Some(Outcome::Status { code, .. }) if code < 300 => {
                let via = Via::Attempt(attempt.purpose);
                self.accepted(attempt.target, attempt.started, attempt.expires, via, out);
            }
            Some(Outcome::Status { code: 423, retry_after, min_expires }) => {
                self.too_brief(attempt, min_expires, retry_after, out);
            }
            Some(Outcome::Status { code, retry_after, .. }) => match validate::classify(&self.config, code) {
                Meaning::Failure => self.failed(attempt, FailureReason::Status(code), retry_after, out),
                Meaning::Rejection => self.rejected(attempt, code, out),
            },
            Some(Outcome::NoAddress) => self.no_address(attempt, out),
            Some(Outcome::NotSent) => self.nothing_sent(attempt, out),
        }
    }

    /// Rule 3.5.
    fn too_brief(
        &mut self,
        attempt: &Attempt,
        min_expires: Option<Seconds>,
        retry_after: Option<Seconds>,
        out: &mut Step,
    ) {
        let wanted = min_expires.map_or(0, |seconds| seconds.0.min(MIN_EXPIRES_MAX));
        if let Some(entry) = self.targets.get_mut(attempt.target) {
            entry.min_expires = entry.min_expires.max(wanted);
        }
        if attempt.longer || wanted <= attempt.expires.0 {
            return self.failed(attempt, FailureReason::Status(423), retry_after, out);
        }
        if let Some(entry) = self.targets.get_mut(attempt.target) {
            entry.last = Some(LastOutcome::Failed(423));
        }
        out.event(3, 5, EventKind::LongerExpires { target: attempt.target, expires: Seconds(wanted) });
        if self.busy && attempt.purpose == For::Walk && self.walk.as_ref().is_some_and(|walk| !walk.is_round()) {
            return; // An excursion starts no further attempt now (rule 6.6); at idle it asks for the longer time.
        }
        self.attempt(attempt.target, attempt.purpose, true, out);
    }

    /// Rule 3.7: something can leave the device.
    pub(crate) fn end_pause(&mut self) {
        self.not_sent = 0;
        self.not_before = Time::default();
        self.walk.iter_mut().for_each(|walk| walk.not_before = Time::default());
    }

    /// Rule 3.7: never counted.
    fn nothing_sent(&mut self, attempt: &Attempt, out: &mut Step) {
        let factor = 1_u64.checked_shl(self.not_sent).unwrap_or(u64::MAX);
        let wait = self.config.rollover.retry_interval.times(factor).min(NOT_SENT_MAX);
        self.not_sent = self.not_sent.saturating_add(1).min(16);
        let until = self.now.after(wait);
        match &mut self.walk {
            // Home's turn comes all the same (rule 0.2).
            Some(walk) if attempt.purpose == For::Walk && !walk.is_round() => walk.not_before = until,
            _ => self.not_before = until,
        }
        out.event(3, 7, EventKind::NotSent { target: attempt.target, wait });
        self.retry_at_home(attempt.purpose);
    }

    fn retry_at_home(&mut self, purpose: For) {
        let at = self.now;
        if purpose != For::Walk
            && let Some(home) = &mut self.home
        {
            // A refresh asked for meanwhile (rule 6.7) keeps its exemption from spacing.
            home.due.get_or_insert(Due::then(at, DueFor::Retry));
        }
    }

    /// Rule 1.5.
    fn no_address(&mut self, attempt: &Attempt, out: &mut Step) {
        if attempt.purpose != For::Walk {
            return self.failed(attempt, FailureReason::NoAddress, None, out);
        }
        self.pass_over(attempt.target, out);
    }

    /// A failure counts (rules 3.2, 4.1, 4.3).
    fn failed(&mut self, attempt: &Attempt, reason: FailureReason, retry_after: Option<Seconds>, out: &mut Step) {
        let target = attempt.target;
        let now = self.now;
        let hold = retry_after.map(|seconds| Seconds(seconds.0.clamp(1, RETRY_AFTER_MAX)));
        if let Some(entry) = self.targets.get_mut(target) {
            entry.last = Some(match reason {
                FailureReason::Timeout | FailureReason::Unreachable(_) => LastOutcome::Silent,
                FailureReason::NoAddress => LastOutcome::NoAddress,
                FailureReason::Status(code) => LastOutcome::Failed(code),
                FailureReason::ZeroGrant => LastOutcome::Failed(200),
            });
            if let Some(seconds) = hold {
                entry.held_until = now.after(seconds.millis());
            }
            if !entry.is_numeric() {
                entry.next_address();
            }
        }
        let streak = match attempt.purpose {
            For::Home => self.home.as_mut().map(|home| &mut home.streak),
            For::Walk => self.walk.as_mut().map(|walk| &mut walk.streak),
            For::Spread => None,
        };
        let streak = streak.map_or(1, |streak| {
            *streak = streak.saturating_add(1);
            *streak
        });
        out.event(3, 2, EventKind::AttemptFailed { target, reason, streak });
        if let Some(seconds) = hold {
            out.event(4, 5, EventKind::TargetHeld { target, seconds });
        }
        let leaves = hold.is_some() && self.config.rollover.retry_after == RetryAfter::Leave;
        let enough = streak >= u32::from(self.config.rollover.failures_before_rollover);
        match attempt.purpose {
            For::Walk => {
                if enough || leaves {
                    // It leaves as one that failed; one that rejects its next try has rejected (rule 3.4).
                    if let Some(walk) = &mut self.walk {
                        walk.all_rejected = false;
                    }
                    self.walk_to_next(if enough { (4, 1) } else { (4, 5) }, out);
                }
            }
            For::Home if enough => self.lose_home(LossReason::Failures, out),
            For::Home if leaves => self.lose_home(LossReason::RetryAfter, out),
            For::Home | For::Spread => self.retry_at_home(attempt.purpose),
        }
    }

    /// A rejection leaves (rule 3.4).
    fn rejected(&mut self, attempt: &Attempt, code: u16, out: &mut Step) {
        let target = attempt.target;
        if let Some(entry) = self.targets.get_mut(target) {
            entry.last = Some(LastOutcome::Rejected(code));
        }
        let first = !self.rejection_told;
        self.rejection_told = true;
        out.event(3, 4, EventKind::AttemptRejected { target, code, first });
        match attempt.purpose {
            For::Walk => self.walk_to_next((3, 4), out),
            For::Home => self.lose_home(LossReason::Rejected, out),
            For::Spread => self.retry_at_home(attempt.purpose),
        }
    }

    /// Success: at home a refresh, elsewhere a new home (rules 0.1, 3.3). The grant counts from the attempt's start.
    pub(crate) fn accepted(&mut self, target: TargetId, started: Time, granted: Seconds, via: Via, out: &mut Step) {
        self.accepted = true;
        self.rejection_told = false;
        if let Some(entry) = self.targets.get_mut(target) {
            entry.last = Some(LastOutcome::Accepted);
        }
        if self.home.as_ref().is_some_and(|home| home.target == target) {
            if via == Via::Attempt(For::Walk) {
                self.walk = None; // Nothing can be found there.
            }
            self.home_refreshed(started, granted, out);
        } else {
            self.become_home(target, started, granted, via, out);
        }
    }

    /// Where the application owns the refreshes (rule 5.2), its outcome is one at home.
    pub(crate) fn application_refreshed(&mut self, outcome: Outcome, out: &mut Step) {
        let Some(home) = self.home.as_ref().filter(|_| self.is_active()).map(|home| home.target) else { return };
        if self.attempt.as_ref().is_some_and(|attempt| attempt.purpose != For::Walk) {
            return; // The core's own attempt will tell.
        }
        let expires = self.config.refresh.expires;
        let (id, started) = (Id(0), self.now);
        if let Some(entry) = self.targets.get_mut(home) {
            entry.last_end = Some(started);
        }
        if self.dns.has_expired(started) {
            self.look_up(out); // Rule 1.2, though the application sends the refreshes.
        }
        let own = Attempt {
            id,
            target: home,
            purpose: For::Home,
            started,
            deadline: started,
            expires,
            // Nothing of ours is in flight that could be sent again with a longer expiry.
            longer: true,
        };
        self.conclude(&own, Some(outcome), out);
    }

    /// Rule 3.6: an answer to an attempt no longer waited for.
    fn late(&mut self, id: Id, outcome: Outcome, out: &mut Step) {
        let found = self.cancelled.iter().find(|cancelled| cancelled.id == id).cloned();
        self.cancelled.retain(|cancelled| cancelled.id != id);
        let granted = match outcome {
            Outcome::Accepted { expires } => expires,
            Outcome::Status { code, .. } if code < 300 => None,
            _ => return out.event(3, 6, EventKind::LateIgnored { id }),
        };
        let Some(cancelled) = found else { return out.event(3, 6, EventKind::LateIgnored { id }) };
        let granted = granted.unwrap_or(cancelled.expires);
        let target = cancelled.target;
        if granted.0 == 0 || cancelled.started.after(granted.millis()) <= self.now || !self.online {
            return out.event(3, 6, EventKind::LateIgnored { id });
        }
        let home = self.home.as_ref().map(|home| home.target);
        let in_flight = self.attempt.as_ref().is_some_and(|attempt| attempt.target == target);
        let wanted = home.is_none() || home == Some(target) || in_flight || self.trying() == Some(target);
        if self.phase != Phase::Running || !wanted {
            out.event(3, 6, EventKind::LateUnregistered { id, target });
            // Where stop still waits for an attempt, its own unregister will answer this one, too.
            if self.attempt.as_ref().is_some_and(|attempt| attempt.target == target || home == Some(target)) {
                return;
            }
            return self.unregister(target, cancelled.binding, UnregisterFor::Late, out);
        }
        out.event(3, 6, EventKind::LateSuccess { id, target });
        if let Some(entry) = self.targets.get_mut(target) {
            entry.binding.get_or_insert(cancelled.binding);
        }
        if self.attempt.as_ref().is_some_and(|attempt| attempt.target == target || home.is_none()) {
            self.cancel_attempt((3, 6), CancelReason::LateSuccess, out);
        }
        self.accepted(target, cancelled.started, granted, Via::Late, out);
    }

    /// The walk's current target, or that of the attempt in flight (rule 7.3).
    pub(crate) fn trying(&self) -> Option<TargetId> {
        let walking = self.walk.as_ref().and_then(|walk| walk.current());
        walking.or_else(|| self.attempt.as_ref().filter(|a| a.purpose != For::Home).map(|attempt| attempt.target))
    }
}
