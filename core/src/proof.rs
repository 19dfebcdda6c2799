//! Feature `proof`, for the model check alone (`tests/model`): a registration in normal form, so that its states can be
//! counted. Nothing here is called by [`Registration::step`], and no release has it.
//!
//! Two registrations with the same normal form answer every further input alike, but for numbers and the absolute time.
//! What is changed, and why that is no change:
//!
//! - *Times* move so that the host's `now` is always [`NOW`]; one that is over and of which only that is asked becomes 0.
//! - *Ids and target numbers* are given anew in the order in which the fields are met: the core compares them for equality
//!   alone (the oldest of eight cancelled attempts aside, and of those only what `known` names is kept), and never one of
//!   a binding with one of anything else.
//! - *Counters* stop where a higher one means the same: failed rounds at the longest wait (4.4), unsent attempts at the
//!   longest pause (3.7), answers without home at two (5.3).
//! - *What is only told* is forgotten: whether a rejection was (3.4d), why home is no primary (7.3a).
//! - *What a walk has passed* is forgotten, and once its list is frozen also which loss began it: it goes on from its place.
//! - *A target's last outcome* is asked for by 6.7a alone, of an old home: kept there and at home, which may become one.
//! - *A binding's number* matters where an unregister may name it: at home, at an old one, where an attempt is in flight or
//!   an answer may be late. Any other target gets one by its next attempt before it is asked for.
//! - *The streak before a success* (3.3c) counts until that is proven, *a new draw* (2.5b) where there is something to draw.
//!
//! Two things are left out. *The generator* begins again: the model takes one value of each draw, not all. And what a walk has
//! passed keeps no target known that DNS drops (7.4b), so the longer expiry that its 423 asked for may be forgotten sooner.

use alloc::vec::Vec;

use crate::due::Due;
use crate::machine::Phase;
use crate::plan::Targets;
use crate::rng::Rng;
use crate::rollover::{Kind, Stage, Walk};
use crate::{Id, LastOutcome, Millis, Redraw, Registration, Selection, TargetId, Time};

/// The host's time in every normal form.
pub const NOW: Time = Time(10_000_000);

/// The same on our own scale, with room below for what was before.
const BASE: Time = Time(1 << 53);

/// Gives numbers anew, from 1, in the order in which they are met.
#[derive(Default)]
struct Numbers(Vec<Id>);

impl Numbers {
    fn renew(&mut self, id: &mut Id) {
        let at = self.0.iter().position(|old| old == id).unwrap_or_else(|| {
            self.0.push(*id);
            self.0.len().saturating_sub(1)
        });
        *id = Id(u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1));
    }
}

/// Moves a time; one that is over becomes 0.
fn ahead(time: &mut Time, now: Time) {
    *time = if *time > now { BASE.after(time.since(now)) } else { Time::default() };
}

/// Moves a time of which it matters how long ago it was.
fn ago(time: &mut Time, now: Time) {
    *time = if *time > now { BASE.after(time.since(now)) } else { Time(BASE.0.saturating_sub(now.since(*time).0)) };
}

/// The smallest n for which `first` doubled n times reaches `most`.
fn doublings(first: Millis, most: Millis) -> u32 {
    (0..64).find(|n| first.times(1 << n) >= most).unwrap_or(64)
}

fn forget_what_it_passed(walk: &mut Walk) {
    // Written at the end of a walk, just before it is read.
    walk.last_end = None;
    walk.why = None;
    if walk.stage == Stage::Lookup {
        return; // Not frozen yet.
    }
    walk.list = walk.list.iter().skip(walk.at).copied().collect();
    walk.at = 0;
    walk.lost = None;
    match walk.kind {
        Kind::All | Kind::Loss => walk.kind = Kind::All,
        Kind::Excursion(_) => walk.all_rejected = false, // That is asked of rounds.
    }
}

impl Registration {
    /// The normal form. `known` are the ids that the host may still hand in, which it gets back renumbered.
    #[must_use]
    pub fn normalised(&self, seed: u64, known: &mut [Id]) -> Self {
        let mut this = self.clone();
        this.forget_what_is_over(known);
        this.renumber_targets();
        this.renumber_ids(known);
        this.rebase();
        this.rng = Rng::new(seed);
        this
    }

