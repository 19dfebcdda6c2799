//! The configurations: small worlds that close within seconds, each for one side of life; then the long ones.

use rehome::{Config, FailbackEvery, Millis, RetryAfter, Seconds, Selection};

use crate::space::{Act, Out, Space};

/// A seed whose draws give the longest wait after each round, 30 s and then 60 s (4.4d): found by trying.
const SEED: u64 = 1_969_391_134;

/// Settings on a grid of 30 s, so that few remainders of timers can be told apart: only the four seconds of an unregister
/// and the two of stop's grace lie beside it.
fn settings(failures: u8) -> Config {
    let mut config = Config { srv_record: Some("_sip._udp.example.test".into()), ..Config::default() };
    let tries = u32::from(failures) + 1;
    config.order.selection = Selection::HighestWeight;
    config.rollover.failures_before_rollover = failures;
    config.rollover.attempt_timeout = Millis::from_secs(30);
    // More than T and a second: a retry falls on the grid, whether the last try was answered or not.
    config.rollover.retry_interval = Millis::from_secs(60);
    // The back-off is capped at two rounds.
    config.rollover.round_wait_max = Millis::from_secs(60);
    config.rollover.rejected_retry = Some(Millis::from_secs(60));
    config.rollover.recovery_spread = Millis::ZERO;
    config.refresh.expires = Seconds::new(120 * tries);
    config.refresh.interval = Some(Millis::from_secs(u64::from(60 * tries)));
    config.lookup.timeout = Millis::from_secs(30);
    config
}

fn new(name: &'static str, about: &'static str, failures: u8, set: &[(u16, char)]) -> Space {
    Space {
        name,
        about,
        config: settings(failures),
        seed: SEED,
        sets: vec![set.to_vec()],
        outcomes: vec![Out::Accepted, Out::Failed],
        of_the_first: Vec::new(),
        acts: Vec::new(),
        prompt: false,
        off_grid: false,
        quick: true,
    }
}

const TWO: [(u16, char); 2] = [(10, 'a'), (20, 'b')];
const SAME: [(u16, char); 2] = [(10, 'a'), (10, 'b')];
const THREE: [(u16, char); 3] = [(10, 'a'), (10, 'b'), (20, 'c')];
const ALL_OUT: [Out; 9] = [
    Out::Accepted,
    Out::ZeroGrant,
    Out::Failed,
    Out::Held,
    Out::Unreachable,
    Out::Rejected,
    Out::TooBrief,
    Out::NoAddress,
    Out::NotSent,
];

/// Every configuration, the quick ones first.
#[must_use]
pub fn spaces() -> Vec<Space> {
    let mut holds = Space {
        outcomes: vec![Out::Accepted, Out::Failed, Out::Held],
        acts: vec![Act::Login],
        ..new("holds", "two tiers, two targets, N 2: Retry-After that leaves, hold-off of 60 s", 2, &TWO)
    };
    holds.config.rollover.retry_after = RetryAfter::Leave;
    holds.config.failback.hold_off = Millis::from_secs(60);
    let mut failback = Space {
        acts: vec![Act::Busy, Act::Login, Act::Down, Act::Changed],
        ..new("failback", "two tiers, two targets, N 1: failback every 120 s, calls, network", 1, &TWO)
    };
    failback.config.failback.every = FailbackEvery::Millis(Millis::from_secs(120));
    let mut refresh = Space {
        acts: vec![Act::Busy, Act::Login],
        ..new("refresh", "two tiers, three targets, N 1: failback every refresh, calls", 1, &THREE)
    };
    refresh.config.failback.every = FailbackEvery::Refresh;
    let mut all = vec![
        Space {
            outcomes: vec![Out::Accepted, Out::Failed, Out::Rejected],
            acts: vec![Act::LookupFailed],
            ..new("one-tier", "one tier, two targets, N 3: failures and rejections", 3, &SAME)
        },
        Space {
            outcomes: vec![Out::Accepted, Out::Failed, Out::Rejected],
            acts: vec![Act::Login, Act::Manual, Act::Busy],
            ..new("triggers", "two tiers, two targets, N 2: triggers and calls", 2, &TWO)
        },
        Space {
            outcomes: ALL_OUT.to_vec(),
            ..new("outcomes", "two tiers, two targets, N 2: every class of outcome", 2, &TWO)
        },
        Space {
            sets: vec![TWO.to_vec(), vec![(10, 'a')], vec![(20, 'b')], vec![(10, 'b'), (20, 'a')]],
            acts: vec![Act::NoName, Act::LookupFailed, Act::Login],
            ..new("dns", "two targets that come, go and change tiers, N 1: lookups", 1, &TWO)
        },
        Space {
            acts: vec![Act::Down, Act::Changed, Act::Resumed, Act::Flow, Act::Sleep, Act::ClockBack],
            ..new("network", "two tiers, two targets, N 2: network, flow, sleep, clock", 2, &TWO)
        },
        Space {
            acts: vec![Act::Late, Act::Login],
            ..new("late", "two tiers, two targets, N 2: late successes", 2, &TWO)
        },
        Space {
            off_grid: true,
            acts: vec![Act::Stop, Act::Start],
            ..new("life", "two tiers, two targets, N 1: stop and restart, with the seconds they take", 1, &TWO)
        },
        Space {
            acts: vec![Act::Restore, Act::RestoreLate, Act::Busy, Act::Login],
            ..new("snapshots", "two tiers, two targets, N 1: snapshots, restored at once and an hour later", 1, &TWO)
        },
        Space {
            outcomes: vec![Out::Accepted, Out::Failed, Out::Rejected],
            acts: vec![Act::LookupFailed],
            ..new(
                "secondary",
                "two tiers, two targets in the second, N 1: loss of home",
                1,
                &[(10, 'a'), (20, 'b'), (20, 'c')],
            )
        },
        Space {
            off_grid: true,
            acts: vec![Act::Login],
            ..new("unregisters", "two tiers, two targets, N 1: unregisters that take their time", 1, &TWO)
        },
        holds,
        failback,
        refresh,
        Space {
            acts: vec![Act::Login, Act::Busy],
            ..new("three", "two tiers, three targets, N 1: triggers, calls", 1, &THREE)
        },
    ];
    all.extend(long());
    all
}

