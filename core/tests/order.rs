//! Section 2 of the policy: cleaning a record set, ordering it, and the shares each record gets.
//!
//! The exact orders and the fingerprint were computed by a second implementation, written in Python from the documentation
//! of `Rng` and `draw` alone.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::disallowed_macros, clippy::disallowed_methods)]

use std::collections::BTreeMap;

use rehome::order::{self, Candidate, MAX_RECORDS, Normalised, Rng};
use rehome::{DropReason, Selection, SrvRecord};

const SEEDS: u64 = 20_000;
const ALL: [Selection; 3] = [Selection::Weighted, Selection::Rfc2782, Selection::HighestWeight];

fn record(priority: u16, weight: u16, port: u16, target: &str) -> SrvRecord {
    SrvRecord { priority, weight, port, target: target.into() }
}

/// A tier of hosts a, b, c, ... with these weights.
fn tier(priority: u16, weights: &[u16]) -> Vec<Candidate> {
    let hosts = ["a", "b", "c", "d", "e"];
    let candidate = |(host, weight): (&&str, &u16)| Candidate {
        host: format!("{host}.test").into(),
        port: 5060,
        priority,
        weight: *weight,
    };
    hosts.iter().zip(weights).map(candidate).collect()
}

/// The order drawn, by the first letter of each host.
fn letters(set: &[Candidate], selection: Selection, seed: u64) -> String {
    let plan = order::draw(set, selection, 64, &mut Rng::new(seed));
    plan.iter().filter_map(|place| set[*place].host.chars().next()).collect()
}

fn clean(records: &[SrvRecord]) -> (Normalised, Vec<(u32, DropReason)>) {
    let mut dropped = Vec::new();
    let normalised = order::normalise(records, |index, reason| dropped.push((index, reason)));
    (normalised, dropped)
}

fn show(set: &[Candidate]) -> Vec<String> {
    let line = |c: &Candidate| format!("{} {} {} {}", c.priority, c.weight, c.port, c.host);
    set.iter().map(line).collect()
}

/// Five standard deviations: `(count - n p)^2 <= 25 n p (1 - p)`, in whole numbers.
fn within_five_sigma(count: u64, of: u64, numerator: u64, denominator: u64) -> bool {
    let (count, of, numerator, denominator) =
        (i128::from(count), i128::from(of), i128::from(numerator), i128::from(denominator));
    let off = count * denominator - of * numerator;
    off * off <= 25 * of * numerator * (denominator - numerator)
}

/// The documented vectors of the generator; the second pair shows draws of more than 32 bits.
#[test]
fn generator_is_the_documented_one() {
    let mut rng = Rng::new(0);
    assert_eq!([(); 3].map(|()| rng.next_u32()), [1_179_900_579, 1_938_959_192, 3_089_844_957]);
    let mut rng = Rng::new(1);
    assert_eq!([(); 3].map(|()| rng.next_u32()), [2_146_930_148, 2_585_199_205, 3_670_091_704]);
    let mut rng = Rng::new(42);
    assert_eq!([(); 6].map(|()| rng.below(100)), [65, 64, 15, 91, 52, 38]);
    let mut rng = Rng::new(42);
    assert_eq!([rng.up_to(u64::MAX), rng.up_to(1 << 40)], [11_354_791_551_152_280_640, 615_598_168_667]);
    let mut rng = Rng::new(7);
    assert_eq!([(); 2].map(|()| rng.up_to((1 << 32) - 1)), [408_380_677, 241_951_010]);
    assert_eq!([(); 2].map(|()| rng.up_to(1 << 32)), [1_426_524_925, 3_197_464_490]);
}

#[test]
fn nothing_is_drawn_where_there_is_no_choice() {
    let fresh = Rng::new(5);
    let mut rng = fresh.clone();
    assert_eq!([rng.below(0), rng.below(1), rng.up_to(0), rng.between(7, 7), rng.between(9, 3)], [0, 0, 0, 7, 9]);
    for selection in ALL {
        let alone = [tier(1, &[60]), tier(2, &[0])].concat();
        assert_eq!(order::draw(&alone, selection, 64, &mut rng), [0, 1]);
    }
    let one_positive = [tier(1, &[0, 9])].concat();
    assert_eq!(order::draw(&one_positive, Selection::Weighted, 64, &mut rng), [1, 0]);
    assert_eq!(rng, fresh);
}

#[test]
fn between_covers_both_ends_evenly() {
    let mut counts = BTreeMap::new();
    let mut rng = Rng::new(11);
    for _ in 0..SEEDS {
        *counts.entry(rng.between(5, 9)).or_insert(0) += 1;
    }
    assert_eq!(counts.keys().copied().collect::<Vec<u64>>(), [5, 6, 7, 8, 9]);
    assert!(counts.values().all(|count| within_five_sigma(*count, SEEDS, 1, 5)), "{counts:?}");
}

