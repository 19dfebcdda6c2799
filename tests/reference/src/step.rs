//! One step, and what can be asked after it.

use rehome::{Input, RetryAfter};

use crate::model::{Act, Entry, Peer, Phase, Reference, State};

impl Reference {
    /// One input at the host's time. `drawn` are the ends of waits that the core drew in this step, in order.
    pub fn step(&mut self, input: &Input, now: u64, drawn: &[Option<u64>]) -> Result<Vec<Act>, String> {
        let back = self.host.saturating_sub(now);
        self.shift += back;
        self.host = now;
        self.now = now + self.shift;
        self.drawn = drawn.iter().map(|until| until.map(|until| until + self.shift)).collect();
        self.acts.clear();
        self.proof();
        if back > 0 && self.phase == Phase::Running {
            self.resumed();
        }
        self.input(input);
        self.leave_waiting();
        self.run_timers();
        match self.wrong.take() {
            Some(wrong) => Err(wrong),
            None => Ok(self.acts.clone()),
        }
    }

    /// Home's name.
    #[must_use]
    pub fn home(&self) -> Option<&str> {
        self.home.as_ref().map(|home| home.target.as_str())
    }

    /// Failed rounds since the last proven success.
    #[must_use]
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Failures in a row, at home or else at the walk's target.
    #[must_use]
    pub fn streak(&self) -> u32 {
        match (&self.home, &self.walk) {
            (Some(home), _) => home.streak,
            (None, Some(walk)) => walk.streak,
            (None, None) => 0,
        }
    }

    /// The state (7.3).
    #[must_use]
    pub fn state(&self) -> State {
        match self.phase {
            Phase::Stopped => return State::Stopped,
            Phase::Stopping { .. } => return State::Stopping,
            Phase::Running if !self.online => return State::Offline,
            Phase::Running => {}
        }
        if let Some(home) = &self.home {
            return if home.confirmed && !home.expired { State::Registered } else { State::Unconfirmed };
        }
        match (&self.walk, &self.wait) {
            (Some(walk), _) if walk.list.is_none() => State::LookingUp,
            (Some(_), _) => State::Registering,
            (None, Some(wait)) if wait.rejected => State::Rejected,
            (None, _) => State::Waiting,
        }
    }

    pub(crate) fn fresh_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn host_time(&self, time: u64) -> u64 {
        time.saturating_sub(self.shift)
    }

    pub(crate) fn peer(&mut self, name: &str) -> &mut Peer {
        if !self.peers.iter().any(|peer| peer.name == name) {
            self.peers.push(Peer { name: name.into(), ..Peer::default() });
        }
        self.peers.iter_mut().find(|peer| peer.name == name).expect("it was just put in")
    }

    pub(crate) fn seen(&self, name: &str) -> Peer {
        self.peers.iter().find(|peer| peer.name == name).cloned().unwrap_or_default()
    }

    pub(crate) fn listed(&self, name: &str) -> Option<&Entry> {
        self.set.iter().find(|entry| entry.name == name)
    }

    pub(crate) fn is_primary(&self, name: &str) -> bool {
        let first = self.set.first().map(|entry| entry.priority);
        self.listed(name).is_some_and(|entry| Some(entry.priority) == first)
    }

    pub(crate) fn failures(&self) -> u32 {
        self.config.rollover.failures_before_rollover.into()
    }

    pub(crate) fn interval(&self) -> u64 {
        self.config.rollover.retry_interval.get()
    }

    pub(crate) fn leaves(&self) -> bool {
        self.config.rollover.retry_after == RetryAfter::Leave
    }

    /// When an attempt there may start (4.4b).
    pub(crate) fn spaced(&self, name: &str) -> u64 {
        let peer = self.seen(name);
        let from_start = peer.started.map_or(0, |started| started + self.interval());
        from_start.max(peer.ended.map_or(0, |ended| ended + 1_000))
    }
}
