//! Inputs from scalars.

use rehome::{Answer, Id, Input, LookupFailure, Outcome, Seconds, Unreachable};

use crate::list::List;
use crate::sink::Sink;
use crate::words::{Word, Worded};

/// An input that has nothing but its type.
pub(crate) fn plain(kind: u32, sink: &Sink) -> Option<Input> {
    Some(match Word::of(kind) {
        Some(Word::Start) => Input::Start,
        Some(Word::Stop) => Input::Stop,
        Some(Word::Wake) => Input::Wake,
        Some(Word::AgentLogin) => Input::AgentLogin,
        Some(Word::TryPrimary) => Input::TryPrimary,
        Some(Word::NetworkDown) => Input::NetworkDown,
        Some(Word::NetworkChanged) => Input::NetworkChanged,
        Some(Word::Resumed) => Input::Resumed,
        Some(Word::Busy) => Input::Busy,
        Some(Word::Idle) => Input::Idle,
        _ => {
            let list = "start, stop, wake, agentLogin, tryPrimary, networkDown, networkChanged, resumed, busy, idle, \
                        configure, flowLost, answer, outcome, refreshed";
            return wrong("type", list, sink);
        }
    })
}

/// What DNS said.
pub(crate) fn answer(
    id: u32,
    kind: u32,
    ttl: Option<u32>,
    cause: u32,
    list: Option<List>,
    sink: &Sink,
) -> Option<Input> {
    let List { records, addresses, .. } = list.unwrap_or_default();
    let ttl = ttl.map(Seconds::new);
    let answer = match Word::of(kind) {
        Some(Word::Srv) => Answer::Srv { records, ttl: ttl.unwrap_or_default() },
        Some(Word::Addresses) => Answer::Addresses { addresses, ttl: ttl.unwrap_or_default() },
        Some(Word::NoName) => Answer::NoName { ttl },
        Some(Word::NoData) => Answer::NoData { ttl },
        Some(Word::Failed) => Answer::Failed { cause: value::<LookupFailure>(cause, "answer.cause", sink)? },
        _ => return wrong("answer.type", "srv, addresses, noName, noData, failed", sink),
    };
    Some(Input::Answer { id: Id::from_raw(id), answer })
}

/// What came of a REGISTER.
pub(crate) fn outcome(
    id: Option<u32>,
    kind: u32,
    code: u32,
    first: Option<u32>,
    second: Option<u32>,
    sink: &Sink,
) -> Option<Input> {
    let (first, second) = (first.map(Seconds::new), second.map(Seconds::new));
    let outcome = match Word::of(kind) {
        Some(Word::Accepted) => Outcome::Accepted { expires: first },
        Some(Word::Status) => {
            let code = u16::try_from(code).unwrap_or(u16::MAX);
            Outcome::Status { code, retry_after: first, min_expires: second }
        }
        Some(Word::Unreachable) => Outcome::Unreachable { cause: value::<Unreachable>(code, "outcome.cause", sink)? },
        Some(Word::NoAddress) => Outcome::NoAddress,
        Some(Word::NotSent) => Outcome::NotSent,
        _ => return wrong("outcome.type", "accepted, status, unreachable, noAddress, notSent", sink),
    };
    Some(match id {
        Some(id) => Input::Outcome { id: Id::from_raw(id), outcome },
        None => Input::Refreshed { outcome },
    })
}

/// The value of a name that JavaScript handed in.
pub(crate) fn value<T: Worded>(word: u32, field: &str, sink: &Sink) -> Option<T> {
    let value = T::of(word);
    if value.is_none() {
        T::ALL.iter().for_each(|value| sink.choice(value.word() as u32));
        return wrong(field, "", sink);
    }
    value
}

fn wrong<T>(field: &str, names: &str, sink: &Sink) -> Option<T> {
    sink.fail("invalidInput", field, names);
    None
}
