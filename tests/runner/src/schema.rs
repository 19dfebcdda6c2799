//! Which fields belong where: the API's JSON as tables, so that a typo is an error of the file.

use serde_json::Value;

use crate::notation;
use crate::problem::{At, Problem};

/// One kind of a value that says its `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The `type`.
    pub kind: &'static str,
    /// Fields that must be there.
    pub required: &'static [&'static str],
    /// Fields that may be there.
    pub optional: &'static [&'static str],
}

const fn shape(kind: &'static str, required: &'static [&'static str], optional: &'static [&'static str]) -> Shape {
    Shape { kind, required, optional }
}

/// Inputs.
pub const INPUTS: &[Shape] = &[
    shape("start", &[], &[]),
    shape("stop", &[], &[]),
    shape("wake", &[], &[]),
    shape("agentLogin", &[], &[]),
    shape("tryPrimary", &[], &[]),
    shape("networkDown", &[], &[]),
    shape("networkChanged", &[], &[]),
    shape("resumed", &[], &[]),
    shape("busy", &[], &[]),
    shape("idle", &[], &[]),
    shape("configure", &["config"], &[]),
    shape("flowLost", &["target"], &[]),
    shape("answer", &["id", "answer"], &[]),
    shape("outcome", &["id", "outcome"], &[]),
    shape("refreshed", &["outcome"], &[]),
];

/// What DNS says, inside an `answer`.
pub const ANSWERS: &[Shape] = &[
    shape("srv", &["records", "ttl"], &[]),
    shape("addresses", &["addresses", "ttl"], &[]),
    shape("noName", &[], &["ttl"]),
    shape("noData", &[], &["ttl"]),
    shape("failed", &["cause"], &[]),
];

/// What came of an attempt, inside an `outcome` or `refreshed`.
pub const OUTCOMES: &[Shape] = &[
    shape("accepted", &[], &["expires"]),
    shape("status", &["code"], &["retryAfter", "minExpires"]),
    shape("unreachable", &["cause"], &[]),
    shape("noAddress", &[], &[]),
    shape("notSent", &[], &[]),
];

/// Actions, with the fields that a file must name.
pub const ACTIONS: &[Shape] = &[
    shape("lookup", &["id", "name", "kind", "deadlineMs"], &[]),
    shape(
        "register",
        &["id", "target", "attempt", "deadlineMs"],
        &["binding", "expires", "address", "tlsName", "priority", "weight", "site"],
    ),
    shape("unregister", &["id", "target", "binding", "deadlineMs"], &["address"]),
    shape("cancel", &["id"], &[]),
];

/// Events; a file names the fields that it compares, and `rule` with any.
pub const EVENTS: &[Shape] = &[
    shape("started", &[], &["source", "name"]),
    shape("stopping", &[], &[]),
    shape("stopped", &[], &[]),
    shape("configured", &[], &["restart"]),
    shape("lookupFailed", &[], &["name", "cause"]),
    shape("nothingOffered", &[], &["name", "reason"]),
    shape("recordDropped", &[], &["index", "reason"]),
    shape("recordsTruncated", &[], &["count"]),
    shape("planChanged", &[], &["targets"]),
    shape("candidateChosen", &[], &["name"]),
    shape("candidatesBarred", &[], &["name"]),
    shape("noCandidate", &[], &[]),
    shape("tlsNameMismatch", &[], &["target"]),
    shape("answerIgnored", &[], &["id"]),
    shape("registered", &[], &["target", "expires"]),
    shape("refreshed", &[], &["target", "expires"]),
    shape("attemptFailed", &[], &["target", "reason", "streak"]),
    shape("attemptRejected", &[], &["target", "code", "first"]),
    shape("longerExpires", &[], &["target", "expires"]),
    shape("noAddress", &[], &["target"]),
    shape("notSent", &[], &["target", "waitMs"]),
    shape("attemptCancelled", &[], &["id", "reason"]),
    shape("lateSuccess", &[], &["id", "target"]),
    shape("lateUnregistered", &[], &["id", "target"]),
    shape("lateIgnored", &[], &["id"]),
    shape("targetHeld", &[], &["target", "seconds"]),
    shape("rolledOver", &[], &["from", "to"]),
    shape("roundFailed", &[], &["rejected", "rounds", "untilMs"]),
    shape("waitEnded", &[], &[]),
    shape("wrapped", &[], &[]),
    shape("homeLost", &[], &["target", "reason"]),
    shape("homeExpired", &[], &["target"]),
    shape("flowLost", &[], &["target", "streak"]),
    shape("flowLossIgnored", &[], &["target"]),
    shape("networkDown", &[], &[]),
    shape("networkChanged", &[], &[]),
    shape("resumed", &[], &[]),
    shape("slept", &[], &[]),
    shape("clockSetBack", &[], &["byMs"]),
    shape("grantTooShort", &[], &["expires"]),
    shape("homeMissing", &[], &["target", "times"]),
    shape("triggered", &[], &["trigger"]),
    shape("triggerDeferred", &[], &["trigger", "reason", "untilMs"]),
    shape("triggerIgnored", &[], &["trigger", "reason"]),
    shape("excursionBegan", &[], &["trigger"]),
    shape("homeKept", &[], &["target"]),
    shape("homeLeft", &[], &["from", "to"]),
    shape("unregistered", &[], &["target", "confirmed"]),
    shape("unregisterSkipped", &[], &["target", "reason"]),
];

/// Fields of the status.
pub const STATUS: &[&str] = &[
    "state",
    "home",
    "primary",
    "why",
    "streak",
    "expiresAtMs",
    "plan",
    "wakeMs",
    "wakeFor",
    "trying",
    "failedRounds",
];

/// Fields of an entry of the status's plan, besides `target`.
pub const PLAN_ENTRY: &[&str] = &["last", "heldUntilMs", "tlsName", "priority", "weight", "site"];

/// The states, as the status names them.
pub const STATES: &[&str] =
    &["stopped", "lookingUp", "registering", "waiting", "rejected", "registered", "unconfirmed", "offline", "stopping"];

/// The codes of errors.
pub const ERRORS: &[&str] = &[
    "config",
    "unknownId",
    "wrongKind",
    "unknownTarget",
    "notFinal",
    "timeOutOfRange",
    "idsExhausted",
    "snapshotVersion",
    "snapshot",
];

/// Fields that hold a point in time: expected exactly, or as a range.
pub const TIMES: &[&str] = &["wakeMs", "deadlineMs", "untilMs", "expiresAtMs", "heldUntilMs"];

/// Fields that hold a target.
pub const TARGETS: &[&str] = &["target", "from", "to", "home", "trying"];

/// Checks a value that says its `type`, and returns the shape it has.
pub(crate) fn tagged(
    at: &At<'_>,
    value: &Value,
    what: &str,
    shapes: &'static [Shape],
    common: &[&'static str],
) -> Result<Shape, Problem> {
    let object = at.object(value)?;
    let kinds: Vec<&str> = shapes.iter().map(|shape| shape.kind).collect();
    let Some(kind) = object.get("type") else {
        return Err(at.key("type").problem("the field \"type\" is missing: add it"));
    };
    let kind = at.key("type").word(kind, what, &kinds)?;
    let Some(shape) = shapes.iter().find(|shape| shape.kind == kind) else {
        return Err(at.key("type").problem(format!("{kind:?} is no {what}: write another")));
    };
    let optional: Vec<&str> = shape.optional.iter().chain(common).chain(&["type"]).copied().collect();
    at.fields(object, shape.required, &optional)?;
    Ok(*shape)
}

/// Checks an expected object whose fields are known: its times, targets and the rest.
pub(crate) fn expected(at: &At<'_>, value: &Value) -> Result<(), Problem> {
    for (key, value) in at.object(value)? {
        let at = at.key(key);
        if TIMES.contains(&key.as_str()) {
            time(&at, value)?;
        } else if TARGETS.contains(&key.as_str()) {
            target(&at, value)?;
        } else if key == "rule" || key == "why" {
            rule(&at, value)?;
        } else if key == "state" {
            at.word(value, "state", STATES)?;
        } else if key == "plan" {
            for (index, entry) in at.array(value)?.iter().enumerate() {
                let at = at.index(index);
                at.fields(at.object(entry)?, &["target"], PLAN_ENTRY)?;
                expected(&at, entry)?;
            }
        } else if value.is_array() {
            return Err(at.wrong(value, "single value", "write a number, a text, true, false or null"));
        }
    }
    Ok(())
}

/// A target, or null for none.
pub(crate) fn target(at: &At<'_>, value: &Value) -> Result<(), Problem> {
    if value.is_null() {
        return Ok(());
    }
    notation::check_target(at.text(value)?).map_err(|error| at.problem(error))
}

fn rule(at: &At<'_>, value: &Value) -> Result<(), Problem> {
    if value.is_null() {
        return Ok(());
    }
    let text = at.text(value)?;
    let parts = text.split_once('.').map(|(section, number)| (section.parse::<u8>(), number.parse::<u8>()));
    if matches!(parts, Some((Ok(_), Ok(_)))) { Ok(()) } else { Err(at.wrong(value, "rule", "write one as \"4.1\"")) }
}

/// An expected time: a number, null, `in`, `from` and `to`, or `inFrom` and `inTo`.
pub(crate) fn time(at: &At<'_>, value: &Value) -> Result<(), Problem> {
    let remedy = "write a number, null, {\"in\":n}, {\"from\":a,\"to\":b} or {\"inFrom\":a,\"inTo\":b}";
    let Value::Object(object) = value else {
        return if value.is_null() || value.is_u64() { Ok(()) } else { Err(at.wrong(value, "time", remedy)) };
    };
    let (from, to) = match (object.contains_key("in"), object.contains_key("from")) {
        (true, _) => ("in", "in"),
        (_, true) => ("from", "to"),
        _ => ("inFrom", "inTo"),
    };
    if !object.contains_key(from) {
        return Err(at.wrong(value, "time", remedy));
    }
    let both = [from, to];
    at.fields(object, if from == to { &both[..1] } else { &both }, &[])?;
    for key in object.keys() {
        at.key(key).integer(&object[key], 0, u64::MAX)?;
    }
    if from != to && object[from].as_u64() >= object[to].as_u64() {
        return Err(at.wrong(
            value,
            "range",
            "write the earlier time first, and a single time as a number or {\"in\":n}",
        ));
    }
    Ok(())
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
