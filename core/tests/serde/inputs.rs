//! What is handed in: inputs, answers and outcomes; and that no unknown field is read.

use rehome::{Answer, Config, Input, LookupFailure, Outcome, Preset, Seconds, SrvRecord, Unreachable};
use serde_json::{from_str, json, to_value};

use crate::json::{HOUR, ID, TARGET, is, refuses};

#[test]
fn unknown_fields_are_refused() {
    for part in ["", "lookup", "order", "rollover", "refresh", "failback"] {
        let json = if part.is_empty() { json!({ "nonsense": 1 }) } else { json!({ part: { "nonsense": 1 } }) };
        refuses::<Config>(json);
    }
    refuses::<Config>(json!({ "srv_record": "x" }));
    refuses::<Config>(json!({ "lookup": { "timeout": 5 } }));
    refuses::<Config>(json!({ "lookup": { "sites": [{ "name": "one", "hosts": [], "more": 1 }] } }));
    refuses::<Config>(json!({ "rollover": { "outcomes": [{ "code": 404, "meaning": "failure", "more": 1 }] } }));
    refuses::<Input>(json!({ "type": "outcome", "id": 1, "outcome": { "type": "noAddress" }, "more": 1 }));
    refuses::<Input>(json!({ "type": "nonsense" }));
    refuses::<Input>(json!({ "id": 1 }));
    refuses::<Outcome>(json!({ "type": "accepted", "more": 1 }));
    refuses::<Answer>(json!({ "type": "noName", "more": 1 }));
    refuses::<SrvRecord>(json!({ "priority": 1, "weight": 1, "port": 1, "target": "a", "ttl": 1 }));
}

#[test]
fn inputs() {
    let plain = [
        (Input::Start, "start"),
        (Input::Stop, "stop"),
        (Input::Wake, "wake"),
        (Input::AgentLogin, "agentLogin"),
        (Input::TryPrimary, "tryPrimary"),
        (Input::NetworkDown, "networkDown"),
        (Input::NetworkChanged, "networkChanged"),
        (Input::Resumed, "resumed"),
        (Input::Busy, "busy"),
        (Input::Idle, "idle"),
    ];
    for (input, name) in plain {
        is(input, json!({ "type": name }));
    }
    let config = Preset::Rfc3263.config();
    is(Input::Configure { config: Box::new(config.clone()) }, json!({ "type": "configure", "config": config }));
    is(Input::FlowLost { target: TARGET }, json!({ "type": "flowLost", "target": 3 }));
    let outcome = Outcome::Accepted { expires: Some(HOUR) };
    let accepted = json!({ "type": "accepted", "expires": 3600 });
    is(Input::Outcome { id: ID, outcome }, json!({ "type": "outcome", "id": 7, "outcome": accepted }));
    is(Input::Refreshed { outcome }, json!({ "type": "refreshed", "outcome": accepted }));
    let answer = Answer::NoData { ttl: Some(HOUR) };
    is(
        Input::Answer { id: ID, answer },
        json!({ "type": "answer", "id": 7, "answer": { "type": "noData", "ttl": 3600 } }),
    );
}

#[test]
fn answers_and_outcomes() {
    let record = SrvRecord { priority: 10, weight: 60, port: 5060, target: "a.one.test".into() };
    let record_json = json!({ "priority": 10, "weight": 60, "port": 5060, "target": "a.one.test" });
    is(record.clone(), record_json.clone());
    is(
        Answer::Srv { records: vec![record], ttl: HOUR },
        json!({ "type": "srv", "records": [record_json], "ttl": 3600 }),
    );
    is(
        Answer::Addresses {
            addresses: vec![[192, 0, 2, 1].into(), [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into()],
            ttl: HOUR,
        },
        json!({ "type": "addresses", "addresses": ["192.0.2.1", "2001:db8::1"], "ttl": 3600 }),
    );
    is(Answer::NoName { ttl: Some(HOUR) }, json!({ "type": "noName", "ttl": 3600 }));
    is(Answer::Failed { cause: LookupFailure::ServFail }, json!({ "type": "failed", "cause": "servFail" }));
    assert_eq!(from_str::<Answer>(r#"{"type":"noData"}"#).unwrap(), Answer::NoData { ttl: None });
    assert_eq!(from_str::<Outcome>(r#"{"type":"accepted"}"#).unwrap(), Outcome::Accepted { expires: None });
    is(
        Outcome::Status { code: 503, retry_after: Some(Seconds::new(9)), min_expires: Some(HOUR) },
        json!({ "type": "status", "code": 503, "retryAfter": 9, "minExpires": 3600 }),
    );
    let bare = Outcome::Status { code: 503, retry_after: None, min_expires: None };
    assert_eq!(from_str::<Outcome>(r#"{"type":"status","code":503}"#).unwrap(), bare);
    assert_eq!(from_str::<Outcome>(&to_value(bare).unwrap().to_string()).unwrap(), bare);
    is(Outcome::Unreachable { cause: Unreachable::NoRoute }, json!({ "type": "unreachable", "cause": "noRoute" }));
    is(Outcome::NoAddress, json!({ "type": "noAddress" }));
    is(Outcome::NotSent, json!({ "type": "notSent" }));
}
