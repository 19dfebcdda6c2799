//! One file: played once to find what is handed in, run once more to find the hash of each step.

use anyhow::{Context, Result, bail, ensure};
use rehome::Preset;
use rehome::order::Rng;
use rehome_runner::{Native, Policy, SCHEMA_VERSION, Subject, explain, parse, trace};
use serde_json::{Value, json};

use crate::configurations;
use crate::deed::{self, MAX, Setting};
use crate::phone::Phone;
use crate::tally::Tally;
use crate::world::World;

/// What a file came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// The file.
    pub text: String,
    /// Its trace hash.
    pub hash: String,
    /// What it went through.
    pub tally: Tally,
}

/// Plays the trace's file of this number, so many inputs long.
pub fn play(number: usize, inputs: usize, seed: u64, policy: &Policy) -> Result<Played> {
    let mut rng = Rng::new(seed ^ (number as u64) << 32);
    let preset = Preset::ALL[number % Preset::ALL.len()];
    let setting = Setting { preset, calm: [0, 60, 90][number / Preset::ALL.len() % 3] };
    let config = configurations::good(preset, 6, &mut rng);
    let head = json!({
        "schemaVersion": SCHEMA_VERSION,
        "description": format!("Part {number} of a random trace of the seed {seed} is the same everywhere."),
        "rules": ["2.6"], "sentences": ["2.6a"], "source": { "title": "Rehome", "section": "random trace" },
        "preset": preset.name(), "config": config, "seed": rng.up_to(MAX),
    });
    let (mut steps, tally) = go(&setting, &head, inputs, &mut rng)?;

    let scenario = parse(&file(&head, &steps)?, &name(number), policy)?;
    let (hashes, failure) = trace(&Native, &scenario);
    if let Some(failure) = failure {
        bail!("what was played cannot be run again:\n{}", explain(&scenario, &failure));
    }
    ensure!(hashes.len() == steps.len(), "{} of {} steps were run", hashes.len(), steps.len());
    for (step, hash) in steps.iter_mut().zip(&hashes).filter(|(step, _)| step["op"] == "step") {
        step["hash"] = Value::from(hash.as_str());
    }
    let hash = hashes.last().cloned().context("a trace without a step")?;
    Ok(Played { text: file(&head, &steps)?, hash, tally })
}

/// A file's name: in the folder of the section whose rule it is about.
pub(crate) fn name(number: usize) -> String {
    format!("2-order/trace-{number:04}.json")
}

/// The steps, with a hash to be filled in.
fn go(setting: &Setting, head: &Value, inputs: usize, rng: &mut Rng) -> Result<(Vec<Value>, Tally)> {
    let create = |config: &Value, seed: &Value| Native.create(config, seed.as_u64().unwrap_or_default());
    let refused = |refusal: rehome_runner::Refusal| anyhow::anyhow!("{}: {}", refusal.code, refusal.text);
    let instance = create(&head["config"], &head["seed"]).map_err(refused)?;
    let mut phone = Phone::new(instance, rng.below(1 << 41), 1_700_000_000_000);
    let (mut world, mut steps, mut tally, mut handed_in) = (World::new(rng), Vec::new(), Tally::default(), 0);
    while handed_in < inputs {
        let mut step = deed::next(setting, &mut world, &phone, rng);
        let number = |key: &str| step[key].as_u64().unwrap_or_default();
        let config = step.get("config").unwrap_or(&head["config"]);
        match step["op"].as_str() {
            Some("step") => {
                let result = phone.hand_in(&step["input"], number("atMs"));
                if let Err(refusal) = &result {
                    // A fault is none of the API's errors: no scenario can expect it.
                    ensure!(
                        !refusal.code.is_empty(),
                        "step {} of {}: {}",
                        steps.len(),
                        head["description"],
                        refusal.text
                    );
                }
                tally.stepped(&step["input"], &result, &phone.state);
                step["hash"] = json!("0000000000000000");
                handed_in += 1;
            }
            Some("status") => {
                let status = phone.instance.status(number("atMs")).map_err(refused)?;
                step["expect"] = json!({ "state": status["state"] });
            }
            _ if step.get("error").is_some() => {}
            Some("snapshotRestore") => {
                let (at, wall) = (number("restoreAtMs"), number("restoreWallMs"));
                let snapshot = phone.instance.snapshot(number("atMs"), number("wallMs"));
                let restored = Native.restore(config, number("seed"), &snapshot, at, wall).map_err(refused)?;
                phone = Phone::new(restored, at, wall);
                tally.restored += 1;
            }
            _ => phone = Phone::new(create(config, &step["seed"]).map_err(refused)?, phone.now, phone.wall),
        }
        steps.push(step);
    }
    Ok((steps, tally))
}

/// The file, a step a line.
fn file(head: &Value, steps: &[Value]) -> Result<String> {
    let head = serde_json::to_string(head)?;
    let head = head.strip_suffix('}').context("no object")?;
    let lines: Vec<String> = steps.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    Ok(format!("{head},\"steps\":[\n{}\n]}}\n", lines.join(",\n")))
}
