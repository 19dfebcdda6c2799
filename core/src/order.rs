//! Section 2: in which order targets are tried. A module of its own, so that others can draw, count and lint with it.
//!
//! [`normalise`] makes a clean set of an SRV answer, in one *canonical order* whatever the wire order was;
//! [`draw`] orders it for one phone; [`shares`] says how likely each record is to be picked first in its tier;
//! [`fingerprint`] tells whether a set has changed.
//!
//! ```
//! use rehome::order::{self, Rng};
//! use rehome::{Selection, SrvRecord};
//!
//! let record = |weight, target: &str| SrvRecord { priority: 10, weight, port: 5060, target: target.into() };
//! let answer = [record(60, "A.example.test."), record(40, "b.example.test"), record(0, ".")];
//! let mut dropped = Vec::new();
//! let set = order::normalise(&answer, |index, reason| dropped.push((index, reason))).set;
//! assert_eq!(dropped, [(2, rehome::DropReason::Root)]);
//! assert_eq!(order::shares(&set, Selection::Weighted)[0].numerator, 60); // of 100
//!
//! let plan = order::draw(&set, Selection::HighestWeight, 64, &mut Rng::new(7));
//! let first = plan.first().and_then(|&index| set.get(index));
//! assert_eq!(first.map(|candidate| &*candidate.host), Some("a.example.test"));
//! ```

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::host::{check_host, lower_case, without_dot};
pub use crate::rng::Rng;
use crate::sort::sort;
use crate::{DropReason, Selection, SrvRecord};

/// How many records of an answer are read; what follows is ignored (rule 2.7).
pub const MAX_RECORDS: usize = 4096;

/// One usable record: what an SRV answer says of a target, cleaned (rule 2.7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Candidate {
    /// Host name, or an IPv4 address as some servers write, lower case, without the final dot.
    pub host: Arc<str>,
    /// Port, 1 to 65535.
    pub port: u16,
    /// Lower is tried first.
    pub priority: u16,
    /// Share within the priority.
    pub weight: u16,
}

/// What [`normalise`] makes of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Normalised {
    /// The usable records in canonical order: by priority, then host, then port, each host and port once.
    pub set: Vec<Candidate>,
    /// A lone `.`: the service is decidedly not offered. The set is empty then (rule 2.7).
    pub not_offered: bool,
}

/// A record's exact chance to be picked first in its tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Share {
    /// So many cases.
    pub numerator: u64,
    /// Of so many that are equally likely; the same for all records of a tier, never 0.
    pub denominator: u64,
}

/// Makes a clean set of an SRV answer (rule 2.7).
///
/// Names are lower-cased and lose their final dot; an empty name is the root, as some resolvers write `.`. Exact
/// duplicates are merged. Of the same host and port under two priorities or weights the one with the lower priority, then
/// the higher weight, stays. Each record that is dropped is told to `on_drop` by its place in the answer, from 0, in wire
/// order. At most [`MAX_RECORDS`] are read. The time it takes grows as n log n.
pub fn normalise(records: &[SrvRecord], mut on_drop: impl FnMut(u32, DropReason)) -> Normalised {
    let lone_root = !records.is_empty() && records.iter().take(MAX_RECORDS).all(|record| is_root(&record.target));
    if lone_root {
        return Normalised { set: Vec::new(), not_offered: true };
    }

    let mut verdicts: Vec<Option<DropReason>> = Vec::new();
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for (index, record) in records.iter().take(MAX_RECORDS).enumerate() {
        let verdict = check(record);
        if verdict.is_none() {
            entries.push(Entry { record, host: without_dot(&record.target), index });
        }
        verdicts.push(verdict);
    }

    // By target, the best record of each first; then the others of it go.
    sort(&mut entries, |a, b| before(a.by_target(b)));
    let mut kept: Vec<Entry<'_>> = Vec::new();
    let mut last: Option<Entry<'_>> = None;
    for entry in entries {
        match last {
            Some(previous) if previous.same_target(&entry) => {
                if !previous.same_place(&entry)
                    && let Some(verdict) = verdicts.get_mut(entry.index)
                {
                    *verdict = Some(DropReason::SameTarget);
                }
            }
            _ => kept.push(entry),
        }
        last = Some(entry);
    }
    sort(&mut kept, |a, b| before(a.canonical(b)));

    for (index, verdict) in (0_u32..).zip(verdicts) {
        if let Some(reason) = verdict {
            on_drop(index, reason);
        }
    }
    Normalised { set: kept.iter().map(Entry::candidate).collect(), not_offered: false }
}

