//! Rules 6.4b, 6.4e: `failback` every so often, by a clock of our own.

use rehome::{EventKind, FailbackEvery, Trigger};

use crate::ghost::Walk;
use crate::judge::Seen;
use crate::order;
use crate::property::{Broken, hold};
use crate::world::World;

/// Whether the core may try the primary now though nobody asked for it.
pub(crate) fn may(world: &World, seen: &Seen<'_>) -> bool {
    match seen.space.config.failback.every {
        FailbackEvery::Never => false,
        FailbackEvery::Refresh => refreshed(seen),
        FailbackEvery::Ttl | FailbackEvery::Millis(_) => world.ghost.failback == Some(0),
    }
}

fn refreshed(seen: &Seen<'_>) -> bool {
    seen.step.events.iter().any(|event| matches!(event.kind, EventKind::Refreshed { .. }))
}

/// Between two steps: what was due has been asked for, and the clock runs while home is no primary.
pub(crate) fn at_rest(world: &mut World, seen: &Seen<'_>) -> Result<(), Broken> {
    let told = seen.step.events.iter().any(|event| {
        matches!(
            event.kind,
            EventKind::Triggered { trigger: Trigger::Failback }
                | EventKind::TriggerDeferred { trigger: Trigger::Failback, .. }
                | EventKind::TriggerIgnored { trigger: Trigger::Failback, .. }
        )
    });
    let ghost = &world.ghost;
    let active = ghost.running && ghost.online;
    let away = ghost.home.as_ref().is_some_and(|home| !order::is_primary(world, home.0, seen.now));
    let free = ghost.walk == Walk::None && ghost.deferred.is_none();
    match seen.space.config.failback.every {
        FailbackEvery::Refresh => {
            let due = refreshed(seen) && away && seen.before.ghost.walk == Walk::None;
            let due = due && seen.before.ghost.deferred.is_none() && active;
            hold!(told || !due, OnlyOnTriggers, "a refresh at a secondary asks for no primary");
        }
        FailbackEvery::Millis(every) => {
            if ghost.failback == Some(0) && active {
                let waits = ghost.deferred.is_some() || seen.before.ghost.deferred.is_some(); // Those are one (6.6c).
                hold!(told || waits || !away, OnlyOnTriggers, "failback is due and asks for nothing");
                world.ghost.failback = None;
            }
            if !away {
                world.ghost.failback = None;
            } else if free {
                world.ghost.failback.get_or_insert(every.get());
            }
        }
        FailbackEvery::Never | FailbackEvery::Ttl => {}
    }
    Ok(())
}
