//! Snapshots (rule 5.5): of each state, on other clocks, and damaged in every way.
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

use rehome::order::Rng;
use rehome::{
    Action, Addresses, Answer, Config, Error, Id, Input, LookupKind, Millis, Outcome, Registration, Seconds, Site,
    SrvRecord, State, Step, Time, WallClock,
};

const WALL: WallClock = WallClock::from_millis(1_700_000_000_000);

fn config() -> Config {
    let mut config = Config { srv_record: Some("_sip._udp.example.test".into()), ..Config::default() };
    config.lookup.addresses = Addresses::Core;
    config.lookup.sites = vec![Site { name: "one".into(), hosts: vec!["*.one.test".into()] }];
    config
}

fn at(millis: u64) -> Time {
    Time::from_millis(millis)
}

/// A phone with its clock and all that is asked of its host.
struct Phone {
    registration: Registration,
    step: Step,
    now: u64,
    lookups: Vec<(Id, LookupKind)>,
    register: Option<Id>,
    unregisters: Vec<Id>,
    accepted: u32,
}

impl Phone {
    fn new(registration: Registration, now: u64) -> Self {
        let (lookups, unregisters) = (Vec::new(), Vec::new());
        Self { registration, step: Step::default(), now, lookups, register: None, unregisters, accepted: 0 }
    }

    fn fresh() -> Self {
        Self::new(Registration::new(config(), 7).unwrap(), 1_000_000)
    }

    fn hand_in(&mut self, input: Input, after: u64) -> Result<(), Error> {
        self.now += after;
        self.registration.step(input, at(self.now), &mut self.step)?;
        for action in &self.step.actions {
            match action {
                Action::Lookup { id, kind, .. } => self.lookups.push((*id, *kind)),
                Action::Register { id, .. } => self.register = Some(*id),
                Action::Unregister { id, .. } => self.unregisters.push(*id),
                Action::Cancel { id } => {
                    self.lookups.retain(|(lookup, _)| lookup != id);
                    self.register = self.register.filter(|register| register != id);
                    self.unregisters.retain(|unregister| unregister != id);
                }
            }
        }
        assert!(self.step.wake.is_none_or(|wake| wake > at(self.now)) || at(self.now) == Time::MAX);
        Ok(())
    }

