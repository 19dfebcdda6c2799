//! What one configuration of the check lets happen: its settings, its servers, and all that the world may do.

use rehome::{Answer, Config, LookupFailure, Outcome, Seconds, SrvRecord, Unreachable};

use crate::world::World;

/// A REGISTER's outcome, by class of rule 3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Out {
    /// 2xx, as long as asked for.
    Accepted,
    /// 2xx for no time at all (3.3d).
    ZeroGrant,
    /// 503.
    Failed,
    /// 503 with a Retry-After of 60 s (4.5).
    Held,
    /// No connection.
    Unreachable,
    /// 403.
    Rejected,
    /// 423 with more than was asked for: 600 s (3.5).
    TooBrief,
    /// No address (1.5).
    NoAddress,
    /// Nothing left the device (3.7).
    NotSent,
}

/// One thing that may happen in a state. Times: at once, or at the wake, or late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Start (6.1).
    Start,
    /// Stop (6.8).
    Stop,
    /// The wake that the last step asked for.
    Wake,
    /// One second goes by, the wake is later.
    Tick,
    /// An hour goes by, nothing is asked for.
    Pass,
    /// The device sleeps through the attempt in flight (0.4c).
    Sleep,
    /// The clock goes back a second (0.4b).
    ClockBack,
    /// Agent login (6.3).
    Login,
    /// Manual trigger (6.4c).
    Manual,
    /// No network (3.7c).
    Down,
    /// Another network (4.6).
    Changed,
    /// Woke up (4.6).
    Resumed,
    /// A call is up (6.6).
    Busy,
    /// It has ended.
    Idle,
    /// Home's connection was lost (4.6).
    Flow,
    /// The lookup's answer: one of the record sets.
    Records(u8),
    /// NXDOMAIN (5.4c).
    NoName,
    /// SERVFAIL (5.4b).
    LookupFailed,
    /// The outcome of the REGISTER in flight.
    Out(Out),
    /// The attempt given up last is accepted after all (3.6).
    Late,
    /// The n-th unregister under way is confirmed.
    Unregistered(u8),
    /// A snapshot is taken and restored, at once (5.5).
    Restore,
    /// The same, an hour later.
    RestoreLate,
}

/// A configuration of the check.
#[derive(Clone, Debug)]
pub struct Space {
    /// Its name on the command line.
    pub name: &'static str,
    /// One line for the table.
    pub about: &'static str,
    /// The phone's settings.
    pub config: Config,
    /// The seed to which the generator goes back after each step.
    pub seed: u64,
    /// The record sets that an answer may bring, each as priority and host; the first lists every target.
    pub sets: Vec<Vec<(u16, char)>>,
    /// The outcomes that a REGISTER may have.
    pub outcomes: Vec<Out>,
    /// Those of them that only the first target of the first set has: what a target is remembered by multiplies the states.
    pub of_the_first: Vec<Out>,
    /// What else may happen, where it can.
    pub acts: Vec<Act>,
    /// Whether lookups are answered, or fail, at once: what waits for one multiplies the states.
    pub prompt: bool,
    /// Whether things may happen beside the grid of 30 s: an unregister that takes its four seconds, stop its two, anything
    /// right after a sleep. Else clean-up is answered before time goes on, and a sleep lasts until the next wake.
    pub off_grid: bool,
    /// Whether it closes within seconds, and so belongs to the tests.
    pub quick: bool,
}

impl Space {
    /// The input that stands for an outcome.
    #[must_use]
    pub fn outcome(out: Out) -> Outcome {
        let status = |code, retry_after, min_expires| Outcome::Status { code, retry_after, min_expires };
        match out {
            Out::Accepted => Outcome::Accepted { expires: None },
            Out::ZeroGrant => Outcome::Accepted { expires: Some(Seconds::new(0)) },
            Out::Failed => status(503, None, None),
            Out::Held => status(503, Some(Seconds::new(60)), None),
            Out::Unreachable => Outcome::Unreachable { cause: Unreachable::Refused },
            Out::Rejected => status(403, None, None),
            Out::TooBrief => status(423, None, Some(World::longer())),
            Out::NoAddress => Outcome::NoAddress,
            Out::NotSent => Outcome::NotSent,
        }
    }

    /// The input that stands for a lookup's end.
    #[must_use]
    pub fn answer(&self, act: Act) -> Option<Answer> {
        let ttl = Seconds::new(60);
        Some(match act {
            Act::Records(set) => {
                let record = |(priority, host): &(u16, char)| SrvRecord {
                    priority: *priority,
                    weight: 0,
                    port: 5060,
                    target: format!("{host}.example.test"),
                };
                Answer::Srv { records: self.sets.get(usize::from(set))?.iter().map(record).collect(), ttl }
            }
            Act::NoName => Answer::NoName { ttl: Some(ttl) },
            Act::LookupFailed => Answer::Failed { cause: LookupFailure::ServFail },
            _ => return None,
        })
    }

    /// The outcomes that a REGISTER at this host may have.
    pub fn outcomes_at(&self, host: char) -> impl Iterator<Item = Out> {
        let first = self.sets.first().and_then(|set| set.first()).is_some_and(|record| record.1 == host);
        self.outcomes.iter().copied().filter(move |out| first || !self.of_the_first.contains(out))
    }

    /// Every host of any set.
    #[must_use]
    pub fn hosts(&self) -> Vec<char> {
        let mut hosts: Vec<char> = self.sets.iter().flatten().map(|(_, host)| *host).collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }
}
