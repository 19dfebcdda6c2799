//! What the core decided, in words.

use std::net::SocketAddr;

use rehome::{Answer, Config};
use serde_json::Value;

use crate::follow::Mark;

/// One attempt as the phone reported it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempt {
    /// The target's spelling.
    pub(crate) target: String,
    /// The how manieth in a row.
    pub(crate) number: u64,
    /// How long it took, in milliseconds.
    pub(crate) took_ms: u64,
}

/// A verb, the rest of the sentence, and how it is meant.
pub(crate) type Words = (&'static str, String, Mark);

/// The first label of a target: `dc1-spx1`.
pub(crate) fn short(target: &str) -> &str {
    target.split(['.', ':']).next().unwrap_or(target)
}

fn field<'a>(event: &'a Value, name: &str) -> &'a str {
    event[name].as_str().unwrap_or("?")
}

fn host<'a>(event: &'a Value, name: &str) -> &'a str {
    short(field(event, name))
}

/// Seconds without needless digits.
pub(crate) fn seconds(millis: u64) -> String {
    let tenths = millis.saturating_add(50) / 100;
    match tenths % 10 {
        _ if millis < 100 => format!("{millis} ms"),
        0 => format!("{} s", tenths / 10),
        tenth => format!("{}.{tenth} s", tenths / 10),
    }
}

/// An event in words; `attempt` is the last one at the event's target.
pub(crate) fn event(event: &Value, attempt: &Attempt) -> Words {
    let number = attempt.number;
    let register = |what: String| format!("{} #{number} ... {what}", host(event, "target"));
    let granted = || format!("200 after {}, for {} s", seconds(attempt.took_ms), event["expires"]);
    match field(event, "type") {
        "started" => ("START", format!("the SRV record {} is in force", field(event, "name")), Mark::Plain),
        "planChanged" => ("PLAN", format!("{} targets in a new order", event["targets"]), Mark::Plain),
        "registered" => ("REGISTER", register(format!("{}: this is home", granted())), Mark::Good),
        "refreshed" => {
            ("REFRESH", format!("{} ... {}: home answers, so it stays", host(event, "target"), granted()), Mark::Good)
        }
        "attemptFailed" => {
            let enough = Config::default().rollover.failures_before_rollover;
            let why = reason(&event["reason"], attempt.took_ms);
            ("REGISTER", register(format!("{why}: failure {} of {enough}", event["streak"])), Mark::Bad)
        }
        "attemptRejected" => ("REGISTER", register(format!("rejected with {}", event["code"])), Mark::Bad),
        "homeLost" => {
            let text = format!("{} is home no more; the rest of its tier comes first", host(event, "target"));
            ("LOST", text, Mark::Bad)
        }
        "rolledOver" => {
            let why = if event["rule"] == "4.1" { ": the count decides, no timer" } else { "" };
            ("ROLLOVER", format!("from {} to {}{why}", host(event, "from"), host(event, "to")), Mark::Bad)
        }
        "roundFailed" => ("ROUND", "every target was in vain; a wait begins".into(), Mark::Bad),
        "wrapped" => ("ROUND", "again from the first of the plan".into(), Mark::Plain),
        "triggered" => ("TRIGGER", format!("{}: the primary is wanted again", trigger(event)), Mark::Plain),
        "excursionBegan" => ("EXCURSION", "the primaries are tried; home is kept meanwhile".into(), Mark::Plain),
        "homeKept" => ("EXCURSION", format!("in vain: {} stays home", host(event, "target")), Mark::Plain),
        "homeLeft" => ("HOME", format!("moves from {} to {}", host(event, "from"), host(event, "to")), Mark::Good),
        "unregistered" => {
            let confirmed = event["confirmed"] == Value::Bool(true);
            let how = if confirmed { "confirmed: the old binding is gone" } else { "not confirmed" };
            (
                "UNREGISTER",
                format!("{} ... {how}", host(event, "target")),
                if confirmed { Mark::Good } else { Mark::Bad },
            )
        }
        "unregisterSkipped" => {
            let why = match field(event, "reason") {
                "silent" => "it fell silent, so its binding is left to expire",
                "inUse" => "it is in use again",
                other => other,
            };
            ("UNREGISTER", format!("none at {}: {why}", host(event, "target")), Mark::Plain)
        }
        "lookupFailed" => ("LOOKUP", format!("{} failed: {}", field(event, "name"), event["cause"]), Mark::Bad),
        "homeExpired" => ("EXPIRY", format!("the binding at {} has run out", host(event, "target")), Mark::Bad),
        "stopping" => ("STOP", "the phone unregisters".into(), Mark::Plain),
        "stopped" => ("STOP", "the phone has stopped".into(), Mark::Plain),
        other => ("EVENT", rest(other, event), Mark::Plain),
    }
}