/// 2.2a, 2.3a: what each seed gives, as the second implementation has it.
#[test]
fn exact_orders() {
    let weighted: [(&[u16], [&str; 4]); 5] = [
        (&[60, 20, 20], ["acb", "bca", "abc", "acb"]),
        (&[0, 0, 0], ["acb", "acb", "acb", "abc"]),
        (&[3, 2, 1], ["bac", "bca", "bca", "acb"]),
        (&[0, 1], ["ba", "ba", "ba", "ba"]),
        (&[100, 0], ["ab", "ab", "ab", "ab"]),
    ];
    let rfc2782: [(&[u16], [&str; 4]); 4] = [
        (&[60, 20, 20], ["cab", "acb", "abc", "acb"]),
        (&[0, 0, 0], ["abc", "abc", "abc", "abc"]),
        (&[3, 2, 1], ["bac", "bac", "bac", "abc"]),
        (&[100, 0], ["ab", "ab", "ab", "ab"]),
    ];
    let seeds = [1, 2, 3, 2026];
    for (weights, expected) in weighted {
        let found = seeds.map(|seed| letters(&tier(10, weights), Selection::Weighted, seed));
        assert_eq!(found, expected, "{weights:?}");
    }
    for (weights, expected) in rfc2782 {
        let found = seeds.map(|seed| letters(&tier(10, weights), Selection::Rfc2782, seed));
        assert_eq!(found, expected, "{weights:?} by the RFC");
    }
    let mut two = tier(10, &[60, 40]);
    two.extend(tier(20, &[9, 9, 0, 0, 5]).split_off(2));
    assert_eq!([1, 2, 3, 4].map(|seed| letters(&two, Selection::Weighted, seed)), ["abecd", "baedc", "abedc", "abecd"]);
    assert_eq!([1, 2, 3, 4].map(|seed| letters(&two, Selection::Rfc2782, seed)), ["baecd", "abecd", "abecd", "abecd"]);
}

/// 2.4a: the head of the plan is the same whatever is kept of it.
#[test]
fn keep_cuts_the_tail_only() {
    let forty: Vec<SrvRecord> = (0..40).map(|i| record(1, i * 37 % 101, 5060, &format!("h{i:02}.test"))).collect();
    let set = clean(&forty).0.set;
    let twelve = order::draw(&set, Selection::Weighted, 12, &mut Rng::new(9));
    assert_eq!(twelve, [8, 29, 32, 10, 37, 23, 24, 2, 13, 34, 30, 16]);
    let all = order::draw(&set, Selection::Weighted, 64, &mut Rng::new(9));
    assert!(all.starts_with(&twelve) && all.len() == 40);
    assert_eq!(order::draw(&set, Selection::Weighted, 0, &mut Rng::new(9)), [8]);
    let hundred: Vec<SrvRecord> = (0..100).map(|i| record(i, 0, 5060, &format!("h{i:02}.test"))).collect();
    let set = clean(&hundred).0.set;
    assert_eq!(order::draw(&set, Selection::Weighted, usize::MAX, &mut Rng::new(9)), (0..64).collect::<Vec<_>>());
    assert!(order::draw(&[], Selection::Weighted, 64, &mut Rng::new(9)).is_empty());
}

/// 2.2a, 2.3a, 2.3b: first picks over many seeds against the exact share.
#[test]
fn first_picks_are_in_proportion() {
    let sets: [&[u16]; 9] =
        [&[60, 20, 20], &[1, 1], &[1, 2], &[0, 0, 0], &[0, 1], &[100, 0], &[3, 2, 1], &[0, 0, 5, 5], &[65535, 1]];
    for weights in sets {
        for selection in ALL {
            let set = tier(10, weights);
            let shares = order::shares(&set, selection);
            assert_eq!(shares.iter().map(|share| share.numerator).sum::<u64>(), shares[0].denominator);
            let mut counts = vec![0_u64; set.len()];
            for seed in 1..=SEEDS {
                counts[order::draw(&set, selection, 1, &mut Rng::new(seed))[0]] += 1;
            }
            for (count, share) in counts.iter().zip(&shares) {
                let fits = within_five_sigma(*count, SEEDS, share.numerator, share.denominator);
                assert!(fits, "{weights:?} {selection:?}: {counts:?}, expected {shares:?}");
            }
        }
    }
}

/// The chance of a whole order: the product of each pick's share among those left.
fn chance(set: &[Candidate], selection: Selection, order: &[usize]) -> (u64, u64) {
    let mut left: Vec<usize> = (0..set.len()).collect();
    order.iter().fold((1, 1), |(numerator, denominator), place| {
        let rest: Vec<Candidate> = left.iter().map(|place| set[*place].clone()).collect();
        let at = left.iter().position(|other| other == place).expect("each place once");
        let share = order::shares(&rest, selection)[at];
        left.remove(at);
        (numerator * share.numerator, denominator * share.denominator)
    })
}

