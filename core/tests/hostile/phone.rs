//! A phone and what was asked of its host.

use rehome::{
    Action, Answer, Config, EventKind, Id, Input, Millis, Outcome, Registration, Seconds, SrvRecord, Step, Time,
};

pub struct Phone {
    pub registration: Registration,
    pub step: Step,
    pub now: u64,
    pub lookup: Option<Id>,
    pub flight: Option<Id>,
    /// REGISTERs put out, with the expiry each asked for.
    pub registers: Vec<(u64, u32)>,
}

pub const SET: [&str; 2] = ["a.example.test", "b.example.test"];

pub fn config() -> Config {
    let mut config = Config { srv_record: Some("_sip._udp.example.test".into()), ..Config::default() };
    config.rollover.recovery_spread = Millis::ZERO;
    config
}

pub fn record(priority: u16, weight: u16, port: u16, target: &str) -> SrvRecord {
    SrvRecord { priority, weight, port, target: target.into() }
}

pub fn status(code: u16, retry_after: Option<u32>, min_expires: Option<u32>) -> Outcome {
    Outcome::Status { code, retry_after: retry_after.map(Seconds::new), min_expires: min_expires.map(Seconds::new) }
}

pub const ACCEPTED: Outcome = Outcome::Accepted { expires: None };

impl Phone {
    /// Started, its lookup out.
    pub fn started(config: Config) -> Self {
        let registration = Registration::new(config, 7).unwrap();
        let (lookup, flight, registers) = (None, None, Vec::new());
        let mut phone = Self { registration, step: Step::default(), now: 1_000_000, lookup, flight, registers };
        phone.hand_in(Input::Start, 0);
        phone
    }

    /// One whose two targets are known; its first REGISTER is out.
    pub fn registering() -> Self {
        let mut phone = Self::started(config());
        phone.answer(SET.iter().map(|host| record(1, 1, 5060, host)).collect(), 86_400);
        phone
    }

    pub fn hand_in(&mut self, input: Input, after: u64) {
        self.now += after;
        self.registration.step(input, Time::from_millis(self.now), &mut self.step).unwrap();
        for action in &self.step.actions {
            match action {
                Action::Lookup { id, .. } => self.lookup = Some(*id),
                Action::Register { id, expires, .. } => {
                    self.flight = Some(*id);
                    self.registers.push((self.now, expires.get()));
                }
                Action::Cancel { id } => self.flight = self.flight.filter(|flight| flight != id),
                Action::Unregister { .. } => {}
            }
        }
        assert!(self.step.actions.len() < 20, "{:?}", self.step.actions);
    }

    pub fn answer(&mut self, records: Vec<SrvRecord>, ttl: u32) {
        let id = self.lookup.expect("a lookup");
        self.hand_in(Input::Answer { id, answer: Answer::Srv { records, ttl: Seconds::new(ttl) } }, 10);
    }

    pub fn outcome(&mut self, outcome: Outcome) {
        let id = self.flight.take().expect("a register");
        self.hand_in(Input::Outcome { id, outcome }, 10);
    }

    pub fn wake(&mut self) {
        let wake = self.step.wake.expect("a wake").as_millis();
        self.hand_in(Input::Wake, wake.saturating_sub(self.now));
    }

    pub fn events(&self) -> Vec<&EventKind> {
        self.step.events.iter().map(|event| &event.kind).collect()
    }

    pub fn plan(&self) -> Vec<String> {
        let status = self.registration.status(Time::from_millis(self.now));
        status.plan.iter().map(|entry| entry.target.host.to_string()).collect()
    }
}