/// An event without words of its own: its name and its fields.
fn rest(kind: &str, event: &Value) -> String {
    let mut words = String::new();
    for letter in kind.chars() {
        if letter.is_uppercase() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    let fields = event.as_object().into_iter().flatten();
    for (name, value) in fields.filter(|(name, _)| !["type", "rule"].contains(&name.as_str())) {
        words.push_str(&format!(
            ", {name} {}",
            value.as_str().map_or_else(|| value.to_string(), |text| short(text).into())
        ));
    }
    words
}

fn trigger(event: &Value) -> &'static str {
    match field(event, "trigger") {
        "agentLogin" => "an agent logs in",
        "manual" => "asked by hand",
        "failback" => "the failback timer",
        "homeMissing" => "home is gone from DNS",
        _ => "something",
    }
}

/// Why an attempt failed, from the event's `reason`.
fn reason(reason: &Value, took_ms: u64) -> String {
    match reason {
        Value::String(name) if name == "timeout" => format!("no answer in {}", seconds(took_ms)),
        Value::String(name) => name.clone(),
        Value::Object(fields) => match fields.iter().next() {
            Some((kind, value)) if kind == "status" => format!("answered {value}"),
            Some((_, value)) => value.as_str().unwrap_or("unreachable").to_owned(),
            None => "failed".into(),
        },
        other => other.to_string(),
    }
}

/// What DNS said.
pub(crate) fn answer(answer: &Answer, dns: SocketAddr) -> String {
    match answer {
        Answer::Srv { records, ttl } => {
            let mut tiers: Vec<u16> = records.iter().map(|record| record.priority).collect();
            tiers.sort_unstable();
            tiers.dedup();
            let tiers: Vec<String> = tiers.iter().map(ToString::to_string).collect();
            let count = records.len();
            format!("{dns} says: {count} SRV records of priority {}, good for {ttl}", tiers.join(" and "))
        }
        Answer::Addresses { addresses, .. } => format!("{dns} says: {} addresses", addresses.len()),
        Answer::NoName { .. } => format!("{dns} says: no such name"),
        Answer::NoData { .. } => format!("{dns} says: no such records"),
        Answer::Failed { cause } => format!("{dns} gave no answer: {cause:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_failed_attempt_says_which_and_why() {
        let attempt = Attempt { target: "dc1-spx1.example.test:5060/udp".into(), number: 2, took_ms: 3001 };
        let told = json!({ "type": "attemptFailed", "rule": "3.2", "target": attempt.target, "reason": "timeout", "streak": 2 });
        assert_eq!(event(&told, &attempt).1, "dc1-spx1 #2 ... no answer in 3 s: failure 2 of 3");
        let told =
            json!({ "type": "attemptFailed", "target": attempt.target, "reason": { "status": 503 }, "streak": 3 });
        assert_eq!(event(&told, &attempt).1, "dc1-spx1 #2 ... answered 503: failure 3 of 3");
        let told = json!({ "type": "attemptFailed", "target": attempt.target, "reason": { "unreachable": "refused" }, "streak": 3 });
        assert!(event(&told, &attempt).1.contains("refused"));
    }

    #[test]
    fn an_event_without_words_is_told_all_the_same() {
        let told = json!({ "type": "flowLossIgnored", "rule": "4.6", "target": "dc1-spx1.example.test:5060/tcp" });
        assert_eq!(event(&told, &Attempt::default()).1, "flow loss ignored, target dc1-spx1");
    }
}