/// A number for the whole set: equal sets have equal numbers, whatever the wire order and TTL (rule 2.5).
///
/// FNV-1a, 64 bit, over the records in canonical order: priority, weight and port as two bytes each, the higher first,
/// then the host's bytes and a zero byte.
#[must_use]
pub fn fingerprint(set: &[Candidate]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    for candidate in set {
        for number in [candidate.priority, candidate.weight, candidate.port] {
            for byte in number.to_be_bytes() {
                add(byte);
            }
        }
        for byte in candidate.host.bytes() {
            add(byte);
        }
        add(0);
    }
    hash
}

/// Orders a set for one phone: the places in `set` of the first `keep` targets, in the order in which they are tried
/// (rules 2.1 to 2.4). `keep` is taken as 1 to 64.
///
/// `set` is in the order [`normalise`] gives. Tier by tier, lower priority first; inside a tier one pick after the other,
/// each among those left, in canonical order:
/// - [`Selection::Weighted`]: if any weight left is positive, only those count. Draw in `0..sum` of the weights and take the
///   first whose running sum is above the draw. If all are zero, draw in `0..count` and take that one.
/// - [`Selection::Rfc2782`]: the zero weights are put first. Draw in `0..=sum` and take the first whose running sum is not
///   below the draw. (So the first in line has one case more than its weight, and a tier of zeros keeps its order.)
/// - [`Selection::HighestWeight`]: the highest weight, of equal ones the first. Nothing is drawn.
///
/// Where one only can be taken, nothing is drawn. The time it takes is `keep` times the size of the set at most.
#[must_use]
pub fn draw(set: &[Candidate], selection: Selection, keep: usize, rng: &mut Rng) -> Vec<usize> {
    let keep = keep.clamp(1, 64);
    let mut taken: Vec<bool> = set.iter().map(|_| false).collect();
    let mut plan = Vec::new();
    let mut start = 0_usize;
    while let Some(tier) = tier_at(set, start) {
        loop {
            if plan.len() >= keep {
                return plan;
            }
            let flags = taken.get(start..).unwrap_or_default();
            let left = tier.iter().zip(flags).enumerate().filter(|(_, (_, taken))| !**taken);
            let left = left.map(|(place, (candidate, _))| (start.saturating_add(place), candidate.weight));
            let Some(place) = pick(left, selection, rng) else { break };
            if let Some(flag) = taken.get_mut(place) {
                *flag = true;
            }
            plan.push(place);
        }
        start = start.saturating_add(tier.len());
    }
    plan
}

/// How likely each record of the set is to be picked first in its tier, exactly; one for one with `set`.
///
/// `set` is in the order [`normalise`] gives. With [`Selection::Weighted`] it is weight in the sum of weights (in a tier of
/// zeros, 1 in their count); with [`Selection::Rfc2782`] weight in the sum plus 1, and one case more for the first in line,
/// which is a zero weight if there is one; with [`Selection::HighestWeight`] 1 in 1 for the first, 0 for the others.
#[must_use]
pub fn shares(set: &[Candidate], selection: Selection) -> Vec<Share> {
    let mut shares = Vec::new();
    let mut start = 0_usize;
    while let Some(tier) = tier_at(set, start) {
        let sum = tier.iter().fold(0_u64, |sum, candidate| sum.saturating_add(u64::from(candidate.weight)));
        // Whom the draw does not decide on: the best weight, or the first in the RFC's line.
        let front = match selection {
            Selection::Weighted => None,
            Selection::Rfc2782 => Some(place_of(tier, 0).unwrap_or(0)),
            Selection::HighestWeight => {
                place_of(tier, tier.iter().fold(0, |best, candidate| best.max(candidate.weight)))
            }
        };
        for (place, candidate) in tier.iter().enumerate() {
            let weight = u64::from(candidate.weight);
            let extra = u64::from(front == Some(place));
            shares.push(match selection {
                Selection::Weighted if sum > 0 => Share { numerator: weight, denominator: sum },
                Selection::Weighted => Share { numerator: 1, denominator: count(tier) },
                Selection::Rfc2782 => {
                    Share { numerator: weight.saturating_add(extra), denominator: sum.saturating_add(1) }
                }
                Selection::HighestWeight => Share { numerator: extra, denominator: 1 },
            });
        }
        start = start.saturating_add(tier.len());
    }
    shares
}

