//! The invariants: a model that knows nothing but the policy and what was put out.

use std::collections::{BTreeMap, BTreeSet};

use rehome::{Action, EventKind, Id, Input, LookupKind, Millis, Registration, State, Step, TargetId, Time};

use crate::Checked;

/// What the policy says must be so, from the outputs alone.
#[derive(Clone)]
pub struct Model {
    /// The model's time is the host's plus this: it never goes back (rule 0.4).
    shift: i128,
    host_now: u64,
    pub running: bool,
    pub stopping: bool,
    pub online: bool,
    confirmed: bool,
    pub home: Option<TargetId>,
    pub flight: Option<(Id, TargetId)>,
    pub lookups: BTreeMap<Id, LookupKind>,
    pub unregisters: BTreeMap<Id, TargetId>,
    /// Attempts no longer waited for.
    pub past: Vec<Id>,
    names: BTreeMap<TargetId, String>,
    starts: BTreeMap<String, i128>,
    ends: BTreeMap<String, i128>,
    /// Registers sent, by target.
    sent: BTreeSet<(Id, String)>,
    pub last_id: Id,
    /// Rule 6.7's refresh is due.
    settle: bool,
    /// The first step after a restore is still to come.
    restored: bool,
}

fn name_of(phone: &Registration, id: TargetId) -> Option<String> {
    phone.target(id).map(|target| format!("{}:{}/{}", target.host, target.port, target.transport.as_str()))
}

impl Model {
    pub fn new() -> Self {
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
    pub fn restore(&mut self, phone: &Registration, now: u64, away: u64) {
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

    pub fn stepped(&mut self, phone: &Registration, input: &Input, now: u64, step: &Step) -> Checked {
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
        // One forgotten after its spacing (7.4b) begins anew, should a later configuration space it wider.
        let interval = i128::from(phone.config().rollover.retry_interval.get());
        let known = |name: &String| self.names.iter().any(|(id, of)| of == name && phone.target(*id).is_some());
        self.starts.retain(|name, start| known(name) || t - *start < interval);
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
            Action::Unregister { id, target, address: _, binding, deadline } => {
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
