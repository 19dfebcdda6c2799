//! The tables against the library's own types: neither may have what the other lacks.

use std::collections::BTreeSet;

use rehome::{
    Action, Answer, Error, EventKind, Input, LastOutcome, Outcome, PlanEntry, Rule, State, Status, Target, TargetId,
    Time, Timer, Transport,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::*;

/// The words in backticks that a message says are expected.
fn expected(error: &str) -> Vec<String> {
    let list = error.split_once("expected").map_or("", |(_, list)| list);
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The fields of one kind, found by trying: what is missing is added until the type is content, then what may be there.
fn fields<T: DeserializeOwned + Serialize>(shape: &Shape) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut object = Map::from_iter([("type".to_owned(), Value::from(shape.kind))]);
    let read = |object: &Map<String, Value>| serde_json::from_value::<T>(Value::Object(object.clone()));
    while let Err(error) = read(&object) {
        let error = error.to_string();
        let missing = error.split_once("missing field `").and_then(|(_, rest)| rest.split_once('`'));
        let (field, _) = missing.unwrap_or_else(|| panic!("{}: {error}", shape.kind));
        let field = field.to_owned();
        let candidates = [
            json!(1),
            json!("x"),
            json!(true),
            json!([]),
            json!({}),
            json!({ "type": "noAddress" }),
            json!({ "type": "noName" }),
        ];
        let fits = |value: &Value| {
            object.insert(field.clone(), value.clone());
            match read(&object) {
                Ok(_) => true,
                Err(error) if error.to_string().contains("unknown variant") && value.is_string() => {
                    object.insert(field.clone(), Value::from(expected(&error.to_string())[0].as_str()));
                    true
                }
                Err(error) => error.to_string().starts_with("missing field") && !error.to_string().contains("`type`"),
            }
        };
        assert!(candidates.iter().any(fits), "{}: nothing fits {field}", shape.kind);
    }
    let required: BTreeSet<String> = object.keys().filter(|key| *key != "type").cloned().collect();
    for field in shape.required.iter().chain(shape.optional).filter(|field| !required.contains(**field)) {
        object.insert((*field).to_owned(), json!(1));
    }
    let written = serde_json::to_value(read(&object).unwrap()).unwrap();
    let written = written.as_object().unwrap().iter().filter(|(key, value)| *key != "type" && !value.is_null());
    (required, written.map(|(key, _)| key.clone()).collect())
}

fn agree<T: DeserializeOwned + Serialize>(shapes: &[Shape], besides: &[&str]) {
    let error = serde_json::from_value::<T>(json!({ "type": "?" })).err().unwrap().to_string();
    let kinds: Vec<&str> = shapes.iter().map(|shape| shape.kind).collect();
    assert_eq!(kinds, expected(&error), "the kinds of a table and of the type");
    for shape in shapes {
        let (required, written) = fields::<T>(shape);
        let named: BTreeSet<String> = shape.required.iter().chain(shape.optional).map(|f| (*f).to_owned()).collect();
        let missing: Vec<_> = required.difference(&named).collect();
        assert!(missing.is_empty(), "{}: the table lacks {missing:?}", shape.kind);
        let made_up: Vec<_> = named.difference(&written).filter(|field| !besides.contains(&field.as_str())).collect();
        assert!(made_up.is_empty(), "{}: the type lacks {made_up:?}", shape.kind);
    }
}

#[test]
fn tagged_types() {
    agree::<Input>(INPUTS, &[]);
    agree::<Answer>(ANSWERS, &[]);
    agree::<Outcome>(OUTCOMES, &[]);
    agree::<EventKind>(EVENTS, &[]);
    // An address is no number, so the trial above cannot put one in; the rest is the target's.
    let of_the_target = ["tlsName", "priority", "weight", "site"];
    let mut shapes = ACTIONS.to_vec();
    shapes[1].optional = &["binding", "expires", "tlsName", "priority", "weight", "site"];
    shapes[2].optional = &[];
    agree::<Action>(&shapes, &of_the_target);
}

#[test]
fn the_status_with_all_its_fields() {
    let target = Target {
        id: TargetId::from_raw(1),
        host: "a.example.test".into(),
        port: 5060,
        transport: Transport::Udp,
        tls_name: "example.test".into(),
        priority: 10,
        weight: 60,
        site: Some("dc1".into()),
    };
    let time = Some(Time::from_millis(1));
    let status = Status {
        state: State::Registered,
        home: Some(target.clone()),
        primary: true,
        why: Some(Rule { section: 5, number: 1 }),
        streak: 0,
        expires_at: time,
        plan: vec![PlanEntry { target, last: Some(LastOutcome::Silent), held_until: time }],
        wake: time,
        wake_for: Some(Timer::Refresh),
        trying: Some(TargetId::from_raw(1)),
        failed_rounds: 0,
    };
    let value = serde_json::to_value(&status).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&value), STATUS.iter().map(|field| (*field).to_owned()).collect());
    let of_the_target = ["tlsName", "priority", "weight", "site"];
    let entry: BTreeSet<_> = keys(&value["plan"][0]).into_iter().chain(of_the_target.map(str::to_owned)).collect();
    assert_eq!(entry, PLAN_ENTRY.iter().chain(&["target"]).map(|field| (*field).to_owned()).collect());
    let error = serde_json::from_value::<State>(json!("?")).unwrap_err().to_string();
    assert_eq!(STATES, expected(&error));
}

#[test]
fn every_error_has_its_code() {
    let code = |error: Error| {
        // No wildcard: a new error stops this from compiling, and belongs in the table.
        match &error {
            Error::Config { .. }
            | Error::UnknownId(_)
            | Error::WrongKind(_)
            | Error::UnknownTarget(_)
            | Error::NotFinal(_)
            | Error::TimeOutOfRange(_)
            | Error::IdsExhausted
            | Error::SnapshotVersion { .. }
            | Error::Snapshot { .. } => error.code(),
        }
    };
    let codes = [
        code(Error::Config { field: "", value: String::new(), remedy: "" }),
        code(Error::UnknownId(rehome::Id::from_raw(1))),
        code(Error::WrongKind(rehome::Id::from_raw(1))),
        code(Error::UnknownTarget(TargetId::from_raw(1))),
        code(Error::NotFinal(100)),
        code(Error::TimeOutOfRange(Time::MAX)),
        code(Error::IdsExhausted),
        code(Error::SnapshotVersion { found: 2, supported: 1 }),
        code(Error::Snapshot { at: 0 }),
    ];
    assert_eq!(codes, ERRORS);
}
