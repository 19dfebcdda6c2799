//! The whole suite through what is exported here, with the trace hashes of the Rust library itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rehome_runner::{
    Instance, Native, Output, Policy, Refusal, Subject, explain, open, own_folder, parse, run, run_suite,
};
use serde_json::{Value, json};

use super::across;
use crate::{Config, Input, Registration, RehomeError, Step, config_from_json};

#[test]
fn all_scenarios_as_natively() {
    let suite = open(&own_folder(), &Policy::own().unwrap()).unwrap();
    let native = run_suite(&Native, &suite);
    let report = run_suite(&Exported::default(), &suite);
    assert_eq!(report.failed, 0, "\n{}", report.text);
    assert_eq!(report.hashes, native.hashes);
    assert_eq!(report.hash, native.hash);
}

#[test]
fn a_short_random_trace_as_natively() {
    let policy = Policy::own().unwrap();
    for number in 0..6 {
        let played = rehome_trace::play(number, 1_000, 2, &policy).unwrap();
        let scenario = parse(&played.text, "trace.json", &policy).unwrap();
        let ran = run(&Exported::default(), &scenario);
        assert!(ran.failure.is_none(), "{}", explain(&scenario, &ran.failure.unwrap()));
        assert_eq!(ran.hash, played.hash);
    }
}

/// The functions that Swift and Kotlin call; every value goes over the border and back.
#[derive(Default)]
struct Exported {
    /// The configuration last read: statistics need the same one thousands of times.
    read: Mutex<Option<(Value, Config)>>,
}

impl Exported {
    fn configuration(&self, config: &Value) -> Result<Config, Refusal> {
        let mut read = self.read.lock().unwrap();
        match &*read {
            Some((json, known)) if json == config => Ok(across(known.clone())),
            _ => {
                let known = configuration(config)?;
                *read = Some((config.clone(), known.clone()));
                Ok(known)
            }
        }
    }
}

impl Subject for Exported {
    fn create(&self, config: &Value, seed: u64) -> Result<Box<dyn Instance>, Refusal> {
        running(Registration::new(self.configuration(config)?, seed.cast_signed()))
    }

    fn restore(
        &self,
        config: &Value,
        seed: u64,
        snapshot: &[u8],
        now: u64,
        wall: u64,
    ) -> Result<Box<dyn Instance>, Refusal> {
        let (now, wall) = (now.cast_signed(), wall.cast_signed());
        running(Registration::restore(self.configuration(config)?, seed.cast_signed(), snapshot.to_vec(), now, wall))
    }
}

fn configuration(config: &Value) -> Result<Config, Refusal> {
    config_from_json(&config.to_string(), None).map(across).map_err(refusal)
}

fn running(registration: Result<Arc<Registration>, RehomeError>) -> Result<Box<dyn Instance>, Refusal> {
    let registration = registration.map_err(refusal)?;
    Ok(Box::new(Running { registration, seen: BTreeMap::new() }))
}

/// The code is the variant's name, as in Swift and Kotlin.
fn refusal(error: RehomeError) -> Refusal {
    let name = format!("{error:?}");
    let mut code = name[..name.find('(').unwrap()].to_owned();
    code[..1].make_ascii_lowercase();
    Refusal { code, text: error.to_string(), changed: false }
}

struct Running {
    registration: Arc<Registration>,
    /// Targets by their text: the number last seen.
    seen: BTreeMap<String, i64>,
}

