//! What happens next: mostly what the phone waits for, now and then anything else that can happen to a host.

use rehome::Preset;
use rehome::order::Rng;
use serde_json::{Value, json};

use crate::configurations;
use crate::forged;
use crate::phone::Phone;
use crate::world::{World, chance, one_of};

/// The largest time that is one (rule 0.4).
pub(crate) const MAX: u64 = (1 << 53) - 1;

/// What a file begins with, and how lively it is.
pub(crate) struct Setting {
    pub(crate) preset: Preset,
    /// Of a hundred deeds so many are sure to be what the phone waits for.
    pub(crate) calm: u64,
}

/// A step of the file, without what comes of it.
pub(crate) fn next(setting: &Setting, world: &mut World, phone: &Phone, rng: &mut Rng) -> Value {
    world.drift(rng);
    if phone.now > MAX / 2 {
        // From the end of the scale there is only the way back.
        return input(rng.below(1 << 40), json!({ "type": "wake" }));
    }
    let soon = phone.now + rng.below(3_000);
    let simple = |kind: &str| input(soon, json!({ "type": kind }));
    match phone.state.as_str() {
        "stopped" if chance(rng, 2) => return simple(one_of(rng, &["start", "start", "start", "agentLogin"])),
        "offline" if chance(rng, 4) => return simple("networkChanged"),
        _ if phone.busy && chance(rng, 12) => return simple("idle"),
        _ => {}
    }
    if rng.below(100) < setting.calm {
        return awaited(world, phone, rng);
    }
    match rng.below(1_000) {
        0..600 => awaited(world, phone, rng),
        // Early, late, and asleep.
        600..630 => input(phone.now + rng.up_to(phone.due() - phone.now), json!({ "type": "wake" })),
        630..645 => input(phone.due() + rng.below(5_000), json!({ "type": "wake" })),
        645..660 => input(phone.due() + rng.below(7_200_000), json!({ "type": "wake" })),
        660..700 => late_outcome(world, phone, rng),
        700..720 => late_answer(world, phone, rng),
        720..750 => flow_lost(phone.home.as_deref(), phone, rng),
        750..760 => flow_lost(phone.known.get(rng.below(16) as usize).map(String::as_str), phone, rng),
        760..785 => simple("agentLogin"),
        785..805 => simple("tryPrimary"),
        805..815 => simple("busy"),
        815..820 => simple("idle"),
        820..828 => simple("networkDown"),
        828..840 => simple("networkChanged"),
        840..850 => simple("resumed"),
        850..855 => simple("start"),
        855..862 => simple("stop"),
        862..868 => {
            let config = configurations::good(setting.preset, 3, rng);
            input(soon, json!({ "type": "configure", "config": config }))
        }
        868..885 => {
            let target = phone.home.as_deref().unwrap_or_default();
            let outcome = world.outcome(target, rng).unwrap_or_else(|| json!({ "type": "notSent" }));
            input(soon, json!({ "type": "refreshed", "outcome": outcome }))
        }
        885..889 => input(phone.now.saturating_sub(rng.below(100_000)), json!({ "type": "wake" })),
        889..892 => snapshot_restore(setting, phone, rng),
        892..893 => restart(setting, phone, rng),
        893..895 => input(phone.now + rng.below(40_000_000_000), json!({ "type": "wake" })),
        895..930 => json!({ "op": "status", "atMs": soon }),
        _ => forged::step(setting, phone, soon, rng),
    }
}

pub(crate) fn input(at: u64, input: Value) -> Value {
    json!({ "op": "step", "atMs": at.min(MAX), "input": input })
}

pub(crate) fn outcome(id: u64, outcome: Value) -> Value {
    json!({ "type": "outcome", "id": id, "outcome": outcome })
}

pub(crate) fn answer(id: u64, answer: Value) -> Value {
    json!({ "type": "answer", "id": id, "answer": answer })
}

/// What the phone waits for: an answer where there is one, else its deadline.
fn awaited(world: &World, phone: &Phone, rng: &mut Rng) -> Value {
    let soon = phone.now + rng.below(2_000);
    if let Some((id, target)) = &phone.flight
        && let Some(of) = world.outcome(target, rng)
    {
        return input(soon, outcome(*id, of));
    }
    if let Some(lookup) = phone.lookups.first()
        && let Some(of) = world.answer(lookup, rng)
    {
        return input(soon, answer(lookup.id, of));
    }
    if let Some(id) = phone.unregisters.first()
        && chance(rng, 2)
    {
        let of = one_of(rng, &["accepted", "accepted", "noAddress", "notSent"]);
        return input(soon, outcome(*id, json!({ "type": of })));
    }
    input(phone.due(), json!({ "type": "wake" }))
}

fn late_outcome(world: &World, phone: &Phone, rng: &mut Rng) -> Value {
    let Some(id) = phone.past.get(rng.below(12) as usize).or(phone.past.last()) else {
        return awaited(world, phone, rng);
    };
    let of = match rng.below(4) {
        0 => json!({ "type": "status", "code": 503 }),
        1 => json!({ "type": "accepted", "expires": 60 }),
        _ => json!({ "type": "accepted" }),
    };
    input(phone.now + rng.below(3_000), outcome(*id, of))
}

fn late_answer(world: &World, phone: &Phone, rng: &mut Rng) -> Value {
    let lookup = phone.stale.get(rng.below(12) as usize).or(phone.stale.last());
    match lookup.and_then(|lookup| Some((lookup.id, world.answer(lookup, rng)?))) {
        Some((id, of)) => input(phone.now + rng.below(3_000), answer(id, of)),
        None => awaited(world, phone, rng),
    }
}

fn flow_lost(target: Option<&str>, phone: &Phone, rng: &mut Rng) -> Value {
    let lost = target.map_or(json!({ "type": "resumed" }), |target| json!({ "type": "flowLost", "target": target }));
    input(phone.now + rng.below(3_000), lost)
}

/// Another process, on another clock, with the same configuration or another.
fn snapshot_restore(setting: &Setting, phone: &Phone, rng: &mut Rng) -> Value {
    let away = one_of(rng, &[0, 500, 60_000, 3_600_000, 400_000_000]);
    // The wall clock may have been set back meanwhile.
    let wall = if chance(rng, 8) { phone.wall.saturating_sub(away) } else { phone.wall.saturating_add(away) };
    let mut step = json!({
        "op": "snapshotRestore", "atMs": phone.now, "wallMs": phone.wall,
        "restoreAtMs": rng.below(1 << 41), "restoreWallMs": wall.min(MAX),
    });
    fresh(&mut step, setting, rng);
    step
}

fn restart(setting: &Setting, phone: &Phone, rng: &mut Rng) -> Value {
    let mut step = json!({ "op": "restart", "atMs": phone.now });
    fresh(&mut step, setting, rng);
    step
}

fn fresh(step: &mut Value, setting: &Setting, rng: &mut Rng) {
    step["seed"] = json!(rng.up_to(MAX));
    if chance(rng, 3) {
        step["config"] = configurations::good(setting.preset, 3, rng);
    }
    if chance(rng, 8) {
        step["config"] = configurations::bad(setting.preset, rng);
        step["error"] = json!("config");
    }
}
