//! What must hold after every step, whatever the inputs were: registrations driven by thousands of plausible and hostile
//! sequences, beside a model that knows nothing but the policy and what was put out.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is its purpose"
)]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write;

use rehome::order::Rng;

use crate::configurations::any_config;
use crate::run::Run;

/// What a broken property says.
type Checked = Result<(), String>;

macro_rules! hold {
    ($what:expr, $($text:tt)+) => {
        if !$what {
            return Err(format!($($text)+));
        }
    };
}

mod configurations;
mod generator;
mod model;
mod run;

/// How many runs; `REHOME_RUNS` asks for another number.
fn runs() -> usize {
    std::env::var("REHOME_RUNS").ok().and_then(|number| number.parse().ok()).unwrap_or(1_140)
}

/// Runs the cases and shows every kind of violation once, by its first.
fn all_hold(cases: usize, steps: u64, hostile: bool) {
    let mut broken: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let (mut done, mut refused, mut seen, mut kinds) = (0, 0, BTreeSet::new(), HashSet::new());
    for case in 0..cases {
        let seed = case as u64 + 1;
        let config = any_config(case, &mut Rng::new(seed));
        let wakes = if case % 16 == 0 { 10_000 } else { 200 };
        let mut run = Run::new(config.clone(), seed, hostile);
        let result = run.all(steps, wakes);
        seen.append(&mut run.states);
        if let Err(what) = result {
            let bare: String = what.chars().filter(|c| !c.is_ascii_digit()).take(60).collect();
            let kind = what.rsplit_once(" (").map_or(bare, |(_, rule)| rule.trim_end_matches(')').to_string());
            broken
                .entry(kind)
                .or_insert_with(|| {
                    let mut again = Run::new(config, seed, hostile);
                    again.traced = true;
                    let _ = again.all(steps, wakes);
                    (0, again.report(&what))
                })
                .0 += 1;
        }
        kinds.extend(run.kinds);
        done += run.steps;
        refused += run.refused;
    }
    println!("{cases} runs, {done} steps, {refused} refused, states {seen:?}, {} kinds of events", kinds.len());
    let mut text = String::new();
    for (kind, (count, report)) in &broken {
        let _ = writeln!(text, "=== {kind}: {count} of {cases} runs, the first: {report}");
    }
    assert!(broken.is_empty(), "{text}");
    assert!(seen.len() == 9, "the runs do not reach enough states: {seen:?}");
    assert!(kinds.len() >= 45, "the runs meet {} kinds of events only", kinds.len());
    assert_eq!(refused > 0, hostile);
}

#[test]
fn plausible_sequences_keep_every_property() {
    all_hold(runs(), 150, false);
}

#[test]
fn hostile_sequences_keep_every_property() {
    all_hold(runs(), 150, true);
}
