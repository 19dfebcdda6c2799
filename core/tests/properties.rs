//! What must hold after every step, whatever the inputs were: registrations driven by thousands of plausible and hostile
//! sequences, beside a model that knows nothing but the policy and what was put out.
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

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::mem::Discriminant;

use rehome::order::Rng;
use rehome::{
    Action, Addresses, AfterLoss, Answer, Config, Error, EventKind, FailbackEvery, Id, Input, LookupFailure,
    LookupKind, Millis, Outcome, Preset, Redraw, RefreshOwner, Registration, RetryAfter, Seconds, Selection, Site,
    SrvRecord, State, Step, TargetId, Time, TlsName, Unreachable, WallClock,
};

/// What a broken property says.
type Checked = Result<(), String>;

macro_rules! hold {
    ($what:expr, $($text:tt)+) => {
        if !$what {
            return Err(format!($($text)+));
        }
    };
}

/// Changes laid over a preset, alone and together.
const CHANGES: [fn(&mut Config); 38] = [
    |c| c.outbound_proxy = Some("sip:proxy.example.test:5070;transport=tcp".into()),
    |c| (c.srv_record, c.outbound_proxy) = (None, Some("sip:proxy.example.test:5070;transport=tcp".into())),
    |c| (c.srv_record, c.outbound_proxy) = (None, Some("sip:192.0.2.1:5060;transport=udp".into())),
    |c| {
        (c.srv_record, c.outbound_proxy) = (None, Some("proxy.example.test".into()));
        c.lookup.discover = true;
    },
    |c| {
        (c.srv_record, c.outbound_proxy, c.domain) = (None, None, Some("example.test".into()));
        c.lookup.discover = true;
    },
    |c| c.lookup.addresses = Addresses::Core,
    |c| (c.lookup.addresses, c.lookup.timeout) = (Addresses::Core, Millis::new(100)),
    |c| c.lookup.timeout = Millis::from_secs(60),
    |c| c.lookup.host_sets_tls_name = false,
    |c| c.tls_name = TlsName::Target,
    |c| c.lookup.sites = sites(),
    |c| (c.lookup.sites, c.lookup.pin_to_site) = (sites(), Some("one".into())),
    |c| c.order.selection = Selection::HighestWeight,
    |c| c.order.selection = Selection::Rfc2782,
    |c| c.order.max_targets = 2,
    |c| c.order.redraw = Redraw::Distribute,
    |c| (c.order.redraw, c.lookup.addresses) = (Redraw::Distribute, Addresses::Core),
    |c| c.rollover.failures_before_rollover = 1,
    |c| c.rollover.failures_before_rollover = 2,
    |c| c.rollover.attempt_timeout = Millis::from_secs(1),
    |c| c.rollover.retry_interval = Millis::from_secs(1),
    |c| {
        c.rollover.retry_interval = Millis::from_secs(600);
        c.rollover.round_wait_max = Millis::from_secs(3600);
    },
    |c| c.rollover.rejected_retry = None,
    |c| c.rollover.rejected_retry = Some(Millis::from_secs(30)),
    |c| c.rollover.after_loss = AfterLoss::Next,
    |c| c.rollover.retry_after = RetryAfter::Leave,
    |c| c.rollover.recovery_spread = Millis::ZERO,
    |c| c.rollover.start_spread = Millis::from_secs(600),
    |c| c.refresh.interval = Some(Millis::from_secs(5)),
    |c| c.refresh.timer_slack = Millis::from_secs(600),
    |c| c.refresh.owner = RefreshOwner::Application,
    |c| c.failback.every = FailbackEvery::Ttl,
    |c| c.failback.every = FailbackEvery::Refresh,
    |c| c.failback.every = FailbackEvery::Millis(Millis::from_secs(30)),
    |c| c.failback.hold_off = Millis::from_secs(120),
    |c| (c.failback.on_restart, c.failback.on_loss) = (false, false),
    |c| (c.failback.on_agent_login, c.failback.on_manual) = (false, false),
    |c| c.failback.unregister_old = false,
];

fn sites() -> Vec<Site> {
    let site = |name: &str, pattern: &str| Site { name: name.into(), hosts: vec![pattern.into()] };
    vec![site("one", "*.one.test"), site("two", "*.two.test")]
}

/// A preset with any of the changes that go together.
fn any_config(case: usize, rng: &mut Rng) -> Config {
    let mut config = Preset::ALL[case % Preset::ALL.len()].config();
    config.srv_record = Some("_sip._udp.example.test".into());
    // Each change alone first, then several.
    let each = [CHANGES[(case / Preset::ALL.len()) % CHANGES.len()]];
    let more = (0..rng.below(5)).map(|_| CHANGES[rng.below(38) as usize]).collect::<Vec<_>>();
    for change in each.into_iter().chain(more) {
        let mut changed = config.clone();
        change(&mut changed);
        if changed.validate().is_ok() {
            config = changed;
        }
    }
    config
}

