//! What the properties need to remember of a path, from inputs and outputs alone. Most of it follows from the core's own
//! state, so it adds few states.

use rehome::{Registration, State, Time, Trigger};

use crate::space::Space;

/// Kinds of walks (see "Words" in the policy).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The plan.
    All,
    /// Home was lost: which, and its priority.
    Loss(char, u16),
    /// Home is kept.
    Excursion(Trigger),
}

/// A walk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Walk {
    /// None.
    None,
    /// It waits for the lookup.
    Pending(Kind),
    /// It tries its targets.
    Running(Kind, Frozen),
}

/// Its list and place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Frozen {
    /// The targets.
    pub list: Vec<char>,
    /// Where it is.
    pub at: usize,
    /// Failures in a row there.
    pub fails: u8,
    /// Whether all so far rejected.
    pub all_rejected: bool,
}

impl Frozen {
    fn forget_what_it_passed(&mut self) {
        self.list.drain(..self.at.min(self.list.len()));
        self.at = 0;
    }

    /// The current target.
    #[must_use]
    pub fn current(&self) -> Option<char> {
        self.list.get(self.at).copied()
    }
}

/// Home, as the properties see it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Home {
    /// Failures in a row, and those before the last success (3.3c).
    pub fails: u8,
    /// Those before the last success.
    pub before: u8,
    /// How long ago the last success was, until it is proven.
    pub success: Option<u64>,
    /// The round that found it, until then.
    pub found_by: Option<Frozen>,
    /// Whether it has answered all since its last success.
    pub clean: bool,
    /// Whether its binding is known to be there (7.3b).
    pub confirmed: bool,
    /// In how many answers it was missing (5.3), up to two.
    pub missing: u8,
}

/// What is known of one target.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Known {
    /// Its host.
    pub host: char,
    /// How long ago the last attempt began and ended, as long as 4.4b asks.
    pub start: Option<u64>,
    /// When it ended.
    pub end: Option<u64>,
    /// A binding is known to be there, and no unregister was sent for it.
    pub bound: bool,
    /// Its last outcome was an answer.
    pub answered: bool,
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ghost {
    /// Running, as the events say.
    pub running: bool,
    /// Stopping.
    pub stopping: bool,
    /// There is a network.
    pub online: bool,
    /// A call is up.
    pub busy: bool,
    /// Home.
    pub home: Option<(char, Home)>,
    /// The walk.
    pub walk: Walk,
    /// A wait: milliseconds left (none: for ever), and whether all rejected.
    pub wait: Option<(Option<u64>, bool)>,
    /// Failed rounds, as far as they matter.
    pub rounds: u32,
    /// Something has been accepted.
    pub accepted: bool,
    /// A trigger that waits, and until when at least.
    pub deferred: Option<(Trigger, u64)>,
    /// Milliseconds to the next `failback` (6.4b).
    pub failback: Option<u64>,
    /// A refresh exempt from spacing is owed (6.7c).
    pub settle: bool,
    /// The targets.
    pub targets: Vec<Known>,
}

impl Ghost {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(hosts: &[char]) -> Self {
        let known = |host: &char| Known { host: *host, start: None, end: None, bound: false, answered: false };
        Self {
            running: false,
            stopping: false,
            online: true,
            busy: false,
            home: None,
            walk: Walk::None,
            wait: None,
            rounds: 0,
            accepted: false,
            deferred: None,
            failback: None,
            settle: false,
            targets: hosts.iter().map(known).collect(),
        }
    }

    /// What is known of a target.
    pub fn target(&mut self, host: char) -> Option<&mut Known> {
        self.targets.iter_mut().find(|target| target.host == host)
    }

    /// Whether this target is home.
    #[must_use]
    pub fn is_home(&self, host: char) -> bool {
        self.home.as_ref().is_some_and(|home| home.0 == host)
    }

    /// The same without what no property will ask for: see `core/src/proof.rs`.
    pub(crate) fn forget_what_is_over(&mut self) {
        if let Walk::Running(kind, walk) = &mut self.walk {
            walk.forget_what_it_passed();
            match kind {
                Kind::All | Kind::Loss(..) => *kind = Kind::All,
                Kind::Excursion(_) => walk.all_rejected = false,
            }
        }
        if let Some((_, home)) = &mut self.home {
            home.found_by.iter_mut().for_each(Frozen::forget_what_it_passed);
            if home.success.is_none() {
                home.before = 0;
            }
        }
        let home = self.home.as_ref().map(|home| home.0);
        // Where no binding is left, nobody asks whether it fell silent.
        self.targets.iter_mut().for_each(|target| target.answered &= target.bound || Some(target.host) == home);
    }

    /// Time goes by; a success that has lasted N times RI is proven (3.3b).
    pub fn age(&mut self, elapsed: u64, space: &Space) {
        let rollover = &space.config.rollover;
        let interval = rollover.retry_interval.get();
        let proof = interval.saturating_mul(u64::from(rollover.failures_before_rollover));
        let older = |age: &mut Option<u64>, most: u64| {
            *age = age.map(|age| age.saturating_add(elapsed)).filter(|age| *age < most);
        };
        for target in &mut self.targets {
            older(&mut target.start, interval);
            older(&mut target.end, 1_000);
            target.bound &= elapsed < space.config.refresh.expires.millis().get(); // By then every binding has expired.
        }
        if let Some((_, home)) = &mut self.home
            && home.success.is_some()
        {
            older(&mut home.success, proof);
            if home.success.is_none() {
                home.found_by = None;
                self.rounds = 0;
            }
        }
        if let Some((Some(left), _)) = &mut self.wait {
            *left = left.saturating_sub(elapsed);
        }
        if let Some((_, until)) = &mut self.deferred {
            *until = until.saturating_sub(elapsed);
        }
        self.failback = self.failback.map(|left| left.saturating_sub(elapsed));
    }

    /// Another process: what it cannot know is gone (5.5).
    pub fn restored(&mut self, phone: &Registration, now: u64) {
        let status = phone.status(Time::from_millis(now));
        (self.online, self.busy, self.settle) = (true, false, false);
        let home = self.home.as_ref().map(|home| home.0);
        // Of a stop that was not over, a new process remembers the old home (5.5d), not where else it was to unregister.
        let stopping = std::mem::take(&mut self.stopping);
        self.targets.iter_mut().for_each(|target| target.bound &= !stopping || Some(target.host) == home);
        self.running = status.state != State::Stopped;
        self.walk = Walk::None;
        if status.home.is_none() {
            self.home = None;
        }
        if let Some((_, home)) = &mut self.home {
            home.found_by = None;
            home.clean = false;
        }
        if !self.running {
            (self.wait, self.deferred) = (None, None);
        } else if self.home.is_none() && self.wait.is_none() {
            self.walk = Walk::Pending(Kind::All);
        }
    }
}