/// The next pick among those left of one tier, each with its weight, in canonical order (rules 2.2 and 2.3): see [`draw`].
///
/// Allocates nothing; `distribute` (rule 2.5) uses it alone.
pub(crate) fn pick<K: Copy>(
    left: impl Iterator<Item = (K, u16)> + Clone,
    selection: Selection,
    rng: &mut Rng,
) -> Option<K> {
    let left = left.inspect(|_| tick());
    let positive = left.clone().filter(|(_, weight)| *weight > 0);
    let zero = left.clone().filter(|(_, weight)| *weight == 0);
    let sum = positive.clone().fold(0_u64, |sum, (_, weight)| sum.saturating_add(u64::from(weight)));
    match selection {
        Selection::Weighted if sum > 0 => {
            let alone = positive.clone().nth(1).is_none();
            let draw = if alone { 0 } else { rng.below(sum) };
            running(positive, draw.saturating_add(1))
        }
        Selection::Weighted => {
            let draw = rng.below(left.clone().fold(0, |count, _| count.saturating_add(1)));
            (0_u64..).zip(left).find_map(|(place, (key, _))| (place == draw).then_some(key))
        }
        Selection::Rfc2782 => {
            let alone = left.clone().nth(1).is_none();
            let draw = if alone { 0 } else { rng.up_to(sum) };
            running(zero.chain(positive), draw)
        }
        Selection::HighestWeight => {
            let best = left.fold(None, |best: Option<(K, u16)>, (key, weight)| match best {
                Some((_, highest)) if highest >= weight => best,
                _ => Some((key, weight)),
            });
            best.map(|(key, _)| key)
        }
    }
}

/// The first whose running sum of weights is at least `least`.
fn running<K>(mut line: impl Iterator<Item = (K, u16)>, least: u64) -> Option<K> {
    let mut sum = 0_u64;
    line.find_map(|(key, weight)| {
        sum = sum.saturating_add(u64::from(weight));
        (sum >= least).then_some(key)
    })
}

/// The tier that begins at this place.
fn tier_at(set: &[Candidate], start: usize) -> Option<&[Candidate]> {
    let rest = set.get(start..)?;
    let priority = rest.first()?.priority;
    let end = rest.iter().position(|candidate| candidate.priority != priority).unwrap_or(rest.len());
    rest.get(..end)
}

fn place_of(tier: &[Candidate], weight: u16) -> Option<usize> {
    tier.iter().position(|candidate| candidate.weight == weight)
}

fn count(tier: &[Candidate]) -> u64 {
    tier.iter().fold(0, |count, _| u64::saturating_add(count, 1))
}

/// A record that can be used, with its place in the answer.
#[derive(Clone, Copy)]
struct Entry<'a> {
    record: &'a SrvRecord,
    host: &'a str,
    index: usize,
}

impl Entry<'_> {
    fn by_target(&self, other: &Self) -> Ordering {
        compare_names(self.host, other.host)
            .then(self.record.port.cmp(&other.record.port))
            .then(self.record.priority.cmp(&other.record.priority))
            .then(other.record.weight.cmp(&self.record.weight))
            .then(self.index.cmp(&other.index))
    }

    fn canonical(&self, other: &Self) -> Ordering {
        let priority = self.record.priority.cmp(&other.record.priority);
        priority.then(compare_names(self.host, other.host)).then(self.record.port.cmp(&other.record.port))
    }

    fn same_target(&self, other: &Self) -> bool {
        self.record.port == other.record.port && self.host.eq_ignore_ascii_case(other.host)
    }

    fn same_place(&self, other: &Self) -> bool {
        self.record.priority == other.record.priority && self.record.weight == other.record.weight
    }

    fn candidate(&self) -> Candidate {
        Candidate {
            host: lower_case(self.host),
            port: self.record.port,
            priority: self.record.priority,
            weight: self.record.weight,
        }
    }
}

