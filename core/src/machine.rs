//! A stand-in until the machine is here: the signatures are final.

use alloc::vec::Vec;

use crate::{Action, Config, Error, Event, Input, State, Status, Target, TargetId, Time, WallClock};

/// What one step put out. The caller keeps and reuses it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Step {
    /// Everything to do, in order.
    pub actions: Vec<Action>,
    /// Everything decided, in order.
    pub events: Vec<Event>,
    /// When to call again with [`Input::Wake`]; later than the `now` of the step.
    #[cfg_attr(feature = "serde", serde(rename = "wakeMs"))]
    pub wake: Option<Time>,
}

/// A snapshot's bytes: nobody's business but [`Registration::restore`]'s.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Snapshot(pub Vec<u8>);

/// One registration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Registration {}

impl Registration {
    /// New.
    pub fn new(_config: Config, _seed: u64) -> Result<Self, Error> {
        Ok(Self {})
    }
    /// Restore.
    pub fn restore(_c: Config, _seed: u64, _snapshot: &[u8], _now: Time, _wall: WallClock) -> Result<Self, Error> {
        Ok(Self {})
    }
    /// Step.
    pub fn step(&mut self, _input: Input, _now: Time, _out: &mut Step) -> Result<(), Error> {
        Ok(())
    }
    /// Target.
    pub fn target(&self, _id: TargetId) -> Option<&Target> {
        None
    }
    /// Status.
    pub fn status(&self, _now: Time) -> Status {
        Status {
            state: State::Stopped,
            home: None,
            primary: false,
            why: None,
            streak: 0,
            expires_at: None,
            plan: Vec::new(),
            wake: None,
            wake_for: None,
            trying: None,
            failed_rounds: 0,
        }
    }
    /// Snapshot.
    pub fn snapshot(&self, _now: Time, _wall: WallClock) -> Snapshot {
        Snapshot(Vec::new())
    }
}
