//! A counterexample as a scenario file: the same steps on the plain core, without normal form. Expected fields are left out:
//! whoever keeps it writes them from the rule.

use anyhow::{Result, bail};
use rehome::{Answer, Input, Time};
use serde_json::{Value, json};

use crate::alive;
use crate::property::{Broken, Property};
use crate::space::{Act, Space};
use crate::world::World;

/// The file's text. An error if the plain core, without normal form, does not break the property.
///
/// # Errors
/// If it does not: then the normal form is wrong.
pub fn scenario(space: &Space, acts: &[Act], broken: &Broken) -> Result<String> {
    let mut world = World::new(space);
    let mut steps = Vec::new();
    let mut seen = None;
    for act in acts {
        let before = world.clone();
        let result = world.go(space, *act);
        if matches!(act, Act::Restore | Act::RestoreLate) {
            let wall = 1_700_000_000_000_u64;
            let away = if *act == Act::Restore { 0 } else { 3_600_000 };
            steps.push(json!({
                "atMs": before.now, "op": "snapshotRestore", "wallMs": wall,
                "restoreAtMs": before.now + away, "restoreWallMs": wall + away,
            }));
        }
        let Some(input) = before.input(space, *act) else { bail!("{act:?} cannot happen there without normal form") };
        steps.push(json!({ "atMs": world.now, "op": "step", "input": written(&before, &input)? }));
        if let Err(found) = result {
            seen = Some(found);
            break;
        }
    }
    if seen.is_none() && broken.property == Property::AliveIsReached && alive::unreached(&world, space).is_some() {
        seen = Some(broken.clone());
    }
    let Some(seen) = seen.filter(|seen| seen.property == broken.property) else {
        bail!("the plain core keeps what the normal form breaks: {}", broken.what);
    };
    let file = json!({
        "schemaVersion": 1,
        "description": format!("{}: {}.", seen.property.text(), seen.what),
        "config": serde_json::to_value(&space.config)?,
        "seed": space.seed,
        "steps": steps,
    });
    Ok(format!("{}\n", serde_json::to_string_pretty(&file)?))
}

/// An input in the notation of scenario files.
fn written(before: &World, input: &Input) -> Result<Value> {
    let mut value = serde_json::to_value(input)?;
    if let Input::FlowLost { .. } = input
        && let Some(home) = before.phone.status(Time::from_millis(before.now)).home
    {
        value["target"] = json!(format!("{}:{}/{}", home.host, home.port, home.transport.as_str()));
    }
    if let Input::Answer { answer: Answer::Srv { records, .. }, .. } = input {
        let text = |r: &rehome::SrvRecord| format!("{} {} {} {}", r.priority, r.weight, r.port, r.target);
        value["answer"]["records"] = json!(records.iter().map(text).collect::<Vec<_>>());
    }
    Ok(value)
}
