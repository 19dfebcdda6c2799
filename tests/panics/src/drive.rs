//! Everything public of the core is called with data the compiler cannot see.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;
use core::hint::black_box;

use rehome::{
    Answer, Config, Id, Input, LookupFailure, Outcome, Preset, Registration, Seconds, Selection, SrvRecord, Step,
    TargetId, Time, Unreachable, WallClock, order,
};

/// Reads numbers out of any bytes, as a host would hand them in.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn number(&mut self) -> u32 {
        let Some((head, rest)) = self.0.split_first_chunk::<4>() else { return 0 };
        self.0 = rest;
        u32::from_le_bytes(*head)
    }

    fn text(&mut self) -> String {
        let length = (self.number() as usize).min(self.0.len());
        let bytes = self.0.get(..length).unwrap_or_default();
        self.0 = self.0.get(length..).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn records(&mut self) -> Vec<SrvRecord> {
        let mut records = Vec::new();
        while !self.0.is_empty() {
            let (priority, weight) = (self.number() as u16, self.number() as u16);
            records.push(SrvRecord { priority, weight, port: self.number() as u16, target: self.text() });
        }
        records
    }

    fn config(&mut self) -> Config {
        let mut config = Preset::from_name(&self.text()).unwrap_or(Preset::Default).config();
        config.srv_record = Some(self.text());
        config.outbound_proxy = Some(self.text());
        config.lookup.discover = self.number() == 1;
        config.lookup.pin_to_site = Some(self.text());
        config
    }

    fn input(&mut self) -> Input {
        let id = Id::from_raw(self.number());
        let ttl = Seconds::new(self.number());
        match self.number() {
            0 => Input::Start,
            1 => Input::Stop,
            2 => Input::AgentLogin,
            3 => Input::TryPrimary,
            4 => Input::NetworkDown,
            5 => Input::NetworkChanged,
            6 => Input::Resumed,
            7 => Input::Busy,
            8 => Input::Idle,
            9 => Input::Configure { config: Box::new(self.config()) },
            10 => Input::FlowLost { target: TargetId::from_raw(self.number()) },
            11 => Input::Answer { id, answer: Answer::Srv { records: self.records(), ttl } },
            12 => {
                let addresses = [self.number().to_be_bytes().into(), [self.number() as u16; 8].into()].into();
                Input::Answer { id, answer: Answer::Addresses { addresses, ttl } }
            }
            13 => Input::Answer { id, answer: Answer::NoName { ttl: Some(ttl) } },
            14 => Input::Answer { id, answer: Answer::Failed { cause: LookupFailure::ServFail } },
            15 => Input::Outcome { id, outcome: Outcome::Accepted { expires: Some(ttl) } },
            16 => {
                let code = self.number() as u16;
                let (retry_after, min_expires) = (Some(Seconds::new(self.number())), Some(ttl));
                Input::Outcome { id, outcome: Outcome::Status { code, retry_after, min_expires } }
            }
            17 => Input::Outcome { id, outcome: Outcome::Unreachable { cause: Unreachable::Refused } },
            18 => Input::Outcome { id, outcome: Outcome::NoAddress },
            19 => Input::Outcome { id, outcome: Outcome::NotSent },
            20 => Input::Refreshed { outcome: Outcome::Accepted { expires: Some(ttl) } },
            _ => Input::Wake,
        }
    }
}

/// Drives a registration by any bytes through its whole interface; the sum keeps the compiler from dropping the calls.
pub fn drive(bytes: &[u8]) -> usize {
    let mut bytes = Bytes(bytes);
    let seed = u64::from(bytes.number());
    let (now, wall) = (Time::from_millis(seed), WallClock::from_millis(seed));
    let mut sum = 0_usize;
    let snapshot = bytes.text().into_bytes();
    let restored = Registration::restore(bytes.config(), seed, &snapshot, now, wall);
    let Ok(mut registration) = restored.or_else(|_| Registration::new(bytes.config(), seed)) else { return sum };
    let mut step = Step::default();
    while !bytes.0.is_empty() {
        let (input, now) = (bytes.input(), Time::from_millis(u64::from(bytes.number())));
        if let Err(error) = registration.step(input, now, &mut step) {
            let mut text = String::new();
            sum = sum.wrapping_add(usize::from(write!(text, "{error}").is_ok()));
            black_box(text);
        }
        black_box((&step, registration.status(now), registration.state(), registration.snapshot(now, wall)));
        black_box((registration.target(TargetId::from_raw(1)), registration.config()));
    }
    let set = order::normalise(&bytes.records(), |index, _| sum = sum.wrapping_add(index as usize)).set;
    for selection in [Selection::Weighted, Selection::Rfc2782, Selection::HighestWeight] {
        black_box((order::shares(&set, selection), order::fingerprint(&set)));
        sum = sum.wrapping_add(order::draw(&set, selection, 64, &mut order::Rng::new(seed)).len());
    }
    sum
}
