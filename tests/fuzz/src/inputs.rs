//! Inputs and times out of bytes, such as a host hands in and such as none should.

use std::net::IpAddr;

use rehome::{Answer, Id, Input, LookupFailure, Outcome, Seconds, SrvRecord, TargetId, Time, Unreachable};

use crate::bytes::Bytes;
use crate::configure::configure;
use crate::phone::Phone;

/// One thing that happens.
pub(crate) enum Deed {
    /// An input at a time.
    Input(Box<Input>, u64),
    /// A snapshot, restored at this time of another clock, so long after.
    Restore(u64, u64),
}

/// Host names; a text of the fuzzer's own comes where the number is beyond them.
pub(crate) const HOSTS: [&str; 8] =
    ["a.one.test", "b.one.test", "c.one.test", "a.two.test", "b.two.test", ".", "192.0.2.9", "A.one.test."];

pub(crate) const OWN: u8 = 255;

const CAUSES: [LookupFailure; 6] = [
    LookupFailure::Timeout,
    LookupFailure::ServFail,
    LookupFailure::Refused,
    LookupFailure::Malformed,
    LookupFailure::Network,
    LookupFailure::Other,
];

const UNREACHABLE: [Unreachable; 7] = [
    Unreachable::Refused,
    Unreachable::NoRoute,
    Unreachable::Closed,
    Unreachable::Tls,
    Unreachable::WebSocket,
    Unreachable::Timeout,
    Unreachable::Other,
];

/// When: at the wake, near it, a little later, far away, or back.
fn time(bytes: &mut Bytes<'_>, phone: &Phone) -> u64 {
    let wake = phone.step.wake.map_or(phone.now, Time::as_millis);
    match bytes.u8() {
        0 => wake,
        1 => phone.now,
        2 => phone.now.saturating_add(bytes.u16().into()),
        3 => phone.now.saturating_add(bytes.u32().into()),
        4 => phone.now.saturating_sub(bytes.u16().into()),
        5 => bytes.u64(),
        6 => wake.saturating_add(bytes.u16().into()),
        more => phone.now.saturating_add(more.into()),
    }
}

/// Which id: one that is waited for, one of the past, or one that never was.
fn id(bytes: &mut Bytes<'_>, phone: &Phone) -> Id {
    let last = Id::from_raw(phone.last);
    match bytes.u8() {
        0 => phone.lookups.last().map_or(last, |(id, _)| *id),
        1 => phone.flight.unwrap_or(last),
        2 => phone.unregisters.first().copied().unwrap_or(last),
        3 => last,
        4 => Id::from_raw(phone.last.saturating_add(1)),
        5 => Id::from_raw(0),
        6 => Id::from_raw(bytes.u32()),
        more => Id::from_raw((more - 7).into()),
    }
}

pub(crate) fn records(bytes: &mut Bytes<'_>) -> Vec<SrvRecord> {
    let mut records = Vec::new();
    for _ in 0..bytes.u8() {
        let (priority, weight, port) = (bytes.u8().into(), bytes.u16(), bytes.u16());
        let target = match bytes.u8() {
            OWN => bytes.text(),
            known => HOSTS[usize::from(known) % HOSTS.len()].into(),
        };
        records.push(SrvRecord { priority, weight, port, target });
    }
    records
}

fn answer(bytes: &mut Bytes<'_>) -> Answer {
    let ttl = Seconds::new(bytes.u32());
    match bytes.u8() % 6 {
        0 => Answer::Srv { records: records(bytes), ttl },
        1 => {
            let count = bytes.u8();
            let addresses = (0..count).map(|_| {
                if bytes.u8().is_multiple_of(2) {
                    IpAddr::from([192, 0, 2, bytes.u8()])
                } else {
                    IpAddr::from([bytes.u16(); 8])
                }
            });
            Answer::Addresses { addresses: addresses.collect(), ttl }
        }
        2 => Answer::NoName { ttl: bytes.option().map(Seconds::new) },
        3 => Answer::NoData { ttl: bytes.option().map(Seconds::new) },
        4 => Answer::Failed { cause: CAUSES[usize::from(bytes.u8()) % CAUSES.len()] },
        // The same set many times over: far more records than a byte can count (rule 2.7).
        _ => {
            let set = records(bytes);
            let times = usize::from(bytes.u8()).min(5_000 / set.len().max(1));
            Answer::Srv { records: set.iter().cycle().take(set.len() * times).cloned().collect(), ttl }
        }
    }
}

fn outcome(bytes: &mut Bytes<'_>) -> Outcome {
    match bytes.u8() % 5 {
        0 => Outcome::Accepted { expires: bytes.option().map(Seconds::new) },
        1 => Outcome::Status {
            code: bytes.u16(),
            retry_after: bytes.option().map(Seconds::new),
            min_expires: bytes.option().map(Seconds::new),
        },
        2 => Outcome::Unreachable { cause: UNREACHABLE[usize::from(bytes.u8()) % UNREACHABLE.len()] },
        3 => Outcome::NoAddress,
        _ => Outcome::NotSent,
    }
}

/// The next thing that happens to this phone.
pub(crate) fn deed(bytes: &mut Bytes<'_>, phone: &Phone) -> Deed {
    let now = time(bytes, phone);
    let input = match bytes.u8() % 16 {
        0 => Input::Wake,
        1 => Input::Start,
        2 => Input::Stop,
        3 => Input::AgentLogin,
        4 => Input::TryPrimary,
        5 => Input::NetworkDown,
        6 => Input::NetworkChanged,
        7 => Input::Resumed,
        8 => Input::Busy,
        9 => Input::Idle,
        10 => Input::Configure { config: Box::new(configure(bytes)) },
        11 => Input::FlowLost { target: TargetId::from_raw(bytes.u8().into()) },
        12 => Input::Answer { id: id(bytes, phone), answer: answer(bytes) },
        13 => Input::Outcome { id: id(bytes, phone), outcome: outcome(bytes) },
        14 => Input::Refreshed { outcome: outcome(bytes) },
        _ => return Deed::Restore(now, bytes.u32().into()),
    };
    Deed::Input(Box::new(input), now)
}
