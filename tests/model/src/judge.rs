//! One step, seen from outside: does what came out keep the properties?

use rehome::{Action, EventKind, RetryAfter, Step, Time, Trigger};

use crate::ghost::{Frozen, Kind, Walk};
use crate::property::{Broken, Property, broken, hold};
use crate::space::{Act, Out, Space};
use crate::world::{World, host};
use crate::{events, order, rest};

/// What is seen of a step.
pub(crate) struct Seen<'a> {
    pub space: &'a Space,
    pub before: &'a World,
    pub act: Act,
    pub step: &'a Step,
    pub now: Time,
}

/// What the rules make of the outcome of this step.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// Home must be lost.
    pub lose: bool,
    /// The walk must go on to its next target.
    pub go_on: bool,
    /// The flight that ended was a success.
    pub accepted: Option<char>,
}

/// Classes of rule 3.2, as far as counting goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Accepted,
    Failure { silent: bool, held: bool },
    Rejection,
    NoAddress,
    Uncounted { answered: bool },
}

pub(crate) fn judge(world: &mut World, seen: &Seen<'_>) -> Result<(), Broken> {
    let ended = ended(world, seen)?;
    world.settle(seen);
    match seen.act {
        Act::Busy => world.ghost.busy = true,
        Act::Idle => world.ghost.busy = false,
        Act::Start if world.ghost.running => {
            world.ghost.deferred = None;
            if world.ghost.wait.is_some() && world.ghost.online {
                world.ghost.rounds = 0;
            }
        }
        Act::Records(set) => answered(world, seen, usize::from(set))?,
        _ => {}
    }
    let mut due = ended.map_or(Due::default(), |(at, class)| count(world, seen.space, at, class));
    events::events(world, seen, &mut due)?;
    if seen.act == Act::Late {
        let answered =
            |kind: &EventKind| matches!(kind, EventKind::LateSuccess { .. } | EventKind::LateUnregistered { .. });
        let known = seen.step.events.iter().any(|event| answered(&event.kind));
        hold!(known, NoSecondBinding, "a late success is neither taken nor answered by an unregister (3.6a)");
    }
    hold!(!due.lose, OnlyThoseRollOver, "home has failed N times, rejected, or told to leave, and is kept");
    hold!(
        !due.go_on,
        OnlyThoseRollOver,
        "the walk's target has failed N times, rejected, or told to leave, and is kept"
    );
    order::freeze(world, seen)?;
    for action in &seen.step.actions {
        told(world, seen, action)?;
    }
    let anew = |kind: &EventKind| {
        matches!(kind, EventKind::Started { .. } | EventKind::NetworkDown | EventKind::NetworkChanged)
    };
    if seen.step.events.iter().any(|event| anew(&event.kind)) {
        world.owed.late = None; // 3.6b: what began before changes nothing.
    }
    rest::at_rest(world, seen)
}

/// The flight that ended in this step, and as what.
fn ended(world: &mut World, seen: &Seen<'_>) -> Result<Option<(char, Class)>, Broken> {
    let Some(flight) = world.owed.flight else { return Ok(None) };
    let cancelled = seen.step.actions.contains(&Action::Cancel { id: flight.id });
    let uncounted = seen
        .step
        .events
        .iter()
        .any(|event| matches!(event.kind, EventKind::AttemptCancelled { id, .. } if id == flight.id));
    let class = match seen.act {
        Act::Out(out) => match out {
            Out::Accepted => Class::Accepted,
            Out::ZeroGrant | Out::Failed => Class::Failure { silent: false, held: false },
            Out::Held => Class::Failure { silent: false, held: true },
            Out::Unreachable => Class::Failure { silent: true, held: false },
            Out::Rejected => Class::Rejection,
            Out::TooBrief if World::longer().get() > flight.expires => Class::Uncounted { answered: true },
            Out::TooBrief => Class::Failure { silent: false, held: false },
            Out::NoAddress => Class::NoAddress,
            Out::NotSent => Class::Uncounted { answered: false },
        },
        _ if uncounted => Class::Uncounted { answered: false },
        _ if cancelled => {
            hold!(flight.left == 0, OnlyThoseRollOver, "an attempt is given up {} ms before its deadline", flight.left);
            Class::Failure { silent: true, held: false }
        }
        _ => return Ok(None),
    };
    let running = world.ghost.running;
    if let Some(target) = world.ghost.target(flight.host) {
        target.end = Some(0);
        target.bound |= class == Class::Accepted;
        if running {
            match class {
                Class::Accepted | Class::Rejection => target.answered = true,
                Class::Failure { silent, .. } => target.answered = !silent,
                Class::NoAddress => target.answered = false,
                Class::Uncounted { answered } => target.answered |= answered,
            }
        }
    }
    Ok(running.then_some((flight.host, class)))
}