    /// The host's next deed, if all goes well; the registers come to this.
    fn next(&mut self, outcome: Outcome) -> Result<(), Error> {
        if let Some(id) = self.register.take() {
            self.accepted += u32::from(outcome == ACCEPTED);
            self.hand_in(Input::Outcome { id, outcome }, 10)
        } else if !self.lookups.is_empty() {
            let (id, kind) = self.lookups.remove(0);
            let record = |priority, target: &str| SrvRecord { priority, weight: 1, port: 5060, target: target.into() };
            let ttl = Seconds::new(300);
            let answer = match kind {
                LookupKind::Srv => {
                    let records = vec![record(1, "a.one.test"), record(1, "b.one.test"), record(2, "a.two.test")];
                    Answer::Srv { records, ttl }
                }
                LookupKind::A => {
                    Answer::Addresses { addresses: vec![[192, 0, 2, 1].into(), [192, 0, 2, 2].into()], ttl }
                }
                LookupKind::Aaaa => {
                    Answer::Addresses { addresses: vec![[0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into()], ttl }
                }
            };
            self.hand_in(Input::Answer { id, answer }, 10)
        } else if let Some(id) = self.unregisters.pop() {
            self.hand_in(Input::Outcome { id, outcome: ACCEPTED }, 10)
        } else {
            let wake = self.step.wake.map_or(self.now + 1000, Time::as_millis);
            self.hand_in(Input::Wake, wake.saturating_sub(self.now))
        }
    }

    fn until(&mut self, state: State, outcome: Outcome) {
        for _ in 0..500 {
            if self.registration.state() == state {
                return;
            }
            self.next(outcome).unwrap();
        }
        panic!("{:?}, not {state:?}", self.registration.state());
    }

    fn snapshot(&self) -> Vec<u8> {
        self.registration.snapshot(at(self.now), WALL).into_bytes()
    }
}

const ACCEPTED: Outcome = Outcome::Accepted { expires: Some(Seconds::new(3600)) };
const FORBIDDEN: Outcome = Outcome::Status { code: 403, retry_after: None, min_expires: None };
const BUSY: Outcome = Outcome::Status { code: 503, retry_after: Some(Seconds::new(600)), min_expires: None };

/// A phone in each state, with a past worth remembering.
fn in_each_state() -> Vec<(State, Phone)> {
    let start = |state, outcome| {
        let mut phone = Phone::fresh();
        phone.hand_in(Input::Start, 0).unwrap();
        phone.until(state, outcome);
        phone
    };
    let mut all = vec![
        (State::Stopped, Phone::fresh()),
        (State::LookingUp, start(State::LookingUp, ACCEPTED)),
        (State::Registering, start(State::Registering, ACCEPTED)),
        (State::Waiting, start(State::Waiting, BUSY)),
        (State::Rejected, start(State::Rejected, FORBIDDEN)),
        (State::Registered, start(State::Registered, ACCEPTED)),
    ];
    for (state, input) in [
        (State::Unconfirmed, Input::NetworkChanged),
        (State::Offline, Input::NetworkDown),
        (State::Stopping, Input::Stop),
    ] {
        let mut phone = start(State::Registered, ACCEPTED);
        phone.hand_in(Input::Busy, 20_000).unwrap();
        phone.hand_in(Input::AgentLogin, 10).unwrap();
        phone.hand_in(input, 10).unwrap();
        all.push((state, phone));
    }
    // Stopped with an old home, and away from the primary with a deferred trigger.
    let mut stopped = start(State::Registered, ACCEPTED);
    stopped.hand_in(Input::Stop, 30_000).unwrap();
    stopped.until(State::Stopped, ACCEPTED);
    all.push((State::Stopped, stopped));
    let mut away = start(State::Waiting, BUSY);
    away.until(State::Registering, ACCEPTED);
    away.hand_in(Input::TryPrimary, 1).unwrap();
    all.push((State::Registering, away));
    all
}

fn restore(bytes: &[u8], now: u64, wall: WallClock) -> Result<Registration, Error> {
    Registration::restore(config(), 9, bytes, at(now), wall)
}

/// If all goes well from here, it registers, and refreshes; started if need be (rules 5.4e, 5.5).
fn is_usable(registration: Registration, now: u64) -> Result<(), String> {
    let mut phone = Phone::new(registration, now);
    let _ = phone.registration.status(at(now));
    phone.hand_in(Input::Wake, 0).map_err(|error| error.to_string())?;
    for _ in 0..60 {
        match phone.registration.state() {
            State::Registered if phone.accepted > 1 && phone.lookups.is_empty() => {
                let again = phone.registration.snapshot(at(phone.now), WALL);
                return restore(again.as_bytes(), 5, WALL).map(|_| ()).map_err(|error| error.to_string());
            }
            State::Stopped => phone.hand_in(Input::Start, 1).map_err(|error| error.to_string())?,
            _ => phone.next(ACCEPTED).map_err(|error| error.to_string())?,
        }
        // Nothing that the rules let a phone wait for is longer than a TTL or an expiry: a day (7.4a, 3.5b).
        if phone.now - now > 2 * 86_400_000 {
            break;
        }
    }
    Err(format!("{:?} after {} ms", phone.registration.state(), phone.now - now))
}

#[test]
fn each_state_is_restored_and_goes_on() {
    for (state, phone) in in_each_state() {
        assert_eq!(phone.registration.state(), state);
        for (away, now) in [(0, 0), (1_500, 77), (7_200_000, 1 << 45)] {
            let wall = WallClock::from_millis(WALL.as_millis() + away);
            let restored = restore(&phone.snapshot(), now, wall).unwrap();
            let (was, is) = (phone.registration.status(at(phone.now)), restored.status(at(now)));
            assert_eq!(is.plan.len(), was.plan.len(), "{state:?}");
            let running = !matches!(state, State::Stopped | State::Stopping);
            let kept = was.home.is_some() && running && away < 3_600_000;
            assert_eq!(is.home, was.home.filter(|_| kept), "{state:?}");
            let mut after = Phone::new(restored.clone(), now);
            after.hand_in(Input::Wake, 0).unwrap();
            assert_eq!(after.registration.state() != State::Stopped, running, "{state:?} after {away} ms");
            assert_eq!(is_usable(restored, now), Ok(()), "{state:?} after {away} ms");
        }
    }
}

/// Times are remainders: with no time away, or a wall clock gone back, as much is left as there was.
#[test]
fn a_wall_clock_gone_back_takes_no_time_away() {
    let phone = in_each_state().remove(5).1;
    let left = |status: rehome::Status, now: u64| status.expires_at.unwrap().as_millis() - now;
    let was = left(phone.registration.status(at(phone.now)), phone.now);
    for wall in [WALL, WallClock::from_millis(0), WallClock::from_millis(WALL.as_millis() - 1)] {
        let restored = restore(&phone.snapshot(), 12, wall).unwrap();
        assert_eq!(restored.state(), State::Registered);
        assert_eq!(left(restored.status(at(12)), 12), was);
    }
    let later = WallClock::from_millis(WALL.as_millis() + 60_000);
    assert_eq!(left(restore(&phone.snapshot(), 12, later).unwrap().status(at(12)), 12), was - 60_000);
    let never = restore(&phone.snapshot(), 12, WallClock::from_millis(u64::MAX)).unwrap();
    assert_eq!((never.state(), never.status(at(12)).home), (State::Stopped, None));
    assert_eq!(is_usable(never, 12), Ok(()));
}

#[test]
fn the_ends_of_time() {
    for (state, phone) in in_each_state() {
        let restored = restore(&phone.snapshot(), Time::MAX.as_millis(), WALL).unwrap();
        let _ = restored.status(Time::MAX);
        assert_eq!(is_usable(restore(&phone.snapshot(), 0, WALL).unwrap(), 0), Ok(()), "{state:?}");
        let late = restore(&phone.snapshot(), Time::MAX.as_millis() + 1, WALL);
        assert_eq!(late, Err(Error::TimeOutOfRange(at(Time::MAX.as_millis() + 1))));
    }
}

#[test]
fn a_newer_version_is_refused_by_name() {
    for (_, phone) in in_each_state() {
        let mut bytes = phone.snapshot();
        let supported = bytes[0];
        for found in supported + 1..=u8::MAX {
            bytes[0] = found;
            let error = restore(&bytes, 0, WALL).unwrap_err();
            assert_eq!(error, Error::SnapshotVersion { found, supported });
            let text = error.to_string();
            assert!(
                text.contains(&format!("version {found},")) && text.contains(&format!("up to {supported}:")),
                "{text}"
            );
        }
        assert_eq!(restore(&[supported + 1], 0, WALL), Err(Error::SnapshotVersion { found: supported + 1, supported }));
    }
}

#[test]
fn every_truncation_is_refused() {
    for (state, phone) in in_each_state() {
        let bytes = phone.snapshot();
        for length in 0..bytes.len() {
            match restore(&bytes[..length], 0, WALL) {
                Err(Error::Snapshot { at }) => assert!(at <= length, "{state:?}, {length} bytes: stopped at {at}"),
                other => panic!("{state:?}, {length} of {} bytes: {other:?}", bytes.len()),
            }
        }
        let longer = [&bytes[..], &[0]].concat();
        assert!(matches!(restore(&longer, 0, WALL), Err(Error::Snapshot { .. })), "{state:?}: one byte too many");
    }
}

/// Damage that is not found must not matter: what is restored registers as any other does.
fn refused_or_usable<'a>(damaged: impl Iterator<Item = (String, Vec<u8>)> + 'a) -> (usize, Vec<String>) {
    let (mut refused, mut useless) = (0, Vec::new());
    for (what, bytes) in damaged {
        match restore(&bytes, 1_000, WALL) {
            Err(Error::Snapshot { at }) => {
                assert!(at <= bytes.len());
                refused += 1;
            }
            Err(Error::SnapshotVersion { .. }) => refused += 1,
            Err(other) => panic!("{what}: {other}"),
            Ok(restored) => {
                if let Err(why) = is_usable(restored, 1_000) {
                    useless.push(format!("{what}: {why}"));
                }
            }
        }
    }
    (refused, useless)
}

