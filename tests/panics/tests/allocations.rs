//! A step allocates nothing in the steady state, and no snapshot makes `restore` allocate much.
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

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use rehome::{
    Action, Addresses, Answer, Config, EventKind, Id, Input, LookupKind, Outcome, Redraw, Registration, Seconds,
    SrvRecord, State, Step, Time, WallClock,
};

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<u64> = const { Cell::new(0) };
    static LARGEST: Cell<u64> = const { Cell::new(0) };
}

/// Counts what each thread asks for, so that tests beside each other do not disturb.
struct Counting;

fn count(size: usize) {
    let size = size as u64;
    let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
    let _ = BYTES.try_with(|bytes| bytes.set(bytes.get() + size));
    let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(size)));
}

// SAFETY: every call goes to the system's allocator as it is; the counters are plain cells that allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise is the one that System asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Calls, bytes and the largest block that `work` asked for.
fn measured<T>(work: impl FnOnce() -> T) -> (T, [u64; 3]) {
    LARGEST.set(0);
    let (calls, bytes) = (CALLS.get(), BYTES.get());
    let result = work();
    (result, [CALLS.get() - calls, BYTES.get() - bytes, LARGEST.get()])
}

const TTL: Seconds = Seconds::new(86_400);
const ACCEPTED: Outcome = Outcome::Accepted { expires: Some(Seconds::new(3600)) };

fn answer(kind: LookupKind, ttl: Seconds) -> Answer {
    let record = |priority, target: &str| SrvRecord { priority, weight: 1, port: 5060, target: target.into() };
    match kind {
        LookupKind::Srv => {
            Answer::Srv { records: vec![record(1, "a.test"), record(1, "b.test"), record(2, "c.test")], ttl }
        }
        LookupKind::A => Answer::Addresses { addresses: vec![[192, 0, 2, 1].into()], ttl },
        LookupKind::Aaaa => Answer::NoData { ttl: Some(ttl) },
    }
}

fn srv() -> Config {
    Config { srv_record: Some("_sip._udp.example.test".into()), ..Config::default() }
}

/// What the host was last asked for.
fn asked(step: &Step) -> (Vec<(Id, LookupKind)>, Option<Id>) {
    let mut lookups = Vec::new();
    let mut register = None;
    for action in &step.actions {
        match action {
            Action::Lookup { id, kind, .. } => lookups.push((*id, *kind)),
            Action::Register { id, .. } => register = Some(*id),
            Action::Unregister { .. } | Action::Cancel { .. } => {}
        }
    }
    (lookups, register)
}

/// A phone that has just registered.
fn registered(config: Config) -> (Registration, Step, u64) {
    let mut phone = Registration::new(config, 5).unwrap();
    let (mut step, mut now) = (Step::default(), 1_000);
    phone.step(Input::Start, Time::from_millis(now), &mut step).unwrap();
    let mut lookups = Vec::new();
    while phone.state() != State::Registered {
        let (new, register) = asked(&step);
        lookups.extend(new);
        now += 10;
        let input = match (register, lookups.pop()) {
            (Some(id), _) => Input::Outcome { id, outcome: ACCEPTED },
            (None, Some((id, kind))) => Input::Answer { id, answer: answer(kind, TTL) },
            (None, None) => Input::Wake,
        };
        phone.step(input, Time::from_millis(now), &mut step).unwrap();
    }
    (phone, step, now)
}

/// Wake, register, accepted. The answers that a host makes are its own; the steps that take them are counted apart.
fn refresh(phone: &mut Registration, step: &mut Step, now: &mut u64) -> [u64; 2] {
    let mut counts = [0; 2];
    loop {
        let wake = step.wake.unwrap();
        *now = wake.as_millis();
        let ((), [calls, ..]) = measured(|| phone.step(Input::Wake, wake, step).unwrap());
        let lookup = step.actions.iter().find_map(|action| match action {
            Action::Lookup { id, kind, .. } => Some((*id, *kind)),
            _ => None,
        });
        let register = step.actions.iter().find_map(|action| match action {
            Action::Register { id, .. } => Some(*id),
            _ => None,
        });
        counts[usize::from(lookup.is_some())] += calls;
        if let Some((id, kind)) = lookup {
            *now += 10;
            let input = Input::Answer { id, answer: answer(kind, TTL) };
            let ((), [calls, ..]) = measured(|| phone.step(input, Time::from_millis(*now), step).unwrap());
            counts[1] += calls;
        }
        if let Some(id) = register {
            *now += 10;
            let input = Input::Outcome { id, outcome: ACCEPTED };
            let ((), [calls, ..]) = measured(|| phone.step(input, Time::from_millis(*now), step).unwrap());
            counts[0] += calls;
            let success = |kind: &EventKind| matches!(kind, EventKind::Refreshed { .. } | EventKind::Registered { .. });
            assert!(step.events.iter().any(|event| success(&event.kind)), "{step:?}");
            return counts;
        }
    }
}

