//! What `cargo-mutants` reports of a run: its `outcomes.json`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::ledger::{Entry, Survivor};

/// What came of a run.
#[derive(Deserialize)]
pub struct Report {
    /// By mutant.
    pub outcomes: Vec<Outcome>,
}

/// What came of a mutant.
#[derive(Deserialize)]
pub struct Outcome {
    /// An object for a mutant, a word for the unchanged code.
    pub scenario: Value,
    summary: String,
    /// What the tests printed, from `mutants.out` on.
    pub log_path: String,
}

/// Reads it.
pub fn report(folder: &Path) -> Result<Report> {
    let place = folder.join("mutants.out/outcomes.json");
    let text = fs::read_to_string(&place).with_context(|| format!("{} cannot be read", place.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not understood", place.display()))
}

/// How many mutants a run was of.
#[must_use]
pub fn count(folder: &Path) -> usize {
    let mutants =
        |report: Report| report.outcomes.iter().filter(|outcome| !outcome.scenario["Mutant"].is_null()).count();
    report(folder).map_or(0, mutants)
}

/// Adds a run's outcomes to a file's entry; the survivors are this run's, since each run takes those of the one before. It
/// takes those that ran out of time again, too: `killed` has the names of all that are counted.
pub fn add(folder: &Path, entry: &mut Entry, killed: &mut BTreeSet<String>) -> Result<()> {
    entry.survivors.clear();
    for outcome in report(folder)?.outcomes {
        let mutant = &outcome.scenario["Mutant"];
        let Some(name) = mutant["name"].as_str() else { continue };
        if killed.contains(name) {
            continue;
        }
        if matches!(outcome.summary.as_str(), "CaughtMutant" | "Timeout") {
            killed.insert(name.to_owned());
        }
        match outcome.summary.as_str() {
            "CaughtMutant" => entry.killed += 1,
            "Timeout" => {
                entry.killed += 1;
                entry.timeouts += 1;
            }
            "Unviable" => entry.unviable += 1,
            "MissedMutant" => entry.survivors.push(survivor(name, mutant)),
            other => anyhow::bail!("{name}: {other:?} is no outcome that is known here"),
        }
    }
    Ok(())
}

/// Its name without the place, `FILE:LINE:COLUMN: `.
fn survivor(name: &str, mutant: &Value) -> Survivor {
    let place = |key: &str| mutant["span"]["start"][key].as_u64().and_then(|number| number.try_into().ok());
    let text = name.split_once(": ").map_or(name, |(_, text)| text).to_owned();
    let (line, column) = (place("line").unwrap_or_default(), place("column").unwrap_or_default());
    Survivor { mutant: text, line, column, reason: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_counted() {
        let folder = std::env::temp_dir().join(format!("rehome-mutants-{}", std::process::id()));
        fs::create_dir_all(folder.join("mutants.out")).unwrap();
        let mutant = |name: &str, line: u32, summary: &str| {
            let span = serde_json::json!({ "start": { "line": line, "column": 2 } });
            serde_json::json!({ "scenario": { "Mutant": { "name": name, "span": span } }, "summary": summary, "log_path": "" })
        };
        let text = serde_json::json!({ "outcomes": [
            { "scenario": "Baseline", "summary": "Success", "log_path": "" },
            mutant("a.rs:1:2: replace f -> u32 with 0", 1, "CaughtMutant"),
            mutant("a.rs:2:2: replace + with *", 2, "Timeout"),
            mutant("a.rs:3:2: replace f with a: b", 3, "MissedMutant"),
            mutant("a.rs:4:2: replace g", 4, "Unviable"),
        ] });
        fs::write(folder.join("mutants.out/outcomes.json"), text.to_string()).unwrap();
        let mut entry = Entry::default();
        let mut killed = BTreeSet::new();
        add(&folder, &mut entry, &mut killed).unwrap();
        // The same again: what is killed is counted once.
        entry.unviable = 0;
        add(&folder, &mut entry, &mut killed).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let left = Survivor { mutant: "replace f with a: b".into(), line: 3, column: 2, reason: String::new() };
        let counted = Entry { hash: String::new(), killed: 2, timeouts: 1, unviable: 1, survivors: vec![left] };
        assert_eq!(entry, counted);
    }
}
