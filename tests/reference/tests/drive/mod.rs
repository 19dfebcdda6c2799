//! One core and one reference, and the host and the world around both.

mod settings;
mod world;

use std::fmt::Write;

use rehome::{Action, EventKind, Input, Registration, Step, Time};
use rehome_reference::{Act, Reference};

/// What the host knows of what it was asked.
#[derive(Default)]
pub struct Host {
    pub now: u64,
    pub wake: Option<u64>,
    pub lookup: Option<u32>,
    /// A lookup no longer waited for.
    pub stale: Option<u32>,
    pub flight: Option<u32>,
    pub byes: Vec<u32>,
    /// Attempts that were cancelled or answered.
    pub past: Vec<u32>,
    pub last_id: u32,
    pub home: Option<rehome::TargetId>,
    /// A target that is not home.
    pub other: Option<rehome::TargetId>,
    pub registered_at: Option<rehome::TargetId>,
    pub online: bool,
}

/// Runs both; an error shows the first difference and all that led to it.
pub fn side_by_side(settings: [u8; 8], deeds: &[[u8; 4]]) -> Result<(), String> {
    let config = settings::config(settings);
    let mut core = Registration::new(config.clone(), 1).map_err(|error| error.to_string())?;
    let mut reference = Reference::new(config.clone());
    let (mut host, mut step, mut told) = (Host { online: true, ..Host::default() }, Step::default(), String::new());
    let mut first = true;
    for deed in deeds {
        let (input, now) = if std::mem::take(&mut first) { (Input::Start, 0) } else { world::deed(*deed, &host) };
        if now > 1 << 40 {
            return Ok(());
        }
        let _ = writeln!(told, "> {now}: {input:?}");
        core.step(input.clone(), Time::from_millis(now), &mut step).map_err(|error| format!("{told}{error}"))?;
        for event in &step.events {
            let _ = writeln!(told, "      - {} {:?}", event.rule, event.kind);
        }
        let expected = acts(&core, &step);
        let _ = writeln!(told, "   core {expected:?}\n        {}", core_status(&core, now));
        for entry in &core.status(Time::from_millis(now)).plan {
            reference.knows(entry.target.id, &entry.target.host);
        }
        for action in &step.actions {
            if let Action::Register { target, .. } = action
                && let Some(target) = core.target(*target)
            {
                reference.knows(target.id, &target.host);
            }
        }
        let drawn: Vec<Option<u64>> = step
            .events
            .iter()
            .filter_map(|event| match event.kind {
                EventKind::RoundFailed { until, .. } => Some(until.map(Time::as_millis)),
                _ => None,
            })
            .collect();
        // A home that this step leaves may be forgotten in it.
        let early = reference.forget(|id| core.target(id).is_some());
        let said = reference.step(&input, now, &drawn);
        let said = said.map_err(|wrong| format!("{}{told}   reference: {wrong}", settings::told(&config)))?;
        if early.is_err() {
            reference.forget(|id| core.target(id).is_some()).map_err(|wrong| format!("{told}   {wrong}"))?;
        }
        let (is, should) = (core_status(&core, now), reference_status(&reference));
        if said != expected || is != should {
            return Err(format!("{}{told}   ref. {said:?}\n        {should}", settings::told(&config)));
        }
        host.heard(&core, &input, now, &step);
    }
    Ok(())
}

fn acts(core: &Registration, step: &Step) -> Vec<Act> {
    let host = |target| core.target(target).map_or_else(String::new, |target| target.host.to_string());
    let act = |action: &Action| match *action {
        Action::Lookup { id, deadline, .. } => Act::Lookup { id: id.get(), deadline: deadline.as_millis() },
        Action::Register { id, target, binding, attempt, expires, deadline, .. } => Act::Register {
            id: id.get(),
            target: host(target),
            attempt,
            binding: binding.get(),
            expires: expires.get().into(),
            deadline: deadline.as_millis(),
        },
        Action::Unregister { id, target, binding, deadline, .. } => Act::Unregister {
            id: id.get(),
            target: host(target),
            binding: binding.get(),
            deadline: deadline.as_millis(),
        },
        Action::Cancel { id } => Act::Cancel { id: id.get() },
    };
    step.actions.iter().map(act).collect()
}

fn core_status(core: &Registration, now: u64) -> String {
    let status = core.status(Time::from_millis(now));
    let home = status.home.as_ref().map(|home| &*home.host);
    let (wake, rounds) = (status.wake.map(Time::as_millis), status.failed_rounds);
    format!("{:?}, home {home:?}, streak {}, rounds {rounds}, wake {wake:?}", status.state, status.streak)
}

fn reference_status(reference: &Reference) -> String {
    let (home, rounds) = (reference.home(), reference.rounds());
    let (streak, wake) = (reference.streak(), reference.wake());
    format!("{:?}, home {home:?}, streak {streak}, rounds {rounds}, wake {wake:?}", reference.state())
}

impl Host {
    fn heard(&mut self, core: &Registration, input: &Input, now: u64, step: &Step) {
        self.now = now;
        self.wake = step.wake.map(Time::as_millis);
        match input {
            Input::Outcome { id, .. } => self.ended(id.get()),
            Input::Answer { id, .. } => {
                self.lookup.take_if(|lookup| *lookup == id.get());
                self.stale.take_if(|lookup| *lookup == id.get());
            }
            Input::NetworkDown => self.online = false,
            Input::NetworkChanged => self.online = true,
            _ => {}
        }
        for action in &step.actions {
            match action {
                Action::Lookup { id, .. } => {
                    self.last_id = id.get();
                    self.stale = self.lookup.replace(id.get()).or(self.stale);
                }
                Action::Register { id, target, .. } => {
                    self.last_id = id.get();
                    self.flight = Some(id.get());
                    self.registered_at = Some(*target);
                }
                Action::Unregister { id, .. } => {
                    self.last_id = id.get();
                    self.byes.push(id.get());
                }
                Action::Cancel { id } => {
                    self.ended(id.get());
                    if self.lookup.take_if(|lookup| *lookup == id.get()).is_some() {
                        self.stale = Some(id.get());
                    }
                }
            }
        }
        let status = core.status(Time::from_millis(now));
        self.home = status.home.map(|home| home.id);
        let elsewhere = |id: &rehome::TargetId| Some(*id) != self.home;
        self.other = status.plan.iter().map(|entry| entry.target.id).find(elsewhere);
    }

    fn ended(&mut self, id: u32) {
        if self.flight.take_if(|flight| *flight == id).is_some() {
            self.past.push(id);
        }
        if let Some(place) = self.byes.iter().position(|bye| *bye == id) {
            self.byes.remove(place);
            self.past.push(id);
        }
        if self.past.len() > 12 {
            self.past.remove(0);
        }
    }
}
