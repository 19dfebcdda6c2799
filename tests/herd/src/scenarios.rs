//! What happens to the herd.

mod connections;
mod returns;
mod servers;
mod starts;

use rehome::{Config, Input};

use crate::bound::Bound;
use crate::figures::Figures;
use crate::fleet::Fleet;
use crate::herd::Herd;
use crate::judge;
use crate::network::{ANSWER_AT_MOST, DNS_AT_MOST, Serves};

/// One thing that happens to a herd.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// Its name on the command line.
    pub name: &'static str,
    /// What happens.
    pub about: &'static str,
    /// What is set besides the defaults.
    pub change: fn(&mut Config),
    play: Play,
}

type Play = fn(&mut Herd, &mut Vec<Recovery>);

/// One fault, and how the herd came out of it.
#[derive(Debug, Default)]
pub struct Recovery {
    /// What happened.
    pub what: &'static str,
    /// How the herd came out of it.
    pub figures: Figures,
    /// Bindings elsewhere than at home when the last phone was back.
    pub left_to_expire: usize,
    /// Whether it was given the time to recover; else it was only looked at.
    pub ended: bool,
    /// What the rules promise.
    pub bounds: Vec<Bound>,
    /// Phones left behind or bound twice ten minutes later, and what else must not be.
    pub complaints: Vec<String>,
}

/// All of them.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    [starts::SCENARIOS, servers::SCENARIOS, connections::SCENARIOS, returns::SCENARIOS].concat()
}

const fn scenario(name: &'static str, about: &'static str, play: Play) -> Scenario {
    with(name, about, |_| {}, play)
}

const fn with(name: &'static str, about: &'static str, change: fn(&mut Config), play: Play) -> Scenario {
    Scenario { name, about, change, play }
}

impl Scenario {
    /// Plays it.
    ///
    /// # Errors
    /// As [`rehome::Registration::new`].
    pub fn play(&self, fleet: Fleet, phones: usize, seed: u64) -> Result<Vec<Recovery>, rehome::Error> {
        let mut herd = Herd::new(phones, seed, &fleet.config(self.change))?;
        let mut found = Vec::new();
        (self.play)(&mut herd, &mut found);
        Ok(found)
    }
}

impl Recovery {
    /// Whether all was as it must be.
    #[must_use]
    pub fn holds(&self) -> bool {
        (self.figures.still_out == 0 || !self.ended)
            && self.complaints.is_empty()
            && self.bounds.iter().all(Bound::holds)
    }
}

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
/// The draws of refreshes (rule 5.2c) have mixed the phones by then, however they began.
const WARM: u64 = 40 * MINUTE;

/// N tries at a target that does not answer: T each, and 1 s between them (rules 3.1a, 4.1a, 4.4b).
const SILENT: u64 = 3 * 10 * SECOND + 2 * SECOND;
/// N tries at one that answers at once: RI apart (rule 4.4b).
const ANSWERED: u64 = 2 * 5 * SECOND + ANSWER_AT_MOST;
/// From the wish for a REGISTER to its answer.
const THERE: u64 = DNS_AT_MOST + ANSWER_AT_MOST;
/// A grant of 300 s is refreshed after 50 % at the earliest, and (N+1)(T + 1 s) before its end at the latest (rule 5.2c).
const REFRESH: [u64; 2] = [150 * SECOND, 256 * SECOND];
/// So many seconds apart they are in the mean.
const REFRESHED: f64 = 203.0;

const ANSWERS_403: Serves = Serves::Answers { code: 403, retry_after: None };

/// A time of trouble, which nobody comes out of.
fn endure(herd: &mut Herd, what: &'static str, millis: u64) -> Recovery {
    herd.run_for(millis);
    let figures = herd.log().figures(herd.now);
    Recovery { what, figures, ..Recovery::default() }
}

/// Lets the herd recover, and looks at it ten minutes later.
fn recover(herd: &mut Herd, what: &'static str, at_most: u64) -> Recovery {
    let mut figures = herd.run_until_all_are_back(at_most);
    let left_to_expire = judge::left_to_expire(herd);
    herd.run_for(10 * MINUTE);
    figures.echo = herd.log().peak(figures.last + 1, figures.last + 10 * MINUTE);
    let mut complaints = judge::complaints(herd);
    complaints.append(&mut herd.broken);
    Recovery { what, figures, left_to_expire, ended: true, bounds: Vec::new(), complaints }
}

/// All power up at once.
fn switch_on(herd: &mut Herd) {
    herd.tell_all(0, |_| Some(Input::Start));
}

/// A herd that has been registered for a while; from now on it is counted.
fn warm(herd: &mut Herd) {
    switch_on(herd);
    herd.run_for(WARM);
    herd.count_from_now();
}

/// From now on these registrars do that, and it is counted.
fn set(herd: &mut Herd, servers: &[usize], serves: Serves) {
    herd.network.set(servers, serves);
    herd.count_from_now();
}

/// The rate of a herd whose refreshes the draws of rule 5.2c have mixed, a second.
fn mixed(herd: &Herd) -> f64 {
    herd.size() as f64 / REFRESHED
}

/// The most that refreshes can be a second after all have been answered in one instant (rule 5.2c).
fn drawn(herd: &Herd) -> f64 {
    (herd.size() * SECOND) as f64 / (REFRESH[1] - REFRESH[0]) as f64
}
