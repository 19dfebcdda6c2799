//! The loop: what happens next, in virtual milliseconds.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rehome::order::Rng;
use rehome::{Action, Config, Id, Input, Outcome, Step, Time, Unreachable};

use crate::figures::{Figures, Log};
use crate::network::{ALL, Network, Request};
use crate::phone::Phone;

/// How long the stack of a phone still takes answers to a request (64 times T1).
const TRANSACTION: u64 = 32_000;

/// Something that will happen.
#[derive(Debug)]
enum Happening {
    Wake(usize),
    Tell(usize, Input),
    Resolved(usize, Id),
    Arrives(usize, Request),
    Answered(Request, Outcome),
}

/// Ordered by time, and then as it was put in.
#[derive(Debug)]
struct Queued {
    at: u64,
    number: u64,
    what: Happening,
}

/// All phones, their network, and the time.
#[derive(Debug)]
pub struct Herd {
    /// The time, in milliseconds.
    pub now: u64,
    /// What the phones meet.
    pub network: Network,
    /// The phones.
    pub phones: Vec<Phone>,
    /// Where a phone counts as in service, if the registrar serves.
    pub wanted: Vec<usize>,
    /// What the core did that a rule forbids.
    pub broken: Vec<String>,
    queue: BinaryHeap<Reverse<Queued>>,
    number: u64,
    step: Step,
    log: Log,
    rng: Rng,
    /// What was sent before that is never answered: its connection is gone.
    lost_before: u64,
}

impl Herd {
    /// So many phones, all switched off.
    ///
    /// # Errors
    /// As [`rehome::Registration::new`].
    pub fn new(phones: usize, seed: u64, config: &Config) -> Result<Self, rehome::Error> {
        let one = |number: usize| Phone::new(config.clone(), (seed << 32) + number as u64);
        Ok(Self {
            now: 0,
            network: Network::new(phones, seed),
            phones: (0..phones).map(one).collect::<Result<_, _>>()?,
            wanted: ALL.to_vec(),
            broken: Vec::new(),
            queue: BinaryHeap::new(),
            number: 0,
            step: Step::default(),
            log: Log::new(phones),
            rng: Rng::new(!seed),
            lost_before: 0,
        })
    }

    /// How many phones there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.phones.len() as u64
    }

    /// Tells every phone the same, now, or each at its own moment within so many milliseconds.
    pub fn tell_all(&mut self, within: u64, what: impl Fn(&Phone) -> Option<Input>) {
        for number in 0..self.phones.len() {
            match what(&self.phones[number]) {
                Some(input) if within == 0 => self.hand_in(number, input),
                Some(input) => {
                    let at = self.now + self.rng.up_to(within);
                    self.put(at, Happening::Tell(number, input));
                }
                None => {}
            }
        }
    }

    /// Every phone loses its connections, with the answers that were under way.
    pub fn drop_flows(&mut self) {
        self.lost_before = self.now;
        for number in 0..self.phones.len() {
            let (id, home) = (self.phones[number].in_flight(), self.phones[number].home_target(self.now));
            if let Some(id) = id {
                let outcome = Outcome::Unreachable { cause: Unreachable::Closed };
                self.phones[number].ended(id, self.now);
                self.hand_in(number, Input::Outcome { id, outcome });
            }
            if let Some(target) = home {
                self.hand_in(number, Input::FlowLost { target });
            }
        }
    }

    /// Begins a new account of what is sent, and of who is without service: now.
    pub fn count_from_now(&mut self) {
        self.log.begin(self.now);
        (0..self.phones.len()).for_each(|number| self.look_at(number));
    }

    /// Goes on until no phone is without service, but no further than so many milliseconds.
    pub fn run_until_all_are_back(&mut self, at_most: u64) -> Figures {
        let end = self.now + at_most;
        while self.log.out() > 0 && self.next(end) {}
        self.log.figures(self.now)
    }

    /// Goes on for so many milliseconds.
    pub fn run_for(&mut self, millis: u64) {
        let end = self.now + millis;
        while self.next(end) {}
        self.now = end;
    }

    /// What has been counted.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    fn put(&mut self, at: u64, what: Happening) {
        self.number += 1;
        self.queue.push(Reverse(Queued { at, number: self.number, what }));
    }

    fn next(&mut self, end: u64) -> bool {
        if self.queue.peek().is_none_or(|Reverse(next)| next.at > end) {
            return false;
        }
        let Some(Reverse(Queued { at, what, .. })) = self.queue.pop() else { return false };
        self.now = at;
        match what {
            Happening::Wake(phone) if self.phones[phone].wake == Some(Time::from_millis(at)) => {
                self.hand_in(phone, Input::Wake);
            }
            Happening::Wake(_) => {} // It has asked for another time since.
            Happening::Tell(phone, input) => self.hand_in(phone, input),
            Happening::Resolved(phone, id) => {
                let answer = self.network.resolve(at);
                self.hand_in(phone, Input::Answer { id, answer });
            }
            Happening::Arrives(server, request) => {
                if let Some((outcome, after)) = self.network.arrived(server, request, at) {
                    let back = at + after + self.network.one_way();
                    self.put(back, Happening::Answered(request, outcome));
                }
            }
            Happening::Answered(request, outcome)
                if request.sent >= self.lost_before && at <= request.sent + TRANSACTION =>
            {
                let id = Id::from_raw(request.id);
                self.phones[request.phone].ended(id, at);
                self.hand_in(request.phone, Input::Outcome { id, outcome });
            }
            Happening::Answered(..) => {}
        }
        true
    }

    fn hand_in(&mut self, number: usize, input: Input) {
        let (now, mut step) = (self.now, std::mem::take(&mut self.step));
        let phone = &mut self.phones[number];
        let wake = phone.wake;
        match phone.registration.step(input, Time::from_millis(now), &mut step) {
            Ok(()) => self.broken.extend(phone.notes(&step, now)),
            Err(error) => self.broken.push(format!("the core refused an input: {error}")),
        }
        let next = phone.wake.filter(|next| Some(*next) != wake);
        if let Some(next) = next {
            self.put(next.as_millis(), Happening::Wake(number));
        }
        for action in &step.actions {
            self.act(number, action);
        }
        self.step = step;
        self.look_at(number);
    }

    fn act(&mut self, number: usize, action: &Action) {
        let (id, target, binding, unregister) = match *action {
            Action::Cancel { .. } => return,
            Action::Lookup { id, .. } => {
                self.log.lookups.push(self.now);
                let at = self.now + self.network.dns_time();
                return self.put(at, Happening::Resolved(number, id));
            }
            Action::Register { id, target, binding, .. } => (id, target, binding, false),
            Action::Unregister { id, target, binding, .. } => (id, target, binding, true),
        };
        self.log.requests.push(self.now);
        let Some(server) = self.phones[number].server(target) else { return };
        let request = Request { phone: number, id: id.get(), binding: binding.get(), unregister, sent: self.now };
        let at = self.now + self.network.one_way();
        self.put(at, Happening::Arrives(server, request));
    }

    /// In service is a phone that takes itself for registered, at a registrar that serves.
    fn look_at(&mut self, number: usize) {
        let phone = &self.phones[number];
        let serves = phone.home.is_some_and(|home| self.wanted.contains(&home) && self.network.serves(home));
        self.log.note(number, serves && phone.is_registered(), self.now);
    }
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Queued {}

impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Queued {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}
