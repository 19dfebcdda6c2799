//! Clocks that jump (rule 0.4).

use rehome::{Error, EventKind, Input, Registration, State, Step, Time};

use crate::phone::{ACCEPTED, Phone};

const YEAR: u64 = 365 * 86_400_000;

fn at(phone: &mut Phone, now: u64) {
    phone.now = now;
    phone.hand_in(Input::Wake, 0);
    assert!(phone.step.wake.is_none_or(|wake| wake > Time::from_millis(now)), "{:?} at {now}", phone.step.wake);
}

/// A phone in each of three states: trying, waiting, registered.
fn phones() -> [Phone; 3] {
    let trying = Phone::registering();
    let mut waiting = Phone::registering();
    while waiting.registration.state() != State::Waiting {
        if waiting.flight.is_some() {
            waiting.outcome(crate::phone::status(503, None, None));
        } else {
            waiting.wake();
        }
    }
    let mut registered = Phone::registering();
    registered.outcome(ACCEPTED);
    [trying, waiting, registered]
}

#[test]
fn back_by_any_span() {
    for back in [1, 999, 10_000, 999_999, 1_000_000] {
        for mut phone in phones() {
            let now = phone.now - back.min(phone.now);
            at(&mut phone, now);
            assert!(phone.events().iter().any(|event| matches!(event, EventKind::ClockSetBack { .. })));
            // All times have moved along: the next wake is as near as it would have been.
            let wake = phone.step.wake.expect("a wake").as_millis();
            assert!(wake - phone.now <= 3_600_000, "{back}: {wake}");
        }
    }
}

#[test]
fn a_year_ahead() {
    for mut phone in phones() {
        let now = phone.now + YEAR;
        at(&mut phone, now);
        // Overdue timers fired once: one REGISTER or lookup at most, and none of the year's refreshes made up for.
        assert!(phone.step.actions.len() <= 3, "{:?}", phone.step.actions);
        assert!(phone.registers.len() <= 8);
        assert!(phone.step.wake.is_some());
    }
}

#[test]
fn to_and_fro_for_ever() {
    for mut phone in phones() {
        let start = phone.now;
        for turn in 0..1_000_u64 {
            let now = if turn % 2 == 0 { start } else { start + YEAR * (1 + turn % 3) };
            at(&mut phone, now);
        }
    }
}

#[test]
fn the_end_of_the_scale() {
    for mut phone in phones() {
        let before = phone.registration.clone();
        let beyond = Time::from_millis(Time::MAX.as_millis() + 1);
        let result = phone.registration.step(Input::Wake, beyond, &mut Step::default());
        assert_eq!(result, Err(Error::TimeOutOfRange(beyond)));
        assert!(phone.registration == before);
        phone.hand_in(Input::Wake, Time::MAX.as_millis() - phone.now);
        phone.hand_in(Input::Stop, 0);
        phone.now = 0;
        phone.hand_in(Input::Start, 0);
    }
}

/// 512 times to and fro over the whole scale; what the clock may be set back in all is 2^62 ms, to the millisecond.
#[test]
fn the_end_of_all_ways_back() {
    let mut registration = Registration::new(crate::phone::config(), 7).unwrap();
    let mut step = Step::default();
    let mut at = |now: u64| registration.step(Input::Wake, Time::from_millis(now), &mut step);
    for _ in 0..512 {
        at(Time::MAX.as_millis()).unwrap();
        at(0).unwrap();
    }
    at(512 * ((1 << 53) - Time::MAX.as_millis())).unwrap();
    at(0).unwrap();
    at(1).unwrap();
    assert_eq!(at(0), Err(Error::TimeOutOfRange(Time::from_millis(0))));
    at(1).unwrap();
}
