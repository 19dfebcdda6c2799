//! What must hold between two steps.

use rehome::{EventKind, State, Trigger};

use crate::ghost::{Kind, Walk};
use crate::judge::Seen;
use crate::property::{Broken, Property, broken, hold};
use crate::space::Act;
use crate::unasked;
use crate::world::World;

pub(crate) fn at_rest(world: &mut World, seen: &Seen<'_>) -> Result<(), Broken> {
    let state = world.phone.state();
    let status = world.phone.status(seen.now);
    let ghost = &mut world.ghost;
    let active = ghost.running && ghost.online;
    let for_ever = matches!(ghost.wait, Some((None, _)));
    hold!(!active || world.owed.wake.is_some() || for_ever, NeverForgotten, "{state:?} and nothing more is to come");
    hold!(world.owed.wake != Some(0), NeverForgotten, "a wake that is now (0.3c)");
    let (home, known) = ghost.home.as_ref().map_or((None, None), |(home, known)| (Some(*home), Some(known)));
    let at = status.home.as_ref().and_then(|home| home.host.chars().next());
    hold!(at == home || ghost.stopping, Sticky, "status says home is {at:?}, the events {home:?}");
    if let (Some(known), true) = (known, ghost.running) {
        hold!(
            status.streak == u32::from(known.fails),
            ExcursionKeepsHome,
            "home's streak is {}, not {}",
            status.streak,
            known.fails
        );
    }
    let registered = active && known.is_some_and(|known| known.confirmed);
    hold!(
        (state == State::Registered) == registered,
        SaysTheTruth,
        "{state:?}, and that home's binding is known is {registered}"
    );
    if active && let Some(home) = home {
        let second = ghost.targets.iter().find(|target| target.host != home && target.bound);
        hold!(
            second.is_none() || ghost.busy,
            NoSecondBinding,
            "home is {home}, and the binding at {:?} is left",
            second.map(|target| target.host)
        );
    }
    let waiting = world.owed.lookups.iter().any(|lookup| lookup.1 > 0);
    if let (Walk::Pending(Kind::Excursion(_)), true, false) = (&ghost.walk, active, waiting) {
        return broken(Property::OnlyOnTriggers, "an excursion waits for no lookup");
    }
    if let (Walk::Pending(_), true, false) = (&ghost.walk, active, waiting) {
        return broken(Property::NeverForgotten, "a round waits for no lookup");
    }
    let unasked = |trigger| matches!(trigger, Trigger::HomeMissing | Trigger::Failback);
    let waits = active && !ghost.busy && ghost.wait.is_some();
    if waits && ghost.deferred.is_some_and(|deferred| unasked(deferred.0)) {
        ghost.deferred = None; // The next round serves it.
    }
    let free = active && !ghost.busy && ghost.walk == Walk::None;
    hold!(
        !(free && ghost.deferred.is_some_and(|deferred| deferred.1 == 0)),
        OnlyOnTriggers,
        "a deferred trigger does not fire, and nothing bars it"
    );
    hold!(!(active && matches!(ghost.wait, Some((Some(0), _)))), BackOff, "the wait is over, and no round begins");
    unasked::at_rest(world, seen)?;
    asked(world, seen)
}

/// An agent login or a manual trigger with a home, and nothing that bars it, is one (6.3a).
fn asked(world: &World, seen: &Seen<'_>) -> Result<(), Broken> {
    let before = &seen.before.ghost;
    let free = before.running && before.online && !before.busy && before.walk == Walk::None && before.home.is_some();
    if matches!(seen.act, Act::Login | Act::Manual) && free {
        let told = seen.step.events.iter().any(|event| matches!(event.kind, EventKind::Triggered { .. }));
        hold!(told, OnlyOnTriggers, "{:?} with home and nothing in the way asks for nothing", seen.act);
        let pending = matches!(world.ghost.walk, Walk::Pending(Kind::Excursion(_)));
        let began = matches!(world.ghost.walk, Walk::Running(Kind::Excursion(_), _));
        hold!(pending || began, OnlyOnTriggers, "{:?} leads to no excursion and no lookup", seen.act);
    }
    Ok(())
}
