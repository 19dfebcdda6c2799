//! Which targets a walk has, and in which order: naively, from the policy's words (2.1, 4.3c, 4.5a, 6.3a).

use rehome::{EventKind, State, Time, Trigger};

use crate::ghost::{Kind, Walk};
use crate::judge::{Seen, frozen};
use crate::property::{Broken, hold};
use crate::world::World;

/// The plan as status says it: host, priority, held.
pub(crate) fn plan(world: &World, now: Time) -> Vec<(char, u16, bool)> {
    let entries = world.phone.status(now).plan.into_iter();
    entries
        .filter_map(|entry| {
            Some((entry.target.host.chars().next()?, entry.target.priority, entry.held_until.is_some()))
        })
        .collect()
}

/// Whether home is a primary: listed, in the tier of the lowest number.
pub(crate) fn is_primary(world: &World, home: char, now: Time) -> bool {
    let plan = plan(world, now);
    let lowest = plan.iter().map(|entry| entry.1).min();
    let missing = world.ghost.home.as_ref().is_some_and(|(_, known)| known.missing > 0);
    !missing && plan.iter().any(|entry| entry.0 == home && Some(entry.1) == lowest)
}

/// The walk's list.
pub(crate) fn list(world: &World, kind: Kind, now: Time) -> Vec<char> {
    let plan = plan(world, now);
    let lowest = plan.iter().map(|entry| entry.1).min();
    let home = world.ghost.home.as_ref().map(|home| home.0);
    let mut list: Vec<&(char, u16, bool)> = Vec::new();
    match kind {
        Kind::All => list.extend(&plan),
        Kind::Loss(lost, had) => {
            let priority = plan.iter().find(|entry| entry.0 == lost).map_or(had, |entry| entry.1); // 4.3e
            list.extend(plan.iter().filter(|entry| entry.0 != lost && entry.1 == priority));
            list.extend(plan.iter().filter(|entry| entry.0 != lost && entry.1 != priority));
            list.extend(plan.iter().filter(|entry| entry.0 == lost));
        }
        Kind::Excursion(Trigger::HomeMissing) => list.extend(plan.iter().filter(|entry| Some(entry.0) != home)),
        Kind::Excursion(_) => {
            list.extend(plan.iter().filter(|entry| Some(entry.0) != home && Some(entry.1) == lowest));
        }
    }
    let free = list.iter().filter(|entry| !entry.2);
    let held = list.iter().filter(|entry| entry.2);
    free.chain(held).map(|entry| entry.0).collect()
}

/// A walk that waited for its lookup begins: from now on its list is fixed.
pub(crate) fn freeze(world: &mut World, seen: &Seen<'_>) -> Result<(), Broken> {
    let Walk::Pending(mut kind) = world.ghost.walk else { return Ok(()) };
    let began = seen.step.events.iter().find_map(|event| match event.kind {
        EventKind::ExcursionBegan { trigger } => Some(trigger),
        _ => None,
    });
    if let (Some(trigger), Kind::Excursion(_), Some((home, known))) = (began, kind, &world.ghost.home) {
        kind = Kind::Excursion(trigger);
        if trigger == Trigger::HomeMissing {
            hold!(
                known.missing >= 2,
                OnlyOnTriggers,
                "an excursion for a missing home, missing {} times",
                known.missing
            );
        } else {
            hold!(!is_primary(world, *home, seen.now), OnlyOnTriggers, "an excursion, and home {home} is a primary");
        }
        hold!(!world.ghost.busy, OnlyOnTriggers, "an excursion begins during a call (6.6a)");
    } else if matches!(kind, Kind::Excursion(_)) || world.phone.state() != State::Registering {
        return Ok(());
    }
    let list = list(world, kind, seen.now);
    hold!(!list.is_empty(), NextIsTheWalks, "a walk over nothing begins");
    world.ghost.walk = Walk::Running(kind, frozen(list));
    Ok(())
}
