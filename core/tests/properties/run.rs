//! One registration, what drives it beside the model, and what must hold of the run as a whole.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::mem::Discriminant;

use rehome::order::Rng;
use rehome::{
    Answer, Config, Error, EventKind, Id, Input, LookupKind, Outcome, RefreshOwner, Registration, Seconds, State, Step,
    TargetId, Time, WallClock,
};

use crate::Checked;
use crate::configurations::{any_config, longest_wait};
use crate::generator::{accepted, any_answer, any_outcome, chance, good_answer, one_of};
use crate::model::Model;

fn hash(phone: &Registration) -> u64 {
    let mut hasher = DefaultHasher::new();
    phone.hash(&mut hasher);
    hasher.finish()
}

/// One registration and what drives it.
pub struct Run {
    phone: Registration,
    step: Step,
    model: Model,
    rng: Rng,
    seed: u64,
    now: u64,
    wall: u64,
    hostile: bool,
    /// Percent of lookups and registers that go well, and that are answered at all.
    luck: u64,
    answers: u64,
    /// The longest waits of any configuration it had, for the bound on liveness.
    longest: u64,
    trace: Vec<String>,
    pub steps: u64,
    pub refused: u64,
    /// The states and the kinds of events it met.
    pub states: BTreeSet<State>,
    pub kinds: HashSet<Discriminant<EventKind>>,
    /// Whether it writes down what happens: only when a run that failed is run again.
    pub traced: bool,
}

impl Run {
    pub fn new(config: Config, seed: u64, hostile: bool) -> Self {
        let mut rng = Rng::new(seed.wrapping_mul(31).wrapping_add(7));
        let (luck, answers) = (one_of(&mut rng, &[0, 10, 50, 90, 100]), one_of(&mut rng, &[20, 70, 95, 100]));
        let now = one_of(&mut rng, &[0, 1_000, 1_700_000_000_000]);
        let longest = longest_wait(&config);
        Self {
            phone: Registration::new(config, seed).unwrap(),
            step: Step::default(),
            model: Model::new(),
            rng,
            seed,
            now,
            wall: 1_700_000_000_000,
            hostile,
            luck,
            answers,
            longest,
            trace: Vec::new(),
            steps: 0,
            refused: 0,
            states: BTreeSet::new(),
            kinds: HashSet::new(),
            traced: false,
        }
    }

    fn go(&mut self, input: Input, now: u64) -> Checked {
        self.note(|| match &input {
            Input::Answer { answer: Answer::Srv { records, .. }, .. } if records.len() > 10 => {
                format!("{now}: a huge answer")
            }
            Input::Configure { .. } => format!("{now}: configure"),
            other => format!("{now}: {other:?}"),
        });
        self.steps += 1;
        let time = Time::from_millis(now);
        let before = (self.phone.clone(), self.step.clone());
        let (mut twin, mut twin_step) = (self.phone.clone(), Step::default());
        let result = self.phone.step(input.clone(), time, &mut self.step);
        let twin_result = twin.step(input.clone(), time, &mut twin_step);
        hold!(result == twin_result && self.phone == twin && hash(&self.phone) == hash(&twin), "equal inputs (2.6a)");
        if let Err(error) = result {
            self.refused += 1;
            self.note(|| format!("    {error}"));
            hold!(before == (self.phone.clone(), self.step.clone()), "{error}, yet something changed");
            return self.is_misuse(&input, now, &error);
        }
        hold!(self.step == twin_step, "equal inputs (2.6a): {twin_step:?}");
        self.now = now;
        self.states.insert(self.phone.state());
        self.kinds.extend(self.step.events.iter().map(|event| std::mem::discriminant(&event.kind)));
        if self.traced {
            self.trace.extend(self.step.actions.iter().map(|action| format!("    {action:?}")));
            self.trace.extend(self.step.events.iter().map(|event| format!("    - {} {:?}", event.rule, event.kind)));
            self.trace.push(format!("    wake {:?}, {:?}", self.step.wake, self.phone.state()));
        }
        self.model.stepped(&self.phone, &input, now, &self.step)
    }

    /// Errors come from misuse alone (rule 3.6c).
    fn is_misuse(&self, input: &Input, now: u64, error: &Error) -> Checked {
        let last = self.model.last_id;
        let fits = match (error, input) {
            (Error::TimeOutOfRange(_), _) => Time::from_millis(now) > Time::MAX,
            (Error::UnknownId(id), _) => *id > last || id.get() == 0,
            (Error::WrongKind(id), Input::Outcome { .. }) => self.model.lookups.contains_key(id),
            (Error::WrongKind(id), Input::Answer { answer, .. }) => match self.model.lookups.get(id) {
                Some(LookupKind::Srv) => matches!(answer, Answer::Addresses { .. }),
                Some(_) => matches!(answer, Answer::Srv { .. }),
                None => true,
            },
            (Error::UnknownTarget(_), Input::FlowLost { .. }) => true,
            (Error::NotFinal(code), _) => *code < 200,
            _ => false,
        };
        hold!(fits, "{error}: not for {input:?} at {now}");
        Ok(())
    }

