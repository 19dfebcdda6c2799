//! Rule 5.5: a registration as bytes, for a page that reloads or a process that dies.
//!
//! Times are written as distances from the moment of the snapshot, so that a process with another clock can read them.

mod bytes;

use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use self::bytes::{Reader, Writer};
use crate::failback::Deferred;
use crate::life::{Unregister, UnregisterFor};
use crate::machine::Phase;
use crate::plan::Plan;
use crate::rollover::Wait;
use crate::{Config, Error, Id, Registration, Step, TargetId, Time, Trigger, WallClock};

/// The format written; older ones are read, newer ones refused by name.
const VERSION: u8 = 2;

/// Room below a restored clock for what happened before it began.
const PAST: u64 = 1 << 53;

/// A snapshot's bytes: nobody's business but [`Registration::restore`]'s. They hold host names, no password.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Snapshot(pub Vec<u8>);

impl Snapshot {
    /// The bytes, to be kept wherever the host keeps such things.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// What the first step after a restore has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Restored {
    /// Go on with home, or with a round.
    Resume,
    /// Home has expired, or the configuration is another: rule 6.1.
    Restart,
}

impl Registration {
    /// A snapshot, at any time. `wall` is the wall clock: by it the next process knows how long it was away.
    #[must_use]
    pub fn snapshot(&self, now: Time, wall: WallClock) -> Snapshot {
        let now = Time(now.0.saturating_add(self.offset)).max(self.now);
        let mut w = Writer::new(now);
        w.u8(VERSION);
        w.u64(fingerprint(&self.config));
        w.u64(wall.0);
        let restarting =
            matches!(self.phase, Phase::Stopping { restart: true, .. }) || self.restored == Some(Restored::Restart);
        let running = self.phase == Phase::Running && !restarting;
        w.bool(running || restarting);
        w.bool(restarting);
        w.bool(self.accepted);
        w.bool(self.rejection_told);
        w.u32(self.rounds);
        w.u32(self.last_id);
        w.u32(self.targets.last_given());
        w.u32(count(self.targets.iter().count()));
        self.targets.iter().for_each(|entry| w.entry(entry));
        w.option(self.dns.plan.as_ref(), |w, plan| {
            w.u32(count(plan.order.len()));
            plan.order.iter().for_each(|id| w.u32(id.0));
            w.u64(plan.fingerprint);
            w.u16(plan.primary);
        });
        w.time(self.dns.valid_until);
        w.option(self.dns.chosen(), |w, chosen| w.u32(count(chosen)));
        w.option(self.former, |w, former| w.u32(former.0));
        w.option(self.deferred, |w, deferred| {
            w.u8(trigger_code(deferred.trigger));
            w.time(deferred.until);
        });
        w.option(self.wait, |w, wait| {
            w.option(wait.until, Writer::time);
            w.bool(wait.rejected);
        });
        w.option(self.failback_at, Writer::time);
        w.option(self.home.as_ref(), Writer::home);
        // Held back during a call (rule 6.6), which ends with this process.
        let held_back = || self.unregisters.iter().filter(|unregister| unregister.id.is_none());
        w.u32(count(held_back().count()));
        for unregister in held_back() {
            w.u32(unregister.target.0);
            w.u32(unregister.binding.0);
        }
        Snapshot(w.finish())
    }

