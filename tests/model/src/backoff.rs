//! Rules 4.4d, 4.4e, 3.4b, 4.5b: the wait between two rounds.

use rehome::{EventKind, Trigger};

use crate::ghost::Walk;
use crate::judge::{Due, Seen};
use crate::order;
use crate::property::{Broken, Property, broken, hold};
use crate::space::Act;
use crate::world::World;

/// The first wait.
const FIRST: u64 = 30_000;

/// A round has failed: was it at its end, and is the wait within its bounds?
pub(crate) fn round_failed(world: &mut World, seen: &Seen<'_>, due: &mut Due, event: &EventKind) -> Result<(), Broken> {
    let EventKind::RoundFailed { rejected, until, .. } = event else { return Ok(()) };
    let plan = order::plan(world, seen.now);
    let over = std::mem::take(&mut due.go_on);
    let all_rejected = match &world.ghost.walk {
        Walk::Running(_, walk) => {
            hold!(over, OnlyThoseRollOver, "the round ends at {walk:?} without a cause");
            hold!(walk.at + 1 == walk.list.len(), NextIsTheWalks, "the round ends before its last target: {walk:?}");
            walk.all_rejected
        }
        Walk::Pending(_) if plan.is_empty() => false,
        walk => return broken(Property::OnlyThoseRollOver, format!("a round has failed that was none: {walk:?}")),
    };
    hold!(*rejected == all_rejected, BackOff, "all rejected: {rejected}, not {all_rejected} (3.4b)");
    let rollover = &seen.space.config.rollover;
    let ghost = &mut world.ghost;
    let wait = until.map(|until| until.since(seen.now).get());
    let most = rollover.round_wait_max.get();
    // Beyond the longest wait more rounds make no difference.
    ghost.rounds = ghost.rounds.saturating_add(1).min(2);
    if *rejected && !ghost.accepted {
        let within = match (wait, rollover.rejected_retry.map(rehome::Millis::get)) {
            (Some(wait), Some(longest)) => (longest / 2..=longest).contains(&wait),
            (wait, longest) => wait == longest,
        };
        hold!(within, BackOff, "a wait of {wait:?} ms after rejections");
    } else {
        let Some(wait) = wait else { return broken(Property::BackOff, "a wait without end") };
        let cap = rollover.rejected_retry.filter(|_| *rejected).map_or(most, rehome::Millis::get);
        let longest = (FIRST << (ghost.rounds - 1)).min(cap);
        let held = !plan.is_empty() && plan.iter().all(|entry| entry.2);
        let longest_held = if held { longest.max(most) } else { longest };
        hold!(
            (longest / 2..=longest_held).contains(&wait),
            BackOff,
            "a wait of {wait} ms after round {}, not {} to {longest_held}",
            ghost.rounds,
            longest / 2
        );
    }
    ghost.walk = Walk::None;
    ghost.wait = Some((wait, *rejected));
    Ok(())
}

/// The wait is over: is its time over, or did one of those ask who may?
pub(crate) fn wait_over(world: &World, seen: &Seen<'_>) -> Result<(), Broken> {
    let Some((left, rejected)) = world.ghost.wait else { return Ok(()) };
    let asked = seen
        .step
        .events
        .iter()
        .any(|event| matches!(event.kind, EventKind::Triggered { trigger: Trigger::AgentLogin | Trigger::Manual }));
    let woke = matches!(seen.act, Act::Resumed | Act::ClockBack | Act::Restore | Act::RestoreLate) && !rejected;
    let first_plan = seen.before.phone.status(seen.now).plan.is_empty() && seen.act != Act::Wake;
    let early = asked || woke || first_plan || matches!(seen.act, Act::Start | Act::Changed);
    hold!(early || left == Some(0), BackOff, "the wait ends {left:?} ms early, after {:?}", seen.act);
    Ok(())
}
