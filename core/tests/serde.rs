//! The JSON of every public value type: pinned by literals, and back again.
#![cfg(feature = "serde")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is its purpose"
)]

use std::fmt::Debug;

use rehome::order::Candidate;
use rehome::{
    Action, Addresses, AfterLoss, Answer, Bar, CancelReason, Config, DropReason, Event, EventKind, Failback,
    FailbackEvery, FailureReason, Id, IgnoreReason, Input, LastOutcome, Lookup, LookupFailure, LookupKind, LossReason,
    Meaning, Millis, NoPlan, Order, Outcome, OutcomeRule, PlanEntry, Preset, Redraw, Refresh, RefreshOwner,
    Registration, RetryAfter, Rollover, Rule, Seconds, Selection, Site, SkipReason, Snapshot, Source, SrvRecord, State,
    Status, Step, Target, TargetId, Time, Timer, TlsName, Transport, Trigger, Unreachable, WallClock,
};
use serde_json::{Value, from_str, json, to_value};

/// The value is written as this JSON, and read from it as the same.
fn is<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(value: T, json: Value) {
    assert_eq!(to_value(&value).unwrap(), json);
    assert_eq!(from_str::<T>(&json.to_string()).unwrap(), value);
}

fn all<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(
    values: impl IntoIterator<Item = (T, &'static str)>,
) {
    for (value, name) in values {
        is(value, json!(name));
    }
}

fn refuses<T: serde::de::DeserializeOwned + Debug>(json: Value) {
    let read = from_str::<T>(&json.to_string());
    assert!(read.is_err(), "{json} was read as {read:?}");
}

const ID: Id = Id::from_raw(7);
const TARGET: TargetId = TargetId::from_raw(3);
const AT: Time = Time::from_millis(5_000);
const HOUR: Seconds = Seconds::new(3600);

fn target() -> Target {
    Target {
        id: TARGET,
        host: "a.one.test".into(),
        port: 5061,
        transport: Transport::Tls,
        tls_name: "example.test".into(),
        priority: 10,
        weight: 60,
        site: Some("one".into()),
    }
}

fn target_json() -> Value {
    json!({ "id": 3, "host": "a.one.test", "port": 5061, "transport": "tls", "tlsName": "example.test", "priority": 10,
        "weight": 60, "site": "one" })
}

#[test]
fn names_of_the_plain_enumerations() {
    all([Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Dtls, Transport::Ws, Transport::Wss]
        .map(|t| (t, t.as_str())));
    all([(Addresses::Host, "host"), (Addresses::Core, "core")]);
    all([
        (Selection::Weighted, "weighted"),
        (Selection::Rfc2782, "rfc2782"),
        (Selection::HighestWeight, "highestWeight"),
    ]);
    all([(Redraw::Persist, "persist"), (Redraw::Distribute, "distribute")]);
    all([(Meaning::Failure, "failure"), (Meaning::Rejection, "rejection")]);
    all([(AfterLoss::Tier, "tier"), (AfterLoss::Next, "next")]);
    all([(RetryAfter::Count, "count"), (RetryAfter::Leave, "leave")]);
    all([(RefreshOwner::Core, "core"), (RefreshOwner::Application, "application")]);
    all(Preset::ALL.map(|preset| (preset, preset.name())));
    all([(LookupKind::Srv, "srv"), (LookupKind::A, "a"), (LookupKind::Aaaa, "aaaa")]);
    all([
        (LookupFailure::Timeout, "timeout"),
        (LookupFailure::ServFail, "servFail"),
        (LookupFailure::Refused, "refused"),
        (LookupFailure::Malformed, "malformed"),
        (LookupFailure::Network, "network"),
        (LookupFailure::Other, "other"),
    ]);
    all([
        (Unreachable::Refused, "refused"),
        (Unreachable::NoRoute, "noRoute"),
        (Unreachable::Closed, "closed"),
        (Unreachable::Tls, "tls"),
        (Unreachable::WebSocket, "webSocket"),
        (Unreachable::Timeout, "timeout"),
        (Unreachable::Other, "other"),
    ]);
    all([
        (State::Stopped, "stopped"),
        (State::LookingUp, "lookingUp"),
        (State::Registering, "registering"),
        (State::Waiting, "waiting"),
        (State::Rejected, "rejected"),
        (State::Registered, "registered"),
        (State::Unconfirmed, "unconfirmed"),
        (State::Offline, "offline"),
        (State::Stopping, "stopping"),
    ]);
    let timers =
        ["attempt", "unregister", "grace", "lookup", "expiry", "refresh", "walk", "roundWait", "hold", "failback"];
    all(Timer::ALL.into_iter().zip(timers));
    all([(Source::SrvRecord, "srvRecord"), (Source::OutboundProxy, "outboundProxy"), (Source::Discovery, "discovery")]);
    all([
        (NoPlan::NoName, "noName"),
        (NoPlan::NoData, "noData"),
        (NoPlan::NotOffered, "notOffered"),
        (NoPlan::NothingLeft, "nothingLeft"),
        (NoPlan::SiteEmpty, "siteEmpty"),
    ]);
    all([
        (DropReason::PortZero, "portZero"),
        (DropReason::BadName, "badName"),
        (DropReason::NameTooLong, "nameTooLong"),
        (DropReason::Root, "root"),
        (DropReason::SameTarget, "sameTarget"),
    ]);
    all([
        (CancelReason::Slept, "slept"),
        (CancelReason::LateSuccess, "lateSuccess"),
        (CancelReason::NetworkDown, "networkDown"),
        (CancelReason::NetworkChanged, "networkChanged"),
        (CancelReason::Resumed, "resumed"),
        (CancelReason::Stopping, "stopping"),
        (CancelReason::HomeLost, "homeLost"),
    ]);
    all([
        (LossReason::Failures, "failures"),
        (LossReason::Rejected, "rejected"),
        (LossReason::RetryAfter, "retryAfter"),
    ]);
    all([
        (Trigger::AgentLogin, "agentLogin"),
        (Trigger::Manual, "manual"),
        (Trigger::Failback, "failback"),
        (Trigger::HomeMissing, "homeMissing"),
    ]);
    all([
        (Bar::Round, "round"),
        (Bar::Busy, "busy"),
        (Bar::HoldOff, "holdOff"),
        (Bar::Held, "held"),
        (Bar::Offline, "offline"),
    ]);
    all([
        (IgnoreReason::HomeIsPrimary, "homeIsPrimary"),
        (IgnoreReason::ExcursionRunning, "excursionRunning"),
        (IgnoreReason::SwitchedOff, "switchedOff"),
        (IgnoreReason::NotRunning, "notRunning"),
    ]);
    all([
        (SkipReason::Silent, "silent"),
        (SkipReason::InUse, "inUse"),
        (SkipReason::SwitchedOff, "switchedOff"),
        (SkipReason::SameTier, "sameTier"),
        (SkipReason::Offline, "offline"),
    ]);
}

#[test]
fn numbers_are_bare() {
    is(ID, json!(7));
    is(TARGET, json!(3));
    is(AT, json!(5000));
    is(Time::MAX, json!(9_007_199_254_740_991_u64));
    is(Millis::from_secs(5), json!(5000));
    is(HOUR, json!(3600));
    is(WallClock::from_millis(1_700_000_000_000), json!(1_700_000_000_000_u64));
    is(Rule { section: 4, number: 1 }, json!("4.1"));
    is(Snapshot(vec![1, 0, 255]), json!([1, 0, 255]));
    for bad in [json!("4"), json!("4.1.1"), json!("x.1"), json!(4.1), json!("256.1")] {
        refuses::<Rule>(bad);
    }
    refuses::<Id>(json!(-1));
    refuses::<Time>(json!(1.5));
    refuses::<Snapshot>(json!([256]));
}

/// The whole default, so that no field's name or unit changes unseen.
#[test]
fn the_default_configuration() {
    let json = json!({
        "srvRecord": null, "outboundProxy": null, "domain": null, "transport": null, "tlsName": "domain",
        "lookup": { "timeoutMs": 5000, "discover": false, "candidates": [],
            "transports": ["tls", "wss", "dtls", "tcp", "udp", "ws"], "addresses": "host", "hostSetsTlsName": true,
            "sites": [], "pinToSite": null },
        "order": { "selection": "weighted", "maxTargets": 64, "redraw": "persist" },
        "rollover": { "failuresBeforeRollover": 3, "attemptTimeoutMs": 10000, "retryIntervalMs": 5000,
            "roundWaitMaxMs": 300_000, "rejectedRetryMs": 1_800_000, "afterLoss": "tier", "retryAfter": "count",
            "recoverySpreadMs": 2000, "startSpreadMs": 0, "outcomes": [] },
        "refresh": { "expires": 3600, "intervalMs": null, "timerSlackMs": 0, "owner": "core" },
        "failback": { "onRestart": true, "onLoss": true, "onAgentLogin": true, "onManual": true, "every": "never",
            "holdOffMs": 0, "unregisterOld": true },
    });
    is(Config::default(), json);
    assert_eq!(from_str::<Config>("{}").unwrap(), Config::default());
}

#[test]
fn every_preset_and_a_configuration_far_from_default() {
    for preset in Preset::ALL {
        let config = preset.config();
        let json = to_value(&config).unwrap();
        assert_eq!(from_str::<Config>(&json.to_string()).unwrap(), config);
        let mut from_differences = to_value(Config::default()).unwrap();
        for difference in preset.differences() {
            let (part, field) = difference.field.split_once('.').unwrap();
            assert!(from_differences[part].get(field).is_some(), "{}", difference.field);
            from_differences[part][field] = from_str(difference.value).unwrap();
            let told = json!({ "field": difference.field, "value": difference.value, "source": difference.source });
            assert_eq!(to_value(difference).unwrap(), told);
        }
        assert_eq!(from_differences, json, "{preset:?}");
    }
    let config = Config {
        srv_record: Some("_sip._udp.example.test".into()),
        transport: Some(Transport::Wss),
        tls_name: TlsName::Name("sip.example.test".into()),
        lookup: Lookup {
            sites: vec![Site { name: "one".into(), hosts: vec!["*.one.test".into()] }],
            pin_to_site: Some("one".into()),
            ..Lookup::default()
        },
        order: Order { redraw: Redraw::Distribute, ..Order::default() },
        rollover: Rollover {
            rejected_retry: None,
            outcomes: vec![OutcomeRule { code: 404, meaning: Meaning::Failure }],
            ..Rollover::default()
        },
        refresh: Refresh { interval: Some(Millis::from_secs(60)), ..Refresh::default() },
        failback: Failback { every: FailbackEvery::Millis(Millis::from_secs(90)), ..Failback::default() },
        ..Config::default()
    };
    let json = to_value(&config).unwrap();
    assert_eq!(json["tlsName"], json!({ "name": "sip.example.test" }));
    assert_eq!(json["lookup"]["sites"], json!([{ "name": "one", "hosts": ["*.one.test"] }]));
    assert_eq!(json["rollover"]["rejectedRetryMs"], json!(null));
    assert_eq!(json["rollover"]["outcomes"], json!([{ "code": 404, "meaning": "failure" }]));
    assert_eq!(json["refresh"]["intervalMs"], json!(60_000));
    assert_eq!(from_str::<Config>(&json.to_string()).unwrap(), config);
    is(TlsName::Target, json!("target"));
    all([(FailbackEvery::Never, "never"), (FailbackEvery::Ttl, "ttl"), (FailbackEvery::Refresh, "refresh")]);
}

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

#[test]
fn actions() {
    is(
        Action::Lookup { id: ID, name: "_sip._udp.example.test".into(), kind: LookupKind::Srv, deadline: AT },
        json!({ "type": "lookup", "id": 7, "name": "_sip._udp.example.test", "kind": "srv", "deadlineMs": 5000 }),
    );
    let register = |address| Action::Register {
        id: ID,
        target: TARGET,
        address,
        binding: ID,
        attempt: 2,
        expires: HOUR,
        deadline: AT,
    };
    let json = json!({ "type": "register", "id": 7, "target": 3, "binding": 7, "attempt": 2, "expires": 3600, "deadlineMs": 5000 });
    is(register(None), json.clone());
    let mut with_address = json;
    with_address["address"] = json!("2001:db8::1");
    is(register(Some([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into())), with_address);
    is(
        Action::Unregister { id: ID, target: TARGET, binding: Id::from_raw(2), deadline: AT },
        json!({ "type": "unregister", "id": 7, "target": 3, "binding": 2, "deadlineMs": 5000 }),
    );
    is(Action::Cancel { id: ID }, json!({ "type": "cancel", "id": 7 }));
}

/// Every kind of event, with the fields that it carries.
#[test]
fn events() {
    use EventKind as E;
    let name = || "example.test".into();
    let to = TargetId::from_raw(4);
    let kinds: Vec<(E, Value)> = vec![
        (
            E::Started { source: Source::SrvRecord, name: name() },
            json!({ "type": "started", "source": "srvRecord", "name": "example.test" }),
        ),
        (E::Stopping, json!({ "type": "stopping" })),
        (E::Stopped, json!({ "type": "stopped" })),
        (E::Configured { restart: true }, json!({ "type": "configured", "restart": true })),
        (
            E::LookupFailed { name: name(), cause: LookupFailure::Timeout },
            json!({ "type": "lookupFailed", "name": "example.test", "cause": "timeout" }),
        ),
        (
            E::NothingOffered { name: name(), reason: NoPlan::NoName },
            json!({ "type": "nothingOffered", "name": "example.test", "reason": "noName" }),
        ),
        (
            E::RecordDropped { index: 2, reason: DropReason::Root },
            json!({ "type": "recordDropped", "index": 2, "reason": "root" }),
        ),
        (E::RecordsTruncated { count: 5000 }, json!({ "type": "recordsTruncated", "count": 5000 })),
        (E::PlanChanged { targets: 2 }, json!({ "type": "planChanged", "targets": 2 })),
        (E::CandidateChosen { name: name() }, json!({ "type": "candidateChosen", "name": "example.test" })),
        (E::CandidatesBarred { name: name() }, json!({ "type": "candidatesBarred", "name": "example.test" })),
        (E::NoCandidate, json!({ "type": "noCandidate" })),
        (E::TlsNameMismatch { target: TARGET }, json!({ "type": "tlsNameMismatch", "target": 3 })),
        (E::AnswerIgnored { id: ID }, json!({ "type": "answerIgnored", "id": 7 })),
        (
            E::Registered { target: TARGET, expires: HOUR },
            json!({ "type": "registered", "target": 3, "expires": 3600 }),
        ),
        (E::Refreshed { target: TARGET, expires: HOUR }, json!({ "type": "refreshed", "target": 3, "expires": 3600 })),
        (
            E::AttemptFailed { target: TARGET, reason: FailureReason::Status(503), streak: 1 },
            json!({ "type": "attemptFailed", "target": 3, "reason": { "status": 503 }, "streak": 1 }),
        ),
        (
            E::AttemptFailed { target: TARGET, reason: FailureReason::Unreachable(Unreachable::Tls), streak: 1 },
            json!({ "type": "attemptFailed", "target": 3, "reason": { "unreachable": "tls" }, "streak": 1 }),
        ),
        (
            E::AttemptFailed { target: TARGET, reason: FailureReason::ZeroGrant, streak: 1 },
            json!({ "type": "attemptFailed", "target": 3, "reason": "zeroGrant", "streak": 1 }),
        ),
        (
            E::AttemptRejected { target: TARGET, code: 403, first: true },
            json!({ "type": "attemptRejected", "target": 3, "code": 403, "first": true }),
        ),
        (
            E::LongerExpires { target: TARGET, expires: HOUR },
            json!({ "type": "longerExpires", "target": 3, "expires": 3600 }),
        ),
        (E::NoAddress { target: TARGET }, json!({ "type": "noAddress", "target": 3 })),
        (
            E::NotSent { target: TARGET, wait: Millis::from_secs(5) },
            json!({ "type": "notSent", "target": 3, "waitMs": 5000 }),
        ),
        (
            E::AttemptCancelled { id: ID, reason: CancelReason::Slept },
            json!({ "type": "attemptCancelled", "id": 7, "reason": "slept" }),
        ),
        (E::LateSuccess { id: ID, target: TARGET }, json!({ "type": "lateSuccess", "id": 7, "target": 3 })),
        (E::LateUnregistered { id: ID, target: TARGET }, json!({ "type": "lateUnregistered", "id": 7, "target": 3 })),
        (E::LateIgnored { id: ID }, json!({ "type": "lateIgnored", "id": 7 })),
        (
            E::TargetHeld { target: TARGET, seconds: HOUR },
            json!({ "type": "targetHeld", "target": 3, "seconds": 3600 }),
        ),
        (E::RolledOver { from: TARGET, to }, json!({ "type": "rolledOver", "from": 3, "to": 4 })),
        (
            E::RoundFailed { rejected: false, rounds: 1, until: Some(AT) },
            json!({ "type": "roundFailed", "rejected": false, "rounds": 1, "untilMs": 5000 }),
        ),
        (
            E::RoundFailed { rejected: true, rounds: 1, until: None },
            json!({ "type": "roundFailed", "rejected": true, "rounds": 1 }),
        ),
        (E::WaitEnded, json!({ "type": "waitEnded" })),
        (E::Wrapped, json!({ "type": "wrapped" })),
        (
            E::HomeLost { target: TARGET, reason: LossReason::RetryAfter },
            json!({ "type": "homeLost", "target": 3, "reason": "retryAfter" }),
        ),
        (E::HomeExpired { target: TARGET }, json!({ "type": "homeExpired", "target": 3 })),
        (E::FlowLost { target: TARGET, streak: 1 }, json!({ "type": "flowLost", "target": 3, "streak": 1 })),
        (E::FlowLossIgnored { target: TARGET }, json!({ "type": "flowLossIgnored", "target": 3 })),
        (E::NetworkDown, json!({ "type": "networkDown" })),
        (E::NetworkChanged, json!({ "type": "networkChanged" })),
        (E::Resumed, json!({ "type": "resumed" })),
        (E::Slept, json!({ "type": "slept" })),
        (E::ClockSetBack { by: Millis::new(9) }, json!({ "type": "clockSetBack", "byMs": 9 })),
        (E::GrantTooShort { expires: HOUR }, json!({ "type": "grantTooShort", "expires": 3600 })),
        (E::HomeMissing { target: TARGET, times: 2 }, json!({ "type": "homeMissing", "target": 3, "times": 2 })),
        (E::Triggered { trigger: Trigger::Manual }, json!({ "type": "triggered", "trigger": "manual" })),
        (
            E::TriggerDeferred { trigger: Trigger::Manual, reason: Bar::HoldOff, until: Some(AT) },
            json!({ "type": "triggerDeferred", "trigger": "manual", "reason": "holdOff", "untilMs": 5000 }),
        ),
        (
            E::TriggerDeferred { trigger: Trigger::Manual, reason: Bar::Busy, until: None },
            json!({ "type": "triggerDeferred", "trigger": "manual", "reason": "busy" }),
        ),
        (
            E::TriggerIgnored { trigger: Trigger::AgentLogin, reason: IgnoreReason::NotRunning },
            json!({ "type": "triggerIgnored", "trigger": "agentLogin", "reason": "notRunning" }),
        ),
        (
            E::ExcursionBegan { trigger: Trigger::AgentLogin },
            json!({ "type": "excursionBegan", "trigger": "agentLogin" }),
        ),
        (E::HomeKept { target: TARGET }, json!({ "type": "homeKept", "target": 3 })),
        (E::HomeLeft { from: TARGET, to }, json!({ "type": "homeLeft", "from": 3, "to": 4 })),
        (
            E::Unregistered { target: TARGET, confirmed: true },
            json!({ "type": "unregistered", "target": 3, "confirmed": true }),
        ),
        (
            E::UnregisterSkipped { target: TARGET, reason: SkipReason::SameTier },
            json!({ "type": "unregisterSkipped", "target": 3, "reason": "sameTier" }),
        ),
    ];
    for (kind, mut json) in kinds {
        is(kind.clone(), json.clone());
        json["rule"] = json!("6.7");
        is(Event { rule: Rule { section: 6, number: 7 }, kind }, json);
    }
    is(FailureReason::Timeout, json!("timeout"));
    is(FailureReason::NoAddress, json!("noAddress"));
}

#[test]
fn steps_targets_and_status() {
    is(Step::default(), json!({ "actions": [], "events": [], "wakeMs": null }));
    let event = Event { rule: Rule { section: 4, number: 6 }, kind: EventKind::Resumed };
    is(
        Step { actions: vec![Action::Cancel { id: ID }], events: vec![event], wake: Some(AT) },
        json!({ "actions": [{ "type": "cancel", "id": 7 }], "events": [{ "rule": "4.6", "type": "resumed" }], "wakeMs": 5000 }),
    );
    is(target(), target_json());
    is(LastOutcome::Accepted, json!("accepted"));
    is(LastOutcome::Failed(503), json!({ "failed": 503 }));
    is(LastOutcome::Rejected(403), json!({ "rejected": 403 }));
    is(LastOutcome::Silent, json!("silent"));
    is(LastOutcome::NoAddress, json!("noAddress"));
    let entry = PlanEntry { target: target(), last: Some(LastOutcome::Silent), held_until: Some(AT) };
    is(
        Status {
            state: State::Registered,
            home: Some(target()),
            primary: false,
            why: Some(Rule { section: 4, number: 1 }),
            streak: 1,
            expires_at: Some(AT),
            plan: vec![entry],
            wake: Some(AT),
            wake_for: Some(Timer::RoundWait),
            trying: Some(TARGET),
            failed_rounds: 2,
        },
        json!({ "state": "registered", "home": target_json(), "primary": false, "why": "4.1", "streak": 1,
            "expiresAtMs": 5000, "plan": [{ "target": target_json(), "last": "silent", "heldUntilMs": 5000 }],
            "wakeMs": 5000, "wakeFor": "roundWait", "trying": 3, "failedRounds": 2 }),
    );
    let candidate = Candidate { host: "a.one.test".into(), port: 5060, priority: 10, weight: 60 };
    is(candidate, json!({ "host": "a.one.test", "port": 5060, "priority": 10, "weight": 60 }));
}

/// What a running phone puts out goes through JSON unchanged, and its snapshot too.
#[test]
fn a_life() {
    fn round<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(value: &T) {
        assert_eq!(from_str::<T>(&serde_json::to_string(value).unwrap()).unwrap(), *value);
    }
    let config = Config { srv_record: Some("_sips._tcp.example.test".into()), ..Preset::Broadworks.config() };
    let mut phone = Registration::new(config.clone(), 3).unwrap();
    let mut step = Step::default();
    let record = |priority, target: &str| SrvRecord { priority, weight: 0, port: 5061, target: target.into() };
    let records = vec![record(1, "a.one.test"), record(2, "a.two.test")];
    let refused = Outcome::Status { code: 503, retry_after: Some(Seconds::new(30)), min_expires: None };
    let mut now = 0;
    let mut queue = vec![Input::Start];
    for turn in 0..200 {
        let input = queue.pop().unwrap_or(if turn % 40 == 39 { Input::TryPrimary } else { Input::Wake });
        round(&input);
        phone.step(input, Time::from_millis(now), &mut step).unwrap();
        round(&step);
        round(&phone.status(Time::from_millis(now)));
        for action in &step.actions {
            match action {
                Action::Lookup { id, .. } => {
                    let answer = Answer::Srv { records: records.clone(), ttl: HOUR };
                    queue.push(Input::Answer { id: *id, answer });
                }
                Action::Register { id, .. } if turn % 5 < 3 => queue.push(Input::Outcome { id: *id, outcome: refused }),
                Action::Register { id, .. } => {
                    queue.push(Input::Outcome { id: *id, outcome: Outcome::Accepted { expires: None } });
                }
                _ => {}
            }
        }
        now = if queue.is_empty() { step.wake.map_or(now + 1000, Time::as_millis) } else { now + 5 };
    }
    let snapshot = phone.snapshot(Time::from_millis(now), WallClock::from_millis(0));
    round(&snapshot);
    assert!(
        Registration::restore(config, 3, snapshot.as_bytes(), Time::from_millis(0), WallClock::from_millis(0)).is_ok()
    );
}