/// Rules 4.1, 3.4, 4.5e, 1.5d: what an outcome adds, and what must follow.
fn count(world: &mut World, space: &Space, at: char, class: Class) -> Due {
    let rollover = &space.config.rollover;
    let enough = rollover.failures_before_rollover;
    let leave = rollover.retry_after == RetryAfter::Leave;
    let ghost = &mut world.ghost;
    let mut due = Due { accepted: (class == Class::Accepted).then_some(at), ..Due::default() };
    match (&mut ghost.home, &mut ghost.walk) {
        (Some((home, known)), _) if *home == at => match class {
            Class::Accepted => {}
            Class::Failure { .. } | Class::NoAddress => {
                known.clean = false;
                known.fails = known.fails.saturating_add(1);
                due.lose = known.fails >= enough || leave && matches!(class, Class::Failure { held: true, .. });
            }
            Class::Rejection => due.lose = true,
            Class::Uncounted { .. } => known.clean = false,
        },
        (_, Walk::Running(_, walk)) if walk.current() == Some(at) => match class {
            Class::Accepted | Class::Uncounted { .. } => {}
            Class::Failure { held, .. } => {
                walk.fails = walk.fails.saturating_add(1);
                due.go_on = walk.fails >= enough || leave && held;
                // One that rejects a later try has rejected (3.4b).
                walk.all_rejected &= !due.go_on;
            }
            Class::Rejection => due.go_on = true,
            Class::NoAddress => {
                walk.all_rejected = false;
                due.go_on = true;
            }
        },
        _ => {}
    }
    due
}

/// A good answer: the plan is its order (2.1, 2.3b), and home is in it or not (5.3).
fn answered(world: &mut World, seen: &Seen<'_>, set: usize) -> Result<(), Broken> {
    let Some(set) = seen.space.sets.get(set) else { return Ok(()) };
    let mut wanted = set.clone();
    wanted.sort_unstable();
    let wanted: Vec<char> = wanted.iter().map(|record| record.1).collect();
    let plan = order::plan(world, seen.now);
    let got: Vec<char> = plan.iter().map(|entry| entry.0).collect();
    hold!(got == wanted, NextIsTheWalks, "the plan is {got:?}, the records' order {wanted:?}");
    if let Some((home, known)) = &mut world.ghost.home {
        if wanted.contains(home) {
            known.missing = 0;
            world.ghost.deferred = world.ghost.deferred.filter(|deferred| deferred.0 != Trigger::HomeMissing);
        } else {
            known.missing = known.missing.saturating_add(1).min(2);
        }
    }
    Ok(())
}

fn told(world: &mut World, seen: &Seen<'_>, action: &Action) -> Result<(), Broken> {
    let longer = |at: char| {
        seen.step.events.iter().any(
            |event| matches!(event.kind, EventKind::LongerExpires { target, .. } if host(&world.phone, target) == Some(at)),
        )
    };
    match action {
        Action::Register { target, attempt, .. } => {
            let Some(at) = host(&world.phone, *target) else {
                return broken(Property::NextIsTheWalks, "a REGISTER at a target that is none");
            };
            let (owed, longer) = (&world.owed, longer(at));
            let ghost = &mut world.ghost;
            hold!(owed.flight.is_none(), OneInFlight, "a REGISTER at {at}, and {:?} is in flight", owed.flight);
            hold!(ghost.running && ghost.online, OneInFlight, "a REGISTER at {at} while stopped or offline");
            hold!(
                !owed.unregisters.iter().any(|unregister| unregister.1 == at),
                OneInFlight,
                "a REGISTER at {at}, where an unregister is under way"
            );
            let fails = match (&ghost.home, &ghost.walk) {
                (Some((home, known)), _) if *home == at => known.fails,
                (Some(_), Walk::Running(Kind::Excursion(_), walk)) => {
                    hold!(!ghost.busy, OnlyOnTriggers, "an excursion's REGISTER at {at} during a call (6.6a)");
                    hold!(walk.current() == Some(at), NextIsTheWalks, "a REGISTER at {at}, the excursion is {walk:?}");
                    walk.fails
                }
                (Some((home, _)), walk) => {
                    return broken(Property::Sticky, format!("a REGISTER at {at}, home is {home}, the walk {walk:?}"));
                }
                (None, Walk::Running(_, walk)) => {
                    hold!(walk.current() == Some(at), NextIsTheWalks, "a REGISTER at {at}, the walk is {walk:?}");
                    walk.fails
                }
                (None, walk) => {
                    return broken(Property::NextIsTheWalks, format!("a REGISTER at {at}, the walk is {walk:?}"));
                }
            };
            hold!(
                *attempt == u32::from(fails).saturating_add(1),
                OnlyThoseRollOver,
                "attempt {attempt} at {at} after {fails} failures in a row"
            );
            let exempt = longer || ghost.settle && ghost.is_home(at);
            ghost.settle &= longer || !ghost.is_home(at);
            if let Some(known) = ghost.target(at) {
                hold!(
                    exempt || known.start.is_none() && known.end.is_none(),
                    Spacing,
                    "a REGISTER at {at} {:?} ms after the last start and {:?} ms after the last end there",
                    known.start,
                    known.end
                );
                known.start = Some(0);
                known.end = None;
            }
        }
        Action::Unregister { target, .. } => {
            let Some(at) = host(&world.phone, *target) else { return Ok(()) };
            let ghost = &mut world.ghost;
            hold!(!ghost.running || !ghost.is_home(at), NoSecondBinding, "an unregister at home, {at}");
            hold!(
                !ghost.running || world.owed.flight.is_none_or(|flight| flight.host != at),
                NoSecondBinding,
                "an unregister at {at}, which is being tried"
            );
            ghost.target(at).into_iter().for_each(|target| target.bound = false);
        }
        Action::Lookup { .. } => {
            let ghost = &world.ghost;
            hold!(ghost.running && ghost.online, OneInFlight, "a lookup while stopped or offline");
        }
        Action::Cancel { .. } => {}
    }
    world.told(action, seen.now);
    Ok(())
}

/// A frozen walk at its beginning.
pub(crate) const fn frozen(list: Vec<char>) -> Frozen {
    Frozen { list, at: 0, fails: 0, all_rejected: true }
}