/// 2.2a, 2.3a: whole orders of 3/2/1 and of 1/0/2.
#[test]
fn whole_orders_are_in_proportion() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    assert_eq!(chance(&tier(1, &[3, 2, 1]), Selection::Weighted, &orders[0]), (3 * 2, 6 * 3));
    for weights in [[3, 2, 1], [1, 0, 2]] {
        for selection in [Selection::Weighted, Selection::Rfc2782] {
            let set = tier(1, &weights);
            let mut counts = BTreeMap::new();
            for seed in 1..=SEEDS {
                *counts.entry(order::draw(&set, selection, 64, &mut Rng::new(seed))).or_insert(0_u64) += 1;
            }
            for order in orders {
                let count = counts.get(order.as_slice()).copied().unwrap_or(0);
                let (numerator, denominator) = chance(&set, selection, &order);
                let fits = within_five_sigma(count, SEEDS, numerator, denominator);
                assert!(fits, "{weights:?} {selection:?} {order:?}: {count} for {numerator}/{denominator}");
            }
        }
    }
}

/// 2.2, 2.3: the shares in numbers.
#[test]
fn shares_are_exact() {
    let shares = |weights: &[u16], selection| -> Vec<(u64, u64)> {
        let shares = order::shares(&tier(1, weights), selection);
        shares.iter().map(|share| (share.numerator, share.denominator)).collect()
    };
    assert_eq!(shares(&[60, 20, 20], Selection::Weighted), [(60, 100), (20, 100), (20, 100)]);
    assert_eq!(shares(&[0, 5, 0], Selection::Weighted), [(0, 5), (5, 5), (0, 5)]);
    assert_eq!(shares(&[0, 0, 0], Selection::Weighted), [(1, 3), (1, 3), (1, 3)]);
    assert_eq!(shares(&[60, 20, 20], Selection::Rfc2782), [(61, 101), (20, 101), (20, 101)]);
    assert_eq!(shares(&[5, 0, 0], Selection::Rfc2782), [(5, 6), (1, 6), (0, 6)]);
    assert_eq!(shares(&[0, 0], Selection::Rfc2782), [(1, 1), (0, 1)]);
    assert_eq!(shares(&[50, 100, 100], Selection::HighestWeight), [(0, 1), (1, 1), (0, 1)]);
    let two = [tier(1, &[1, 1]), tier(2, &[7])].concat();
    let last = order::shares(&two, Selection::Weighted)[2];
    assert_eq!((last.numerator, last.denominator), (7, 7));
}

/// 2.3b: ties by name, then port.
#[test]
fn highest_weight_takes_no_chance() {
    let records = [
        record(1, 50, 5060, "a.test"),
        record(1, 100, 5062, "c.test"),
        record(1, 100, 5061, "c.test"),
        record(1, 100, 5060, "b.test"),
        record(0, 1, 5060, "z.test"),
    ];
    let set = clean(&records).0.set;
    for seed in 0..50 {
        let plan = order::draw(&set, Selection::HighestWeight, 64, &mut Rng::new(seed));
        let plan: Vec<Candidate> = plan.iter().map(|place| set[*place].clone()).collect();
        assert_eq!(
            show(&plan),
            ["0 1 5060 z.test", "1 100 5060 b.test", "1 100 5061 c.test", "1 100 5062 c.test", "1 50 5060 a.test"]
        );
    }
}

/// 2.1a, 2.2a: tiers in order, zeros last, whatever the seed.
#[test]
fn no_tier_is_mixed_and_zeros_come_last() {
    let set = [tier(1, &[0, 5, 0, 7, 9]), tier(2, &[0, 0]), tier(300, &[65535, 0])].concat();
    for seed in 0..500 {
        let plan = order::draw(&set, Selection::Weighted, 64, &mut Rng::new(seed));
        let keys: Vec<(u16, bool)> = plan.iter().map(|at| (set[*at].priority, set[*at].weight == 0)).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(plan.len(), set.len());
    }
}

