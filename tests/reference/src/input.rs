//! Which input does what.

use rehome::{Input, TargetId, Trigger};

use crate::model::{Peer, Reference};

impl Reference {
    pub(crate) fn input(&mut self, input: &Input) {
        match input {
            Input::Start => self.start(),
            Input::Stop => self.stop(),
            Input::Wake | Input::Configure { .. } | Input::Refreshed { .. } => {}
            Input::AgentLogin => self.trigger(Trigger::AgentLogin),
            Input::TryPrimary => self.trigger(Trigger::Manual),
            Input::NetworkDown => self.network_down(),
            Input::NetworkChanged => self.network_changed(),
            Input::Resumed => self.resumed(),
            Input::Busy => self.busy = true,
            Input::Idle => self.busy = false,
            Input::FlowLost { target } => {
                if let Some(name) = self.name_of(*target) {
                    self.flow_lost(&name);
                }
            }
            Input::Answer { id, answer } => self.answer(id.get(), answer),
            Input::Outcome { id, outcome } => self.outcome(id.get(), outcome),
        }
    }

    /// Whoever drives both says which number means which host (see [`Reference::knows`]).
    fn name_of(&self, target: TargetId) -> Option<String> {
        self.targets.iter().find(|(id, _)| *id == target).map(|(_, name)| name.clone())
    }

    /// Tells the number that the core gave a target.
    pub fn knows(&mut self, id: TargetId, name: &str) {
        if !self.targets.iter().any(|(known, _)| *known == id) {
            self.targets.push((id, name.into()));
        }
    }

    /// Which targets the core still remembers: how long it does so once they are neither listed nor in use is its own
    /// affair (7.4b). Spacing holds all the same (4.4b).
    pub fn forget(&mut self, known: impl Fn(TargetId) -> bool) -> Result<(), String> {
        let gone: Vec<String> =
            self.targets.iter().filter(|(id, _)| !known(*id)).map(|(_, name)| name.clone()).collect();
        self.targets.retain(|(id, _)| known(*id));
        for name in gone.iter().filter(|name| !self.targets.iter().any(|(_, other)| other == *name)) {
            if self.home() == Some(name) || self.byes.iter().any(|bye| bye.target == *name) {
                return Err(format!("{name} is forgotten, and in use"));
            }
            for peer in self.peers.iter_mut().filter(|peer| peer.name == *name) {
                let (name, started, ended) = (peer.name.clone(), peer.started, peer.ended);
                *peer = Peer { name, started, ended, ..Peer::default() };
            }
            self.old.retain(|old| old != name);
            self.past.retain(|flight| flight.target != *name);
        }
        Ok(())
    }
}