    fn forget_what_is_over(&mut self, known: &[Id]) {
        let rollover = &self.config.rollover;
        let longest = rollover.round_wait_max.max(rollover.rejected_retry.unwrap_or_default());
        // Rule 4.4: 30 s, 60 s, ... until the longest.
        self.rounds = self.rounds.min(doublings(Millis(30_000), longest).saturating_add(1));
        self.rejection_told = false;
        self.not_sent = self.not_sent.min(doublings(rollover.retry_interval, Millis(60_000)));
        self.cancelled.retain(|cancelled| known.contains(&cancelled.id));
        if let Some(home) = &mut self.home {
            home.missing = home.missing.min(2);
            home.why = None;
            if home.success_at.is_none() {
                home.streak_before = 0;
            }
            // A round that waited for its lookup has no next target (3.3c).
            home.found_by = home.found_by.take().filter(|walk| !walk.list.is_empty());
            home.found_by.iter_mut().for_each(|walk| {
                forget_what_it_passed(walk);
                walk.streak = 0;
            });
        }
        self.walk.iter_mut().for_each(forget_what_it_passed);
        if self.config.order.selection == Selection::HighestWeight {
            self.dns.redraw = false;
        }
        if let (Phase::Stopping { grace, .. }, None) = (&mut self.phase, &self.attempt) {
            *grace = Time::default();
        }
        let used = self.bindings_in_use();
        let old = [self.home.as_ref().map(|home| home.target), self.former];
        let distributes = self.config.order.redraw == Redraw::Distribute;
        let (interval, hold_off, now) = (rollover.retry_interval, self.config.failback.hold_off, self.now);
        for entry in self.targets.iter_mut() {
            entry.binding = entry.binding.filter(|_| used.contains(&entry.target.id));
            // Only what 6.7 asks is kept of the last outcome: was it an answer of any kind?
            entry.last = match entry.last {
                last if distributes => last,
                _ if !old.contains(&Some(entry.target.id)) => None,
                None | Some(LastOutcome::Silent | LastOutcome::NoAddress) => None,
                Some(_) => Some(LastOutcome::Accepted),
            };
            // Of the last attempt's times, only what 4.4 asks: until when the next must wait.
            let spacing = entry.spacing(interval);
            entry.last_start = (spacing > now).then(|| Time(spacing.0.saturating_sub(interval.0)));
            entry.last_end = None;
            entry.left_at = entry.left_at.filter(|left| left.after(hold_off) > now);
        }
        self.forget_unknown_targets(&used);
    }

    /// A target of which nothing is known but its name is as good as one that was never seen.
    fn forget_unknown_targets(&mut self, used: &[TargetId]) {
        let mut listed = used.to_vec();
        listed.extend(self.dns.order());
        listed.extend(self.dns.addresses.iter().map(|query| query.target));
        let found_by = self.home.iter().filter_map(|home| home.found_by.as_deref());
        listed.extend(self.walk.iter().chain(found_by).flat_map(|walk| &walk.list));
        listed.extend(self.walk.iter().filter_map(|walk| walk.lost));
        let now = self.now;
        self.targets.retain(|entry| {
            let known = entry.last_start.is_some()
                || entry.left_at.is_some()
                || entry.held_until > now
                || entry.min_expires > 0
                || entry.last.is_some()
                || !entry.addresses.is_empty();
            known || listed.contains(&entry.target.id)
        });
    }

    /// The generator begins again, as in normal form.
    pub fn reseed(&mut self, seed: u64) {
        self.rng = Rng::new(seed);
    }

    /// Where an unregister may still be told which binding it is for.
    fn bindings_in_use(&self) -> Vec<TargetId> {
        let mut used: Vec<TargetId> = self.former.into_iter().collect();
        used.extend(self.home.iter().map(|home| home.target));
        used.extend(self.attempt.iter().map(|attempt| attempt.target));
        used.extend(self.cancelled.iter().map(|cancelled| cancelled.target));
        used.extend(self.unregisters.iter().map(|unregister| unregister.target));
        used
    }

    fn renumber_targets(&mut self) {
        let entries = by_name(self.targets.iter().cloned().collect());
        let old: Vec<TargetId> = entries.iter().map(|entry| entry.target.id).collect();
        let renew = |id: &mut TargetId| {
            let at = old.iter().position(|old| old == id).and_then(|at| u32::try_from(at).ok());
            *id = TargetId(at.map_or(0, |at| at.saturating_add(1)));
        };
        let in_walk = |walk: &mut Walk| {
            walk.list.iter_mut().for_each(renew);
            walk.lost.iter_mut().for_each(renew);
        };
        let mut targets = Targets::default();
        for mut entry in entries {
            renew(&mut entry.target.id);
            targets.restore(entry);
        }
        self.targets = targets;
        self.dns.plan.iter_mut().flat_map(|plan| &mut plan.order).for_each(renew);
        self.dns.addresses.iter_mut().for_each(|query| renew(&mut query.target));
        self.attempt.iter_mut().for_each(|attempt| renew(&mut attempt.target));
        self.cancelled.iter_mut().for_each(|cancelled| renew(&mut cancelled.target));
        self.unregisters.iter_mut().for_each(|unregister| renew(&mut unregister.target));
        self.former.iter_mut().for_each(renew);
        self.walk.iter_mut().for_each(in_walk);
        if let Some(home) = &mut self.home {
            renew(&mut home.target);
            home.found_by.iter_mut().for_each(|walk| in_walk(walk));
        }
    }