#[test]
fn refreshes_allocate_nothing() {
    let proxy = Config {
        outbound_proxy: Some("proxy.example.test:5060".into()),
        transport: Some(rehome::Transport::Udp),
        ..Config::default()
    };
    let mut core = srv();
    core.lookup.addresses = Addresses::Core;
    let mut spread = srv();
    spread.order.redraw = Redraw::Distribute;
    for (name, config) in [("proxy", proxy), ("srv", srv()), ("core", core), ("distribute", spread)] {
        let (mut phone, mut step, mut now) = registered(config);
        for _ in 0..50 {
            refresh(&mut phone, &mut step, &mut now);
        }
        let mut total = [0; 2];
        for _ in 0..1_000 {
            let counts = refresh(&mut phone, &mut step, &mut now);
            total = [total[0] + counts[0], total[1] + counts[1]];
        }
        println!("{name}: {} allocations in 1,000 refreshes, {} in the steps that looked up", total[0], total[1]);
        assert_eq!(total[0], 0, "{name}");
    }
}

/// A wake too early, time-outs, and failures at home allocate nothing either.
#[test]
fn failures_at_home_allocate_nothing() {
    let (mut phone, mut step, mut now) = registered(srv());
    let mut cycle = || {
        let mut calls = 0;
        loop {
            let wake = step.wake.unwrap();
            now = wake.as_millis();
            calls += measured(|| phone.step(Input::Wake, Time::from_millis(now - 1), &mut step).unwrap()).1[0];
            let again = measured(|| phone.step(Input::Wake, wake, &mut step).unwrap()).1[0];
            let lookup = step.actions.iter().find_map(|action| match action {
                Action::Lookup { id, kind, .. } => Some((*id, *kind)),
                _ => None,
            });
            let Some((id, kind)) = lookup else {
                calls += again;
                break;
            };
            let input = Input::Answer { id, answer: answer(kind, TTL) };
            let register = asked(&step).1;
            now += 1;
            phone.step(input, Time::from_millis(now), &mut step).unwrap();
            if let Some(id) = register {
                phone.step(Input::Outcome { id, outcome: ACCEPTED }, Time::from_millis(now), &mut step).unwrap();
            }
        }
        for outcome in [Outcome::Status { code: 503, retry_after: None, min_expires: None }, ACCEPTED] {
            let id = step.actions.iter().find_map(|action| match action {
                Action::Register { id, .. } => Some(*id),
                _ => None,
            });
            now += 10;
            let input = Input::Outcome { id: id.unwrap(), outcome };
            calls += measured(|| phone.step(input, Time::from_millis(now), &mut step).unwrap()).1[0];
            if outcome != ACCEPTED {
                let wake = step.wake.unwrap();
                now = wake.as_millis();
                calls += measured(|| phone.step(Input::Wake, wake, &mut step).unwrap()).1[0];
            }
        }
        calls
    };
    for _ in 0..50 {
        cycle();
    }
    let total: u64 = (0..1_000).map(|_| cycle()).sum();
    assert_eq!(total, 0);
}

/// A damaged count allocates no more than the bytes that are there (rule 7.4a).
#[test]
fn no_snapshot_makes_restore_allocate_much() {
    let (phone, _, now) = registered(srv());
    let wall = WallClock::from_millis(0);
    let good = phone.snapshot(Time::from_millis(now), wall).into_bytes();
    let mut most = [0; 3];
    for place in 0..good.len() {
        for value in [0x00, 0x01, 0x10, 0x7f, 0xff] {
            for length in [1, 4, 8] {
                let mut bytes = good.clone();
                bytes.iter_mut().skip(place).take(length).for_each(|byte| *byte = value);
                let counts =
                    measured(|| Registration::restore(srv(), 5, &bytes, Time::from_millis(now), wall).is_ok()).1;
                most = [0, 1, 2].map(|which| most[which].max(counts[which]));
            }
        }
    }
    println!(
        "snapshot of {} bytes: at most {} allocations, {} bytes, the largest {}",
        good.len(),
        most[0],
        most[1],
        most[2]
    );
    assert!(most[1] < 64 * 1024, "{most:?}");
}

/// No limit, but a figure to look at when it changes.
#[test]
fn sizes() {
    let (phone, step, _) = registered(srv());
    println!("Registration: {} bytes; Step: {} bytes", size_of_val(&phone), size_of_val(&step));
    assert!(size_of_val(&phone) < 4096);
}
