//! A running phone.

use std::fmt::Debug;

use rehome::{Action, Answer, Config, Input, Outcome, Preset, Registration, Seconds, SrvRecord, Step, Time, WallClock};
use serde_json::from_str;

use crate::json::HOUR;

/// What a running phone puts out goes through JSON unchanged, and its snapshot too.
#[test]
fn a_life() {
    fn round<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(value: &T) {
        assert_eq!(from_str::<T>(&serde_json::to_string(value).unwrap()).unwrap(), *value);
    }
    let config = Config { srv_record: Some("_sips._tcp.example.test".into()), ..Preset::Broadworks.config() };
    let mut phone = Registration::new(config.clone(), 3).unwrap();
    let mut step = Step::default();
    let record = |priority, target: &str| SrvRecord { priority, weight: 0, port: 5061, target: target.into() };
    let records = vec![record(1, "a.one.test"), record(2, "a.two.test")];
    let refused = Outcome::Status { code: 503, retry_after: Some(Seconds::new(30)), min_expires: None };
    let mut now = 0;
    let mut queue = vec![Input::Start];
    for turn in 0..200 {
        let input = queue.pop().unwrap_or(if turn % 40 == 39 { Input::TryPrimary } else { Input::Wake });
        round(&input);
        phone.step(input, Time::from_millis(now), &mut step).unwrap();
        round(&step);
        round(&phone.status(Time::from_millis(now)));
        for action in &step.actions {
            match action {
                Action::Lookup { id, .. } => {
                    let answer = Answer::Srv { records: records.clone(), ttl: HOUR };
                    queue.push(Input::Answer { id: *id, answer });
                }
                Action::Register { id, .. } if turn % 5 < 3 => queue.push(Input::Outcome { id: *id, outcome: refused }),
                Action::Register { id, .. } => {
                    queue.push(Input::Outcome { id: *id, outcome: Outcome::Accepted { expires: None } });
                }
                _ => {}
            }
        }
        now = if queue.is_empty() { step.wake.map_or(now + 1000, Time::as_millis) } else { now + 5 };
    }
    let snapshot = phone.snapshot(Time::from_millis(now), WallClock::from_millis(0));
    round(&snapshot);
    assert!(
        Registration::restore(config, 3, snapshot.as_bytes(), Time::from_millis(0), WallClock::from_millis(0)).is_ok()
    );
}
