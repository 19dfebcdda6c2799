//! The report: each failure with all that is needed to understand it, then the counts.

use std::fmt::Write as _;

use serde_json::Value;

use crate::hash::Hash;
use crate::json;
use crate::run::{self, Entry, Failure};
use crate::scenario::Scenario;
use crate::subject::Subject;
use crate::suite::Suite;

/// What a suite came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// To be printed; its last line is `N passed, N failed`.
    pub text: String,
    /// How many files passed.
    pub passed: usize,
    /// How many did not; a fault of the folder counts as one.
    pub failed: usize,
    /// The trace hash of all that ran, in order of file name.
    pub hash: String,
    /// `FILE HASH` of each file, by which another language's runner finds the one that differs.
    pub hashes: Vec<String>,
}

/// Runs a suite.
#[must_use]
pub fn run_suite(subject: &dyn Subject, suite: &Suite) -> Report {
    let mut text = String::new();
    let mut hash = Hash::default();
    let mut hashes = Vec::new();
    let mut passed = 0;
    for problem in &suite.problems {
        let _ = writeln!(text, "{problem}\n");
    }
    for scenario in &suite.scenarios {
        let run = run::run(subject, scenario);
        let line = format!("{} {}", scenario.file, run.hash);
        hash.line(&line);
        hashes.push(line);
        match run.failure {
            Some(failure) => text.push_str(&explain(scenario, &failure)),
            None => passed += 1,
        }
    }
    let failed = suite.scenarios.len() + suite.problems.len() - passed;
    let hash = hash.hex();
    let _ = writeln!(text, "trace hash {hash}\n{passed} passed, {failed} failed");
    Report { text, passed, failed, hash, hashes }
}

/// A failure: where, what it is about, expected and actual, and what happened so far.
#[must_use]
pub fn explain(scenario: &Scenario, failure: &Failure) -> String {
    let mut text = scenario.file.clone();
    let _ = match (failure.step, failure.at, &scenario.statistics) {
        (Some(step), Some(at), _) => writeln!(text, " > step {step} ({at} ms)"),
        (_, _, Some(statistics)) => writeln!(text, " > {} seeds", statistics.seeds),
        _ => writeln!(text, " > configuration"),
    };
    let _ = writeln!(text, "  {} ({})", scenario.description, scenario.sentences.join(", "));
    for difference in &failure.differences {
        let _ = writeln!(text, "  {}", difference.item);
        let _ = writeln!(text, "    expected: {}", difference.expected);
        let _ = writeln!(text, "    actual:   {}", difference.actual);
        for field in &difference.fields {
            let _ = writeln!(text, "    ^ {field}");
        }
    }
    if !failure.transcript.is_empty() {
        let _ = writeln!(text, "  transcript:");
        failure.transcript.iter().for_each(|entry| line(entry, &mut text));
    }
    text.push('\n');
    text
}

fn line(entry: &Entry, text: &mut String) {
    let _ = writeln!(text, "  {:>3}  {:>9} ms  {}", entry.step, entry.at, phrase(&entry.what));
    let mut add = |mark: &str, what: &str| {
        let _ = writeln!(text, "                     {mark} {what}");
    };
    entry.output.events.iter().for_each(|event| add("·", &phrase(event)));
    entry.output.actions.iter().for_each(|action| add("→", &phrase(action)));
    if let Some(wake) = entry.output.wake {
        add("⏲", &format!("{wake} ms"));
    }
    if let Some(note) = &entry.note {
        add("✗", note);
    }
}

/// `register target=a.example.test:5060/udp attempt=1`, with the rule in brackets.
fn phrase(value: &Value) -> String {
    let mut text = value["type"].as_str().unwrap_or_default().to_owned();
    if let Some(rule) = value["rule"].as_str() {
        let _ = write!(text, " ({rule})");
    }
    for (key, value) in value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        match value {
            _ if key == "type" || key == "rule" => {}
            Value::String(word) => {
                let _ = write!(text, " {key}={word}");
            }
            Value::Object(inner) if inner.contains_key("type") => {
                let _ = write!(text, " {key}=({})", phrase(value));
            }
            other => {
                let _ = write!(text, " {key}={}", json::canonical(other));
            }
        }
    }
    text
}
