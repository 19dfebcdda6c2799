//! Statistics: the same steps for many seeds, and how often each outcome occurs.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::compare::Difference;
use crate::hash::Hash;
use crate::json;
use crate::problem::{At, Problem};
use crate::run::{Driver, Failure, Run};
use crate::scenario::{Observe, Scenario, Statistics};
use crate::schema;
use crate::subject::Subject;

/// Counts by what was observed.
type Counts = BTreeMap<String, u64>;

/// Reads and checks the statistics of a file.
pub(crate) fn read(at: &At<'_>, value: &Value) -> Result<Statistics, Problem> {
    let object = at.object(value)?;
    at.fields(object, &["seeds", "observe", "expect", "bound"], &[])?;
    let seeds = at.key("seeds").integer(&object["seeds"], 1, 1_000_000)?;
    let observe = match at.key("observe").word(&object["observe"], "observation", &["first", "plan"])? {
        "first" => Observe::First,
        _ => Observe::Plan,
    };
    let bound = at.key("bound").integer(&object["bound"], 0, seeds)?;
    let mut expect: Vec<(String, (u64, u64))> = Vec::new();
    for (index, entry) in at.key("expect").array(&object["expect"])?.iter().enumerate() {
        let at = at.key("expect").index(index);
        let entry = at.object(entry)?;
        at.fields(entry, &["is", "share"], &[])?;
        let is = at.key("is").text(&entry["is"])?;
        for target in is.split(' ') {
            schema::target(&at.key("is"), &Value::from(target))?;
        }
        if observe == Observe::First && is.contains(' ') {
            return Err(at.key("is").wrong(&entry["is"], "single target", "write one, or observe \"plan\""));
        }
        if expect.iter().any(|(other, _)| other == is) {
            return Err(at.key("is").problem(format!("{is:?} is listed twice: remove one")));
        }
        expect.push((is.to_owned(), share(&at.key("share"), &entry["share"])?));
    }
    let statistics = Statistics { seeds, observe, expect, bound };
    whole(&at.key("expect"), &statistics)?;
    deviation(&at.key("bound"), &statistics)?;
    Ok(statistics)
}

fn share(at: &At<'_>, value: &Value) -> Result<(u64, u64), Problem> {
    let [part, whole] = at.array(value)? else {
        return Err(at.wrong(value, "share", "write [part, whole]"));
    };
    let whole = at.index(1).integer(whole, 1, 1_000_000)?;
    Ok((at.index(0).integer(part, 0, whole)?, whole))
}

/// What is not listed must not occur, so the shares make one whole.
fn whole(at: &At<'_>, statistics: &Statistics) -> Result<(), Problem> {
    let mut sum = (0_u128, 1_u128);
    for (_, (part, whole)) in &statistics.expect {
        let (part, whole) = (u128::from(*part), u128::from(*whole));
        sum = (sum.0 * whole + part * sum.1, sum.1 * whole);
        let common = divisor(sum.0, sum.1);
        sum = (sum.0 / common, sum.1 / common);
        if sum.1 > 1 << 60 {
            return Err(at.problem("the shares have too many different wholes to add up: write them over one whole"));
        }
    }
    if sum.0 == sum.1 {
        return Ok(());
    }
    Err(at.problem(format!(
        "the shares add up to {}/{}: what is not listed must not occur, so list all and let them add up to 1",
        sum.0, sum.1
    )))
}

fn divisor(a: u128, b: u128) -> u128 {
    if b == 0 { a.max(1) } else { divisor(b, a % b) }
}

/// The bound is five standard deviations of the share nearest to a half, rounded up; six would prove less.
fn deviation(at: &At<'_>, statistics: &Statistics) -> Result<(), Problem> {
    let five = |(part, whole): &(u64, u64)| {
        let (part, whole) = (u128::from(*part), u128::from(*whole));
        let square = (25 * u128::from(statistics.seeds) * part * (whole - part)).div_ceil(whole * whole);
        let root = square.isqrt();
        if root * root < square { root + 1 } else { root }
    };
    let least = statistics.expect.iter().map(|(_, share)| five(share)).max().unwrap_or(0);
    let most = least * 6 / 5;
    if (least..=most).contains(&u128::from(statistics.bound)) {
        return Ok(());
    }
    Err(at.problem(format!(
        "{} is not five standard deviations rounded up: write {least}, or a round number up to {most}",
        statistics.bound
    )))
}