    /// Goes on from a snapshot, in another process or on another clock. Call [`step`](Self::step) with
    /// [`Input::Wake`](crate::Input::Wake) next: it resumes home (rule 4.6); if home has expired meanwhile or the configuration is another, it is
    /// a restart that remembers the old home.
    ///
    /// # Errors
    /// The configuration's own errors; [`Error::SnapshotVersion`] for a newer version; [`Error::Snapshot`] for bytes
    /// that are no snapshot. Start afresh then.
    pub fn restore(config: Config, seed: u64, snapshot: &[u8], now: Time, wall: WallClock) -> Result<Self, Error> {
        if now > Time::MAX {
            return Err(Error::TimeOutOfRange(now));
        }
        let mut this = Self::new(config, seed)?;
        this.offset = PAST;
        this.now = Time(now.0.saturating_add(PAST));
        let mut r = Reader::new(snapshot, this.now);
        let version = r.u8()?;
        if version > VERSION {
            return Err(Error::SnapshotVersion { found: version, supported: VERSION });
        }
        r.check_sum()?;
        let same_config = r.u64()? == fingerprint(&this.config);
        let away = wall.0.saturating_sub(r.u64()?);
        // The moment of the snapshot on the new clock.
        r.taken = Time(this.now.0.saturating_sub(away));
        let running = r.bool()?;
        let restarting = r.bool()?;
        this.accepted = r.bool()? && same_config;
        this.rejection_told = r.bool()? && same_config;
        this.rounds = r.u32()?;
        this.last_id = r.u32()?;
        let last_target = r.u32()?;
        for _ in 0..r.u32()? {
            this.targets.restore(r.entry()?);
        }
        this.targets.set_last_given(last_target);
        let plan = r.option(|r| {
            let mut order = Vec::new();
            for _ in 0..r.u32()? {
                order.push(TargetId(r.u32()?));
            }
            Ok(Plan { order, fingerprint: r.u64()?, primary: r.u16()? })
        })?;
        let valid_until = r.time()?;
        let chosen = r.option(Reader::u32)?;
        this.former = r.option(Reader::u32)?.map(TargetId);
        let deferred = r.option(|r| {
            let trigger = r.code(trigger_of)?;
            Ok(Deferred { trigger, until: r.time()? })
        })?;
        let wait = r.option(|r| Ok(Wait { until: r.option(Reader::time)?, rejected: r.bool()? }))?;
        let failback_at = r.option(Reader::time)?;
        let home = r.option(Reader::home)?;
        for _ in 0..if version > 1 { r.u32()? } else { 0 } {
            let (target, binding) = (TargetId(r.u32()?), Id(r.u32()?));
            let (purpose, deadline) = (UnregisterFor::Old, Time::default());
            this.unregisters.push(Unregister { id: None, target, binding, deadline, purpose });
        }
        r.end()?;
        this.unregisters.retain(|unregister| running && this.targets.get(unregister.target).is_some());
        if same_config {
            this.dns.plan = plan.filter(|plan| plan.order.iter().all(|id| this.targets.get(*id).is_some()));
            this.dns.valid_until = valid_until;
            this.choose_again(chosen.and_then(|chosen| usize::try_from(chosen).ok()));
        }
        let home = home.filter(|home| this.targets.get(home.target).is_some());
        let expired = home.as_ref().is_some_and(|home| home.expires_at <= this.now);
        let resumes = running && same_config && !expired && !restarting;
        match home {
            Some(home) if resumes => this.home = Some(home),
            Some(home) => this.former = Some(home.target),
            None => {}
        }
        if resumes {
            this.phase = Phase::Running;
            this.deferred = deferred;
            this.wait = wait;
            this.failback_at = failback_at;
            this.restored = Some(Restored::Resume);
        } else if running {
            this.restored = Some(Restored::Restart);
        }
        Ok(this)
    }

    /// The first step after a restore.
    pub(crate) fn wake_restored(&mut self, out: &mut Step) {
        match self.restored.take() {
            None => {}
            Some(Restored::Restart) => self.restart(out),
            Some(Restored::Resume) => {
                self.resumed(out);
                if self.home.is_none() && self.walk.is_none() && self.wait.is_none() {
                    self.begin_spread_round(out);
                }
            }
        }
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn trigger_code(trigger: Trigger) -> u8 {
    match trigger {
        Trigger::AgentLogin => 0,
        Trigger::Manual => 1,
        Trigger::Failback => 2,
        Trigger::HomeMissing => 3,
    }
}

fn trigger_of(code: u8) -> Option<Trigger> {
    [Trigger::AgentLogin, Trigger::Manual, Trigger::Failback, Trigger::HomeMissing].get(usize::from(code)).copied()
}

/// A configuration's number, equal on every platform and for all `timerSlack` (rule 5.2): FNV-1a, 64 bit.
pub(crate) fn fingerprint(config: &Config) -> u64 {
    let mut hasher = Fnv(FNV_BASIS);
    config.hash(&mut hasher);
    hasher.finish()
}

/// By which damaged bytes are known: a time pushed ahead would keep a phone silent for years.
fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = Fnv(FNV_BASIS);
    hasher.write(bytes);
    hasher.finish()
}

const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;

struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as u64);
    }
}
