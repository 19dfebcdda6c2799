//! Names and numbers.

use rehome::{
    Addresses, AfterLoss, Bar, CancelReason, DropReason, Id, IgnoreReason, LookupFailure, LookupKind, LossReason,
    Meaning, Millis, NoPlan, Preset, Redraw, RefreshOwner, RetryAfter, Rule, Selection, SkipReason, Snapshot, Source,
    State, Time, Timer, Transport, Trigger, Unreachable, WallClock,
};
use serde_json::json;

use crate::json::{AT, HOUR, ID, TARGET, all, is, refuses};

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
