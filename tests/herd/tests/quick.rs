//! A small herd: no phone is left behind, every bound of the rules holds; and what looks for it can find it.

use rehome::{Action, Config, Id, Input, Outcome, Seconds, Step, Time};
use rehome_herd::fleet::Fleet;
use rehome_herd::herd::Herd;
use rehome_herd::judge;
use rehome_herd::network::{ALL, Request, Serves};
use rehome_herd::scenarios::scenarios;

const PHONES: usize = 300;

fn registered(phones: usize) -> Herd {
    let mut herd = Herd::new(phones, 7, &Fleet::Shipped.config(|_| {})).unwrap();
    herd.tell_all(0, |_| Some(Input::Start));
    herd.run_for(1_000);
    herd
}

#[test]
fn no_phone_is_left_behind_and_every_bound_holds() {
    for scenario in scenarios() {
        for found in scenario.play(Fleet::Shipped, PHONES, 1).unwrap() {
            assert!(found.holds(), "{}: {found:#?}", scenario.name);
        }
    }
}

#[test]
fn equal_seeds_make_equal_herds() {
    let scenario = scenarios().into_iter().find(|scenario| scenario.name == "flows").unwrap();
    let play = |seed| format!("{:?}", scenario.play(Fleet::Shipped, PHONES, seed).unwrap());
    assert_eq!(play(1), play(1));
    assert_ne!(play(1), play(2));
}

#[test]
fn without_spreads_the_bounds_are_broken() {
    for name in ["power-up", "power-up-spread", "flows", "network", "silent", "dropped-spread"] {
        let scenario = scenarios().into_iter().find(|scenario| scenario.name == name).unwrap();
        let found = scenario.play(Fleet::Naive, PHONES, 1).unwrap();
        assert!(found[0].bounds.iter().any(|bound| !bound.holds()), "{name}: {:#?}", found[0]);
    }
}

#[test]
fn a_phone_that_nobody_wakes_is_left_behind() {
    let mut herd = registered(20);
    herd.network.set(&ALL, Serves::Silent);
    herd.run_for(600_000);
    herd.phones[3].wake = None;
    herd.network.set(&ALL, Serves::Well);
    herd.count_from_now();
    let figures = herd.run_until_all_are_back(600_000);
    assert_eq!((figures.out, figures.still_out), (20, 1));
    let complaints = judge::complaints(&herd);
    assert!(complaints.len() == 1 && complaints[0].contains("phone 3 is left behind"), "{complaints:?}");
}

#[test]
fn a_second_binding_is_seen() {
    let mut herd = registered(20);
    assert_eq!(judge::complaints(&herd), [""; 0]);
    let stray = Request { phone: 5, id: 1, binding: 9, unregister: false, sent: herd.now };
    assert!(matches!(herd.network.arrived(3, stray, herd.now), Some((Outcome::Accepted { .. }, _))));
    let complaints = judge::complaints(&herd);
    assert!(complaints.len() == 1 && complaints[0].contains("phone 5 says"), "{complaints:?}");
    assert_eq!(judge::left_to_expire(&herd), 1);
}

#[test]
fn an_attempt_too_soon_is_seen() {
    let mut herd = registered(1);
    let now = herd.now;
    let target = herd.phones[0].home_target(now).unwrap();
    let deadline = Time::from_millis(now + 10_000);
    let expires = Seconds::new(Config::default().refresh.expires.get());
    let id = Id::from_raw(9);
    let action = Action::Register { id, target, address: None, binding: id, attempt: 1, expires, deadline };
    let step = Step { actions: vec![action], ..Step::default() };
    assert!(herd.phones[0].notes(&step, now).is_some_and(|broken| broken.starts_with("4.4b")));
    assert_eq!(herd.phones[0].notes(&step, now + 5_000), None);
}