/// Whether one goes first in canonical order, lower priorities before all else (rule 2.1).
fn before(ordering: Ordering) -> bool {
    tick();
    ordering == Ordering::Less
}

fn compare_names(a: &str, b: &str) -> Ordering {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    a.bytes().map(lower).cmp(b.bytes().map(lower))
}

fn check(record: &SrvRecord) -> Option<DropReason> {
    if is_root(&record.target) {
        Some(DropReason::Root)
    } else if record.port == 0 {
        Some(DropReason::PortZero)
    } else {
        check_host(without_dot(&record.target))
    }
}

fn is_root(name: &str) -> bool {
    name.is_empty() || name == "."
}

/// Counts what grows with the size of the set; nothing outside tests.
#[cfg(not(test))]
const fn tick() {}

#[cfg(test)]
use counted::tick;

/// The counter of the tests below: comparisons and records looked at.
#[cfg(test)]
mod counted {
    extern crate std;
    use core::cell::Cell;

    std::thread_local! { static COUNT: Cell<u64> = const { Cell::new(0) }; }

    pub(super) fn tick() {
        COUNT.with(|count| count.set(count.get().saturating_add(1)));
    }

    pub(super) fn take() -> u64 {
        COUNT.with(Cell::take)
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_macros, clippy::disallowed_methods)]
mod tests {
    extern crate std;
    use super::*;
    use std::format;

    const ALL: [Selection; 3] = [Selection::Weighted, Selection::Rfc2782, Selection::HighestWeight];

    /// The work of normalising and drawing `count` records; the shape says how hostile they are.
    fn work(count: usize, record: impl Fn(usize) -> SrvRecord) -> u64 {
        let records: Vec<SrvRecord> = (0..count).map(record).collect();
        counted::take();
        let set = normalise(&records, |_, _| {}).set;
        for selection in ALL {
            let _plan = draw(&set, selection, 64, &mut Rng::new(1));
        }
        counted::take()
    }

    /// 2.7e, 7.4a: four times the records, not sixteen times the work.
    #[test]
    fn work_grows_with_n_log_n() {
        let name = |number: usize| format!("{:0>60}.example.test.", number * 7919 % 4096);
        let shapes: [&dyn Fn(usize) -> SrvRecord; 4] = [
            &|i| SrvRecord { priority: 1, weight: 0, port: 5060, target: name(i) },
            &|i| SrvRecord {
                priority: (i % 4096) as u16,
                weight: (i * 31 % 65536) as u16,
                port: 5060,
                target: name(i),
            },
            &|_| SrvRecord { priority: 1, weight: 65535, port: 5060, target: name(0) },
            &|i| SrvRecord { priority: (4096 - i) as u16, weight: i as u16, port: 5060, target: name(0) },
        ];
        for (shape, record) in shapes.iter().enumerate() {
            let (small, large) = (work(1000, record), work(4000, record));
            assert!(large * 10 <= small * 52, "shape {shape}: {small} for 1000 records, {large} for 4000");
            assert!(large < 4_000_000, "shape {shape}: {large}");
        }
    }

    #[test]
    fn nothing_is_read_beyond_the_limit() {
        let record = |i: usize| SrvRecord { priority: 1, weight: 1, port: 5060, target: format!("h{i}.test") };
        let records: Vec<SrvRecord> = (0..5000).map(record).collect();
        assert_eq!(normalise(&records, |_, _| {}).set.len(), MAX_RECORDS);
    }

    #[test]
    fn picking_one_needs_no_set() {
        let weights = [(7_u8, 0_u16), (8, 5), (9, 0)];
        assert_eq!(pick(weights.into_iter(), Selection::Weighted, &mut Rng::new(3)), Some(8));
        assert_eq!(pick(weights.into_iter().take(0), Selection::Weighted, &mut Rng::new(3)), None);
    }
}
