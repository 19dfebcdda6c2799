//! What is put out: actions, events, steps, targets and the status.

use rehome::order::Candidate;
use rehome::{
    Action, Bar, CancelReason, DropReason, Event, EventKind, FailureReason, Id, IgnoreReason, LastOutcome,
    LookupFailure, LookupKind, LossReason, Millis, NoPlan, PlanEntry, Rule, SkipReason, Source, State, Status, Step,
    Target, TargetId, Timer, Transport, Trigger, Unreachable,
};
use serde_json::{Value, json};

use crate::json::{AT, HOUR, ID, TARGET, is};

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
        Action::Unregister { id: ID, target: TARGET, address: None, binding: Id::from_raw(2), deadline: AT },
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