    /// A time not far ahead, at the wake or around it.
    fn some_time(&mut self) -> u64 {
        let rng = &mut self.rng;
        let wake = self.step.wake.map_or(self.now + 10_000, Time::as_millis);
        let next = match rng.below(if self.hostile { 16 } else { 10 }) {
            0..4 => wake,
            4 => self.now,
            5 => self.now + rng.below(300),
            6 => self.now + rng.below(wake.saturating_sub(self.now).max(1)),
            7 => wake + rng.below(2_000),
            8 => wake + rng.below(8_000),
            9 => self.now + rng.below(20_000),
            10 => self.now + 8 * 3_600_000,
            11 => self.now.saturating_sub(rng.below(10_000)),
            12 if chance(rng, 10) => one_of(rng, &[0, 1, 1 << 40, (1 << 53) - 2, (1 << 53) - 1, 1 << 53, u64::MAX]),
            _ => self.now + rng.below(100),
        };
        if self.hostile { next } else { next.min(Time::MAX.as_millis()) }
    }

    /// What an honest host might hand in now.
    fn some_input(&mut self) -> (Input, u64) {
        let soon = self.now + self.rng.below(200);
        let rng = &mut self.rng;
        if let Some((id, kind)) = self.model.lookups.iter().next_back().map(|(id, kind)| (*id, *kind))
            && chance(rng, self.answers)
        {
            let answer = if chance(rng, self.luck) { good_answer(kind, rng) } else { any_answer(rng) };
            let fits = matches!(
                (&answer, kind),
                (Answer::Srv { .. }, LookupKind::Srv)
                    | (Answer::Addresses { .. }, LookupKind::A | LookupKind::Aaaa)
                    | (Answer::NoName { .. } | Answer::NoData { .. } | Answer::Failed { .. }, _)
            );
            if fits {
                return (Input::Answer { id, answer }, soon);
            }
        }
        if let Some((id, _)) = self.model.flight
            && chance(rng, self.answers)
        {
            let outcome = if chance(rng, self.luck) { accepted(rng) } else { any_outcome(rng) };
            return (Input::Outcome { id, outcome }, soon);
        }
        if let Some(id) = self.model.unregisters.keys().next().copied()
            && chance(rng, self.answers / 2)
        {
            return (Input::Outcome { id, outcome: accepted(rng) }, soon);
        }
        if !self.model.online && chance(rng, 50) {
            return (Input::NetworkChanged, self.some_time());
        }
        let now = self.some_time();
        (self.some_event(), now)
    }

    fn some_event(&mut self) -> Input {
        let rng = &mut self.rng;
        let home = self.model.home;
        match rng.below(60) {
            0 => Input::Stop,
            1..4 => Input::Start,
            4 | 5 => Input::AgentLogin,
            6 | 7 => Input::TryPrimary,
            8 => Input::NetworkDown,
            9 => Input::NetworkChanged,
            10 => Input::Resumed,
            11 => Input::Busy,
            12 | 13 => Input::Idle,
            14 => {
                let (case, other) = (rng.below(228) as usize, chance(rng, 50));
                let config = if other { any_config(case, rng) } else { self.phone.config().clone() };
                self.longest = self.longest.max(longest_wait(&config));
                Input::Configure { config: Box::new(config) }
            }
            15 | 16 if home.is_some() => Input::FlowLost { target: home.unwrap() },
            17..20 if !self.model.past.is_empty() => {
                let id = one_of(rng, &self.model.past);
                Input::Outcome { id, outcome: if chance(rng, 70) { accepted(rng) } else { any_outcome(rng) } }
            }
            20..23 if self.phone.config().refresh.owner == RefreshOwner::Application => {
                let outcome = if chance(rng, self.luck) { accepted(rng) } else { any_outcome(rng) };
                Input::Refreshed { outcome }
            }
            _ => Input::Wake,
        }
    }

    /// What no honest host would.
    fn any_input(&mut self) -> Input {
        let rng = &mut self.rng;
        let last = self.model.last_id.get();
        let id = Id::from_raw(match rng.below(8) {
            0 => 0,
            1 => last + 1,
            2 => u32::MAX,
            _ => rng.between(u64::from(last.saturating_sub(6)), u64::from(last)) as u32,
        });
        match rng.below(8) {
            0 | 1 => Input::Answer { id, answer: any_answer(rng) },
            2 | 3 => Input::Outcome { id, outcome: any_outcome(rng) },
            4 => Input::Outcome { id, outcome: Outcome::Status { code: 180, retry_after: None, min_expires: None } },
            5 => Input::FlowLost { target: TargetId::from_raw(rng.below(12) as u32) },
            6 => Input::Refreshed { outcome: any_outcome(rng) },
            _ => self.some_event(),
        }
    }