/// The long ones: two tiers and three targets, one side of life after the other, then all of it together.
fn long() -> Vec<Space> {
    let new = |name, about, failures| Space { quick: false, ..self::new(name, about, failures, &THREE) };
    let together = [
        Act::Login,
        Act::Busy,
        Act::Down,
        Act::Changed,
        Act::Resumed,
        Act::Stop,
        Act::Start,
        Act::Restore,
        Act::NoName,
        Act::LookupFailed,
    ];
    let mut whole = Space {
        outcomes: ALL_OUT.to_vec(),
        of_the_first: vec![Out::Held, Out::TooBrief],
        sets: vec![THREE.to_vec(), vec![(10, 'c'), (20, 'a')]],
        acts: together.to_vec(),
        prompt: true,
        ..new("whole", "two tiers, three targets, N 1: all of it together", 1)
    };
    whole.config.refresh.interval = Some(Millis::from_secs(60));
    vec![
        Space {
            outcomes: vec![Out::Accepted, Out::Failed, Out::Rejected],
            acts: vec![Act::Login],
            ..new("three-deep", "two tiers, three targets, N 3: failures, rejections, triggers", 3)
        },
        Space {
            outcomes: vec![Out::Accepted, Out::Failed, Out::Rejected],
            acts: vec![Act::Login, Act::Busy, Act::Flow],
            ..new("three-calls", "two tiers, three targets, N 1: triggers, calls, flows lost", 1)
        },
        Space {
            outcomes: ALL_OUT.to_vec(),
            acts: vec![Act::Login],
            ..new("three-outcomes", "two tiers, three targets, N 1: every class of outcome", 1)
        },
        Space {
            sets: vec![THREE.to_vec(), vec![(10, 'a'), (20, 'c')], vec![(20, 'c')]],
            acts: vec![Act::NoName, Act::LookupFailed, Act::Login],
            ..new("three-dns", "two tiers, three targets, N 1: targets that come and go, lookups that fail", 1)
        },
        Space {
            acts: vec![Act::Down, Act::Changed, Act::Resumed, Act::Flow, Act::Sleep, Act::ClockBack],
            ..new("three-network", "two tiers, three targets, N 1: network, flow, sleep, clock", 1)
        },
        Space {
            acts: vec![Act::Late, Act::Login, Act::Busy],
            ..new("three-late", "two tiers, three targets, N 1: late successes, calls", 1)
        },
        Space {
            acts: vec![Act::Stop, Act::Start, Act::Restore, Act::Login],
            ..new("three-life", "two tiers, three targets, N 1: stop, restart, snapshots", 1)
        },
        whole,
    ]
}
