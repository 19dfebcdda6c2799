//! What a trace went through: it shows that it is not vacuous.

use std::collections::BTreeMap;
use std::fmt;

use rehome_runner::{EVENTS, Output, Refusal};
use serde_json::Value;

/// How often what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Inputs by their type.
    pub inputs: BTreeMap<String, u64>,
    /// Events by their type.
    pub events: BTreeMap<String, u64>,
    /// Actions by their type.
    pub actions: BTreeMap<String, u64>,
    /// Errors by their code.
    pub errors: BTreeMap<String, u64>,
    /// States of the phone after each input.
    pub states: BTreeMap<String, u64>,
    /// Snapshots restored.
    pub restored: u64,
}

impl Tally {
    /// How many inputs there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.inputs.values().sum()
    }

    /// Kinds of events that never occurred.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        EVENTS.iter().map(|event| event.kind).filter(|kind| !self.events.contains_key(*kind)).collect()
    }

    /// Adds what another trace went through.
    pub fn add(&mut self, other: &Self) {
        let maps = [
            (&mut self.inputs, &other.inputs),
            (&mut self.events, &other.events),
            (&mut self.actions, &other.actions),
            (&mut self.errors, &other.errors),
            (&mut self.states, &other.states),
        ];
        for (own, theirs) in maps {
            theirs.iter().for_each(|(kind, count)| *own.entry(kind.clone()).or_default() += count);
        }
        self.restored += other.restored;
    }

    pub(crate) fn stepped(&mut self, input: &Value, result: &Result<Output, Refusal>, state: &str) {
        one(&mut self.inputs, &input["type"]);
        *self.states.entry(state.to_owned()).or_default() += 1;
        match result {
            Ok(output) => {
                output.actions.iter().for_each(|action| one(&mut self.actions, &action["type"]));
                output.events.iter().for_each(|event| one(&mut self.events, &event["type"]));
            }
            Err(refusal) => *self.errors.entry(refusal.code.clone()).or_default() += 1,
        }
    }
}

fn one(map: &mut BTreeMap<String, u64>, kind: &Value) {
    *map.entry(kind.as_str().unwrap_or_default().to_owned()).or_default() += 1;
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} inputs, {} snapshots restored", self.count(), self.restored)?;
        let maps = [
            ("inputs", &self.inputs),
            ("actions", &self.actions),
            ("events", &self.events),
            ("errors", &self.errors),
            ("states", &self.states),
        ];
        for (name, map) in maps {
            let counts: Vec<String> = map.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            writeln!(f, "{name}: {}", counts.join(", "))?;
        }
        write!(
            f,
            "events that never occurred: {}",
            if self.missing().is_empty() { "none".into() } else { self.missing().join(", ") }
        )
    }
}
