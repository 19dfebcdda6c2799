//! The shipped registration and what the world owes it: one step of both.

use rehome::{Action, Id, Input, Registration, Seconds, Step, TargetId, Time, WallClock, proof};

use crate::ghost::Ghost;
use crate::judge::{self, Seen};
use crate::property::{Broken, Property, broken};
use crate::space::{Act, Out, Space};

/// How long an answer may be late (the last words of the policy).
const LATE: u64 = 32_000;
/// The grid of all settings.
const GRID: u64 = 30_000;
/// What "an hour later" is.
const LONG: u64 = 3_600_000;

/// A REGISTER in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flight {
    /// Its id.
    pub id: Id,
    /// Where.
    pub host: char,
    /// Milliseconds to its deadline.
    pub left: u64,
    /// The expiry asked for.
    pub expires: u32,
}

/// What the world owes: answers to what the phone asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Owed {
    /// The REGISTER in flight.
    pub flight: Option<Flight>,
    /// Lookups without an answer yet; of each whether its deadline has passed.
    pub lookups: Vec<(Id, u64)>,
    /// Unregisters under way.
    pub unregisters: Vec<(Id, char)>,
    /// The attempt given up last, its host, and how long ago.
    pub late: Option<(Id, char, u64)>,
    /// Milliseconds to the wake.
    pub wake: Option<u64>,
}

/// A phone in its world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The shipped code.
    pub phone: Registration,
    /// The host's time.
    pub now: u64,
    /// What is owed to it.
    pub owed: Owed,
    /// What the properties need to remember of the path.
    pub ghost: Ghost,
}

/// The host of a target, by its first letter.
pub(crate) fn host(phone: &Registration, id: TargetId) -> Option<char> {
    phone.target(id).and_then(|target| target.host.chars().next())
}

impl World {
    /// A phone that was not started yet.
    ///
    /// # Panics
    /// If the configuration is none.
    #[must_use]
    pub fn new(space: &Space) -> Self {
        let phone = Registration::new(space.config.clone(), space.seed).unwrap_or_else(|error| panic!("{error}"));
        Self { phone, now: 0, owed: Owed::default(), ghost: Ghost::new(&space.hosts()) }
    }

    /// The same world in normal form: see `core/src/proof.rs`.
    #[must_use]
    pub fn normalised(mut self, seed: u64) -> Self {
        let owed = &mut self.owed;
        let mut ids: Vec<Id> = owed.flight.iter().map(|flight| flight.id).collect();
        ids.extend(owed.lookups.iter().map(|lookup| lookup.0));
        ids.extend(owed.unregisters.iter().map(|unregister| unregister.0));
        ids.extend(owed.late.iter().map(|late| late.0));
        self.phone = self.phone.normalised(seed, &mut ids);
        self.ghost.forget_what_is_over();
        let mut new = ids.into_iter();
        let mut renew = |id: &mut Id| *id = new.next().unwrap_or(*id);
        owed.flight.iter_mut().for_each(|flight| renew(&mut flight.id));
        owed.lookups.iter_mut().for_each(|lookup| renew(&mut lookup.0));
        owed.unregisters.iter_mut().for_each(|unregister| renew(&mut unregister.0));
        owed.late.iter_mut().for_each(|late| renew(&mut late.0));
        self.now = proof::NOW.as_millis();
        self
    }

    /// All that may happen here.
    pub fn acts(&self, space: &Space, acts: &mut Vec<Act>) {
        let (owed, ghost) = (&self.owed, &self.ghost);
        let stopped = !ghost.running && !ghost.stopping;
        if stopped && !space.acts.contains(&Act::Stop) {
            acts.push(Act::Start);
        }
        let time_goes_on = space.off_grid || owed.unregisters.is_empty() && !ghost.stopping;
        let time_goes_on = time_goes_on && !(space.prompt && owed.lookups.iter().any(|lookup| lookup.1 > 0));
        if time_goes_on && !space.off_grid && owed.wake.is_some_and(|wake| wake % GRID != 0) {
            return acts.push(Act::Wake);
        }
        match owed.wake {
            _ if !time_goes_on => {}
            Some(_) => acts.push(Act::Wake),
            None => acts.push(Act::Pass),
        }
        acts.extend(owed.flight.iter().flat_map(|flight| space.outcomes_at(flight.host)).map(Act::Out));
        if !owed.lookups.is_empty() {
            acts.extend((0..space.sets.len()).filter_map(|set| u8::try_from(set).ok()).map(Act::Records));
        }
        acts.extend((0..owed.unregisters.len()).filter_map(|at| u8::try_from(at).ok()).map(Act::Unregistered));
        for act in &space.acts {
            match act {
                Act::Stop if stopped => {}
                Act::Sleep | Act::Tick if !time_goes_on => {}
                Act::Tick if owed.wake.is_none_or(|wake| wake <= 1000) => {}
                Act::Sleep if owed.flight.is_none() => {}
                Act::NoName | Act::LookupFailed if owed.lookups.is_empty() => {}
                Act::Down if !ghost.online => {}
                Act::Flow if ghost.home.is_none() => {}
                Act::Late if owed.late.is_none() => {}
                Act::Resumed | Act::Sleep | Act::ClockBack | Act::Manual | Act::Flow if stopped => {}
                Act::Busy => acts.push(if ghost.busy { Act::Idle } else { Act::Busy }),
                act => acts.push(*act),
            }
        }
    }

