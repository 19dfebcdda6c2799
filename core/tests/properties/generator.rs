//! Answers and outcomes: such as a server gives, and such as none should.

use rehome::order::Rng;
use rehome::{Answer, LookupFailure, LookupKind, Outcome, Seconds, SrvRecord, Unreachable};

pub fn chance(rng: &mut Rng, percent: u64) -> bool {
    rng.below(100) < percent
}

pub fn one_of<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.below(of.len() as u64) as usize]
}

const HOSTS: [&str; 7] =
    ["a.one.test", "b.one.test", "c.one.test", "a.two.test", "b.two.test", "Sip.Example.Test.", "192.0.2.9"];

/// A set that can be used; the first host is always in, so that a pinned site has a target.
fn good_set(rng: &mut Rng) -> Vec<SrvRecord> {
    let mut records = Vec::new();
    for (index, host) in HOSTS.iter().enumerate() {
        if index == 0 || chance(rng, 40) {
            let priority = if chance(rng, 80) { (index / 3) as u16 } else { rng.below(3) as u16 };
            let weight = one_of(rng, &[0, 1, 10, 60, 65_535]);
            records.push(SrvRecord { priority, weight, port: 5060, target: (*host).into() });
        }
    }
    records
}

fn any_set(rng: &mut Rng) -> Vec<SrvRecord> {
    let bad = ["", ".", "a..b", "-", "a b", "\u{fffd}", "x.one.test"];
    match rng.below(8) {
        0 => Vec::new(),
        1 => vec![SrvRecord { priority: 0, weight: 0, port: 0, target: ".".into() }],
        2 => {
            (0..5000).map(|n| SrvRecord { priority: 1, weight: 1, port: 1 + n, target: "h.one.test".into() }).collect()
        }
        3 => (0..200)
            .map(|n| SrvRecord { priority: n % 5, weight: n, port: 5060, target: format!("h{n}.one.test") })
            .collect(),
        4 => vec![SrvRecord { priority: 0, weight: 0, port: 5060, target: "x".repeat(300) }],
        5 => vec![SrvRecord { priority: 9, weight: 0, port: 5060, target: "b.two.test".into() }],
        _ => {
            let mut set = good_set(rng);
            let target = one_of(rng, &bad).into();
            set.push(SrvRecord { priority: rng.below(3) as u16, weight: 1, port: one_of(rng, &[0, 5060]), target });
            set
        }
    }
}

pub fn good_answer(kind: LookupKind, rng: &mut Rng) -> Answer {
    let ttl = Seconds::new(one_of(rng, &[0, 60, 300, 86_400]));
    match kind {
        LookupKind::Srv => Answer::Srv { records: good_set(rng), ttl },
        LookupKind::A => Answer::Addresses { addresses: vec![[192, 0, 2, rng.below(4) as u8].into()], ttl },
        LookupKind::Aaaa if chance(rng, 50) => Answer::NoData { ttl: Some(ttl) },
        LookupKind::Aaaa => Answer::Addresses { addresses: vec![[0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into()], ttl },
    }
}

pub fn any_answer(rng: &mut Rng) -> Answer {
    let ttl = Seconds::new(one_of(rng, &[0, 1, 60, 300, u32::MAX]));
    let causes = [LookupFailure::Timeout, LookupFailure::ServFail, LookupFailure::Refused, LookupFailure::Malformed];
    match rng.below(6) {
        0 => Answer::NoName { ttl: Some(ttl) },
        1 => Answer::NoData { ttl: None },
        2 => Answer::Failed { cause: one_of(rng, &causes) },
        3 => {
            let count = one_of(rng, &[0, 1, 40, 1000_u16]);
            let address = |n: u16| if n.is_multiple_of(2) { [192, 0, 2, n as u8].into() } else { [n; 8].into() };
            Answer::Addresses { addresses: (0..count).map(address).collect(), ttl }
        }
        _ => Answer::Srv { records: any_set(rng), ttl },
    }
}

pub fn accepted(rng: &mut Rng) -> Outcome {
    let expires = one_of(rng, &[None, Some(3600), Some(3600), Some(600), Some(60), Some(7), Some(1)]).map(Seconds::new);
    if chance(rng, 90) {
        Outcome::Accepted { expires }
    } else {
        Outcome::Status { code: 200, retry_after: None, min_expires: None }
    }
}

pub fn any_outcome(rng: &mut Rng) -> Outcome {
    let seconds =
        |rng: &mut Rng| one_of(rng, &[None, None, Some(0), Some(5), Some(120), Some(u32::MAX)]).map(Seconds::new);
    let causes = [Unreachable::Refused, Unreachable::NoRoute, Unreachable::Tls, Unreachable::Timeout];
    match rng.below(10) {
        0 => Outcome::Accepted { expires: Some(Seconds::new(one_of(rng, &[0, 1, u32::MAX]))) },
        1 => Outcome::Unreachable { cause: one_of(rng, &causes) },
        2 => Outcome::NoAddress,
        3 => Outcome::NotSent,
        4 => Outcome::Status {
            code: 423,
            retry_after: seconds(rng),
            min_expires: one_of(
                rng,
                &[None, Some(Seconds::new(1)), Some(Seconds::new(7200)), Some(Seconds::new(u32::MAX))],
            ),
        },
        _ => {
            let code = one_of(rng, &[302, 401, 403, 404, 408, 429, 480, 500, 503, 503, 503, 603, 699, 999, u16::MAX]);
            Outcome::Status { code, retry_after: seconds(rng), min_expires: None }
        }
    }
}