impl Instance for Running {
    fn step(&mut self, input: &Value, now: u64) -> Result<Output, Refusal> {
        let now = now.cast_signed();
        let input = across(self.input(input, now)?);
        let before = self.registration.snapshot(now, 0);
        let step: Step = match self.registration.step(input, now) {
            Ok(step) => across(step),
            Err(error) => {
                let changed = self.registration.snapshot(now, 0) != before;
                return Err(Refusal { changed, ..refusal(error) });
            }
        };
        let mut output = Output { wake: step.wake.map(i64::cast_unsigned), ..Output::default() };
        for action in &step.actions {
            let mut action = json(action);
            if action["type"] == "register" {
                for key in ["tlsName", "priority", "weight", "site"] {
                    action[key] = action["target"][key].clone();
                }
            }
            self.name_targets(&mut action);
            output.actions.push(action);
        }
        for event in &step.events {
            let mut flat = json(&event.kind);
            flat["rule"] = Value::from(event.rule.as_str());
            if let Some(reason) = flat.get_mut("reason") {
                untag(reason);
            }
            self.name_targets(&mut flat);
            output.events.push(flat);
        }
        Ok(output)
    }

    fn status(&mut self, now: u64) -> Result<Value, Refusal> {
        let mut status = json(&across(self.registration.status(now.cast_signed())));
        self.name_targets(&mut status);
        for entry in status["plan"].as_array_mut().unwrap() {
            for key in ["tlsName", "priority", "weight", "site"] {
                entry[key] = entry["target"][key].clone();
            }
            untag(&mut entry["last"]);
            self.name_targets(entry);
        }
        Ok(status)
    }

    fn snapshot(&mut self, now: u64, wall: u64) -> Vec<u8> {
        self.registration.snapshot(now.cast_signed(), wall.cast_signed())
    }
}

impl Running {
    /// An input from the notation of the files.
    fn input(&self, input: &Value, now: i64) -> Result<Input, Refusal> {
        let mut input = input.clone();
        if input["type"] == "configure" {
            return Ok(Input::Configure { config: configuration(&input["config"])? });
        }
        if input["type"] == "flowLost" {
            input["target"] = self.find(input["target"].as_str().unwrap(), now).into();
        }
        if let Some(Value::Array(records)) = input.pointer_mut("/answer/records") {
            for record in records {
                let mut parts = record.as_str().unwrap().splitn(4, ' ');
                let mut number = || parts.next().unwrap().parse::<i32>().unwrap();
                let (priority, weight, port) = (number(), number(), number());
                let target = parts.next().unwrap();
                *record = json!({ "priority": priority, "weight": weight, "port": port, "target": target });
            }
        }
        serde_json::from_value(input).map_err(|error| Refusal::fault(error.to_string()))
    }

    /// Puts `host:port/transport` in the place of each target.
    fn name_targets(&mut self, item: &mut Value) {
        for key in ["target", "from", "to", "home", "trying"] {
            if let Some(target) = item.get_mut(key).filter(|target| target.is_object()) {
                let id = target["id"].as_i64().unwrap();
                assert_eq!(json(&self.registration.target(id)), *target);
                let name = text(target);
                self.seen.insert(name.clone(), id);
                *target = name.into();
            }
        }
    }

    /// The number of a target of the plan, or of one put out before, or one that never was.
    fn find(&self, name: &str, now: i64) -> i64 {
        let status = self.registration.status(now);
        let mut listed = status.plan.iter().map(|entry| &entry.target).chain(&status.home);
        let found = listed.find(|target| text(&json(target)) == name).map(|target| target.id);
        found.or_else(|| self.seen.get(name).copied()).unwrap_or(u32::MAX.into())
    }
}

fn text(target: &Value) -> String {
    let [host, transport] = [&target["host"], &target["transport"]].map(|part| part.as_str().unwrap());
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    format!("{host}:{}/{transport}", target["port"])
}

fn json(of: &impl serde::Serialize) -> Value {
    serde_json::to_value(of).unwrap()
}

/// `{"type":"status","code":503}` is `{"status":503}` in the files, and `{"type":"timeout"}` is `"timeout"`.
fn untag(value: &mut Value) {
    if let Value::Object(object) = value {
        let tag = object.remove("type").unwrap();
        let only = object.values().next().cloned();
        *value = only.map_or_else(|| tag.clone(), |only| json!({ tag.as_str().unwrap(): only }));
    }
}
