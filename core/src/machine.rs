//! One registration: its data, and the step that moves it (section 0 of the policy).

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::failback::Deferred;
use crate::life::Unregister;
use crate::lookup::Dns;
use crate::outcome::{Attempt, Cancelled};
use crate::plan::Targets;
use crate::rng::Rng;
use crate::rollover::{Wait, Walk};
use crate::snapshot::Restored;
use crate::stay::Home;
use crate::validate::{self, SourcePlan};
use crate::{Action, Config, Error, Event, EventKind, Id, Input, Millis, Outcome, Rule, Target, TargetId, Time, Timer};

/// More turns than any step needs; if a defect ever made one need more, the rest would follow 1 ms later.
const MAX_TURNS: u32 = 1024;

/// Times and ids end where no real device ever comes.
const MAX_OFFSET: u64 = 1 << 62;
const MAX_ID: u32 = u32::MAX - 4096;

/// What one step put out. The caller keeps it and hands it in again: it is cleared and filled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Step {
    /// Everything to do, in order.
    pub actions: Vec<Action>,
    /// Everything decided, in order.
    pub events: Vec<Event>,
    /// When to call again with [`Input::Wake`]: later than the `now` of the step, or never (rule 0.3).
    #[cfg_attr(feature = "serde", serde(rename = "wakeMs"))]
    pub wake: Option<Time>,
}

impl Step {
    pub(crate) fn event(&mut self, section: u8, number: u8, kind: EventKind) {
        self.events.push(Event { rule: Rule::new(section, number), kind });
    }
}

/// Where a registration is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Phase {
    Stopped,
    Running,
    /// Until when the attempt in flight is waited for (rule 6.8), and whether a start follows (rule 6.9).
    Stopping {
        grace: Time,
        restart: bool,
    },
}

/// The registration of one account on one device.
///
/// It opens no socket and reads no clock: call [`step`](Self::step) with what happened and what time it is, do what
/// the [`Step`] says, and call again no later than its `wake`.
///
/// ```
/// use rehome::{Action, Config, Input, Registration, Step, Time};
///
/// let config = Config { srv_record: Some("_sip._udp.example.com".into()), ..Config::default() };
/// let mut phone = Registration::new(config, 0x5eed)?;
/// let mut step = Step::default();
/// phone.step(Input::Start, Time::from_millis(0), &mut step)?;
/// assert!(matches!(step.actions[..], [Action::Lookup { .. }]));
/// assert_eq!(step.wake, Some(Time::from_millis(5_000)));
/// # Ok::<(), rehome::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Registration {
    pub(crate) config: Arc<Config>,
    pub(crate) source: Arc<SourcePlan>,
    pub(crate) rng: Rng,
    /// The time of this step on a scale of our own that never goes back: the host's plus `offset` (rule 0.4).
    pub(crate) now: Time,
    pub(crate) offset: u64,
    pub(crate) last_id: u32,
    pub(crate) phase: Phase,
    pub(crate) online: bool,
    pub(crate) busy: bool,
    pub(crate) targets: Targets,
    pub(crate) dns: Dns,
    pub(crate) attempt: Option<Attempt>,
    /// The last attempts that are no longer waited for (rules 3.6, 7.4).
    pub(crate) cancelled: Vec<Cancelled>,
    pub(crate) unregisters: Vec<Unregister>,
    pub(crate) home: Option<Home>,
    /// The home before, until another target has accepted (rules 6.1, 6.7).
    pub(crate) former: Option<TargetId>,
    pub(crate) walk: Option<Walk>,
    pub(crate) wait: Option<Wait>,
    /// The first REGISTER after start, or of a round that a new network or waking up began, waits until then (rule 4.6).
    pub(crate) first_not_before: Time,
    /// r: failed rounds since the last proven success (rule 4.4).
    pub(crate) rounds: u32,
    /// Whether anything has been accepted since the configuration (rule 3.4).
    pub(crate) accepted: bool,
    pub(crate) rejection_told: bool,
    pub(crate) deferred: Option<Deferred>,
    pub(crate) failback_at: Option<Time>,
    /// How often in a row nothing left the device, and until when that pauses the lane (rule 3.7).
    pub(crate) not_sent: u32,
    pub(crate) not_before: Time,
    /// The grants already said to be too short (rule 5.2).
    pub(crate) short_grants: Vec<u32>,
    pub(crate) next_config: Option<(Arc<Config>, Arc<SourcePlan>)>,
    /// What the first step after a restore has to do (rule 5.5).
    pub(crate) restored: Option<Restored>,
}