    /// What an act is to the phone.
    pub fn input(&self, space: &Space, act: Act) -> Option<Input> {
        let owed = &self.owed;
        let accepted = Space::outcome(Out::Accepted);
        Some(match act {
            Act::Start => Input::Start,
            Act::Stop => Input::Stop,
            Act::Wake | Act::Tick | Act::Pass | Act::Sleep | Act::ClockBack => Input::Wake,
            Act::Restore | Act::RestoreLate => Input::Wake,
            Act::Login => Input::AgentLogin,
            Act::Manual => Input::TryPrimary,
            Act::Down => Input::NetworkDown,
            Act::Changed => Input::NetworkChanged,
            Act::Resumed => Input::Resumed,
            Act::Busy => Input::Busy,
            Act::Idle => Input::Idle,
            Act::Flow => Input::FlowLost { target: self.phone.status(Time::from_millis(self.now)).home?.id },
            Act::Records(_) | Act::NoName | Act::LookupFailed => {
                Input::Answer { id: owed.lookups.last()?.0, answer: space.answer(act)? }
            }
            Act::Out(out) => Input::Outcome { id: owed.flight?.id, outcome: Space::outcome(out) },
            Act::Late => Input::Outcome { id: owed.late?.0, outcome: accepted },
            Act::Unregistered(at) => Input::Outcome { id: owed.unregisters.get(usize::from(at))?.0, outcome: accepted },
        })
    }

    /// One thing happens; false if it cannot.
    ///
    /// # Errors
    /// The property that this breaks.
    pub fn go(&mut self, space: &Space, act: Act) -> Result<bool, Broken> {
        let Some(input) = self.input(space, act) else { return Ok(false) };
        let elapsed = match act {
            Act::Wake => self.owed.wake.unwrap_or_default(),
            Act::Tick => 1_000,
            Act::Pass | Act::RestoreLate => LONG,
            Act::Sleep => self.owed.flight.map_or(0, |flight| flight.left).saturating_add(5_001),
            _ => 0,
        };
        let before = self.clone();
        self.now = self.now.saturating_add(elapsed);
        if act == Act::ClockBack {
            self.now = self.now.saturating_sub(1_000);
        }
        let now = Time::from_millis(self.now);
        if matches!(act, Act::Restore | Act::RestoreLate) {
            self.restore(space, &before, elapsed)?;
        }
        let mut step = Step::default();
        if let Err(error) = self.phone.step(input, now, &mut step) {
            return broken(Property::OneInFlight, format!("an honest input is refused: {error}"));
        }
        let owed = &mut self.owed;
        owed.wake = step.wake.map(|wake| wake.since(now).get());
        owed.late = owed.late.map(|(id, host, age)| (id, host, age.saturating_add(elapsed)));
        let matters = space.acts.contains(&Act::Late);
        owed.late = owed.late.filter(|(_, _, age)| *age < LATE && matters);
        owed.flight.iter_mut().for_each(|flight| flight.left = flight.left.saturating_sub(elapsed));
        owed.lookups.iter_mut().for_each(|lookup| lookup.1 = lookup.1.saturating_sub(elapsed));
        self.ghost.age(elapsed, space);
        let judged = judge::judge(self, &Seen { space, before: &before, act, step: &step, now });
        self.owed.late = self.owed.late.filter(|_| matters);
        judged?;
        if act == Act::Restore {
            crate::restore::compare(&before, self)?;
        }
        Ok(true)
    }

    /// What the world owes after a step: the answer was handed in, and the actions say what is new.
    pub(crate) fn settle(&mut self, seen: &Seen<'_>) {
        let owed = &mut self.owed;
        match seen.act {
            Act::Out(_) => owed.flight = None,
            Act::Records(_) | Act::NoName | Act::LookupFailed => _ = owed.lookups.pop(),
            Act::Late => owed.late = None,
            Act::Unregistered(at) => _ = owed.unregisters.remove(usize::from(at)),
            _ => {}
        }
    }

    /// What one action adds to it, or takes.
    pub(crate) fn told(&mut self, action: &Action, now: Time) {
        let phone = &self.phone;
        let owed = &mut self.owed;
        match action {
            Action::Lookup { id, deadline, .. } => owed.lookups.push((*id, deadline.since(now).get())),
            Action::Register { id, target, expires, deadline, .. } => {
                let Some(host) = host(phone, *target) else { return };
                let left = deadline.since(now).get();
                owed.flight = Some(Flight { id: *id, host, left, expires: expires.get() });
            }
            Action::Unregister { id, target, .. } => {
                owed.unregisters.extend(host(phone, *target).map(|host| (*id, host)));
            }
            Action::Cancel { id } => {
                if let Some(flight) = owed.flight.take_if(|flight| flight.id == *id) {
                    owed.late = Some((flight.id, flight.host, 0));
                }
                owed.lookups.retain(|lookup| lookup.0 != *id);
                owed.unregisters.retain(|unregister| unregister.0 != *id);
            }
        }
    }

    /// Another process takes over (rule 5.5).
    fn restore(&mut self, space: &Space, before: &Self, away: u64) -> Result<(), Broken> {
        let wall = 1_700_000_000_000;
        let taken = before.phone.snapshot(Time::from_millis(before.now), WallClock::from_millis(wall));
        let later = WallClock::from_millis(wall.saturating_add(away));
        let now = Time::from_millis(self.now);
        match Registration::restore(space.config.clone(), space.seed, taken.as_bytes(), now, later) {
            Ok(phone) => self.phone = phone,
            Err(error) => return broken(Property::SnapshotBehaves, format!("a snapshot is refused: {error}")),
        }
        self.owed = Owed::default();
        self.ghost.restored(&self.phone, self.now);
        Ok(())
    }

    /// The expiry of one attempt after a 423.
    #[must_use]
    pub const fn longer() -> Seconds {
        Seconds::new(600)
    }
}
