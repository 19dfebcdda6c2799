//! What `cargo-mutants` reports of a run: its `outcomes.json`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::ledger::{Entry, Survivor};

/// What came of a run, mutant by mutant.
#[derive(Deserialize)]
pub struct Report {
    outcomes: Vec<Outcome>,
}

/// What came of a mutant.
#[derive(Deserialize)]
struct Outcome {
    scenario: Scenario,
    summary: String,
    log_path: String,
}

/// What was tried.
#[derive(Deserialize)]
enum Scenario {
    /// The unchanged code.
    Baseline,
    Mutant(Mutant),
}

/// A change of the code.
#[derive(Deserialize)]
pub struct Mutant {
    name: String,
    /// The file, as `core/src/rng.rs`.
    pub file: String,
    /// Where in it.
    pub span: Span,
    /// In which function, if in any.
    pub function: Option<Function>,
}

/// The function around a mutant.
#[derive(Deserialize)]
pub struct Function {
    /// From its first line to its last.
    pub span: Span,
}

/// A stretch of code.
#[derive(Deserialize)]
pub struct Span {
    /// Where it begins.
    pub start: Place,
    /// Where it ends.
    pub end: Place,
}

/// A place in a file, counted from 1.
#[derive(Deserialize)]
pub struct Place {
    /// The line.
    pub line: u32,
    column: u32,
}

impl Mutant {
    /// Its name without the place, `FILE:LINE:COLUMN: `.
    #[must_use]
    pub fn text(&self) -> &str {
        self.name.split_once(": ").map_or(&self.name, |(_, text)| text)
    }

    fn survivor(&self) -> Survivor {
        let Place { line, column } = self.span.start;
        Survivor { mutant: self.text().to_owned(), line, column, reason: String::new() }
    }
}

impl Report {
    /// That of the last run there; none if nothing could be changed.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let place = folder.join("mutants.out/outcomes.json");
        if !place.exists() {
            return Ok(None);
        }
        let text = fs::read_to_string(&place).with_context(|| format!("{} cannot be read", place.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is not understood", place.display())).map(Some)
    }

    fn mutants(&self) -> impl Iterator<Item = (&Mutant, &Outcome)> {
        self.outcomes.iter().filter_map(|outcome| match &outcome.scenario {
            Scenario::Baseline => None,
            Scenario::Mutant(mutant) => Some((mutant, outcome)),
        })
    }

    /// How many mutants the run was of.
    #[must_use]
    pub fn count(&self) -> usize {
        self.mutants().count()
    }

    /// Each mutant with the log of its tests, from `mutants.out` on.
    pub fn logs(&self) -> impl Iterator<Item = (&Mutant, &str)> {
        self.mutants().map(|(mutant, outcome)| (mutant, outcome.log_path.as_str()))
    }

    /// Adds the run to a file's entry; the survivors are this run's, since each run takes those of the one before. It may take
    /// killed ones again, too: `killed` has the names of all that are counted.
    pub fn add(&self, entry: &mut Entry, killed: &mut BTreeSet<String>) -> Result<()> {
        entry.survivors.clear();
        for (mutant, outcome) in self.mutants() {
            if killed.contains(&mutant.name) {
                continue;
            }
            match outcome.summary.as_str() {
                "CaughtMutant" | "Timeout" => {
                    entry.killed += 1;
                    entry.timeouts += usize::from(outcome.summary == "Timeout");
                    killed.insert(mutant.name.clone());
                }
                "Unviable" => entry.unviable += 1,
                "MissedMutant" => entry.survivors.push(mutant.survivor()),
                other => anyhow::bail!("{}: {other:?} is no outcome that is known here", mutant.name),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_counted() {
        let folder = std::env::temp_dir().join(format!("rehome-mutants-{}", std::process::id()));
        fs::create_dir_all(folder.join("mutants.out")).unwrap();
        let mutant = |name: &str, line: u32, summary: &str| {
            let place = serde_json::json!({ "line": line, "column": 2 });
            let span = serde_json::json!({ "start": place, "end": place });
            let mutant = serde_json::json!({ "name": name, "file": "a.rs", "span": span, "function": null });
            serde_json::json!({ "scenario": { "Mutant": mutant }, "summary": summary, "log_path": "" })
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
        assert!(Report::read(&folder.join("none")).unwrap().is_none());
        let report = Report::read(&folder).unwrap().unwrap();
        assert_eq!(report.count(), 4);
        report.add(&mut entry, &mut killed).unwrap();
        // The same again: what is killed is counted once.
        entry.unviable = 0;
        report.add(&mut entry, &mut killed).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let left = Survivor { mutant: "replace f with a: b".into(), line: 3, column: 2, reason: String::new() };
        let counted = Entry { hash: String::new(), killed: 2, timeouts: 1, unviable: 1, survivors: vec![left] };
        assert_eq!(entry, counted);
    }
}