/// Runs the steps for all seeds and compares the counts.
pub(crate) fn run(subject: &dyn Subject, scenario: &Scenario, statistics: &Statistics) -> Run {
    let counts = match count(subject, scenario, statistics) {
        Ok(counts) => counts,
        Err(failure) => return Run { hash: Hash::default().hex(), failure: Some(failure) },
    };
    let mut hash = Hash::default();
    for (is, count) in &counts {
        hash.line(&json::canonical(&json!({ "count": count, "is": is })));
    }
    let differences = compare(statistics, &counts);
    let failure = Failure { step: None, at: None, differences, transcript: Vec::new() };
    Run { hash: hash.hex(), failure: (!failure.differences.is_empty()).then_some(failure) }
}

/// Counts over all seeds, on as many threads as there are; of several failures the one of the lowest seed.
fn count(subject: &dyn Subject, scenario: &Scenario, statistics: &Statistics) -> Result<Counts, Failure> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicU64::new(1);
    let work = || -> Result<Counts, (u64, Failure)> {
        let mut counts = Counts::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > statistics.seeds {
                return Ok(counts);
            }
            let seen = observe(subject, scenario, statistics.observe, seed).map_err(|failure| (seed, failure))?;
            *counts.entry(seen).or_default() += 1;
        }
    };
    let results: Vec<_> = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().filter_map(|handle| handle.join().ok()).collect()
    });
    let mut total = Counts::new();
    let mut failed: Option<(u64, Failure)> = None;
    for result in results {
        match result {
            Ok(counts) => counts.into_iter().for_each(|(seen, count)| *total.entry(seen).or_default() += count),
            Err((seed, failure)) if failed.as_ref().is_none_or(|(lowest, _)| seed < *lowest) => {
                failed = Some((seed, failure));
            }
            Err(_) => {}
        }
    }
    match failed {
        None => Ok(total),
        Some((seed, quiet)) => {
            // Once more, with a transcript.
            let mut failure = Driver::new(subject, scenario, seed).guarded().err().unwrap_or(quiet);
            failure.differences.iter_mut().for_each(|difference| difference.item += &format!(" (seed {seed})"));
            Err(failure)
        }
    }
}

fn observe(subject: &dyn Subject, scenario: &Scenario, observe: Observe, seed: u64) -> Result<String, Failure> {
    let mut driver = Driver::new(subject, scenario, seed);
    driver.keep = false;
    driver.guarded()?;
    match observe {
        Observe::First => {
            let first = driver.first.as_ref().and_then(Value::as_str);
            Ok(first.unwrap_or("no register action").to_owned())
        }
        Observe::Plan => {
            driver.plan().map_err(|differences| Failure { step: None, at: None, differences, transcript: Vec::new() })
        }
    }
}

/// Each count within the bound of its share; a share of 0 or 1 exact; nothing else.
fn compare(statistics: &Statistics, counts: &Counts) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differ = |is: &str, expected: String, count: u64| {
        let item = format!("count of {is:?}");
        differences.push(Difference { item, expected, actual: count.to_string(), fields: Vec::new() });
    };
    for (is, (part, whole)) in &statistics.expect {
        let count = counts.get(is).copied().unwrap_or(0);
        let exact = *part == 0 || part == whole;
        let bound = if exact { 0 } else { statistics.bound };
        let expected = u128::from(statistics.seeds) * u128::from(*part);
        let actual = u128::from(count) * u128::from(*whole);
        if expected.abs_diff(actual) > u128::from(bound) * u128::from(*whole) {
            let middle = expected / u128::from(*whole);
            differ(is, format!("{middle}, {bound} more or less, of {} seeds", statistics.seeds), count);
        }
    }
    for (seen, count) in counts {
        if !statistics.expect.iter().any(|(is, _)| is == seen) {
            differ(seen, "none: it is not listed".to_owned(), *count);
        }
    }
    differences
}
