//! A registration, and what its host would know of it.

use rehome_runner::{Instance, Output, Refusal};
use serde_json::Value;

/// A lookup that was asked for.
#[derive(Clone)]
pub(crate) struct Lookup {
    pub(crate) id: u64,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) deadline: u64,
}

/// One registration and the clocks of its host.
pub(crate) struct Phone {
    pub(crate) instance: Box<dyn Instance>,
    pub(crate) now: u64,
    pub(crate) wall: u64,
    pub(crate) wake: Option<u64>,
    pub(crate) state: String,
    pub(crate) home: Option<String>,
    pub(crate) busy: bool,
    /// Neither answered nor cancelled.
    pub(crate) lookups: Vec<Lookup>,
    /// The attempt in flight, and where to.
    pub(crate) flight: Option<(u64, String)>,
    pub(crate) unregisters: Vec<u64>,
    /// The last attempts and unregisters that have ended.
    pub(crate) past: Vec<u64>,
    /// The last lookups that have ended.
    pub(crate) stale: Vec<Lookup>,
    /// Where this registration has registered.
    pub(crate) known: Vec<String>,
    pub(crate) last: u64,
}

/// How many ended ones are remembered.
const REMEMBERED: usize = 12;

impl Phone {
    pub(crate) fn new(instance: Box<dyn Instance>, now: u64, wall: u64) -> Self {
        let mut phone = Self {
            instance,
            now,
            wall,
            wake: None,
            state: String::new(),
            home: None,
            busy: false,
            lookups: Vec::new(),
            flight: None,
            unregisters: Vec::new(),
            past: Vec::new(),
            stale: Vec::new(),
            known: Vec::new(),
            last: 0,
        };
        let status = phone.look();
        phone.wake = status["wakeMs"].as_u64();
        phone
    }

    /// The time at which it wishes to be called, or one some time from now.
    pub(crate) fn due(&self) -> u64 {
        self.wake.unwrap_or(self.now + 60_000).max(self.now)
    }

    pub(crate) fn hand_in(&mut self, input: &Value, now: u64) -> Result<Output, Refusal> {
        let output = self.instance.step(input, now)?;
        // The wall clock takes no part in the leaps of the other one.
        self.wall += now.saturating_sub(self.now).min(100_000_000);
        (self.now, self.wake) = (now, output.wake);
        match input["type"].as_str() {
            Some("busy") => self.busy = true,
            Some("idle") => self.busy = false,
            Some("answer" | "outcome") => self.ended(input["id"].as_u64()),
            _ => {}
        }
        for action in &output.actions {
            self.told(action);
        }
        let now = self.now;
        let (late, waiting) = std::mem::take(&mut self.lookups).into_iter().partition(|lookup| lookup.deadline < now);
        self.lookups = waiting;
        self.stale.extend::<Vec<Lookup>>(late);
        self.stale.drain(..self.stale.len().saturating_sub(REMEMBERED));
        self.past.drain(..self.past.len().saturating_sub(REMEMBERED));
        self.look();
        Ok(output)
    }

    fn told(&mut self, action: &Value) {
        let text = |key: &str| action[key].as_str().unwrap_or_default().to_owned();
        let id = action["id"].as_u64().unwrap_or_default();
        self.last = self.last.max(id);
        match action["type"].as_str() {
            Some("lookup") => {
                let deadline = action["deadlineMs"].as_u64().unwrap_or_default();
                self.lookups.push(Lookup { id, kind: text("kind"), name: text("name"), deadline });
            }
            Some("register") => {
                let target = text("target");
                if !self.known.contains(&target) {
                    self.known.push(target.clone());
                }
                self.flight = Some((id, target));
            }
            Some("unregister") => self.unregisters.push(id),
            _ => self.ended(Some(id)),
        }
    }

    fn ended(&mut self, id: Option<u64>) {
        let Some(id) = id else { return };
        if self.flight.as_ref().is_some_and(|(flight, _)| *flight == id) || self.unregisters.contains(&id) {
            self.past.push(id);
        }
        self.flight.take_if(|(flight, _)| *flight == id);
        self.unregisters.retain(|unregister| *unregister != id);
        let place = self.lookups.iter().position(|lookup| lookup.id == id);
        self.stale.extend(place.map(|place| self.lookups.remove(place)));
    }

    fn look(&mut self) -> Value {
        let status = self.instance.status(self.now).expect("a status at any time");
        let text = |key: &str| status[key].as_str().map(str::to_owned);
        (self.state, self.home) = (text("state").unwrap_or_default(), text("home"));
        status
    }
}
