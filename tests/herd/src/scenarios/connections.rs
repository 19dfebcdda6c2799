//! Connections and networks change for all in one instant.

use rehome::{Config, Input, Millis};

use super::{ANSWERED, MINUTE, Recovery, SECOND, Scenario, THERE, drawn, mixed, recover, scenario, set, warm, with};
use crate::bound::Bound;
use crate::herd::Herd;
use crate::network::{ALL, ANSWER_AT_MOST, DC1, Serves};

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario("flows", "all flows drop, the registrars are up", flows),
    scenario("network", "the network of all changes", network),
    scenario("dropped", "data centre 1 drops all its flows and refuses connections", |herd, found| {
        found.push(dropped(herd, "data centre 1 drops its flows and refuses connections", 2, 2.0));
    }),
    with("dropped-spread", "the same with recoverySpread 30 s", spread_30, |herd, found| {
        found.push(dropped(herd, "data centre 1 drops its flows, recoverySpread 30 s", 30, 7.0));
    }),
    scenario("site", "all registrars are silent for ten minutes, then the network of all changes", site),
];

fn spread_30(config: &mut Config) {
    config.rollover.recovery_spread = Millis::from_secs(30);
}

fn flows(herd: &mut Herd, found: &mut Vec<Recovery>) {
    warm(herd);
    herd.drop_flows();
    found.push(by_spread(herd, "all flows drop, the registrars are up"));
}

fn network(herd: &mut Herd, found: &mut Vec<Recovery>) {
    warm(herd);
    herd.tell_all(0, |_| Some(Input::NetworkChanged));
    found.push(by_spread(herd, "the network of all changes"));
}

/// Rule 4.6a: each within 2 s, drawn evenly, and one REGISTER each. One that has just been answered waits for its turn.
fn by_spread(herd: &mut Herd, what: &'static str) -> Recovery {
    let mut all = recover(herd, what, MINUTE);
    let rate = herd.size() as f64 / 2.0 + mixed(herd);
    all.bounds = vec![
        Bound::new("4.6a, 4.4b", "the last back, ms", all.figures.last, 5 * SECOND + ANSWER_AT_MOST),
        Bound::by_chance("4.6a", "REGISTERs a second", all.figures.peak, rate, 1),
        Bound::by_chance("5.2c", "refreshes a second after it", all.figures.echo, drawn(herd), 1),
    ];
    all
}

/// After the loss each phone sends seven REGISTERs in 20 s; `at_once` of them fall into one second with the herd's.
fn dropped(herd: &mut Herd, what: &'static str, spread: u64, at_once: f64) -> Recovery {
    warm(herd);
    set(herd, &DC1, Serves::Refuses);
    herd.drop_flows();
    let mut lost = recover(herd, what, 10 * MINUTE);
    // A refresh that is due before the draw goes first.
    let rate = at_once * (herd.size() as f64 / spread as f64 + mixed(herd));
    let last = spread * SECOND + 2 * ANSWERED + THERE;
    lost.bounds = vec![
        Bound::new("4.6a, 4.1, 4.3c", "the last back, ms", lost.figures.last, last),
        Bound::by_chance("4.6a, 4.4c", "REGISTERs a second", lost.figures.peak, rate, 2),
    ];
    lost
}

fn site(herd: &mut Herd, found: &mut Vec<Recovery>) {
    warm(herd);
    set(herd, &ALL, Serves::Silent);
    herd.run_for(10 * MINUTE);
    set(herd, &ALL, Serves::Well);
    herd.tell_all(0, |_| Some(Input::NetworkChanged));
    let mut all = recover(herd, "the network changes after ten minutes of silence", 20 * MINUTE);
    all.bounds = vec![Bound::new("4.6b, 4.4b", "the last back, ms", all.figures.last, 5 * SECOND + THERE)];
    found.push(all);
}
