//! A registration, what its host would know of it, and what must hold after every step (rules 0.1, 0.3, 3.6, 7.4).

use rehome::{Action, Config, Id, Input, LookupKind, Registration, State, Step, Time, WallClock};

/// One registration and the clocks of its host.
pub(crate) struct Phone {
    pub(crate) registration: Registration,
    pub(crate) step: Step,
    pub(crate) now: u64,
    pub(crate) wall: u64,
    /// Lookups asked for and neither answered nor cancelled.
    pub(crate) lookups: Vec<(Id, LookupKind)>,
    pub(crate) flight: Option<Id>,
    pub(crate) unregisters: Vec<Id>,
    pub(crate) last: u32,
}

/// More than any step needs that was handed no records: a round's end and the next one's beginning, unregisters.
const FEW: usize = 200;

impl Phone {
    pub(crate) fn new(registration: Registration, now: u64) -> Self {
        Self {
            registration,
            step: Step::default(),
            now,
            wall: 1_700_000_000_000,
            lookups: Vec::new(),
            flight: None,
            unregisters: Vec::new(),
            last: 0,
        }
    }

    /// Hands an input in. An error must have changed nothing.
    pub(crate) fn hand_in(&mut self, input: Input, now: u64) {
        let records = match &input {
            Input::Answer { answer: rehome::Answer::Srv { records, .. }, .. } => records.len(),
            _ => 0,
        };
        let ended = match &input {
            Input::Answer { id, .. } | Input::Outcome { id, .. } => Some(*id),
            _ => None,
        };
        let before = self.registration.clone();
        let time = Time::from_millis(now);
        if let Err(error) = self.registration.step(input, time, &mut self.step) {
            assert!(self.registration == before, "{error}, yet something changed");
            let text = error.to_string();
            assert!(!text.chars().any(char::is_control), "{text:?}");
            return;
        }
        self.now = now;
        if let Some(id) = ended {
            // The clock may have gone back: then the step began with a cancel of its own.
            self.flight = self.flight.filter(|flight| *flight != id);
            self.lookups.retain(|(lookup, _)| *lookup != id);
            self.unregisters.retain(|unregister| *unregister != id);
        }
        for at in 0..self.step.actions.len() {
            self.told(self.step.actions[at].clone());
        }
        assert!(self.step.actions.len() <= FEW && self.step.events.len() <= records + FEW, "too much at once");
        assert!(self.step.wake.is_none_or(|wake| wake > time) || time == Time::MAX, "wake {:?}", self.step.wake);
        self.at_rest();
    }

    fn told(&mut self, action: Action) {
        if let Action::Lookup { id, .. } | Action::Register { id, .. } | Action::Unregister { id, .. } = &action {
            assert!(id.get() > self.last, "{action:?}: ids ascend, the last was {}", self.last);
            self.last = id.get();
        }
        match action {
            Action::Lookup { id, kind, .. } => self.lookups.push((id, kind)),
            Action::Register { id, target, .. } => {
                assert!(self.flight.is_none(), "{:?} is in flight", self.flight);
                assert!(self.registration.target(target).is_some(), "{target:?} is unknown");
                self.flight = Some(id);
            }
            Action::Unregister { id, target, .. } => {
                assert!(self.registration.target(target).is_some(), "{target:?} is unknown");
                self.unregisters.push(id);
            }
            Action::Cancel { id } => {
                self.flight = self.flight.filter(|flight| *flight != id);
                self.lookups.retain(|(lookup, _)| *lookup != id);
                self.unregisters.retain(|unregister| *unregister != id);
            }
        }
        // A host need not know how long an answer of DNS is still taken (rule 1.2): the newest are enough.
        if self.lookups.len() > 64 {
            self.lookups.remove(0);
        }
    }

    fn at_rest(&self) {
        let status = self.registration.status(Time::from_millis(self.now));
        assert!(status.plan.len() <= 64, "{} targets", status.plan.len());
        assert_eq!(status.state, self.registration.state());
        let goes_on = !matches!(status.state, State::Stopped | State::Offline | State::Rejected);
        assert!(!goes_on || self.step.wake.is_some(), "{:?} for ever", status.state);
    }

    /// Another process goes on with a snapshot, `away` later, its clock at `now`.
    pub(crate) fn restore(&mut self, config: Config, now: u64, away: u64) {
        let snapshot = self.registration.snapshot(Time::from_millis(self.now), WallClock::from_millis(self.wall));
        self.wall = self.wall.saturating_add(away);
        let (time, wall) = (Time::from_millis(now), WallClock::from_millis(self.wall));
        match Registration::restore(config, 7, snapshot.as_bytes(), time, wall) {
            Ok(registration) => self.goes_on(registration, now),
            Err(error) => assert!(time > Time::MAX, "{error}"),
        }
    }

    pub(crate) fn goes_on(&mut self, registration: Registration, now: u64) {
        (self.registration, self.now) = (registration, now);
        (self.flight, self.last) = (None, 0);
        self.lookups.clear();
        self.unregisters.clear();
        self.hand_in(Input::Wake, now);
    }
}