fn chance(rng: &mut Rng, percent: u64) -> bool {
    rng.below(100) < percent
}

fn one_of<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.below(of.len() as u64) as usize]
}

const HOSTS: [&str; 7] =
    ["a.one.test", "b.one.test", "c.one.test", "a.two.test", "b.two.test", "Sip.Example.Test.", "192.0.2.9"];

/// A set that can be used; the first host is always in, so that a pinned site has a target.
fn good_set(rng: &mut Rng) -> Vec<SrvRecord> {
    let mut records = Vec::new();
    for (index, host) in HOSTS.iter().enumerate() {
        if index == 0 || chance(rng, 40) {
            let priority = if chance(rng, 80) { (index / 3) as u16 } else { rng.below(3) as u16 };
            let weight = one_of(rng, &[0, 1, 10, 60, 65_535]);
            records.push(SrvRecord { priority, weight, port: 5060, target: (*host).into() });
        }
    }
    records
}

fn any_set(rng: &mut Rng) -> Vec<SrvRecord> {
    let bad = ["", ".", "a..b", "-", "a b", "\u{fffd}", "x.one.test"];
    match rng.below(8) {
        0 => Vec::new(),
        1 => vec![SrvRecord { priority: 0, weight: 0, port: 0, target: ".".into() }],
        2 => {
            (0..5000).map(|n| SrvRecord { priority: 1, weight: 1, port: 1 + n, target: "h.one.test".into() }).collect()
        }
        3 => (0..200)
            .map(|n| SrvRecord { priority: n % 5, weight: n, port: 5060, target: format!("h{n}.one.test") })
            .collect(),
        4 => vec![SrvRecord { priority: 0, weight: 0, port: 5060, target: "x".repeat(300) }],
        5 => vec![SrvRecord { priority: 9, weight: 0, port: 5060, target: "b.two.test".into() }],
        _ => {
            let mut set = good_set(rng);
            let target = one_of(rng, &bad).into();
            set.push(SrvRecord { priority: rng.below(3) as u16, weight: 1, port: one_of(rng, &[0, 5060]), target });
            set
        }
    }
}

