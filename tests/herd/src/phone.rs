//! One phone: a registration of the shipped core, and what is known of it from outside.

use rehome::{Action, Config, EventKind, Id, Registration, State, Step, TargetId, Time};

use crate::network::SERVERS;

/// An attempt in flight.
#[derive(Clone, Copy, Debug)]
struct Flight {
    id: Id,
    server: usize,
}

/// When the last attempt at a registrar began and ended.
#[derive(Clone, Copy, Debug, Default)]
struct Paced {
    start: Option<u64>,
    end: Option<u64>,
}

/// One phone of the herd.
#[derive(Debug)]
pub struct Phone {
    /// The core.
    pub registration: Registration,
    /// When it asked to be called.
    pub wake: Option<Time>,
    /// The number of its home.
    pub home: Option<usize>,
    flight: Option<Flight>,
    unregisters: Vec<Id>,
    paced: [Paced; SERVERS.len()],
    /// An unregister has ended: the next attempt at home is exempt from spacing (rule 6.7c).
    settles: bool,
}

impl Phone {
    /// A phone that is switched off, with a seed of its own.
    ///
    /// # Errors
    /// As [`Registration::new`].
    pub fn new(config: Config, seed: u64) -> Result<Self, rehome::Error> {
        Ok(Self {
            registration: Registration::new(config, seed)?,
            wake: None,
            home: None,
            flight: None,
            unregisters: Vec::new(),
            paced: [Paced::default(); SERVERS.len()],
            settles: false,
        })
    }

    /// The number of a target's registrar.
    #[must_use]
    pub fn server(&self, target: TargetId) -> Option<usize> {
        let host = &*self.registration.target(target)?.host;
        SERVERS.iter().position(|name| *name == host)
    }

    /// The attempt whose answer it waits for.
    #[must_use]
    pub fn in_flight(&self) -> Option<Id> {
        self.flight.map(|flight| flight.id)
    }

    /// Its home, as its status says.
    #[must_use]
    pub fn home_target(&self, now: u64) -> Option<TargetId> {
        self.registration.status(Time::from_millis(now)).home.map(|home| home.id)
    }

    /// Whether it takes itself for registered.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.registration.state() == State::Registered
    }

    /// An answer is about to be handed in, or the core no longer waits for one.
    pub fn ended(&mut self, id: Id, now: u64) {
        if let Some(flight) = self.flight.take_if(|flight| flight.id == id) {
            self.paced[flight.server].end = Some(now);
        }
        if let Some(at) = self.unregisters.iter().position(|unregister| *unregister == id) {
            self.unregisters.remove(at);
            self.settles = true;
        }
    }

    /// Notes what a step decided; says so if an attempt broke the pace of rule 4.4b.
    pub fn notes(&mut self, step: &Step, now: u64) -> Option<String> {
        let mut broken = None;
        for action in &step.actions {
            match action {
                Action::Cancel { id } => self.ended(*id, now),
                Action::Unregister { id, .. } => self.unregisters.push(*id),
                Action::Lookup { .. } => {}
                Action::Register { id, target, .. } => broken = self.begins(*id, *target, now),
            }
        }
        for event in &step.events {
            match event.kind {
                EventKind::Registered { target, .. } => self.home = self.server(target),
                EventKind::HomeLost { .. } | EventKind::Stopped => self.home = None,
                _ => {}
            }
        }
        self.wake = step.wake;
        broken
    }

    fn begins(&mut self, id: Id, target: TargetId, now: u64) -> Option<String> {
        let server = self.server(target)?;
        let rollover = &self.registration.config().rollover;
        let after_start = self.paced[server].start.map(|start| start + rollover.retry_interval.get());
        let after_end = self.paced[server].end.map(|end| end + 1000);
        let earliest = after_start.max(after_end).unwrap_or_default();
        let exempt = self.home == Some(server) && std::mem::take(&mut self.settles);
        self.paced[server].start = Some(now);
        self.flight = Some(Flight { id, server });
        (now < earliest && !exempt).then(|| format!("4.4b: {} ms too soon at {}", earliest - now, SERVERS[server]))
    }
}
