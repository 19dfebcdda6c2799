//! The Rust library itself as the subject.

use std::collections::BTreeMap;

use rehome::{Config, Error, Input, Registration, Step, Target, TargetId, Time, WallClock};
use serde_json::{Value, json};

use crate::notation;
use crate::schema::TARGETS;
use crate::subject::{Instance, Output, Refusal, Subject};

/// The crate `rehome`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Native;

impl Subject for Native {
    fn create(&self, config: &Value, seed: u64) -> Result<Box<dyn Instance>, Refusal> {
        running(Registration::new(configuration(config)?, seed))
    }

    fn restore(
        &self,
        config: &Value,
        seed: u64,
        snapshot: &[u8],
        now: u64,
        wall: u64,
    ) -> Result<Box<dyn Instance>, Refusal> {
        let (now, wall) = (Time::from_millis(now), WallClock::from_millis(wall));
        running(Registration::restore(configuration(config)?, seed, snapshot, now, wall))
    }
}

fn configuration(config: &Value) -> Result<Config, Refusal> {
    serde_json::from_value(config.clone())
        .map_err(|error| Refusal::fault(format!("the configuration is no JSON of the API: {error}")))
}

fn running(registration: Result<Registration, Error>) -> Result<Box<dyn Instance>, Refusal> {
    let registration = registration.map_err(|error| refusal(&error))?;
    Ok(Box::new(Running { registration, step: Step::default(), seen: BTreeMap::new() }))
}

fn refusal(error: &Error) -> Refusal {
    Refusal { code: error.code().to_owned(), text: error.to_string(), changed: false }
}

struct Running {
    registration: Registration,
    step: Step,
    /// Targets by their text: the number last seen.
    seen: BTreeMap<String, TargetId>,
}

impl Instance for Running {
    fn step(&mut self, input: &Value, now: u64) -> Result<Output, Refusal> {
        let now = Time::from_millis(now);
        let input = self::input(input, |text| self.find(text, now)).map_err(Refusal::fault)?;
        let before = self.registration.clone();
        if let Err(error) = self.registration.step(input, now, &mut self.step) {
            return Err(Refusal { changed: self.registration != before, ..refusal(&error) });
        }
        let step = std::mem::take(&mut self.step);
        let mut output = Output { wake: step.wake.map(Time::as_millis), ..Output::default() };
        for action in &step.actions {
            let mut action = value(action)?;
            if action["type"] == "register" {
                let target = self.target(&action["target"])?;
                action["tlsName"] = Value::from(&*target.tls_name);
                action["priority"] = Value::from(target.priority);
                action["weight"] = Value::from(target.weight);
                action["site"] = Value::from(target.site.as_deref());
            }
            self.name_targets(&mut action)?;
            output.actions.push(action);
        }
        for event in &step.events {
            let mut event = value(event)?;
            self.name_targets(&mut event)?;
            output.events.push(event);
        }
        self.step = step;
        Ok(output)
    }

    fn status(&mut self, now: u64) -> Result<Value, Refusal> {
        let status = self.registration.status(Time::from_millis(now));
        let mut rendered = value(&status)?;
        if let Some(home) = &status.home {
            rendered["home"] = Value::from(text(home));
        }
        rendered["trying"] = match status.trying {
            Some(id) => Value::from(text(self.target(&json!(id.get()))?)),
            None => Value::Null,
        };
        for (index, entry) in status.plan.iter().enumerate() {
            let (target, entry) = (&entry.target, &mut rendered["plan"][index]);
            entry["tlsName"] = Value::from(&*target.tls_name);
            entry["priority"] = Value::from(target.priority);
            entry["weight"] = Value::from(target.weight);
            entry["site"] = Value::from(target.site.as_deref());
            entry["target"] = Value::from(text(target));
            self.seen.insert(text(target), target.id);
        }
        Ok(rendered)
    }

    fn snapshot(&mut self, now: u64, wall: u64) -> Vec<u8> {
        self.registration.snapshot(Time::from_millis(now), WallClock::from_millis(wall)).0
    }
}

impl Running {
    /// The target of a number that was put out.
    fn target(&self, id: &Value) -> Result<&Target, Refusal> {
        let number = id.as_u64().and_then(|id| u32::try_from(id).ok());
        number
            .and_then(|id| self.registration.target(TargetId::from_raw(id)))
            .ok_or_else(|| Refusal::fault(format!("target {id} was put out, but `target` does not know it")))
    }

    /// Puts `host:port/transport` in the place of each target's number.
    fn name_targets(&mut self, item: &mut Value) -> Result<(), Refusal> {
        for key in TARGETS {
            if let Some(id) = item.get(*key).filter(|id| id.is_u64()) {
                let target = self.target(id)?;
                let (name, id) = (text(target), target.id);
                item[*key] = Value::from(name.as_str());
                self.seen.insert(name, id);
            }
        }
        Ok(())
    }

    /// The number of a target of the plan, or of one put out before.
    fn find(&self, name: &str, now: Time) -> Option<TargetId> {
        let status = self.registration.status(now);
        let mut listed = status.plan.iter().map(|entry| &entry.target).chain(&status.home);
        let found = listed.find(|target| text(target) == name).map(|target| target.id);
        found.or_else(|| self.seen.get(name).copied())
    }
}

fn text(target: &Target) -> String {
    notation::target(&target.host, target.port, target.transport.as_str())
}

fn value(of: &impl serde::Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(of).map_err(|error| Refusal::fault(format!("an output is no JSON: {error}")))
}

/// An input from the notation of the files. A target that `find` does not know gets a number that never was.
pub(crate) fn input(input: &Value, find: impl Fn(&str) -> Option<TargetId>) -> Result<Input, String> {
    let mut input = input.clone();
    if input["type"] == "flowLost"
        && let Some(name) = input["target"].as_str()
    {
        input["target"] = Value::from(find(name).map_or(u32::MAX, TargetId::get));
    }
    if let Some(Value::Array(records)) = input.pointer_mut("/answer/records") {
        for record in records {
            *record = notation::srv_record(record.as_str().unwrap_or_default())?;
        }
    }
    serde_json::from_value(input).map_err(|error| error.to_string())
}