fn good_answer(kind: LookupKind, rng: &mut Rng) -> Answer {
    let ttl = Seconds::new(one_of(rng, &[0, 60, 300, 86_400]));
    match kind {
        LookupKind::Srv => Answer::Srv { records: good_set(rng), ttl },
        LookupKind::A => Answer::Addresses { addresses: vec![[192, 0, 2, rng.below(4) as u8].into()], ttl },
        LookupKind::Aaaa if chance(rng, 50) => Answer::NoData { ttl: Some(ttl) },
        LookupKind::Aaaa => Answer::Addresses { addresses: vec![[0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into()], ttl },
    }
}

fn any_answer(rng: &mut Rng) -> Answer {
    let ttl = Seconds::new(one_of(rng, &[0, 1, 60, 300, u32::MAX]));
    let causes = [LookupFailure::Timeout, LookupFailure::ServFail, LookupFailure::Refused, LookupFailure::Malformed];
    match rng.below(6) {
        0 => Answer::NoName { ttl: Some(ttl) },
        1 => Answer::NoData { ttl: None },
        2 => Answer::Failed { cause: one_of(rng, &causes) },
        3 => {
            let count = one_of(rng, &[0, 1, 40, 1000_u16]);
            let address = |n: u16| if n.is_multiple_of(2) { [192, 0, 2, n as u8].into() } else { [n; 8].into() };
            Answer::Addresses { addresses: (0..count).map(address).collect(), ttl }
        }
        _ => Answer::Srv { records: any_set(rng), ttl },
    }
}

fn accepted(rng: &mut Rng) -> Outcome {
    let expires = one_of(rng, &[None, Some(3600), Some(3600), Some(600), Some(60), Some(7), Some(1)]).map(Seconds::new);
    if chance(rng, 90) {
        Outcome::Accepted { expires }
    } else {
        Outcome::Status { code: 200, retry_after: None, min_expires: None }
    }
}

fn any_outcome(rng: &mut Rng) -> Outcome {
    let seconds =
        |rng: &mut Rng| one_of(rng, &[None, None, Some(0), Some(5), Some(120), Some(u32::MAX)]).map(Seconds::new);
    let causes = [Unreachable::Refused, Unreachable::NoRoute, Unreachable::Tls, Unreachable::Timeout];
    match rng.below(10) {
        0 => Outcome::Accepted { expires: Some(Seconds::new(one_of(rng, &[0, 1, u32::MAX]))) },
        1 => Outcome::Unreachable { cause: one_of(rng, &causes) },
        2 => Outcome::NoAddress,
        3 => Outcome::NotSent,
        4 => Outcome::Status {
            code: 423,
            retry_after: seconds(rng),
            min_expires: one_of(
                rng,
                &[None, Some(Seconds::new(1)), Some(Seconds::new(7200)), Some(Seconds::new(u32::MAX))],
            ),
        },
        _ => {
            let code = one_of(rng, &[302, 401, 403, 404, 408, 429, 480, 500, 503, 503, 503, 603, 699, 999, u16::MAX]);
            Outcome::Status { code, retry_after: seconds(rng), min_expires: None }
        }
    }
}

/// What the policy says must be so, from the outputs alone.
#[derive(Clone)]
struct Model {
    /// The model's time is the host's plus this: it never goes back (rule 0.4).
    shift: i128,
    host_now: u64,
    running: bool,
    stopping: bool,
    online: bool,
    confirmed: bool,
    home: Option<TargetId>,
    flight: Option<(Id, TargetId)>,
    lookups: BTreeMap<Id, LookupKind>,
    unregisters: BTreeMap<Id, TargetId>,
    /// Attempts no longer waited for.
    past: Vec<Id>,
    names: BTreeMap<TargetId, String>,
    starts: BTreeMap<String, i128>,
    ends: BTreeMap<String, i128>,
    /// Registers sent, by target.
    sent: BTreeSet<(Id, String)>,
    last_id: Id,
    /// Rule 6.7's refresh is due.
    settle: bool,
    /// The first step after a restore is still to come.
    restored: bool,
}

fn name_of(phone: &Registration, id: TargetId) -> Option<String> {
    phone.target(id).map(|target| format!("{}:{}/{}", target.host, target.port, target.transport.as_str()))
}

impl Model {
    fn new() -> Self {
        Self {
            shift: 0,
            host_now: 0,
            running: false,
            stopping: false,
            online: true,
            confirmed: false,
            home: None,
            flight: None,
            lookups: BTreeMap::new(),
            unregisters: BTreeMap::new(),
            past: Vec::new(),
            names: BTreeMap::new(),
            starts: BTreeMap::new(),
            ends: BTreeMap::new(),
            sent: BTreeSet::new(),
            last_id: Id::from_raw(0),
            settle: false,
            restored: false,
        }
    }

    /// Another process, at `now` of its own clock, `away` later.
    fn restore(&mut self, phone: &Registration, now: u64, away: u64) {
        let taken = i128::from(self.host_now) + self.shift;
        self.shift = taken + i128::from(away) - i128::from(now);
        self.host_now = now;
        let status = phone.status(Time::from_millis(now));
        (self.running, self.stopping) = (status.state != State::Stopped, false);
        (self.online, self.settle, self.restored, self.flight) = (true, false, true, None);
        self.confirmed = status.state == State::Registered;
        self.home = status.home.map(|home| home.id);
        self.lookups.clear();
        self.unregisters.clear();
        self.past.clear();
    }

    fn forget_flight(&mut self, t: i128) {
        if let Some((id, target)) = self.flight.take() {
            self.ends.insert(self.names[&target].clone(), t);
            self.past.push(id);
        }
    }

    fn stepped(&mut self, phone: &Registration, input: &Input, now: u64, step: &Step) -> Checked {
        // A clock that went back acts as `resumed` before the input does (0.4b), and so does a restore (5.5c).
        let back = now < self.host_now;
        let resumed = std::mem::take(&mut self.restored) || back;
        self.shift += i128::from(self.host_now.saturating_sub(now));
        self.host_now = now;
        let t = i128::from(now) + self.shift;
        match input {
            Input::Outcome { id, .. } => {
                let cancelled = back && self.running && self.online;
                if !cancelled && self.flight.is_some_and(|(flight, _)| flight == *id) {
                    self.forget_flight(t);
                }
                self.unregisters.remove(id);
            }
            Input::Answer { id, .. } if !step.actions.contains(&Action::Cancel { id: *id }) => {
                self.lookups.remove(id);
            }
            Input::Answer { id, .. } => hold!(resumed, "{id:?} is answered, then cancelled"),
            Input::NetworkChanged => self.online = true,
            _ => {}
        }
        self.heard(step)?;
        for action in &step.actions {
            // What `resumed` began may have been ended by the input, or was begun under the configuration before it.
            let ended = |of: Id| step.actions.contains(&Action::Cancel { id: of });
            let brief = resumed
                && match action {
                    Action::Lookup { id, .. } | Action::Register { id, .. } => {
                        ended(*id) || matches!(input, Input::Configure { .. })
                    }
                    _ => false,
                };
            self.told(phone, action, step, t, brief)?;
        }
        self.at_rest(phone, step)
    }

    fn heard(&mut self, step: &Step) -> Checked {
        for event in &step.events {
            match event.kind {
                EventKind::Started { .. } => (self.running, self.stopping) = (true, false),
                EventKind::Stopping => (self.running, self.stopping) = (false, true),
                EventKind::Stopped => (self.running, self.stopping, self.home) = (false, false, None),
                EventKind::NetworkDown => (self.online, self.confirmed) = (false, false),
                EventKind::NetworkChanged => (self.online, self.confirmed) = (true, false),
                EventKind::FlowLost { target, .. } | EventKind::HomeExpired { target } => {
                    hold!(self.home == Some(target), "{event:?}, but home is {:?}", self.home);
                    self.confirmed = false;
                }
                EventKind::HomeLeft { from, .. } | EventKind::HomeLost { target: from, .. } => {
                    hold!(self.home == Some(from), "{event:?}, but home is {:?}", self.home);
                    (self.home, self.settle) = (None, false);
                }
                EventKind::Registered { target, .. } => {
                    hold!(self.running && self.online, "{event:?} while stopped or offline");
                    hold!(self.home.is_none(), "{event:?}, but home is {:?}", self.home);
                    (self.home, self.confirmed, self.settle) = (Some(target), true, false);
                }
                EventKind::Refreshed { target, .. } => {
                    hold!(self.home == Some(target), "{event:?}, but home is {:?}", self.home);
                    self.confirmed = true;
                }
                EventKind::Unregistered { .. } if self.running && self.home.is_some() => self.settle = true,
                _ => {}
            }
        }
        Ok(())
    }

    fn told(&mut self, phone: &Registration, action: &Action, step: &Step, t: i128, brief: bool) -> Checked {
        let config = phone.config();
        let until = |span: Millis| Time::from_millis(self.host_now).after(span).min(Time::MAX);
        if let Action::Lookup { id, .. } | Action::Register { id, .. } | Action::Unregister { id, .. } = action {
            hold!(*id > self.last_id, "{action:?}: ids do not ascend");
            self.last_id = *id;
        }
        if let Action::Register { target, .. } | Action::Unregister { target, .. } = action {
            let name = name_of(phone, *target);
            let Some(name) = name else { return Err(format!("{action:?}: no such target")) };
            let known = self.names.entry(*target).or_insert_with(|| name.clone());
            hold!(*known == name, "{action:?}: {known} has become {name}");
        }
        if !brief && matches!(action, Action::Lookup { .. } | Action::Register { .. }) {
            hold!(self.running && self.online, "{action:?} while stopped, stopping or offline (3.7c, 6.8)");
        }
        match action {
            Action::Lookup { id, kind, deadline, name } => {
                hold!(brief || *deadline == until(config.lookup.timeout), "{action:?}: deadline (1.2b)");
                hold!(!name.is_empty(), "{action:?}: no name");
                self.lookups.insert(*id, *kind);
            }
            Action::Register { id, target, binding, attempt, deadline, .. } => {
                let name = self.names[target].clone();
                hold!(self.flight.is_none(), "{action:?}: {:?} is in flight (0.1a)", self.flight);
                hold!(brief || *deadline == until(config.rollover.attempt_timeout), "{action:?}: deadline (3.1a)");
                hold!((1..=20).contains(attempt), "{action:?}: attempt");
                hold!(!self.unregisters.values().any(|u| u == target), "{action:?}: an unregister is under way (6.9a)");
                let longer = step
                    .events
                    .iter()
                    .any(|event| matches!(event.kind, EventKind::LongerExpires { target: of, .. } if of == *target));
                let settles = self.settle && self.home == Some(*target);
                if settles {
                    self.settle = false;
                }
                if !longer && !settles {
                    let interval = i128::from(config.rollover.retry_interval.get());
                    let from_start = self.starts.get(&name).map(|start| t - start);
                    let from_end = self.ends.get(&name).map(|end| t - end);
                    let early = from_start.is_some_and(|d| d < interval) || from_end.is_some_and(|d| d < 1000);
                    let again = self.names.iter().any(|(id, known)| id != target && *known == name);
                    let rule = if again { "4.4b, under a new number" } else { "4.4b" };
                    hold!(!early, "{action:?} at {name}: {from_start:?} after start, {from_end:?} after end ({rule})");
                }
                self.starts.insert(name.clone(), t);
                self.sent.insert((*id, name.clone()));
                hold!(self.sent.contains(&(*binding, name)), "{action:?}: binding of another target (6.7b)");
                self.flight = Some((*id, *target));
            }
            Action::Unregister { id, target, binding, deadline } => {
                let name = self.names[target].clone();
                hold!(*deadline == until(Millis::from_secs(4)), "{action:?}: deadline (6.7b)");
                hold!(self.online, "{action:?} while offline");
                hold!(self.sent.contains(&(*binding, name)), "{action:?}: binding of another target (6.7b)");
                hold!(!self.unregisters.values().any(|u| u == target), "{action:?}: one is under way there");
                if self.running {
                    hold!(self.home != Some(*target), "{action:?} at home (6.7b)");
                }
                self.unregisters.insert(*id, *target);
            }
            Action::Cancel { id } => {
                let attempt = self.flight.is_some_and(|(flight, _)| flight == *id);
                if attempt {
                    self.forget_flight(t);
                }
                let other = self.lookups.remove(id).is_some() | self.unregisters.remove(id).is_some();
                hold!(attempt || other, "{action:?}: that is not under way");
            }
        }
        Ok(())
    }

    fn at_rest(&self, phone: &Registration, step: &Step) -> Checked {
        let now = Time::from_millis(self.host_now);
        let status = phone.status(now);
        hold!(now == Time::MAX || step.wake.is_none_or(|wake| wake > now), "wake {:?} at {now} (0.3c)", step.wake);
        hold!(now == Time::MAX || status.wake == step.wake, "wake {:?}, status {:?}", step.wake, status.wake);
        hold!(status.plan.len() <= 64, "{} targets", status.plan.len());
        hold!(status.state == phone.state(), "{status:?}");
        hold!(status.home.as_ref().map(|home| home.id) == self.home, "home {:?}, not {:?}", status.home, self.home);
        hold!(status.plan.iter().all(|entry| phone.target(entry.target.id) == Some(&entry.target)), "{status:?}");
        let fits = match status.state {
            State::Stopped => !self.running && !self.stopping,
            State::Stopping => self.stopping,
            State::Offline => self.running && !self.online,
            State::Registered => self.running && self.online && self.home.is_some() && self.confirmed,
            State::Unconfirmed => self.running && self.online && self.home.is_some() && !self.confirmed,
            State::LookingUp | State::Registering | State::Waiting | State::Rejected => {
                self.running && self.online && self.home.is_none()
            }
        };
        hold!(
            fits,
            "state {:?}; running {}, stopping {}, online {}, home {:?}, confirmed {} (7.3)",
            status.state,
            self.running,
            self.stopping,
            self.online,
            self.home,
            self.confirmed
        );
        hold!(status.state != State::LookingUp || !self.lookups.is_empty(), "looking up without a lookup");
        hold!(status.state != State::Rejected || self.flight.is_none(), "in flight while rejected");
        hold!(self.online || self.flight.is_none(), "in flight while offline (3.7c)");
        hold!(self.running || self.stopping || self.flight.is_none(), "in flight while stopped");
        let never = status.state == State::Rejected && phone.config().rollover.rejected_retry.is_none();
        let goes_on = self.running && self.online || self.stopping;
        hold!(never || !goes_on || step.wake.is_some(), "{:?} for ever", status.state);
        if let (true, Some((_, target))) = (self.running, self.flight) {
            hold!(
                !self.unregisters.values().any(|u| *u == target),
                "unregister and register at {target:?} (6.7b, 6.9a)"
            );
        }
        Ok(())
    }
}

fn hash(phone: &Registration) -> u64 {
    let mut hasher = DefaultHasher::new();
    phone.hash(&mut hasher);
    hasher.finish()
}

/// One registration and what drives it.
struct Run {
    phone: Registration,
    step: Step,
    model: Model,
    rng: Rng,
    seed: u64,
    now: u64,
    wall: u64,
    hostile: bool,
    /// Percent of lookups and registers that go well, and that are answered at all.
    luck: u64,
    answers: u64,
    /// The longest waits of any configuration it had, for the bound on liveness.
    longest: u64,
    trace: Vec<String>,
    steps: u64,
    refused: u64,
    /// The states and the kinds of events it met.
    states: BTreeSet<State>,
    kinds: HashSet<Discriminant<EventKind>>,
    /// Whether it writes down what happens: only when a run that failed is run again.
    traced: bool,
}

impl Run {
    fn new(config: Config, seed: u64, hostile: bool) -> Self {
        let mut rng = Rng::new(seed.wrapping_mul(31).wrapping_add(7));
        let (luck, answers) = (one_of(&mut rng, &[0, 10, 50, 90, 100]), one_of(&mut rng, &[20, 70, 95, 100]));
        let now = one_of(&mut rng, &[0, 1_000, 1_700_000_000_000]);
        let longest = longest_wait(&config);
        Self {
            phone: Registration::new(config, seed).unwrap(),
            step: Step::default(),
            model: Model::new(),
            rng,
            seed,
            now,
            wall: 1_700_000_000_000,
            hostile,
            luck,
            answers,
            longest,
            trace: Vec::new(),
            steps: 0,
            refused: 0,
            states: BTreeSet::new(),
            kinds: HashSet::new(),
            traced: false,
        }
    }

    fn go(&mut self, input: Input, now: u64) -> Checked {
        self.note(|| match &input {
            Input::Answer { answer: Answer::Srv { records, .. }, .. } if records.len() > 10 => {
                format!("{now}: a huge answer")
            }
            Input::Configure { .. } => format!("{now}: configure"),
            other => format!("{now}: {other:?}"),
        });
        self.steps += 1;
        let time = Time::from_millis(now);
        let before = (self.phone.clone(), self.step.clone());
        let (mut twin, mut twin_step) = (self.phone.clone(), Step::default());
        let result = self.phone.step(input.clone(), time, &mut self.step);
        let twin_result = twin.step(input.clone(), time, &mut twin_step);
        hold!(result == twin_result && self.phone == twin && hash(&self.phone) == hash(&twin), "equal inputs (2.6a)");
        if let Err(error) = result {
            self.refused += 1;
            self.note(|| format!("    {error}"));
            hold!(before == (self.phone.clone(), self.step.clone()), "{error}, yet something changed");
            return self.is_misuse(&input, now, &error);
        }
        hold!(self.step == twin_step, "equal inputs (2.6a): {twin_step:?}");
        self.now = now;
        self.states.insert(self.phone.state());
        self.kinds.extend(self.step.events.iter().map(|event| std::mem::discriminant(&event.kind)));
        if self.traced {
            self.trace.extend(self.step.actions.iter().map(|action| format!("    {action:?}")));
            self.trace.extend(self.step.events.iter().map(|event| format!("    - {} {:?}", event.rule, event.kind)));
            self.trace.push(format!("    wake {:?}, {:?}", self.step.wake, self.phone.state()));
        }
        self.model.stepped(&self.phone, &input, now, &self.step)
    }

    /// Errors come from misuse alone (rule 3.6c).
    fn is_misuse(&self, input: &Input, now: u64, error: &Error) -> Checked {
        let last = self.model.last_id;
        let fits = match (error, input) {
            (Error::TimeOutOfRange(_), _) => Time::from_millis(now) > Time::MAX,
            (Error::UnknownId(id), _) => *id > last || id.get() == 0,
            (Error::WrongKind(id), Input::Outcome { .. }) => self.model.lookups.contains_key(id),
            (Error::WrongKind(id), Input::Answer { answer, .. }) => match self.model.lookups.get(id) {
                Some(LookupKind::Srv) => matches!(answer, Answer::Addresses { .. }),
                Some(_) => matches!(answer, Answer::Srv { .. }),
                None => true,
            },
            (Error::UnknownTarget(_), Input::FlowLost { .. }) => true,
            (Error::NotFinal(code), _) => *code < 200,
            _ => false,
        };
        hold!(fits, "{error}: not for {input:?} at {now}");
        Ok(())
    }

    /// A time not far ahead, at the wake or around it.
    fn some_time(&mut self) -> u64 {
        let rng = &mut self.rng;
        let wake = self.step.wake.map_or(self.now + 10_000, Time::as_millis);
        let next = match rng.below(if self.hostile { 16 } else { 10 }) {
            0..4 => wake,
            4 => self.now,
            5 => self.now + rng.below(300),
            6 => self.now + rng.below(wake.saturating_sub(self.now).max(1)),
            7 => wake + rng.below(2_000),
            8 => wake + rng.below(8_000),
            9 => self.now + rng.below(20_000),
            10 => self.now + 8 * 3_600_000,
            11 => self.now.saturating_sub(rng.below(10_000)),
            12 if chance(rng, 10) => one_of(rng, &[0, 1, 1 << 40, (1 << 53) - 2, (1 << 53) - 1, 1 << 53, u64::MAX]),
            _ => self.now + rng.below(100),
        };
        if self.hostile { next } else { next.min(Time::MAX.as_millis()) }
    }

    /// What an honest host might hand in now.
    fn some_input(&mut self) -> (Input, u64) {
        let soon = self.now + self.rng.below(200);
        let rng = &mut self.rng;
        if let Some((id, kind)) = self.model.lookups.iter().next_back().map(|(id, kind)| (*id, *kind))
            && chance(rng, self.answers)
        {
            let answer = if chance(rng, self.luck) { good_answer(kind, rng) } else { any_answer(rng) };
            let fits = matches!(
                (&answer, kind),
                (Answer::Srv { .. }, LookupKind::Srv)
                    | (Answer::Addresses { .. }, LookupKind::A | LookupKind::Aaaa)
                    | (Answer::NoName { .. } | Answer::NoData { .. } | Answer::Failed { .. }, _)
            );
            if fits {
                return (Input::Answer { id, answer }, soon);
            }
        }
        if let Some((id, _)) = self.model.flight
            && chance(rng, self.answers)
        {
            let outcome = if chance(rng, self.luck) { accepted(rng) } else { any_outcome(rng) };
            return (Input::Outcome { id, outcome }, soon);
        }
        if let Some(id) = self.model.unregisters.keys().next().copied()
            && chance(rng, self.answers / 2)
        {
            return (Input::Outcome { id, outcome: accepted(rng) }, soon);
        }
        if !self.model.online && chance(rng, 50) {
            return (Input::NetworkChanged, self.some_time());
        }
        let now = self.some_time();
        (self.some_event(), now)
    }

    fn some_event(&mut self) -> Input {
        let rng = &mut self.rng;
        let home = self.model.home;
        match rng.below(60) {
            0 => Input::Stop,
            1..4 => Input::Start,
            4 | 5 => Input::AgentLogin,
            6 | 7 => Input::TryPrimary,
            8 => Input::NetworkDown,
            9 => Input::NetworkChanged,
            10 => Input::Resumed,
            11 => Input::Busy,
            12 | 13 => Input::Idle,
            14 => {
                let (case, other) = (rng.below(228) as usize, chance(rng, 50));
                let config = if other { any_config(case, rng) } else { self.phone.config().clone() };
                self.longest = self.longest.max(longest_wait(&config));
                Input::Configure { config: Box::new(config) }
            }
            15 | 16 if home.is_some() => Input::FlowLost { target: home.unwrap() },
            17..20 if !self.model.past.is_empty() => {
                let id = one_of(rng, &self.model.past);
                Input::Outcome { id, outcome: if chance(rng, 70) { accepted(rng) } else { any_outcome(rng) } }
            }
            20..23 if self.phone.config().refresh.owner == RefreshOwner::Application => {
                let outcome = if chance(rng, self.luck) { accepted(rng) } else { any_outcome(rng) };
                Input::Refreshed { outcome }
            }
            _ => Input::Wake,
        }
    }

    /// What no honest host would.
    fn any_input(&mut self) -> Input {
        let rng = &mut self.rng;
        let last = self.model.last_id.get();
        let id = Id::from_raw(match rng.below(8) {
            0 => 0,
            1 => last + 1,
            2 => u32::MAX,
            _ => rng.between(u64::from(last.saturating_sub(6)), u64::from(last)) as u32,
        });
        match rng.below(8) {
            0 | 1 => Input::Answer { id, answer: any_answer(rng) },
            2 | 3 => Input::Outcome { id, outcome: any_outcome(rng) },
            4 => Input::Outcome { id, outcome: Outcome::Status { code: 180, retry_after: None, min_expires: None } },
            5 => Input::FlowLost { target: TargetId::from_raw(rng.below(12) as u32) },
            6 => Input::Refreshed { outcome: any_outcome(rng) },
            _ => self.some_event(),
        }
    }

    fn drive(&mut self, steps: u64) -> Checked {
        self.go(Input::Start, self.now)?;
        for _ in 0..steps {
            if self.hostile && chance(&mut self.rng, 30) {
                let (input, now) = (self.any_input(), self.some_time());
                self.go(input, now)?;
            } else {
                let (input, now) = self.some_input();
                self.go(input.clone(), now)?;
                if chance(&mut self.rng, 2) {
                    self.go(input, now)?; // Handed in twice.
                }
            }
            if chance(&mut self.rng, 2) {
                self.snapshot()?;
            }
        }
        Ok(())
    }

    /// A snapshot can be restored at any time; now and then the run goes on with the restored one.
    fn snapshot(&mut self) -> Checked {
        let (now, away) = (Time::from_millis(self.now), one_of(&mut self.rng, &[0, 50, 3_000, 60_000, 7_200_000]));
        let snapshot = self.phone.snapshot(now, WallClock::from_millis(self.wall));
        let mut config = self.phone.config().clone();
        if chance(&mut self.rng, 10) {
            config.rollover.failures_before_rollover = 2;
        }
        let later = one_of(&mut self.rng, &[0, 5, self.now, 1 << 41]);
        let wall = WallClock::from_millis(self.wall + away);
        let restored = Registration::restore(config, self.seed, snapshot.as_bytes(), Time::from_millis(later), wall);
        let restored = restored.map_err(|error| format!("snapshot: {error}"))?;
        let (was, is) = (self.phone.state(), restored.state());
        if was == State::Stopped || was == State::Stopping && is == State::Stopped {
            hold!(is == State::Stopped, "{was:?} became {is:?}");
        }
        if chance(&mut self.rng, 50) {
            self.note(|| format!("restored at {later}, {away} ms later: {is:?}"));
            self.wall += away;
            (self.phone, self.now) = (restored, later);
            self.model.restore(&self.phone, later, away);
            self.go(Input::Wake, later)?;
        }
        Ok(())
    }

    /// Wake after wake with no other input: time goes on at a rate that the rules give. Between two wakes of an attempt
    /// lie T or a spacing, of a lookup its time-out, of a wait half of it at least; no more than five timers share one.
    fn never_spins(&self, wakes: u64) -> Checked {
        let (mut phone, mut step) = (self.phone.clone(), self.step.clone());
        let config = phone.config();
        let least = config.lookup.timeout.get().min(config.rollover.attempt_timeout.get());
        let least = least.min(config.rollover.retry_interval.get() / 2) / 5;
        let mut at = self.now;
        for _ in 0..wakes {
            let Some(wake) = step.wake else { return Ok(()) };
            if wake >= Time::MAX {
                return Ok(());
            }
            hold!(wake.as_millis() > at, "wake {wake} at {at}");
            at = wake.as_millis();
            phone.step(Input::Wake, wake, &mut step).map_err(|error| error.to_string())?;
        }
        hold!(
            at - self.now >= wakes * least,
            "{wakes} wakes in {} ms, at least {} expected",
            at - self.now,
            wakes * least
        );
        Ok(())
    }

    /// If all goes well from here, the phone is registered in time (5.4e).
    fn comes_home(&mut self) -> Checked {
        let stops = self.model.stopping || self.model.running;
        if !stops || self.now > 1 << 52 {
            return Ok(());
        }
        if !self.model.online && self.model.running {
            self.go(Input::NetworkChanged, self.now)?;
        }
        let started = self.now;
        let bound = self.longest;
        while self.phone.state() != State::Registered {
            if self.phone.state() == State::Stopped {
                return Ok(());
            }
            if self.phone.state() == State::Rejected && self.phone.config().rollover.rejected_retry.is_none() {
                self.go(Input::Start, self.now)?;
                continue;
            }
            hold!(self.now - started <= bound, "not registered after {} ms (at most {bound})", self.now - started);
            let fine = Outcome::Accepted { expires: Some(Seconds::new(3600)) };
            if let Some((id, _)) = self.model.flight {
                self.go(Input::Outcome { id, outcome: fine }, self.now + 10)?;
            } else if let Some((id, kind)) = self.model.lookups.iter().next().map(|(id, kind)| (*id, *kind)) {
                let answer = good_answer(kind, &mut self.rng);
                self.go(Input::Answer { id, answer }, self.now + 1)?;
            } else if let Some(id) = self.model.unregisters.keys().next().copied() {
                self.go(Input::Outcome { id, outcome: fine }, self.now + 10)?;
            } else {
                let wake = self.step.wake.ok_or("nothing more is to come")?;
                self.go(Input::Wake, wake.as_millis())?;
            }
        }
        Ok(())
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        if self.traced {
            self.trace.push(what());
        }
    }

    fn all(&mut self, steps: u64, wakes: u64) -> Checked {
        self.drive(steps)?;
        self.never_spins(wakes)?;
        self.comes_home()
    }

    fn report(&self, what: &str) -> String {
        let mut text = format!("{what}\nseed {}, hostile {}, {:?}\n", self.seed, self.hostile, self.phone.config());
        for line in self.trace.iter().rev().take(120).rev() {
            let _ = writeln!(text, "{line}");
        }
        text
    }
}

/// From any state to registered, if nothing goes wrong: the wait after a round (4.4d, 3.4b), the pause when nothing was
/// sent (3.7a), the spreads (4.6), stopping (6.8) and an unregister there (6.9a), a spacing, lookups; and answers' time.
fn longest_wait(config: &Config) -> u64 {
    let rollover = &config.rollover;
    let rejected = rollover.rejected_retry.map_or(0, Millis::get);
    rollover.round_wait_max.get().max(rejected)
        + 60_000
        + rollover.recovery_spread.get()
        + rollover.start_spread.get()
        + 10_000
        + rollover.retry_interval.get()
        + 2 * config.lookup.timeout.get()
        + 10_000
}

/// Runs the cases and shows every kind of violation once, by its first.
fn all_hold(cases: usize, steps: u64, hostile: bool) {
    let mut broken: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let (mut done, mut refused, mut seen, mut kinds) = (0, 0, BTreeSet::new(), HashSet::new());
    for case in 0..cases {
        let seed = case as u64 + 1;
        let config = any_config(case, &mut Rng::new(seed));
        let wakes = if case % 16 == 0 { 10_000 } else { 200 };
        let mut run = Run::new(config.clone(), seed, hostile);
        let result = run.all(steps, wakes);
        seen.append(&mut run.states);
        if let Err(what) = result {
            let bare: String = what.chars().filter(|c| !c.is_ascii_digit()).take(60).collect();
            let kind = what.rsplit_once(" (").map_or(bare, |(_, rule)| rule.trim_end_matches(')').to_string());
            broken
                .entry(kind)
                .or_insert_with(|| {
                    let mut again = Run::new(config, seed, hostile);
                    again.traced = true;
                    let _ = again.all(steps, wakes);
                    (0, again.report(&what))
                })
                .0 += 1;
        }
        kinds.extend(run.kinds);
        done += run.steps;
        refused += run.refused;
    }
    println!("{cases} runs, {done} steps, {refused} refused, states {seen:?}, {} kinds of events", kinds.len());
    let mut text = String::new();
    for (kind, (count, report)) in &broken {
        let _ = writeln!(text, "=== {kind}: {count} of {cases} runs, the first: {report}");
    }
    assert!(broken.is_empty(), "{text}");
    assert!(seen.len() == 9, "the runs do not reach enough states: {seen:?}");
    assert!(kinds.len() >= 45, "the runs meet {} kinds of events only", kinds.len());
    assert_eq!(refused > 0, hostile);
}

#[test]
fn plausible_sequences_keep_every_property() {
    all_hold(1_140, 150, false);
}

#[test]
fn hostile_sequences_keep_every_property() {
    all_hold(1_140, 150, true);
}