    fn drive(&mut self, steps: u64) -> Checked {
        self.go(Input::Start, self.now)?;
        for _ in 0..steps {
            if self.hostile && chance(&mut self.rng, 30) {
                let (input, now) = (self.any_input(), self.some_time());
                self.go(input, now)?;
            } else {
                let (input, now) = self.some_input();
                self.go(input.clone(), now)?;
                if chance(&mut self.rng, 2) {
                    self.go(input, now)?; // Handed in twice.
                }
            }
            if chance(&mut self.rng, 2) {
                self.snapshot()?;
            }
        }
        Ok(())
    }

    /// A snapshot can be restored at any time; now and then the run goes on with the restored one.
    fn snapshot(&mut self) -> Checked {
        let (now, away) = (Time::from_millis(self.now), one_of(&mut self.rng, &[0, 50, 3_000, 60_000, 7_200_000]));
        let snapshot = self.phone.snapshot(now, WallClock::from_millis(self.wall));
        let mut config = self.phone.config().clone();
        if chance(&mut self.rng, 10) {
            config.rollover.failures_before_rollover = 2;
        }
        let later = one_of(&mut self.rng, &[0, 5, self.now, 1 << 41]);
        let wall = WallClock::from_millis(self.wall + away);
        let restored = Registration::restore(config, self.seed, snapshot.as_bytes(), Time::from_millis(later), wall);
        let restored = restored.map_err(|error| format!("snapshot: {error}"))?;
        let (was, is) = (self.phone.state(), restored.state());
        if was == State::Stopped || was == State::Stopping && is == State::Stopped {
            hold!(is == State::Stopped, "{was:?} became {is:?}");
        }
        if chance(&mut self.rng, 50) {
            self.note(|| format!("restored at {later}, {away} ms later: {is:?}"));
            self.wall += away;
            (self.phone, self.now) = (restored, later);
            self.model.restore(&self.phone, later, away);
            self.go(Input::Wake, later)?;
        }
        Ok(())
    }

    /// Wake after wake with no other input: time goes on at a rate that the rules give. Between two wakes of an attempt
    /// lie T or a spacing, of a lookup its time-out, of a wait half of it at least; no more than five timers share one.
    fn never_spins(&self, wakes: u64) -> Checked {
        let (mut phone, mut step) = (self.phone.clone(), self.step.clone());
        let config = phone.config();
        let least = config.lookup.timeout.get().min(config.rollover.attempt_timeout.get());
        let least = least.min(config.rollover.retry_interval.get() / 2) / 5;
        let mut at = self.now;
        for _ in 0..wakes {
            let Some(wake) = step.wake else { return Ok(()) };
            if wake >= Time::MAX {
                return Ok(());
            }
            hold!(wake.as_millis() > at, "wake {wake} at {at}");
            at = wake.as_millis();
            phone.step(Input::Wake, wake, &mut step).map_err(|error| error.to_string())?;
        }
        hold!(
            at - self.now >= wakes * least,
            "{wakes} wakes in {} ms, at least {} expected",
            at - self.now,
            wakes * least
        );
        Ok(())
    }

    /// If all goes well from here, the phone is registered in time (5.4e).
    fn comes_home(&mut self) -> Checked {
        let stops = self.model.stopping || self.model.running;
        if !stops || self.now > 1 << 52 {
            return Ok(());
        }
        if !self.model.online && self.model.running {
            self.go(Input::NetworkChanged, self.now)?;
        }
        let started = self.now;
        let bound = self.longest;
        while self.phone.state() != State::Registered {
            if self.phone.state() == State::Stopped {
                return Ok(());
            }
            if self.phone.state() == State::Rejected && self.phone.config().rollover.rejected_retry.is_none() {
                self.go(Input::Start, self.now)?;
                continue;
            }
            hold!(self.now - started <= bound, "not registered after {} ms (at most {bound})", self.now - started);
            let fine = Outcome::Accepted { expires: Some(Seconds::new(3600)) };
            if let Some((id, _)) = self.model.flight {
                self.go(Input::Outcome { id, outcome: fine }, self.now + 10)?;
            } else if let Some((id, kind)) = self.model.lookups.iter().next().map(|(id, kind)| (*id, *kind)) {
                let answer = good_answer(kind, &mut self.rng);
                self.go(Input::Answer { id, answer }, self.now + 1)?;
            } else if let Some(id) = self.model.unregisters.keys().next().copied() {
                self.go(Input::Outcome { id, outcome: fine }, self.now + 10)?;
            } else {
                let wake = self.step.wake.ok_or("nothing more is to come")?;
                self.go(Input::Wake, wake.as_millis())?;
            }
        }
        Ok(())
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        if self.traced {
            self.trace.push(what());
        }
    }

    pub fn all(&mut self, steps: u64, wakes: u64) -> Checked {
        self.drive(steps)?;
        self.never_spins(wakes)?;
        self.comes_home()
    }

    pub fn report(&self, what: &str) -> String {
        let mut text = format!("{what}\nseed {}, hostile {}, {:?}\n", self.seed, self.hostile, self.phone.config());
        for line in self.trace.iter().rev().take(120).rev() {
            let _ = writeln!(text, "{line}");
        }
        text
    }
}