fn report(kind: &str, tried: usize, (refused, useless): (usize, Vec<String>)) {
    println!("{kind}: {tried} tried, {refused} refused, {} of no use", useless.len());
    let shown: Vec<&String> = useless.iter().take(12).collect();
    assert!(useless.is_empty(), "{kind}: {} of {tried} are taken and of no use: {shown:#?}", useless.len());
}

#[test]
fn every_single_byte_changed() {
    let mut damaged = Vec::new();
    for (state, phone) in in_each_state() {
        let bytes = phone.snapshot();
        for place in 0..bytes.len() {
            let was = bytes[place];
            for new in (0..8).map(|bit| was ^ (1 << bit)).chain([0, 1, 0x7f, 0x80, 0xff, was.wrapping_add(1)]) {
                if new != was {
                    let mut bytes = bytes.clone();
                    bytes[place] = new;
                    damaged.push((format!("{state:?}, byte {place} of {}, {was} to {new}", bytes.len()), bytes));
                }
            }
        }
    }
    report("one byte", damaged.len(), refused_or_usable(damaged.into_iter()));
}

/// A time that lay behind, and its distance, both damaged: it lies far ahead.
#[test]
fn times_far_ahead() {
    let mut damaged = Vec::new();
    for (state, phone) in in_each_state() {
        let bytes = phone.snapshot();
        for place in (0..bytes.len() - 8).filter(|place| bytes[*place] <= 1) {
            for far in [5, 6, 8] {
                let mut bytes = bytes.clone();
                bytes[place] = 1;
                bytes[place + far] = 0x7f;
                damaged.push((format!("{state:?}, byte {place} and {far} on, of {}", bytes.len()), bytes));
            }
        }
    }
    report("far times", damaged.len(), refused_or_usable(damaged.into_iter()));
}

