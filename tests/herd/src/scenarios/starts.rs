//! All power up at once.

use rehome::Millis;

use super::{ANSWERS_403, MINUTE, Recovery, Scenario, THERE, drawn, endure, recover, scenario, set, switch_on, with};
use crate::bound::Bound;
use crate::herd::Herd;
use crate::network::{ALL, ANSWER_AT_MOST, DNS_AT_MOST, Serves};

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario("power-up", "all power up at once", power_up),
    with(
        "power-up-spread",
        "the same with startSpread 60 s",
        |config| config.rollover.start_spread = Millis::from_secs(60),
        power_up_spread,
    ),
    scenario("overload", "all power up at once, each registrar takes a hundredth of the herd a second", overload),
    scenario("down", "all power up while every registrar answers 503 for ten minutes", down),
    scenario("held", "all power up while every registrar answers 503, Retry-After 120 s, for ten minutes", held),
    scenario("rejected", "all power up while every registrar answers 403 for ten minutes", rejected),
];

fn power_up(herd: &mut Herd, found: &mut Vec<Recovery>) {
    herd.count_from_now();
    switch_on(herd);
    let mut all = recover(herd, "all power up at once", MINUTE);
    all.bounds = vec![
        Bound::new("6.1a", "the last back, ms", all.figures.last, THERE),
        Bound::new("0.1a", "REGISTERs", all.figures.requests as u64, herd.size()),
        Bound::by_chance("5.2c", "refreshes a second after it", all.figures.echo, drawn(herd), 1),
    ];
    found.push(all);
}

fn power_up_spread(herd: &mut Herd, found: &mut Vec<Recovery>) {
    herd.count_from_now();
    switch_on(herd);
    let mut all = recover(herd, "all power up at once, startSpread 60 s", 2 * MINUTE);
    all.bounds = vec![
        Bound::new("4.6d", "the last back, ms", all.figures.last, MINUTE + THERE),
        Bound::by_chance("4.6d", "REGISTERs a second", all.figures.peak, herd.size() as f64 / 60.0, 1),
    ];
    found.push(all);
}

fn overload(herd: &mut Herd, found: &mut Vec<Recovery>) {
    herd.network.limit((herd.size() / 100).max(1));
    herd.count_from_now();
    switch_on(herd);
    found.push(recover(herd, "all power up at once, each registrar takes a hundredth of them a second", 60 * MINUTE));
}

/// All power up in trouble, which ends after ten minutes; by then it is at most so long until the last tries again.
fn in_trouble(
    herd: &mut Herd,
    trouble: Serves,
    what: [&'static str; 2],
    rules: &'static str,
    wait: u64,
) -> [Recovery; 2] {
    set(herd, &ALL, trouble);
    switch_on(herd);
    herd.run_for(MINUTE);
    herd.count_from_now();
    let during = endure(herd, what[0], 9 * MINUTE);
    set(herd, &ALL, Serves::Well);
    let mut back = recover(herd, what[1], 60 * MINUTE);
    back.bounds = vec![Bound::new(rules, "the last back, ms", back.figures.last, wait + THERE)];
    [during, back]
}

fn down(herd: &mut Herd, found: &mut Vec<Recovery>) {
    let what = ["503 from all since power-up: the second to the tenth minute", "all are well again after 503"];
    let trouble = Serves::Answers { code: 503, retry_after: None };
    found.extend(in_trouble(herd, trouble, what, "4.4d", 5 * MINUTE + ANSWER_AT_MOST));
}

fn held(herd: &mut Herd, found: &mut Vec<Recovery>) {
    let what = [
        "503, Retry-After 120 s, from all since power-up: the second to the tenth minute",
        "all are well again after 503, Retry-After 120 s",
    ];
    let trouble = Serves::Answers { code: 503, retry_after: Some(120) };
    found.extend(in_trouble(herd, trouble, what, "4.4d, 4.5b", 5 * MINUTE + ANSWER_AT_MOST));
}

fn rejected(herd: &mut Herd, found: &mut Vec<Recovery>) {
    let what = ["403 from all since power-up: the second to the tenth minute", "all are well again after 403"];
    // Each of the four has rejected, and then it is half an hour.
    let wait = 20 * MINUTE + 4 * ANSWER_AT_MOST + DNS_AT_MOST;
    found.extend(in_trouble(herd, ANSWERS_403, what, "3.4b", wait));
}
