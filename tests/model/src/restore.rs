//! Rule 5.5: a snapshot restored goes on as the original does that was resumed.

use rehome::{Action, Input, State, Status, Step, Time};

use crate::property::{Broken, hold};
use crate::world::{World, host};

/// What both must agree on.
fn essence(status: &Status) -> impl PartialEq + std::fmt::Debug + use<> {
    let plan: Vec<_> =
        status.plan.iter().map(|entry| (entry.target.host.clone(), entry.last, entry.held_until)).collect();
    let home = status.home.as_ref().map(|home| home.host.clone());
    (status.state, home, status.primary, status.why, status.streak, status.expires_at, status.failed_rounds, plan)
}

fn registers(world: &World, step: &Step) -> Vec<Option<char>> {
    let target = |action: &Action| match action {
        Action::Register { target, .. } => Some(host(&world.phone, *target)),
        _ => None,
    };
    step.actions.iter().filter_map(target).collect()
}

/// Compares the restored one, after its first wake, with the original, resumed: where home holds and the network is there.
pub(crate) fn compare(before: &World, restored: &World) -> Result<(), Broken> {
    let ghost = &before.ghost;
    let waits = matches!(before.phone.state(), State::Waiting | State::Rejected);
    if !ghost.running || !ghost.online || !(ghost.home.is_some() || waits) {
        return Ok(());
    }
    if ghost.busy && ghost.deferred.is_some() {
        return Ok(()); // What the call held back goes on: the call ended with that process.
    }
    if before.phone.status(Time::from_millis(before.now)).expires_at.is_some_and(|at| at.as_millis() <= before.now) {
        return Ok(()); // Home has expired: it is a restart (5.5d).
    }
    let (mut original, mut step) = (before.clone(), Step::default());
    let now = Time::from_millis(before.now);
    if let Err(error) = original.phone.step(Input::Resumed, now, &mut step) {
        hold!(false, SnapshotBehaves, "resumed is refused: {error}");
    }
    let (was, is) = (essence(&original.phone.status(now)), essence(&restored.phone.status(now)));
    hold!(was == is, SnapshotBehaves, "the original {was:?}, the restored {is:?}");
    let sent = registers(&original, &step);
    if let (true, Some(flight)) = (ghost.home.is_some(), restored.owed.flight) {
        hold!(
            sent.is_empty() || sent.contains(&Some(flight.host)),
            SnapshotBehaves,
            "a REGISTER at {}, not {sent:?}",
            flight.host
        );
    }
    Ok(())
}
