//! A shard is a file of the core: `cargo-mutants` goes over it in stages, each with the survivors of the one before.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use regex::escape;

use crate::ledger::{Entry, Survivor};
use crate::outcomes::Report;
use crate::scenarios::{self, Noticed};

/// Tests that are run against mutants.
pub struct Stage {
    /// What they are.
    pub about: &'static str,
    /// Whose tests.
    package: &'static str,
    /// Arguments for each of cargo's calls.
    cargo: &'static [&'static str],
    /// Seconds after which a mutant is taken to loop.
    timeout: u32,
}

/// The scenario files that play many seeds.
const STATISTICS: Stage = Stage {
    about: "statistics",
    package: "rehome-runner",
    cargo: &["--lib", "--test=statistics", "--test=cases"],
    timeout: 120,
};

/// The quick ones first: most mutants get no further.
pub const STAGES: [Stage; 4] = [
    Stage { about: "scenario files", package: "rehome-runner", cargo: &["--test=suite"], timeout: 30 },
    Stage {
        about: "the core's tests",
        package: "rehome",
        cargo: &[
            "--all-features",
            "--lib",
            "--test=config",
            "--test=order",
            "--test=hostile",
            "--test=serde",
            "--test=snapshots",
            "--test=wire",
        ],
        timeout: 120,
    },
    STATISTICS,
    Stage { about: "properties", package: "rehome", cargo: &["--all-features", "--test=properties"], timeout: 300 },
];

/// Where most draws are: the scenario files with statistics look at all mutants of these, not at survivors alone, so that it is
/// known what each is good for.
const OF_DRAWS: [&str; 2] = ["core/src/order.rs", "core/src/rng.rs"];

/// Where a worker works.
pub struct Bench<'a> {
    /// The program `cargo-mutants`.
    pub program: &'a Path,
    /// A copy of the sources, its own.
    pub tree: PathBuf,
    /// Where it puts what cargo builds.
    pub build: PathBuf,
}

impl Bench<'_> {
    /// Every test must pass on the unchanged core, or each mutant would seem killed. They are built on the way.
    pub fn unchanged(&self) -> Result<()> {
        for stage in &STAGES {
            let mut command = Command::new("cargo");
            command.args(["test", "--profile", "mutants", "--package", stage.package]).args(stage.cargo);
            self.surround(&mut command);
            let output = command.stdin(Stdio::null()).output().context("cargo cannot be run")?;
            if !output.status.success() {
                let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
                bail!("{} fail on the unchanged core: mend that first\n{out}{err}", stage.about);
            }
        }
        Ok(())
    }

    /// A file's mutants, and the scenarios that notice them: all of them, or what is left of an entry.
    pub fn run(&self, file: &str, hash: &str, left: Option<&Entry>) -> Result<(Entry, Vec<Noticed>)> {
        let out = self.build.join("out");
        if out.exists() {
            fs::remove_dir_all(&out)?;
        }
        fs::create_dir_all(&out)?;
        let only = left.map(|entry| entry.survivors.iter().map(|survivor| named(file, survivor)).collect());
        let only: Vec<String> = only.unwrap_or_default();
        let mut entry = left.cloned().unwrap_or_else(|| Entry { hash: hash.to_owned(), ..Entry::default() });
        let mut killed = BTreeSet::new();
        let mut noticed = Vec::new();
        if OF_DRAWS.contains(&file) && left.is_none() {
            self.stage(&STATISTICS, file, &out, &only, &killed)?;
            noticed.extend(scenarios::noticed(&out, &Report::read(&out)?.context("no mutant of a draw")?)?);
        }
        for stage in &STAGES {
            self.stage(stage, file, &out, &only, &killed)?;
            // A file that nothing can be changed in has none.
            let Some(report) = Report::read(&out)? else { break };
            if killed.is_empty() && left.is_some_and(|left| left.survivors.len() != report.count()) {
                bail!("{file} has other mutants than its survivors in the ledger: look at all of them, without --left");
            }
            report.add(&mut entry, &mut killed)?;
            noticed.extend(scenarios::noticed(&out, &report)?);
            if entry.survivors.is_empty() {
                break;
            }
        }
        Ok((entry, noticed))
    }

    /// Where it runs; a quarter of the property tests' runs is what a thousand mutants can afford.
    fn surround(&self, command: &mut Command) {
        command.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.build).env_remove("CARGO");
        command.env("REHOME_RUNS", "285");
    }

    /// Over those that are not killed yet; what ran out of time would do so again, and take longer.
    fn stage(&self, stage: &Stage, file: &str, out: &Path, only: &[String], killed: &BTreeSet<String>) -> Result<()> {
        let mut command = Command::new(self.program);
        command.args(["mutants", "--in-place", "--package", "rehome", "--file", file, "--profile", "mutants"]);
        command.args(["--test-package", stage.package, "--baseline", "skip", "--colors", "never"]);
        command.args(["--timeout", &stage.timeout.to_string(), "--output"]).arg(out);
        command.args(stage.cargo.iter().map(|argument| format!("-C={argument}")));
        if !killed.is_empty() {
            command.arg("--iterate");
        }
        command.args(only.iter().map(|name| format!("--re={name}")));
        command.args(killed.iter().map(|name| format!("--exclude-re=^{}$", escape(name))));
        self.surround(&mut command);
        let output = command.stdin(Stdio::null()).output();
        let output = output.with_context(|| format!("{} cannot be run", self.program.display()))?;
        // 2: some were missed; 3: some ran out of time.
        match output.status.code() {
            Some(0 | 2 | 3) => Ok(()),
            _ => bail!("cargo-mutants on {file}: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}

/// The regular expression for the name that `cargo-mutants` gave a survivor.
fn named(file: &str, survivor: &Survivor) -> String {
    format!("^{}:{}:{}: {}$", escape(file), survivor.line, survivor.column, escape(&survivor.mutant))
}