impl Registration {
    /// A registration that is not started yet. The seed has no default: each device brings its own, or all would
    /// choose the same server (rule 2.6).
    ///
    /// # Errors
    /// [`Error::Config`] names the field, the value and the remedy.
    pub fn new(config: Config, seed: u64) -> Result<Self, Error> {
        config.validate()?;
        let source = validate::source(&config)?;
        Ok(Self {
            config: Arc::new(config),
            source: Arc::new(source),
            rng: Rng::new(seed),
            now: Time::default(),
            offset: 0,
            last_id: 0,
            phase: Phase::Stopped,
            online: true,
            busy: false,
            targets: Targets::default(),
            dns: Dns::default(),
            attempt: None,
            cancelled: Vec::new(),
            unregisters: Vec::new(),
            home: None,
            former: None,
            walk: None,
            wait: None,
            first_not_before: Time::default(),
            rounds: 0,
            accepted: false,
            rejection_told: false,
            deferred: None,
            failback_at: None,
            not_sent: 0,
            not_before: Time::default(),
            short_grants: Vec::new(),
            next_config: None,
            restored: None,
        })
    }

    /// Applies one input at the time `now`, then everything that is due by then; fills `out` (rules 0.3, 7.1).
    ///
    /// # Errors
    /// Only misuse by the caller, such as an id that was never given out. Then nothing has changed.
    pub fn step(&mut self, input: Input, now: Time, out: &mut Step) -> Result<(), Error> {
        self.check(&input, now)?;
        out.actions.clear();
        out.events.clear();
        self.set_clock(now, out);
        self.settle();
        self.wake_restored(out);
        self.apply(input, out);
        self.run(out);
        self.arm_failback();
        out.wake = self.next_timer().map(|(at, _)| at.max(self.now.after(Millis::new(1))));
        self.to_host_time(out);
        Ok(())
    }

    /// The record of a target that an action, an event or the status named.
    #[must_use]
    pub fn target(&self, id: TargetId) -> Option<&Target> {
        self.targets.get(id).map(|entry| &entry.target)
    }

    /// The configuration in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Rule 7.4: what is no input of this registration changes nothing.
    fn check(&self, input: &Input, now: Time) -> Result<(), Error> {
        let host_before = self.now.0.saturating_sub(self.offset);
        let back = host_before.saturating_sub(now.0);
        if now > Time::MAX || self.offset.saturating_add(back) > MAX_OFFSET {
            return Err(Error::TimeOutOfRange(now));
        }
        if self.last_id > MAX_ID {
            return Err(Error::IdsExhausted);
        }
        match input {
            Input::Answer { id, answer } => {
                self.check_id(*id)?;
                let register = self.attempt.as_ref().is_some_and(|attempt| attempt.id == *id)
                    || self.unregisters.iter().any(|unregister| unregister.id == Some(*id));
                if register || !self.dns.fits(*id, answer) {
                    return Err(Error::WrongKind(*id));
                }
            }
            Input::Outcome { id, outcome } => {
                self.check_id(*id)?;
                if self.dns.asked(*id) {
                    return Err(Error::WrongKind(*id));
                }
                check_outcome(outcome)?;
            }
            Input::Refreshed { outcome } => check_outcome(outcome)?,
            Input::FlowLost { target } if !self.targets.was_given(*target) => {
                return Err(Error::UnknownTarget(*target));
            }
            Input::Configure { config } => config.validate()?,
            _ => {}
        }
        Ok(())
    }

    /// Rule 3.6: ids of the past are late, those never given are an error.
    fn check_id(&self, id: Id) -> Result<(), Error> {
        if id.0 == 0 || id.0 > self.last_id { Err(Error::UnknownId(id)) } else { Ok(()) }
    }

    /// Rule 0.4: a clock that went back moves all times by the difference, and counts as a wake-up.
    fn set_clock(&mut self, now: Time, out: &mut Step) {
        let before = self.now.0.saturating_sub(self.offset);
        let back = before.saturating_sub(now.0);
        self.offset = self.offset.saturating_add(back);
        self.now = Time(now.0.saturating_add(self.offset));
        if back > 0 {
            out.event(0, 4, EventKind::ClockSetBack { by: Millis::new(back) });
            self.settle();
            self.resumed(out);
        }
    }

    fn apply(&mut self, input: Input, out: &mut Step) {
        match input {
            Input::Start => self.start(out),
            Input::Stop => self.stop(out),
            Input::Wake => {}
            Input::AgentLogin => self.trigger(crate::Trigger::AgentLogin, out),
            Input::TryPrimary => self.trigger(crate::Trigger::Manual, out),
            Input::NetworkDown => self.network_down(out),
            Input::NetworkChanged => self.network_changed(out),
            Input::Resumed => self.resumed(out),
            Input::Busy => self.busy = true,
            Input::Idle => self.busy = false,
            Input::Configure { config } => self.configure(*config, out),
            // An event may name it only while its record is there (rules 4.6, 7.4).
            Input::FlowLost { target } if self.targets.get(target).is_none() => {}
            Input::FlowLost { target } => self.flow_lost(target, out),
            Input::Answer { id, answer } => self.answered(id, answer, out),
            Input::Outcome { id, outcome } => self.came_out(id, outcome, out),
            Input::Refreshed { outcome } => self.application_refreshed(outcome, out),
        }
    }

