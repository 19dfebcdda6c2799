//! What leads a herd from one data centre to the other unasked, and in step: DNS, and timers that began together.

use rehome::{FailbackEvery, Input, Millis};

use super::{ANSWERED, MINUTE, REFRESH, Recovery, SECOND, Scenario, THERE, drawn, recover, scenario, set, warm, with};
use crate::bound::Bound;
use crate::herd::Herd;
use crate::network::{DC1, DC2, Serves, TTL};

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario("drained", "DNS no longer lists data centre 1", |herd, found| {
        found.push(drained(herd, "DNS no longer lists data centre 1, one cache for all"));
    }),
    scenario("drained-own", "the same, each phone has a cache of its own", |herd, found| {
        herd.network.caches_of_their_own();
        found.push(drained(herd, "DNS no longer lists data centre 1, each has a cache of its own"));
    }),
    with(
        "failback-ttl",
        "failback every ttl; data centre 1 was silent and is back",
        |config| config.failback.every = FailbackEvery::Ttl,
        failback_ttl,
    ),
    with(
        "hold-off",
        "holdOff 3700 s; data centre 1 dropped its flows, is back, and all have logged in since",
        |config| config.failback.hold_off = Millis::from_secs(3700),
        hold_off,
    ),
];

/// What time sets off in all at once is drawn apart by thirty times the default `recoverySpread` (rule 4.6e).
const APART: u64 = 30 * 2 * SECOND;

/// The most REGISTERs a second while a herd moves within that time: two at each end (rules 5.2, 6.3, 6.7), together with
/// the refreshes of those that do not move.
fn moved(herd: &Herd, seen: u64) -> Bound {
    let rate = (4 * herd.size() * SECOND) as f64 / APART as f64 + drawn(herd);
    Bound::by_chance("4.6e", "REGISTERs a second", seen, rate, 4)
}

fn drained(herd: &mut Herd, what: &'static str) -> Recovery {
    warm(herd);
    herd.wanted = DC2.to_vec();
    herd.network.offer(&DC2);
    herd.count_from_now();
    let mut all = recover(herd, what, 60 * MINUTE);
    // Until caches and phone ask again, the answer before a refresh, and the second one when its TTL ends.
    let last = TTL + REFRESH[1] + TTL + APART + THERE;
    all.bounds = vec![
        Bound::new("1.2a, 5.2c, 5.3b, 4.6e", "the last there, ms", all.figures.last, last),
        moved(herd, all.figures.peak),
    ];
    all
}

fn failback_ttl(herd: &mut Herd, found: &mut Vec<Recovery>) {
    warm(herd);
    set(herd, &DC1, Serves::Silent);
    herd.run_for(20 * MINUTE);
    herd.wanted = DC1.to_vec();
    set(herd, &DC1, Serves::Well);
    let mut all = recover(herd, "failback every ttl: data centre 1 is back", 60 * MINUTE);
    // An attempt of the excursion before may be in flight still.
    let last = 10 * SECOND + TTL + APART + THERE;
    all.bounds = vec![
        Bound::new("6.4b, 3.1a, 4.6e", "the last home, ms", all.figures.last, last),
        moved(herd, all.figures.peak),
    ];
    found.push(all);
}

fn hold_off(herd: &mut Herd, found: &mut Vec<Recovery>) {
    warm(herd);
    set(herd, &DC1, Serves::Refuses);
    herd.drop_flows();
    herd.run_for(5 * MINUTE);
    herd.network.set(&DC1, Serves::Well);
    herd.tell_all(10 * MINUTE, |_| Some(Input::AgentLogin));
    herd.run_for(3600 * SECOND - 5 * MINUTE);
    herd.wanted = DC1.to_vec();
    herd.count_from_now();
    let mut all = recover(herd, "the hold-off of 3700 s ends", 3700 * SECOND);
    // 3700 s after home was left: after the draw (rule 4.6a), and three tries at one registrar and at the other.
    let last = 100 * SECOND + 2 * SECOND + 2 * ANSWERED + APART + 2 * THERE;
    all.bounds = vec![
        Bound::new("6.5a, 6.5b, 4.6e", "the last home, ms", all.figures.last, last),
        moved(herd, all.figures.peak),
    ];
    found.push(all);
}
