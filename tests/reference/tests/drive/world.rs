//! What happens next: hosts that answer, fail, are silent, late, repeat; DNS that changes; and everything else.

use rehome::{Answer, Id, Input, LookupFailure, Outcome, Seconds, SrvRecord, Unreachable};

use super::Host;

/// Four numbers into an input and a time; small numbers are what goes well.
pub fn deed([what, how, when, more]: [u8; 4], host: &Host) -> (Input, u64) {
    let soon = host.now + u64::from(when);
    let wake = host.wake.unwrap_or(host.now + 1_000).max(host.now);
    match what {
        0..90 => {
            // Whoever was asked answers; else time goes on.
            if let Some(id) = host.flight.filter(|_| how < 250) {
                return (Input::Outcome { id: Id::from_raw(id), outcome: outcome(how, more) }, soon);
            }
            if let Some(id) = host.lookup {
                return (Input::Answer { id: Id::from_raw(id), answer: answer(how, more) }, soon);
            }
            if let Some(id) = host.byes.first().filter(|_| more % 4 != 0) {
                return (Input::Outcome { id: Id::from_raw(*id), outcome: outcome(how, more) }, soon);
            }
            (Input::Wake, wake)
        }
        90..120 => (Input::Wake, wake),
        120..130 => (Input::Wake, wake + u64::from(when) * 20),
        130..140 => (Input::Wake, soon + u64::from(how) * 50),
        140..160 => match host.lookup {
            Some(id) => (Input::Answer { id: Id::from_raw(id), answer: answer(how, more) }, soon),
            None => (Input::Wake, wake),
        },
        160..168 => match host.byes.first() {
            Some(id) => (Input::Outcome { id: Id::from_raw(*id), outcome: outcome(how, more) }, soon),
            None => (Input::Wake, wake),
        },
        168..186 => match host.past.iter().nth_back(usize::from(more % 10)) {
            Some(id) => (Input::Outcome { id: Id::from_raw(*id), outcome: outcome(how, 0) }, soon),
            None => (Input::Wake, wake),
        },
        186..190 => match host.stale {
            Some(id) => (Input::Answer { id: Id::from_raw(id), answer: answer(how, more) }, soon),
            None => (Input::Wake, wake),
        },
        190..200 => flow_lost(host.home, soon),
        200..203 => flow_lost(host.other, soon),
        203..211 => (Input::AgentLogin, soon),
        211..217 => (Input::TryPrimary, soon),
        217..220 => (Input::Busy, soon),
        220..225 => (Input::Idle, soon),
        225..228 => (Input::NetworkDown, soon),
        228..235 => (Input::NetworkChanged, soon),
        235..239 => (Input::Resumed, soon),
        239..242 => (Input::Start, soon),
        242..245 => (Input::Stop, soon),
        245..248 => (Input::Wake, wake + 30_000 + u64::from(how) * 60_000),
        248..250 => (Input::Wake, host.now.saturating_sub(u64::from(how) * 100)),
        _ if !host.online => (Input::NetworkChanged, soon),
        _ => (Input::Wake, wake),
    }
}

fn flow_lost(target: Option<rehome::TargetId>, now: u64) -> (Input, u64) {
    (target.map_or(Input::Wake, |target| Input::FlowLost { target }), now)
}

fn outcome(how: u8, more: u8) -> Outcome {
    let seconds = [None, Some(60), None, Some(0), Some(3_000), None, Some(120), Some(10)];
    let retry_after = seconds[usize::from(more % 8)].map(Seconds::new);
    let status = |code| Outcome::Status { code, retry_after, min_expires: None };
    match how {
        0..80 => Outcome::Accepted { expires: None },
        80..100 => {
            let grants = [3600, 600, 60, 20, 1, 0, 7200, 100_000];
            Outcome::Accepted { expires: Some(Seconds::new(grants[usize::from(more % 8)])) }
        }
        100..150 => status([503, 500, 408, 302, 480, 429, 513, 599][usize::from(more / 8 % 8)]),
        150..190 => Outcome::Unreachable { cause: [Unreachable::Refused, Unreachable::Tls][usize::from(more % 2)] },
        190..215 => status([403, 404, 401, 603][usize::from(more % 4)]),
        215..223 => {
            let least = [7200, 100, 90_000, 0, 86_400, 7200, 5000, 3600][usize::from(more % 8)];
            Outcome::Status { code: 423, retry_after: None, min_expires: Some(Seconds::new(least)) }
        }
        223..232 => Outcome::NoAddress,
        232..240 => Outcome::NotSent,
        _ => Outcome::Status { code: 200, retry_after: None, min_expires: None },
    }
}

/// Four hosts in two tiers; the number says who is listed, and in which tier.
fn answer(how: u8, more: u8) -> Answer {
    let ttl = Seconds::new([3600, 300, 60, 0, 600, 86_400, 120, 3600][usize::from(how % 8)]);
    match how {
        0..120 => Answer::Srv { records: set(0), ttl },
        120..215 => Answer::Srv { records: set(more), ttl },
        215..220 => Answer::NoName { ttl: None },
        220..225 => Answer::NoData { ttl: Some(ttl) },
        225..229 => {
            Answer::Srv { records: vec![SrvRecord { priority: 0, weight: 0, port: 0, target: ".".into() }], ttl }
        }
        _ => Answer::Failed { cause: LookupFailure::ServFail },
    }
}

fn set(which: u8) -> Vec<SrvRecord> {
    let record = |name: &str, priority, weight| SrvRecord { priority, weight, port: 5060, target: name.into() };
    let all = [record("a", 10, 60), record("b", 10, 40), record("c", 20, 50), record("d", 20, 50)];
    let mut set: Vec<SrvRecord> = match which % 16 {
        0 => all[..3].to_vec(),
        1..8 => all
            .iter()
            .enumerate()
            .filter(|(place, _)| (which >> (place + 4)) & 1 == 1)
            .map(|(_, r)| r.clone())
            .collect(),
        8 => vec![all[0].clone()],
        9 => vec![all[0].clone(), all[2].clone()],
        10 => vec![all[1].clone(), all[2].clone()],
        11 => all.iter().map(|r| SrvRecord { priority: 30 - r.priority, ..r.clone() }).collect(),
        12 => all.iter().map(|r| SrvRecord { weight: 100 - r.weight, ..r.clone() }).collect(),
        _ => all.to_vec(),
    };
    if set.is_empty() {
        set = all.to_vec();
    }
    set
}
