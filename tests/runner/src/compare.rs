//! What is expected against what came.

use serde_json::Value;

use crate::json;
use crate::schema::TIMES;
use crate::subject::Output;

/// Something that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs, as `actions[1]` or `wakeMs`.
    pub item: String,
    /// One line, as the file says it.
    pub expected: String,
    /// One line, as it came.
    pub actual: String,
    /// The fields that differ, with what is expected and what came.
    pub fields: Vec<String>,
}

/// Compares an output: all actions, the wake, and the events if the file gives any.
pub(crate) fn output(
    actions: &[Value],
    wake: &Value,
    events: Option<&[Value]>,
    actual: &Output,
    now: u64,
) -> Vec<Difference> {
    let mut differences = list("actions", actions, &actual.actions, now);
    if !time(wake, actual.wake, now) {
        differences.push(Difference {
            item: "wakeMs".into(),
            expected: json::canonical(wake),
            actual: actual.wake.map_or_else(|| "null".into(), |wake| wake.to_string()),
            fields: Vec::new(),
        });
    }
    if let Some(events) = events {
        differences.extend(list("events", events, &actual.events, now));
    }
    differences
}

/// Compares a status on the fields named.
pub(crate) fn status(expected: &Value, actual: &Value, now: u64) -> Vec<Difference> {
    let fields = object(expected, actual, now);
    if fields.is_empty() {
        return Vec::new();
    }
    vec![Difference {
        item: "status".into(),
        expected: json::canonical(expected),
        actual: json::canonical(actual),
        fields,
    }]
}

/// Lists match in number and order.
fn list(name: &str, expected: &[Value], actual: &[Value], now: u64) -> Vec<Difference> {
    let mut differences = Vec::new();
    for index in 0..expected.len().max(actual.len()) {
        let (expected, actual) = (expected.get(index), actual.get(index));
        let fields = match (expected, actual) {
            (Some(expected), Some(actual)) => object(expected, actual, now),
            _ => vec![],
        };
        if fields.is_empty() && expected.is_some() && actual.is_some() {
            continue;
        }
        let line = |value: Option<&Value>| value.map_or_else(|| "nothing".into(), json::canonical);
        let item = format!("{name}[{index}]");
        differences.push(Difference { item, expected: line(expected), actual: line(actual), fields });
    }
    differences
}

/// The fields that are named and differ; of a plan, those of its entries.
fn object(expected: &Value, actual: &Value, now: u64) -> Vec<String> {
    let mut differing = Vec::new();
    for (key, expected) in expected.as_object().into_iter().flatten() {
        let actual = actual.get(key).unwrap_or(&Value::Null);
        if key == "plan" {
            plan(expected, actual, now, &mut differing);
            continue;
        }
        let same = if TIMES.contains(&key.as_str()) {
            time(expected, actual.as_u64(), now)
        } else {
            // As they are hashed: a null inside counts for nothing.
            json::canonical(expected) == json::canonical(actual)
        };
        if !same {
            differing.push(format!(
                "{key}: expected {}, actual {}",
                json::canonical(expected),
                json::canonical(actual)
            ));
        }
    }
    differing
}

fn plan(expected: &Value, actual: &Value, now: u64, differing: &mut Vec<String>) {
    let empty = Vec::new();
    let (expected, actual) = (expected.as_array().unwrap_or(&empty), actual.as_array().unwrap_or(&empty));
    for difference in list("plan", expected, actual, now) {
        if difference.fields.is_empty() {
            differing
                .push(format!("{}: expected {}, actual {}", difference.item, difference.expected, difference.actual));
        }
        differing.extend(difference.fields.into_iter().map(|field| format!("{}.{field}", difference.item)));
    }
}

/// A time: exact, or in a range; counted from this step if it says so.
fn time(expected: &Value, actual: Option<u64>, now: u64) -> bool {
    let Some(object) = expected.as_object() else { return expected.as_u64() == actual };
    let at = |key: &str| object.get(key).and_then(Value::as_u64);
    let later = |key: &str| at(key).map(|span| now.saturating_add(span));
    let from = at("from").or_else(|| later("inFrom")).or_else(|| later("in"));
    let to = at("to").or_else(|| later("inTo")).or_else(|| later("in"));
    matches!((from, to, actual), (Some(from), Some(to), Some(actual)) if (from..=to).contains(&actual))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times() {
        for (expected, actual, same) in [
            (json!(5), Some(5), true),
            (json!(5), Some(6), false),
            (json!(null), None, true),
            (json!(null), Some(0), false),
            (json!(0), None, false),
            (json!({ "in": 5 }), Some(105), true),
            (json!({ "in": 5 }), Some(5), false),
            (json!({ "from": 1, "to": 3 }), Some(1), true),
            (json!({ "from": 1, "to": 3 }), Some(3), true),
            (json!({ "from": 1, "to": 3 }), Some(4), false),
            (json!({ "inFrom": 1, "inTo": 3 }), Some(103), true),
            (json!({ "inFrom": 1, "inTo": 3 }), Some(100), false),
            (json!({ "inFrom": 1, "inTo": 3 }), None, false),
        ] {
            assert_eq!(time(&expected, actual, 100), same, "{expected} {actual:?}");
        }
    }

    #[test]
    fn only_named_fields_and_null_means_absent() {
        let actual = json!({ "type": "x", "a": 1, "reason": { "status": 503 } });
        assert!(object(&json!({ "type": "x", "b": null, "reason": { "status": 503 } }), &actual, 0).is_empty());
        assert_eq!(object(&json!({ "a": null }), &actual, 0), ["a: expected null, actual 1"]);
        assert_eq!(object(&json!({ "a": 2, "c": 3 }), &actual, 0).len(), 2);
    }

    #[test]
    fn lists_differ_by_item() {
        let differences = list("events", &[json!({ "a": 1 })], &[json!({ "a": 1 }), json!({ "b": 2 })], 0);
        assert_eq!(differences.len(), 1);
        assert_eq!(differences[0].item, "events[1]");
        assert_eq!((differences[0].expected.as_str(), differences[0].actual.as_str()), ("nothing", "{\"b\":2}"));
    }

    #[test]
    fn a_plan_differs_by_entry() {
        let actual = json!({ "plan": [{ "target": "a", "last": { "failed": 503 } }, { "target": "b" }] });
        let named = json!({ "plan": [{ "target": "a" }, { "target": "b", "last": "silent" }] });
        assert_eq!(status(&named, &actual, 0)[0].fields, ["plan[1].last: expected \"silent\", actual null"]);
        let short = json!({ "plan": [{ "target": "a" }] });
        assert_eq!(status(&short, &actual, 0)[0].fields, ["plan[1]: expected nothing, actual {\"target\":\"b\"}"]);
        assert!(status(&json!({ "plan": [{ "target": "a" }, { "target": "b" }] }), &actual, 0).is_empty());
    }
}
