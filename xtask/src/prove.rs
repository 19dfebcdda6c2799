//! `cargo xtask prove`: the long proofs, one after the other, and a table of what they found.

mod child;
mod fuzz;
mod own;
mod said;
mod supply;
mod tools;

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::suite::{Verdict, strict};
use crate::table::counts;
use crate::trace;
use said::Said;

/// How long, and how much.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only these proofs
    names: Vec<String>,
    /// Say which proofs there are
    #[arg(long)]
    list: bool,
    /// Seconds for each fuzz target
    #[arg(long, default_value_t = 60)]
    fuzz_seconds: u64,
    /// Cases that the core and the second writing of the rules are held against each other with
    #[arg(long, default_value_t = 100_000)]
    cases: u32,
}

/// Understands a line that a command prints.
type Read = Box<dyn Fn(&str) -> Option<Said>>;

/// A command of a proof.
struct Step {
    command: Command,
    read: Read,
    /// A bar by the clock, for a command that runs for so long.
    lasts: Option<Duration>,
    /// A line of the table, once it has succeeded.
    then: Option<String>,
}

impl Step {
    /// A program of this project: it says itself how far it is, and what it found.
    fn of(command: Command) -> Self {
        Self { command, read: Box::new(said::read), lasts: None, then: None }
    }

    fn then(self, text: impl Into<String>) -> Self {
        Self { then: Some(text.into()), ..self }
    }
}

/// A proof that is too long for `cargo xtask test`.
struct Proof {
    name: &'static str,
    about: &'static str,
    /// What is to be done; an error is the remedy for what is missing.
    steps: fn(&Arguments) -> Result<Vec<Step>, String>,
}

const PROOFS: &[Proof] = &[
    Proof {
        name: "supply",
        about: "licences, sources, lock files, the oldest dependencies promised",
        steps: supply::steps,
    },
    Proof { name: "panics", about: "code that panics, in all that is shipped", steps: own::panics },
    Proof { name: "herd", about: "10,000 phones in virtual time", steps: own::herd },
    Proof { name: "reference", about: "the core beside a second writing of the rules", steps: own::reference },
    Proof { name: "fuzz", about: "steps, snapshots, DNS messages, configurations, scenario files", steps: fuzz::steps },
    Proof {
        name: "trace",
        about: "a million random inputs, written and run natively",
        steps: |_| own::trace(trace::native()),
    },
    Proof { name: "trace-node", about: "the same in Node", steps: |_| own::trace(trace::node()) },
    Proof { name: "trace-chromium", about: "the same in Chromium", steps: |_| own::trace(trace::chromium()) },
    Proof { name: "trace-kotlin", about: "the same in Kotlin", steps: |_| own::trace(trace::kotlin()) },
    Proof { name: "trace-swift", about: "the same in Swift", steps: |_| own::trace(trace::swift()) },
    Proof { name: "model", about: "every state of small worlds", steps: own::model },
    Proof {
        name: "defects",
        about: "defects seeded in a copy of the core: the search must catch each",
        steps: own::defects,
    },
    Proof { name: "mutants", about: "mutants of the core's changed files: a test must kill each", steps: own::mutants },
];

/// What came of a proof.
struct Found {
    name: &'static str,
    verdict: Verdict,
    took: Duration,
    results: Vec<String>,
}

/// Runs all proofs, or those named, and prints the table.
pub(crate) fn prove(arguments: &Arguments) -> Result<ExitCode> {
    if arguments.list {
        PROOFS.iter().for_each(|proof| println!("{:<14} {}", proof.name, proof.about));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(name) = arguments.names.iter().find(|name| PROOFS.iter().all(|proof| proof.name != **name)) {
        bail!("there is no proof {name:?}: `cargo xtask prove --list` says which there are");
    }
    let strict = strict();
    let begun = Instant::now();
    let asked = |proof: &&Proof| arguments.names.is_empty() || arguments.names.iter().any(|name| name == proof.name);
    let chosen: Vec<&Proof> = PROOFS.iter().filter(asked).collect();
    let mut found = Vec::new();
    for (index, proof) in chosen.iter().enumerate() {
        let label = format!("[{}/{}] {}", index + 1, chosen.len(), proof.name);
        found.push(one(proof, arguments, &label, strict)?);
    }
    println!("{}", table(&found));
    println!("all of it took {:.0} s", begun.elapsed().as_secs_f64());
    let failed = found.iter().any(|found| found.verdict == Verdict::Failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Licences, bans and sources alone, in sight of the user.
pub(crate) fn deny() -> Result<ExitCode> {
    let mut command = supply::allowed("Cargo.toml").map_err(anyhow::Error::msg)?;
    let status = command.status().context("cargo-deny cannot be run")?;
    Ok(crate::child::exit_code(status))
}

fn one(proof: &Proof, arguments: &Arguments, label: &str, strict: bool) -> Result<Found> {
    let begun = Instant::now();
    println!("{label}: {}", proof.about);
    let mut results = Vec::new();
    let verdict = match (proof.steps)(arguments) {
        Ok(steps) => match child::run_all(steps, proof.name, label, &mut results)? {
            true => Verdict::Passed,
            false => Verdict::Failed,
        },
        Err(remedy) => {
            results.push(remedy);
            if strict { Verdict::Failed } else { Verdict::Skipped }
        }
    };
    let took = begun.elapsed();
    println!("{label}: {}, {:.0} s", verdict.word(), took.as_secs_f64());
    Ok(Found { name: proof.name, verdict, took, results })
}

/// A line for each proof, and below it what it found.
fn table(found: &[Found]) -> String {
    let mut text = String::new();
    for found in found {
        text += &format!("\n{:<14}  {}  {:>6.0} s\n", found.name, found.verdict.word(), found.took.as_secs_f64());
        for result in &found.results {
            text += &format!("    {result}\n");
        }
    }
    text + "\n" + &counts(found.iter().map(|found| found.verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_what_each_proof_found() {
        let found = |name, verdict, result: &str| Found {
            name,
            verdict,
            took: Duration::from_secs(61),
            results: vec![result.into()],
        };
        let text = table(&[
            found("herd", Verdict::Passed, "no phone left behind"),
            found("fuzz", Verdict::Skipped, "rustup toolchain install nightly"),
        ]);
        assert_eq!(
            text,
            "\nherd            passed      61 s\n    no phone left behind\n\nfuzz            skipped      61 s\n    \
             rustup toolchain install nightly\n\n1 passed, 0 failed, 1 skipped"
        );
    }

    #[test]
    fn names_are_given_once() {
        let mut names: Vec<&str> = PROOFS.iter().map(|proof| proof.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PROOFS.len());
    }
}
