//! Answers of registrars (section 3, rule 4.5), and ids (rule 3.6).

use rehome::{Action, Answer, Error, EventKind, Id, Input, LookupKind, Outcome, Seconds, Step, Time};

use crate::phone::{ACCEPTED, Phone, config, record, status};

#[test]
fn a_retry_after_holds_a_second_to_half_an_hour() {
    for (asked, held) in [(0, 1), (1, 1), (1800, 1800), (1801, 1800), (u32::MAX, 1800)] {
        let mut phone = Phone::registering();
        phone.outcome(status(503, Some(asked), None));
        let seconds = Seconds::new(held);
        let told = |event: &&EventKind| matches!(event, EventKind::TargetHeld { seconds: s, .. } if *s == seconds);
        assert!(phone.events().iter().any(told), "{asked}: {:?}", phone.step.events);
        // It never stops the phone: the next try comes after the spacing all the same.
        assert_eq!(phone.step.wake, Some(Time::from_millis(phone.now + 4_990)));
    }
}

#[test]
fn a_min_expires_is_a_day_at_most() {
    let mut phone = Phone::registering();
    phone.outcome(status(423, None, Some(u32::MAX)));
    assert_eq!(phone.registers.last().map(|(_, expires)| *expires), Some(86_400));
    phone.outcome(Outcome::Accepted { expires: Some(Seconds::new(u32::MAX)) });
    assert!(phone.step.wake.is_some_and(|wake| wake <= Time::MAX));
    phone.wake();
    assert!(phone.flight.is_some(), "a refresh is due, however long the grant");
}

/// A server that says the same for ever, or more each time: REGISTERs in an hour stay below what the spacing allows, to
/// each target and in all (rules 4.4b, 4.4d).
#[test]
fn loops_are_paced() {
    type Says = fn(u32) -> Outcome;
    let says: [(&str, Says, usize); 6] = [
        ("302", |_| status(302, None, None), 130),
        ("423 with more each time", |n| status(423, None, Some(3_600 + n)), 260),
        ("423 with nothing", |_| status(423, None, None), 130),
        ("423 with 0", |_| status(423, None, Some(0)), 130),
        ("401", |_| status(401, None, None), 10),
        ("accepted for 0 s", |_| Outcome::Accepted { expires: Some(Seconds::new(0)) }, 130),
    ];
    for (what, outcome, most) in says {
        let mut phone = Phone::registering();
        let end = phone.now + 3_600_000;
        let mut count = 0;
        while phone.now < end {
            count += 1;
            match (phone.flight, phone.lookup.take()) {
                (Some(_), _) => phone.outcome(outcome(count)),
                (None, Some(id)) => {
                    let answer = Answer::NoData { ttl: None };
                    phone.hand_in(Input::Answer { id, answer }, 10);
                }
                (None, None) => phone.wake(),
            }
        }
        let sent = phone.registers.len();
        println!("{what}: {sent} REGISTERs in an hour");
        assert!(sent >= 2 && sent <= most, "{what}: {sent}");
    }
}

/// Every answer twice, the old ones again after each new one, and in any order: nothing is counted twice.
#[test]
fn late_repeated_and_reordered() {
    let mut phone = Phone::registering();
    let mut ids = Vec::new();
    for _ in 0..40 {
        match phone.flight {
            Some(id) => {
                ids.push(id);
                phone.outcome(status(503, None, None));
                let (streak, registers) =
                    (phone.registration.status(Time::from_millis(phone.now)).streak, phone.registers.len());
                for old in ids.iter().rev() {
                    for outcome in [status(503, None, None), status(403, None, None), ACCEPTED, Outcome::NotSent] {
                        phone.hand_in(Input::Outcome { id: *old, outcome }, 0);
                        assert!(phone.step.actions.is_empty(), "{:?}", phone.step.actions);
                    }
                }
                let status = phone.registration.status(Time::from_millis(phone.now));
                assert_eq!((status.streak, phone.registers.len(), status.home), (streak, registers, None));
            }
            None => phone.wake(),
        }
    }
    assert!(ids.len() >= 6);
}

#[test]
fn forged_ids_change_nothing() {
    let mut phone = Phone::registering();
    let last = phone.flight.unwrap().get();
    let answer = || Answer::Srv { records: vec![record(0, 0, 5060, "evil.example.test")], ttl: Seconds::new(1) };
    for raw in [0, last + 1, last + 2, 1 << 31, u32::MAX] {
        let id = Id::from_raw(raw);
        for input in [Input::Outcome { id, outcome: ACCEPTED }, Input::Answer { id, answer: answer() }] {
            let (before, mut step) = (phone.registration.clone(), Step::default());
            let result = phone.registration.step(input, Time::from_millis(phone.now), &mut step);
            assert_eq!(result, Err(Error::UnknownId(id)));
            assert!(phone.registration == before);
        }
    }
    // The id of another kind, and the answer of another kind.
    let flight = phone.flight.unwrap();
    let wrong = phone.registration.step(
        Input::Answer { id: flight, answer: answer() },
        Time::from_millis(phone.now),
        &mut Step::default(),
    );
    assert_eq!(wrong, Err(Error::WrongKind(flight)));
    let mut asking = Phone::started(config());
    let Action::Lookup { id, kind: LookupKind::Srv, .. } = asking.step.actions[0].clone() else { panic!() };
    let addresses = Answer::Addresses { addresses: vec![[192, 0, 2, 1].into()], ttl: Seconds::new(60) };
    let input = Input::Answer { id, answer: addresses };
    let result = asking.registration.step(input, Time::from_millis(asking.now), &mut asking.step);
    assert_eq!(result, Err(Error::WrongKind(id)));
}
