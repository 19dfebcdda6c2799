//! What no host and no server should hand in: errors of the caller, of which a call has one, and answers out of nowhere.

use rehome::order::Rng;
use serde_json::{Value, json};

use crate::configurations;
use crate::deed::{MAX, Setting, answer, input, outcome};
use crate::phone::Phone;
use crate::world::{HOSTS, chance, one_of};

pub(crate) fn step(setting: &Setting, phone: &Phone, soon: u64, rng: &mut Rng) -> Value {
    let lookup = phone.lookups.first().or(phone.stale.last()).map(|lookup| lookup.id);
    let attempt = phone.flight.as_ref().map(|(id, _)| *id).or(phone.past.last().copied());
    let forged = match rng.below(9) {
        0 => outcome(one_of(rng, &[0, phone.last + 1, u64::from(u32::MAX)]), json!({ "type": "accepted" })),
        1 => answer(one_of(rng, &[0, phone.last + 1, u64::from(u32::MAX)]), json!({ "type": "noName" })),
        2 => outcome(lookup.unwrap_or(0), json!({ "type": "noAddress" })),
        3 => answer(attempt.unwrap_or(0), json!({ "type": "noData" })),
        4 => {
            let code = one_of(rng, &[0, 100, 199, 200, 299, 300, 424, 699, 700, 65_535]);
            outcome(attempt.unwrap_or(0), json!({ "type": "status", "code": code }))
        }
        5 => json!({ "type": "flowLost", "target": "never.example.test:5060/udp" }),
        6 => json!({ "type": "configure", "config": configurations::bad(setting.preset, rng) }),
        7 => match lookup {
            Some(id) => answer(id, any_answer(rng)),
            None => {
                json!({ "type": "refreshed", "outcome": { "type": "status", "code": one_of(rng, &[0, 180, 200]) } })
            }
        },
        _ => {
            // Past the end of the scale; rarely its very end.
            let at = if chance(rng, 60) { MAX } else { MAX + 1 };
            return json!({ "op": "step", "atMs": at, "input": { "type": "wake" } });
        }
    };
    input(soon, forged)
}

/// An answer that no server gives, or hardly any.
fn any_answer(rng: &mut Rng) -> Value {
    let ttl = one_of(rng, &[0, 1, u64::from(u32::MAX)]);
    let bad = ["", ".", "a..b", "-", "a b", "\u{fffd}\u{1}\"\\", "\u{fc}.one.test", "x.one.test", "A.ONE.TEST."];
    let records = match rng.below(8) {
        0 => Vec::new(),
        1 => vec!["0 0 0 .".into()],
        2 => (0..70).map(|n| format!("{} {n} 5060 h{n}.one.test", n % 5)).collect(),
        3 => vec![format!("0 0 5060 {}", "x".repeat(300))],
        4 if chance(rng, 8) => (1..4_200).map(|n| format!("1 1 {n} h.one.test")).collect(),
        5 => return json!({ "type": "addresses", "addresses": addresses(rng), "ttl": ttl }),
        _ => (0..=rng.below(6)).map(|_| record(&bad, rng)).collect(),
    };
    json!({ "type": "srv", "records": records, "ttl": ttl })
}

fn record(bad: &[&str], rng: &mut Rng) -> String {
    let name = if chance(rng, 2) { one_of(rng, bad) } else { one_of(rng, &HOSTS) };
    format!("{} {} {} {name}", rng.below(3), rng.below(1 << 16), one_of(rng, &[0, 5_060, 65_535]))
}

fn addresses(rng: &mut Rng) -> Vec<String> {
    (0..rng.below(24)).map(|n| if n % 2 == 0 { format!("192.0.2.{n}") } else { format!("2001:db8::{n:x}") }).collect()
}
