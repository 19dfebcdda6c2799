//! Rules 4.2, 5.4e: whatever came before, a target that accepts while all others are silent is reached within a round.

use rehome::{EventKind, Input, State, Step, Time};

use crate::space::{Act, Out, Space};
use crate::world::World;

/// More steps than any round has.
const STEPS: u32 = 400;

/// Which target is not reached, if one is.
#[must_use]
pub fn unreached(world: &World, space: &Space) -> Option<char> {
    if !world.ghost.running || matches!(world.ghost.wait, Some((None, _))) {
        return None;
    }
    space.hosts().into_iter().find(|alive| !reaches(world, space, *alive))
}

fn reaches(world: &World, space: &Space, alive: char) -> bool {
    let mut world = world.clone();
    let mut step = Step { wake: world.owed.wake.map(|left| Time::from_millis(world.now + left)), ..Step::default() };
    let mut failed = 0;
    // The round under way, or the one whose lookup was answered without it, may fail; the next one finds it.
    let allowed = 1;
    for _ in 0..STEPS {
        let now = Time::from_millis(world.now);
        let home = || world.phone.status(now).home.and_then(|home| home.host.chars().next());
        if world.phone.state() == State::Registered && home() == Some(alive) {
            return true;
        }
        let flight = world.owed.flight.filter(|flight| flight.host == alive);
        let (input, at) = if world.phone.state() == State::Offline {
            (Input::NetworkChanged, now)
        } else if let Some(flight) = flight {
            (Input::Outcome { id: flight.id, outcome: Space::outcome(Out::Accepted) }, now)
        } else if let Some((id, _)) = world.owed.lookups.last().copied() {
            let Some(answer) = space.answer(Act::Records(0)) else { return false };
            (Input::Answer { id, answer }, now)
        } else if let Some(wake) = step.wake {
            (Input::Wake, wake)
        } else {
            return false;
        };
        match &input {
            Input::Outcome { .. } => world.owed.flight = None,
            Input::Answer { .. } => _ = world.owed.lookups.pop(),
            _ => {}
        }
        world.now = at.as_millis();
        if world.phone.step(input, at, &mut step).is_err() {
            return false;
        }
        for action in &step.actions {
            world.told(action, at);
        }
        failed += step.events.iter().filter(|event| matches!(event.kind, EventKind::RoundFailed { .. })).count();
        if failed > allowed {
            return false;
        }
    }
    false
}