#[test]
fn random_bytes() {
    let mut rng = Rng::new(3);
    let any = |length: u64, rng: &mut Rng| (0..length).map(|_| rng.next_u32() as u8).collect::<Vec<u8>>();
    let mut damaged = Vec::new();
    for case in 0..20_000 {
        let length = rng.below(400);
        let mut bytes = any(length, &mut rng);
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        damaged.push((format!("random {case}"), bytes));
    }
    for (state, phone) in in_each_state() {
        let good = phone.snapshot();
        for case in 0..3_000 {
            // A stretch of rubbish, or one cut out, or one twice.
            let mut bytes = good.clone();
            let start = rng.below(bytes.len() as u64) as usize;
            let length = rng.below(16).min((bytes.len() - start) as u64);
            let rubbish = match case % 3 {
                0 => any(length, &mut rng),
                1 => Vec::new(),
                _ => [&good[start..start + length as usize]; 2].concat(),
            };
            bytes.splice(start..start + length as usize, rubbish);
            damaged.push((format!("{state:?}, stretch {case} at {start}"), bytes));
        }
    }
    let damaged = damaged.into_iter();
    let tried = damaged.len();
    report("random", tried, refused_or_usable(damaged));
}

/// Counts that no bytes stand behind are refused where the bytes end.
#[test]
fn huge_counts() {
    for (state, phone) in in_each_state() {
        let bytes = phone.snapshot();
        for place in 0..bytes.len().saturating_sub(4) {
            let mut bytes = bytes.clone();
            bytes[place..place + 4].fill(0xff);
            match restore(&bytes, 0, WALL) {
                Err(Error::Snapshot { at }) => assert!(at <= bytes.len()),
                Err(Error::SnapshotVersion { .. }) => assert_eq!(place, 0),
                Err(other) => panic!("{state:?}, {place}: {other}"),
                Ok(restored) => {
                    let status = restored.status(at(0));
                    assert!(status.plan.len() <= 64, "{state:?}, {place}: {} targets", status.plan.len());
                }
            }
        }
    }
}

/// FNV-1a over all but the last eight bytes, put there: damage that nobody sees.
fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 8);
    let sum = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum: u64, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    [&bytes[..], &sum.to_le_bytes()].concat()
}

/// Version 1 had no list of unregisters held back: what another process of the same page may have left.
#[test]
fn the_version_before_is_read() {
    for (state, phone) in in_each_state() {
        let now = phone.snapshot();
        assert_eq!((now[0], &now[now.len() - 12..now.len() - 8]), (2, &[0; 4][..]), "{state:?}: none is held back");
        let mut before = [&now[..now.len() - 12], &[0; 8]].concat();
        before[0] = 1;
        let restored = restore(&resealed(before), 5, WALL).unwrap();
        assert!(restored == restore(&now, 5, WALL).unwrap(), "{state:?}");
    }
}

/// Configurations of the same words and numbers that mean something else.
#[test]
fn configurations_that_read_alike_are_others() {
    let sites = |sites: [(&str, &[&str]); 2]| {
        let site = |(name, hosts): (&str, &[&str])| Site {
            name: name.into(),
            hosts: hosts.iter().map(|host| (*host).into()).collect(),
        };
        let mut config = config();
        config.lookup.sites = sites.map(site).into();
        config
    };
    let mut resolved_by_host = config();
    resolved_by_host.lookup.addresses = Addresses::Host;
    let one = sites([("a", &["b", "c"]), ("d", &["e"])]);
    let other = sites([("a", &["b"]), ("c", &["d", "e"])]);
    for (was, is) in [(one, other), (resolved_by_host, config())] {
        let mut phone = Phone::new(Registration::new(was.clone(), 7).unwrap(), 0);
        phone.hand_in(Input::Start, 0).unwrap();
        while phone.registration.state() != State::Registered {
            phone.next(ACCEPTED).unwrap();
        }
        let restored = |config| Registration::restore(config, 9, &phone.snapshot(), at(0), WALL).unwrap();
        assert_eq!(restored(was).state(), State::Registered);
        assert_eq!(restored(is).state(), State::Stopped);
    }
}

/// Another configuration forgets the plan, and remembers the old home (rule 5.5d).
#[test]
fn another_configuration_is_a_restart() {
    for (state, phone) in in_each_state() {
        let mut other = config();
        other.rollover.retry_interval = Millis::from_secs(6);
        let restored = Registration::restore(other, 9, &phone.snapshot(), at(0), WALL).unwrap();
        assert_eq!((restored.state(), restored.status(at(0)).plan.len()), (State::Stopped, 0));
        let mut after = Phone::new(restored, 0);
        after.hand_in(Input::Wake, 0).unwrap();
        let running = !matches!(state, State::Stopped | State::Stopping);
        assert_eq!(after.registration.state() == State::LookingUp, running, "{state:?}");
    }
}