    fn renumber_ids(&mut self, known: &mut [Id]) {
        let (mut numbers, mut bindings) = (Numbers::default(), Numbers::default());
        self.attempt.iter_mut().for_each(|attempt| numbers.renew(&mut attempt.id));
        self.dns.queries.iter_mut().for_each(|query| numbers.renew(&mut query.id));
        self.dns.addresses.iter_mut().for_each(|query| numbers.renew(&mut query.id));
        self.targets.iter_mut().filter_map(|entry| entry.binding.as_mut()).for_each(|id| bindings.renew(id));
        for unregister in &mut self.unregisters {
            unregister.id.iter_mut().for_each(|id| numbers.renew(id));
            bindings.renew(&mut unregister.binding);
        }
        for cancelled in &mut self.cancelled {
            numbers.renew(&mut cancelled.id);
            bindings.renew(&mut cancelled.binding);
        }
        known.iter_mut().for_each(|id| numbers.renew(id));
        self.last_id = u32::try_from(numbers.0.len().max(bindings.0.len())).unwrap_or(u32::MAX);
    }

    fn rebase(&mut self) {
        let now = self.now;
        let in_walk = |walk: &mut Walk| {
            walk.last_end.iter_mut().for_each(|time| ago(time, now));
            ahead(&mut walk.not_before, now);
        };
        for entry in self.targets.iter_mut() {
            entry.last_start.iter_mut().chain(&mut entry.last_end).chain(&mut entry.left_at).for_each(|t| ago(t, now));
            ahead(&mut entry.held_until, now);
            ahead(&mut entry.addresses_until, now);
        }
        ahead(&mut self.dns.valid_until, now);
        self.dns.addresses_go.iter_mut().for_each(|time| ahead(time, now));
        self.dns.queries.iter_mut().for_each(|query| ahead(&mut query.deadline, now));
        self.dns.addresses.iter_mut().for_each(|query| ahead(&mut query.deadline, now));
        if let Some(attempt) = &mut self.attempt {
            ago(&mut attempt.started, now);
            ago(&mut attempt.deadline, now);
        }
        self.cancelled.iter_mut().for_each(|cancelled| ago(&mut cancelled.started, now));
        self.unregisters.iter_mut().for_each(|unregister| ahead(&mut unregister.deadline, now));
        self.walk.iter_mut().for_each(in_walk);
        if let Some(home) = &mut self.home {
            home.found_by.iter_mut().for_each(|walk| in_walk(walk));
            ahead(&mut home.expires_at, now);
            // The model has no slack, and without it nothing looks at `earliest`.
            let slack = self.config.refresh.timer_slack;
            home.due.iter_mut().for_each(|due| {
                let mut at = due.time(slack);
                ahead(&mut at, now);
                *due = Due::then(at, due.why);
            });
            home.success_at.iter_mut().for_each(|time| ago(time, now));
        }
        self.wait.iter_mut().filter_map(|wait| wait.until.as_mut()).for_each(|time| ahead(time, now));
        self.deferred.iter_mut().for_each(|deferred| ahead(&mut deferred.until, now));
        self.failback_at.iter_mut().for_each(|time| ahead(time, now));
        if let Phase::Stopping { grace, .. } = &mut self.phase {
            ahead(grace, now);
        }
        ahead(&mut self.first_not_before, now);
        ahead(&mut self.not_before, now);
        self.now = BASE;
        self.offset = BASE.0.saturating_sub(NOW.0);
    }
}

/// The targets in order of their names: their numbers say only who came first.
fn by_name(mut entries: Vec<crate::plan::Entry>) -> Vec<crate::plan::Entry> {
    let mut sorted = Vec::with_capacity(entries.len());
    while !entries.is_empty() {
        let key = |entry: &crate::plan::Entry| (entry.target.host.clone(), entry.target.port, entry.target.transport);
        let first = entries.iter().map(key).min();
        let (now, later) = entries.into_iter().partition(|entry| Some(key(entry)) == first);
        sorted.extend::<Vec<_>>(now);
        entries = later;
    }
    sorted
}
