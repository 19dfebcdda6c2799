//! What a phone says: one JSON object a line, with targets written as `host:port/transport`.

use rehome::{Action, Answer, Event, Id, Outcome, Registration, Status, Target, TargetId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One line of a phone's output. `at_ms` is the time since the phone's process began, in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Report {
    /// Commands are read from now on.
    Ready {
        /// When.
        at_ms: u64,
        /// The user part of the address of record.
        user: String,
    },
    /// The core asks for something, and it is being done.
    Action {
        /// When.
        at_ms: u64,
        /// The action, with its target's fields beside it.
        action: Value,
    },
    /// What an attempt or an unregister came to.
    Outcome {
        /// When.
        at_ms: u64,
        /// Which.
        id: Id,
        /// What it came to.
        outcome: Outcome,
    },
    /// What DNS said to a lookup.
    Answer {
        /// When.
        at_ms: u64,
        /// Which.
        id: Id,
        /// What it said.
        answer: Answer,
    },
    /// The core decided something.
    Event {
        /// When.
        at_ms: u64,
        /// What, and by which rule.
        event: Value,
    },
    /// The state or home has changed, or somebody asked.
    Status {
        /// When.
        at_ms: u64,
        /// The whole status.
        status: Value,
    },
    /// A command could not be carried out.
    Error {
        /// When.
        at_ms: u64,
        /// A sentence.
        error: String,
    },
}

/// `host:port/transport`, with an IPv6 host in brackets.
pub(crate) fn spell(target: &Target) -> String {
    let (host, port, transport) = (&target.host, target.port, target.transport.as_str());
    if host.contains(':') { format!("[{host}]:{port}/{transport}") } else { format!("{host}:{port}/{transport}") }
}

/// An action in the core's own form, its target spelled out.
pub(crate) fn action(action: &Action, registration: &Registration) -> Value {
    let mut value = to_value(action);
    if let Action::Register { target, .. } | Action::Unregister { target, .. } = action
        && let (Some(target), Some(fields)) = (registration.target(*target), value.as_object_mut())
    {
        fields.insert("host".into(), json!(target.host));
        fields.insert("port".into(), json!(target.port));
        fields.insert("transport".into(), json!(target.transport));
        fields.insert("tlsName".into(), json!(target.tls_name));
        fields.insert("priority".into(), json!(target.priority));
        fields.insert("weight".into(), json!(target.weight));
    }
    name_targets(&mut value, registration);
    value
}

/// An event in the core's own form, its targets spelled out.
pub(crate) fn event(event: &Event, registration: &Registration) -> Value {
    let mut value = to_value(event);
    name_targets(&mut value, registration);
    value
}

/// A status in the core's own form, its targets spelled out.
pub(crate) fn status(status: &Status, registration: &Registration) -> Value {
    let mut value = to_value(status);
    name_targets(&mut value, registration);
    let Some(fields) = value.as_object_mut() else { return value };
    if let Some(home) = &status.home {
        fields.insert("home".into(), json!(spell(home)));
    }
    if let Some(Value::Array(plan)) = fields.get_mut("plan") {
        for (shown, entry) in plan.iter_mut().zip(&status.plan) {
            if let Some(shown) = shown.as_object_mut() {
                shown.insert("target".into(), json!(spell(&entry.target)));
                shown.insert("priority".into(), json!(entry.target.priority));
                shown.insert("weight".into(), json!(entry.target.weight));
            }
        }
    }
    value
}

fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Replaces the numbers of targets, which mean nothing outside this process.
fn name_targets(value: &mut Value, registration: &Registration) {
    for field in ["target", "from", "to", "trying"] {
        let Some(number) = value.get(field).and_then(Value::as_u64) else { continue };
        let Ok(number) = u32::try_from(number) else { continue };
        if let Some(target) = registration.target(TargetId::from_raw(number)) {
            value[field] = json!(spell(target));
        }
    }
}