    /// Rule 0.3: the timers that are due, in their order, until none is.
    fn run(&mut self, out: &mut Step) {
        self.send_queued_unregisters(out);
        for _ in 0..MAX_TURNS {
            let due = Timer::ALL.into_iter().find(|timer| self.due_at(*timer).is_some_and(|at| at <= self.now));
            let Some(timer) = due else { return };
            match timer {
                Timer::Attempt => self.attempt_overdue(out),
                Timer::Unregister => self.unregister_overdue(out),
                Timer::Grace => self.grace_over(out),
                Timer::Lookup => self.lookup_overdue(out),
                Timer::Expiry => self.home_expired(out),
                Timer::Refresh => self.register_at_home(out),
                Timer::Walk => self.walk_on(out),
                Timer::RoundWait => self.wait_over(out),
                Timer::Hold => self.fire_deferred(out),
                Timer::Failback => self.failback_due(out),
            }
        }
    }

    /// Rule 0.3: when a timer is due, if it runs at all.
    fn due_at(&self, timer: Timer) -> Option<Time> {
        match timer {
            Timer::Attempt => self.attempt.as_ref().map(|attempt| attempt.deadline),
            Timer::Unregister => self.unregisters.iter().filter(|u| u.id.is_some()).map(|u| u.deadline).min(),
            Timer::Grace => match self.phase {
                Phase::Stopping { grace, .. } if self.attempt.is_some() => Some(grace),
                _ => None,
            },
            Timer::Lookup => self.dns.deadline(),
            Timer::Expiry => self.home.as_ref().filter(|home| !home.expired).map(|home| home.expires_at),
            Timer::Refresh => self.home_due(),
            Timer::Walk => self.walk_due(),
            Timer::RoundWait => self.wait.as_ref().filter(|_| self.is_active()).and_then(|wait| wait.until),
            Timer::Hold => self.deferred_due(),
            Timer::Failback => self.failback_at.filter(|_| self.is_active()),
        }
    }

    /// The next timer and its time, on our own scale.
    pub(crate) fn next_timer(&self) -> Option<(Time, Timer)> {
        Timer::ALL.into_iter().filter_map(|timer| Some((self.due_at(timer)?, timer))).min()
    }

    /// Whether the registration lane and its waits go on at all.
    pub(crate) fn is_active(&self) -> bool {
        self.online && self.phase == Phase::Running
    }

    pub(crate) fn new_id(&mut self) -> Id {
        self.last_id = self.last_id.saturating_add(1);
        Id(self.last_id)
    }

    /// A time of our own scale as the host knows it.
    pub(crate) fn host_time(&self, time: Time) -> Time {
        Time(time.0.saturating_sub(self.offset).min(Time::MAX.0))
    }

    fn to_host_time(&self, out: &mut Step) {
        for action in &mut out.actions {
            match action {
                Action::Lookup { deadline, .. }
                | Action::Register { deadline, .. }
                | Action::Unregister { deadline, .. } => *deadline = self.host_time(*deadline),
                Action::Cancel { .. } => {}
            }
        }
        for event in &mut out.events {
            if let EventKind::RoundFailed { until, .. } | EventKind::TriggerDeferred { until, .. } = &mut event.kind {
                *until = until.map(|time| self.host_time(time));
            }
        }
        out.wake = out.wake.map(|time| self.host_time(time));
    }
}

/// Rule 7.4: a provisional answer is no outcome.
fn check_outcome(outcome: &Outcome) -> Result<(), Error> {
    match outcome {
        Outcome::Status { code, .. } if *code < 200 => Err(Error::NotFinal(*code)),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_macros, clippy::disallowed_methods)]
mod tests {
    use super::*;

    /// No id is given out twice: the last 4,095 of 2^32 are left to the step that comes so far.
    #[test]
    fn ids_end() {
        let config = Config { srv_record: Some("_sip._udp.example.test".into()), ..Config::default() };
        let mut registration = Registration::new(config, 1).unwrap();
        registration.last_id = u32::MAX - 4096;
        assert_eq!(registration.step(Input::Wake, Time::default(), &mut Step::default()), Ok(()));
        registration.last_id = u32::MAX - 4095;
        assert_eq!(registration.step(Input::Wake, Time::default(), &mut Step::default()), Err(Error::IdsExhausted));
    }
}