/// 2.5a, 2.7d: the set, its number and every draw are the same in any wire order.
#[test]
fn wire_order_is_no_change() {
    let mut records = vec![
        record(10, 60, 5060, "a.test"),
        record(10, 40, 5060, "B.test."),
        record(20, 0, 5061, "a.test"),
        record(10, 60, 5060, "A.TEST."),
        record(30, 9, 5060, "b.test"),
        record(10, 1, 0, "c.test"),
    ];
    let expected = ["10 60 5060 a.test", "10 40 5060 b.test", "20 0 5061 a.test"];
    let mut rng = Rng::new(99);
    for _ in 0..200 {
        for last in (1..records.len()).rev() {
            let other = usize::try_from(rng.up_to(last as u64)).unwrap_or(0);
            records.swap(last, other);
        }
        let (normalised, dropped) = clean(&records);
        assert_eq!(show(&normalised.set), expected);
        assert_eq!(order::fingerprint(&normalised.set), 0x0167_7855_c0fe_2455);
        assert_eq!(dropped.len(), 2);
        assert!(dropped.is_sorted());
    }
    let mut set = clean(&records).0.set;
    set[1].weight += 1;
    assert_ne!(order::fingerprint(&set), 0x0167_7855_c0fe_2455);
    assert_eq!(order::fingerprint(&[]), 0xcbf2_9ce4_8422_2325);
}

/// 2.7a, 2.7b.
#[test]
fn the_root_alone_is_a_refusal_and_among_others_nothing() {
    for root in [".", ""] {
        let (normalised, dropped) = clean(&[record(0, 0, 0, root)]);
        assert!(normalised.not_offered && normalised.set.is_empty() && dropped.is_empty());
        let (normalised, dropped) = clean(&[record(0, 0, 0, root), record(1, 1, 5060, "a.test")]);
        assert!(!normalised.not_offered);
        assert_eq!(show(&normalised.set), ["1 1 5060 a.test"]);
        assert_eq!(dropped, [(0, DropReason::Root)]);
    }
    assert!(clean(&[record(0, 0, 0, "."), record(0, 0, 0, ".")]).0.not_offered);
    let (normalised, dropped) = clean(&[record(0, 0, 0, "."), record(1, 1, 0, "a.test")]);
    assert!(!normalised.not_offered && normalised.set.is_empty());
    assert_eq!(dropped, [(0, DropReason::Root), (1, DropReason::PortZero)]);
    let (normalised, dropped) = clean(&[]);
    assert!(!normalised.not_offered && normalised.set.is_empty() && dropped.is_empty());
}

/// 2.7c: what a name is.
#[test]
fn bad_names_are_dropped_and_good_ones_kept() {
    let (label, long) = ("x".repeat(63), "x".repeat(64));
    let full = format!("{label}.{label}.{label}.{}", "y".repeat(61));
    assert_eq!(full.len(), 253);
    for good in ["a", "a_b-c.TEST.", "192.0.2.1", "1a.2b", "xn--bcher-kva.test", "-a.test", &label, &full] {
        let (normalised, dropped) = clean(&[record(1, 1, 5060, good)]);
        assert_eq!((normalised.set.len(), dropped.len()), (1, 0), "{good}");
        assert_eq!(&*normalised.set[0].host, good.trim_end_matches('.').to_lowercase());
    }
    for bad in ["a..b", "..", "a..", ".a", "a b", "bücher.test", "::1", "[::1]", "a:5060", "1.2.3", "256.1.1.1", "a/b"]
    {
        assert_eq!(clean(&[record(1, 1, 5060, bad)]).1, [(0, DropReason::BadName)], "{bad}");
    }
    for bad in [long.clone(), format!("{full}y"), format!("{long}."), "z".repeat(100_000)] {
        assert_eq!(clean(&[record(1, 1, 5060, &bad)]).1, [(0, DropReason::NameTooLong)]);
    }
    assert_eq!(clean(&[record(1, 1, 5060, &format!("{full}."))]).0.set.len(), 1);
    assert_eq!(clean(&[record(1, 1, 0, "a..b")]).1, [(0, DropReason::PortZero)]);
}

/// 2.7d.
#[test]
fn one_target_is_listed_once() {
    let (normalised, dropped) = clean(&[
        record(20, 9, 5060, "a.test"),
        record(10, 1, 5060, "A.test"),
        record(10, 5, 5060, "a.test."),
        record(20, 9, 5060, "a.test"),
        record(10, 5, 5060, "a.test"),
        record(10, 5, 5061, "a.test"),
    ]);
    assert_eq!(show(&normalised.set), ["10 5 5060 a.test", "10 5 5061 a.test"]);
    assert_eq!(dropped, [(0, DropReason::SameTarget), (1, DropReason::SameTarget)]);
}

/// 2.7e: what lies beyond is not even looked at.
#[test]
fn no_more_is_read_than_the_limit() {
    let mut records: Vec<SrvRecord> = (0..MAX_RECORDS).map(|_| record(9, 9, 5060, "a.test")).collect();
    records.push(record(1, 1, 5060, "b.test"));
    records.push(record(1, 1, 0, "c.test"));
    let (normalised, dropped) = clean(&records);
    assert_eq!(show(&normalised.set), ["9 9 5060 a.test"]);
    assert!(dropped.is_empty());
}
