//! Registrars fail.

use rehome::Input;

use super::{
    ANSWERED, ANSWERS_403, MINUTE, REFRESH, Recovery, SECOND, SILENT, Scenario, THERE, endure, mixed, recover,
    scenario, set, warm,
};
use crate::bound::Bound;
use crate::herd::Herd;
use crate::network::{ALL, DC1, Serves};

pub(super) const SCENARIOS: &[Scenario] = &[
    scenario("silent", "data centre 1 falls silent; back later, a shift logs in within ten minutes", silent),
    scenario("refused", "data centre 1 refuses connections", refused),
    scenario("one-503", "one registrar answers 503 for ten minutes", |herd, found| answers_503(herd, found, None)),
    scenario("one-held", "the same with Retry-After 60 s", |herd, found| answers_503(herd, found, Some(60))),
    scenario("both", "both data centres are silent for 30 minutes", both),
    scenario("confused", "every registrar answers 403 for ten minutes", confused),
];

fn silent(herd: &mut Herd, found: &mut Vec<Recovery>) {
    warm(herd);
    set(herd, &DC1, Serves::Silent);
    let mut lost = recover(herd, "data centre 1 falls silent", 10 * MINUTE);
    lost.bounds = vec![
        Bound::new("5.2c, 4.1, 4.3c", "the last back, ms", lost.figures.last, REFRESH[1] + 2 * SILENT + THERE),
        // Three tries at each of the two that are silent, and one that is answered.
        Bound::by_chance("5.2c, 4.4b", "REGISTERs a second", lost.figures.peak, 7.0 * mixed(herd), 1),
    ];
    found.push(lost);

    herd.wanted = DC1.to_vec();
    set(herd, &DC1, Serves::Well);
    herd.tell_all(10 * MINUTE, |_| Some(Input::AgentLogin));
    let mut shift = recover(herd, "all agents log in within ten minutes", 20 * MINUTE);
    // At the primary, the old home's unregister, and the refresh after that (rule 6.7).
    let rate = 3.0 * herd.size() as f64 / 600.0 + mixed(herd);
    shift.bounds = vec![
        Bound::new("6.3a", "the last home, ms", shift.figures.last, 10 * MINUTE + THERE),
        Bound::by_chance("6.3a, 6.7", "REGISTERs a second", shift.figures.peak, rate, 3),
    ];
    found.push(shift);
}

fn refused(herd: &mut Herd, found: &mut Vec<Recovery>) {
    warm(herd);
    set(herd, &DC1, Serves::Refuses);
    let mut lost = recover(herd, "data centre 1 refuses connections", 10 * MINUTE);
    lost.bounds = vec![
        Bound::new("5.2c, 4.1, 4.3c", "the last back, ms", lost.figures.last, REFRESH[1] + 2 * ANSWERED + THERE),
        // The third try at one and the first at the next come together (rule 4.4c).
        Bound::by_chance("5.2c, 4.4b", "REGISTERs a second", lost.figures.peak, 7.0 * mixed(herd), 2),
    ];
    found.push(lost);
}

fn answers_503(herd: &mut Herd, found: &mut Vec<Recovery>, retry_after: Option<u32>) {
    warm(herd);
    set(herd, &DC1[..1], Serves::Answers { code: 503, retry_after });
    let what = match retry_after {
        None => "one registrar answers 503",
        Some(_) => "one registrar answers 503, Retry-After 60 s",
    };
    let mut lost = recover(herd, what, 10 * MINUTE);
    // Half of the herd: three tries there, one elsewhere, the unregister and the refresh after it (rule 6.7).
    let rate = (6.0 + 1.0) * mixed(herd) / 2.0;
    lost.bounds = vec![
        Bound::new("5.2c, 4.1, 4.3c", "the last back, ms", lost.figures.last, REFRESH[1] + ANSWERED + THERE),
        Bound::by_chance("5.2c, 4.4b, 6.7", "REGISTERs a second", lost.figures.peak, rate, 4),
    ];
    found.push(lost);
}

fn both(herd: &mut Herd, found: &mut Vec<Recovery>) {
    warm(herd);
    set(herd, &ALL, Serves::Silent);
    let mut during = endure(herd, "both data centres are silent", 30 * MINUTE);
    let n = herd.size() as f64;
    during.bounds = vec![Bound::by_chance("3.1a", "REGISTERs a second", during.figures.peak, n / 10.0, 1)];
    set(herd, &ALL, Serves::Well);
    let mut back = recover(herd, "both are back after 30 minutes", 20 * MINUTE);
    let (last, rate) = (back.figures.last, n / 10.0 + n / 150.0);
    back.bounds = vec![
        // The last attempt of a round may be in flight when they return: it is given up, and the wait begins.
        Bound::new("3.1a, 4.4d", "the last back, ms", last, 10 * SECOND + 5 * MINUTE + THERE),
        Bound::by_chance("3.1a, 4.4d", "REGISTERs a second", back.figures.peak, rate, 1),
    ];
    found.extend([during, back]);
}

fn confused(herd: &mut Herd, found: &mut Vec<Recovery>) {
    warm(herd);
    set(herd, &ALL, ANSWERS_403);
    herd.run_for(10 * MINUTE);
    set(herd, &ALL, Serves::Well);
    let mut back = recover(herd, "all well again after ten minutes of 403", 60 * MINUTE);
    // A wait may double to as long as what was waited before, and a half of a wait is drawn.
    back.bounds = vec![Bound::new("3.4c", "the last back, ms", back.figures.last, 2 * 10 * MINUTE)];
    found.push(back);
}
