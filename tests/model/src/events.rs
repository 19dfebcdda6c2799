//! The events of a step: which of them may be, after what came in.

use rehome::{Bar, EventKind, IgnoreReason, SkipReason, Trigger};

use crate::backoff;
use crate::ghost::{Home, Kind, Walk};
use crate::judge::{Due, Seen};
use crate::order;
use crate::property::{Broken, Property, broken, hold};
use crate::space::Act;
use crate::unasked;
use crate::world::{World, host};

pub(crate) fn events(world: &mut World, seen: &Seen<'_>, due: &mut Due) -> Result<(), Broken> {
    let mut moved = false;
    for event in &seen.step.events {
        match &event.kind {
            EventKind::Started { .. } => {
                let ghost = &mut world.ghost;
                (ghost.running, ghost.stopping, ghost.rounds) = (true, false, 0);
                (ghost.wait, ghost.deferred, ghost.walk) = (None, None, Walk::Pending(Kind::All));
            }
            EventKind::Stopping => {
                let ghost = &mut world.ghost;
                (ghost.running, ghost.stopping, ghost.settle) = (false, true, false);
                (ghost.wait, ghost.deferred, ghost.walk) = (None, None, Walk::None);
            }
            EventKind::Stopped => {
                let ghost = &mut world.ghost;
                if !ghost.online {
                    // It just stops (6.8a): what waited for the end of a call is left to expire.
                    let home = ghost.home.as_ref().map(|home| home.0);
                    ghost.targets.iter_mut().for_each(|target| target.bound &= Some(target.host) == home);
                }
                (ghost.running, ghost.stopping, ghost.home) = (false, false, None);
            }
            EventKind::HomeLost { target, .. } => lost(world, seen, due, host(&world.phone, *target))?,
            EventKind::RolledOver { from, to } => {
                let pair = (host(&world.phone, *from), host(&world.phone, *to));
                let Walk::Running(_, walk) = &mut world.ghost.walk else {
                    return broken(Property::OnlyThoseRollOver, "rolled over without a walk");
                };
                if std::mem::take(&mut due.go_on) {
                    let next = walk.list.get(walk.at + 1).copied();
                    hold!(pair == (walk.current(), next), NextIsTheWalks, "rolled over {pair:?} in {walk:?}");
                    (walk.at, walk.fails) = (walk.at + 1, 0);
                } else {
                    // 3.3c with a home that was found late: the walk was at its next already.
                    let late = seen.step.events.iter().any(|e| matches!(e.kind, EventKind::HomeLost { .. }));
                    hold!(late, OnlyThoseRollOver, "rolled over {pair:?} after {} failures", walk.fails);
                    hold!(pair.1 == walk.current(), NextIsTheWalks, "rolled over {pair:?} in {walk:?}");
                }
            }
            EventKind::RoundFailed { .. } => backoff::round_failed(world, seen, due, &event.kind)?,
            EventKind::WaitEnded | EventKind::Wrapped => {
                backoff::wait_over(world, seen)?;
                world.ghost.wait = None;
                if event.kind == EventKind::Wrapped {
                    world.ghost.walk = Walk::Pending(Kind::All);
                }
            }
            EventKind::HomeLeft { from, to } => {
                let (from, to) = (host(&world.phone, *from), host(&world.phone, *to));
                let late = seen.step.events.iter().any(|e| matches!(e.kind, EventKind::LateSuccess { .. }));
                let found = matches!(&world.ghost.walk, Walk::Running(Kind::Excursion(_), walk)
                    if walk.current() == to && (due.accepted == to || late));
                let tried = world.owed.flight.is_some_and(|flight| Some(flight.host) == to);
                hold!(found || late && tried, Sticky, "home moves from {from:?} to {to:?}");
                moved = true;
                // One is under way there already, begun before a late success made it home: that one serves.
                let leaving = world.owed.unregisters.iter().any(|unregister| Some(unregister.1) == from);
                if let Some(target) = from.and_then(|from| world.ghost.target(from)).filter(|_| leaving) {
                    target.bound = false;
                }
            }
            EventKind::Registered { target, .. } => registered(world, seen, host(&world.phone, *target), moved)?,
            EventKind::Refreshed { target, .. } => {
                let at = host(&world.phone, *target);
                world.ghost.accepted = true;
                let Some((home, known)) = &mut world.ghost.home else {
                    return broken(Property::Sticky, "a refresh without home");
                };
                hold!(Some(*home) == at, Sticky, "a refresh at {at:?}, home is {home}");
                (known.before, known.fails, known.success) = (known.fails, 0, Some(0));
                (known.clean, known.confirmed) = (true, true);
            }
            EventKind::FlowLost { streak, .. } => {
                let enough = seen.space.config.rollover.failures_before_rollover;
                if let Some((_, known)) = &mut world.ghost.home {
                    (known.clean, known.confirmed) = (false, false);
                    if known.success.take().is_some() {
                        known.fails = known.before.saturating_add(1);
                        due.lose = known.fails >= enough;
                    }
                    let fails = known.fails;
                    hold!(
                        *streak == u32::from(fails),
                        OnlyThoseRollOver,
                        "flow lost: streak {streak}, not {fails} (3.3c)"
                    );
                }
            }
            EventKind::HomeExpired { .. } => {
                let running = world.ghost.running;
                if let Some((home, known)) = &mut world.ghost.home {
                    hold!(
                        !(known.clean && running),
                        ExcursionKeepsHome,
                        "{home} answered all, and its binding expires"
                    );
                    (known.confirmed, known.clean) = (false, false);
                }
            }
            EventKind::NetworkDown => {
                world.ghost.online = false;
                world.ghost.settle = false;
                in_doubt(world);
            }
            EventKind::NetworkChanged => network_changed(world),
            EventKind::Resumed | EventKind::Slept | EventKind::NotSent { .. } => {
                world.ghost.home.iter_mut().for_each(|(_, known)| known.clean = false);
            }
            EventKind::HomeMissing { times, .. } => {
                let missing = world.ghost.home.as_ref().map_or(0, |(_, known)| known.missing);
                hold!(
                    (*times).min(2) == u32::from(missing),
                    OnlyOnTriggers,
                    "home missing {times} times, not {missing}"
                );
            }
            EventKind::Triggered { trigger } => triggered(world, seen, *trigger)?,
            EventKind::TriggerDeferred { trigger, reason, until } => {
                let asked = world.ghost.deferred.filter(|_| *trigger == Trigger::HomeMissing); // 6.6d
                let trigger = asked.map_or(*trigger, |asked| asked.0);
                world.ghost.deferred = Some((trigger, until.map_or(0, |until| until.since(seen.now).get())));
                if *reason != Bar::Offline && matches!(world.ghost.walk, Walk::Pending(Kind::Excursion(_))) {
                    world.ghost.walk = Walk::None;
                }
            }
            EventKind::TriggerIgnored { reason: IgnoreReason::HomeIsPrimary, .. } => {
                let primary = world.ghost.home.as_ref().is_some_and(|home| order::is_primary(world, home.0, seen.now));
                hold!(primary, OnlyOnTriggers, "a trigger is ignored for a primary that home is not");
                (world.ghost.walk, world.ghost.deferred) = (Walk::None, None);
            }
            EventKind::HomeKept { .. } => kept(world, seen, due)?,
            EventKind::Unregistered { .. } => world.ghost.settle |= world.ghost.running && world.ghost.home.is_some(),
            EventKind::UnregisterSkipped { target, reason } => skipped(world, host(&world.phone, *target), *reason)?,
            EventKind::LateSuccess { target, .. } | EventKind::LateUnregistered { target, .. } => {
                let Some(at) = host(&world.phone, *target) else { continue };
                let wanted = matches!(event.kind, EventKind::LateSuccess { .. });
                let leaving = world.owed.unregisters.iter().any(|unregister| unregister.1 == at);
                if let Some(target) = world.ghost.target(at) {
                    target.bound |= wanted || !leaving;
                    target.answered |= wanted;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Rules 4.3, 3.3c.
fn lost(world: &mut World, seen: &Seen<'_>, due: &mut Due, at: Option<char>) -> Result<(), Broken> {
    let walk = &world.ghost.walk;
    let excursion = matches!(walk, Walk::Running(Kind::Excursion(_), _));
    let property = if excursion { Property::ExcursionKeepsHome } else { Property::OnlyThoseRollOver };
    let Some((home, known)) = world.ghost.home.take() else { return broken(property, "a home is lost that was none") };
    if !std::mem::take(&mut due.lose) {
        return broken(property, format!("home {home} is lost after {} failures, no rejection", known.fails));
    }
    hold!(Some(home) == at, Sticky, "{at:?} is lost, home is {home}");
    world.ghost.settle = false;
    // It was deferred for that home.
    world.ghost.deferred = world.ghost.deferred.filter(|deferred| deferred.0 != Trigger::HomeMissing);
    if let Some(mut walk) = known.found_by {
        // The round that found it goes on with its next target.
        due.go_on = walk.current() == Some(home);
        walk.all_rejected = false;
        walk.fails = 0;
        world.ghost.walk = Walk::Running(Kind::All, walk);
        return Ok(());
    }
    let target = seen.before.phone.status(seen.now).home;
    let priority = target.map_or(0, |target| target.priority);
    world.ghost.walk = Walk::Pending(Kind::Loss(home, priority));
    Ok(())
}

/// Rule 3.3.
fn registered(world: &mut World, seen: &Seen<'_>, at: Option<char>, moved: bool) -> Result<(), Broken> {
    let Some(at) = at else { return broken(Property::Sticky, "home at a target that is none") };
    let listed = order::plan(world, seen.now).iter().any(|entry| entry.0 == at);
    let ghost = &mut world.ghost;
    hold!(moved || ghost.home.is_none(), Sticky, "a new home {at}, and the old one was not left: {:?}", ghost.home);
    let walk = std::mem::replace(&mut ghost.walk, Walk::None);
    let (found_by, before) = match walk {
        Walk::Running(kind, mut walk) => {
            let before = if walk.current() == Some(at) { walk.fails } else { 0 };
            (walk.fails, walk.all_rejected) = (0, false);
            (Some(walk).filter(|_| !moved && !matches!(kind, Kind::Excursion(_))), before)
        }
        _ => (None, 0),
    };
    let home =
        Home { fails: 0, before, success: Some(0), found_by, clean: true, confirmed: true, missing: u8::from(!listed) };
    ghost.home = Some((at, home));
    (ghost.wait, ghost.accepted, ghost.settle, ghost.failback) = (None, true, false, None);
    let primary = order::is_primary(world, at, seen.now);
    world.ghost.deferred = world.ghost.deferred.filter(|other| !primary && other.0 != Trigger::HomeMissing); // 5.3d
    Ok(())
}

fn in_doubt(world: &mut World) {
    if let Some((_, known)) = &mut world.ghost.home {
        (known.confirmed, known.clean) = (false, false);
    }
}

/// Rule 4.6b.
fn network_changed(world: &mut World) {
    world.ghost.online = true;
    if !world.ghost.running {
        return;
    }
    in_doubt(world);
    let ghost = &mut world.ghost;
    ghost.rounds = 0;
    match (&mut ghost.home, &ghost.walk) {
        (Some((_, known)), walk) => {
            (known.fails, known.before, known.success) = (0, 0, None);
            if let Walk::Running(kind, _) = walk {
                ghost.walk = Walk::Pending(*kind);
            }
        }
        (None, _) => (ghost.wait, ghost.walk) = (None, Walk::Pending(Kind::All)),
    }
}

/// Rules 6.3, 6.4: who may ask.
fn triggered(world: &mut World, seen: &Seen<'_>, trigger: Trigger) -> Result<(), Broken> {
    let asked = matches!((seen.act, trigger), (Act::Login, Trigger::AgentLogin) | (Act::Manual, Trigger::Manual));
    let vanished = world.ghost.home.as_ref().is_some_and(|(_, known)| known.missing >= 2);
    let deferred = world.ghost.deferred.is_some_and(|deferred| deferred.0 == trigger);
    let vanished = vanished && trigger == Trigger::HomeMissing;
    let unasked = trigger == Trigger::Failback && unasked::may(world, seen);
    hold!(asked || deferred || vanished || unasked, OnlyOnTriggers, "{trigger:?} after {:?}: nobody asked", seen.act);
    if deferred && !asked {
        world.ghost.deferred = None;
    }
    if world.ghost.home.is_some() {
        world.ghost.walk = Walk::Pending(Kind::Excursion(trigger));
    }
    Ok(())
}

/// Rules 6.3b, 5.3c.
fn kept(world: &mut World, seen: &Seen<'_>, due: &mut Due) -> Result<(), Broken> {
    let listed = world.ghost.home.as_ref().is_some_and(|(_, known)| known.missing == 0);
    if let Walk::Running(kind, walk) = &world.ghost.walk {
        let last = walk.at + 1 == walk.list.len();
        let needless = *kind == Kind::Excursion(Trigger::HomeMissing) && listed;
        let over = std::mem::take(&mut due.go_on);
        hold!(needless || over, OnlyThoseRollOver, "an excursion ends at {walk:?}");
        hold!(needless || last, NextIsTheWalks, "an excursion ends before its last target: {walk:?}");
    } else if let Some((home, _)) = &world.ghost.home {
        let plan = order::plan(world, seen.now);
        let others = plan.iter().any(|entry| entry.0 != *home);
        hold!(!others || listed, OnlyOnTriggers, "an excursion ends before it began");
    }
    (world.ghost.walk, world.ghost.failback) = (Walk::None, None);
    Ok(())
}

/// Rule 6.7a: who gets no unregister.
fn skipped(world: &mut World, at: Option<char>, reason: SkipReason) -> Result<(), Broken> {
    let ghost = &mut world.ghost;
    let walks = matches!(&ghost.walk, Walk::Running(_, walk) if walk.current() == at);
    let flies = world.owed.flight.is_some_and(|flight| Some(flight.host) == at);
    let in_use = at.is_some_and(|at| ghost.is_home(at)) || walks || flies;
    if let Some(target) = at.and_then(|at| ghost.target(at)) {
        let silent = reason == SkipReason::Silent && !target.answered;
        hold!(silent || reason == SkipReason::InUse && in_use, NoSecondBinding, "no unregister at {at:?}: {reason:?}");
        // One in use keeps its binding, and its claim to an unregister when home is elsewhere.
        target.bound &= !silent;
    }
    Ok(())
}
