//! A shard is a file of the core: `cargo-mutants` goes over it in stages, each with the survivors of the one before.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::ledger::Entry;
use crate::outcomes;

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
    Stage {
        about: "statistics",
        package: "rehome-runner",
        cargo: &["--lib", "--test=statistics", "--test=cases"],
        timeout: 120,
    },
    Stage { about: "properties", package: "rehome", cargo: &["--all-features", "--test=properties"], timeout: 300 },
];

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

    /// All of a file's mutants.
    pub fn run(&self, file: &str, hash: &str) -> Result<Entry> {
        let out = self.build.join("out");
        if out.exists() {
            fs::remove_dir_all(&out)?;
        }
        fs::create_dir_all(&out)?;
        let mut entry = Entry { hash: hash.to_owned(), ..Entry::default() };
        let mut killed = BTreeSet::new();
        for (index, stage) in STAGES.iter().enumerate() {
            self.stage(stage, file, &out, index > 0)?;
            if !out.join("mutants.out/outcomes.json").exists() {
                // A file that nothing can be changed in.
                break;
            }
            outcomes::add(&out, &mut entry, &mut killed)?;
            if entry.survivors.is_empty() {
                break;
            }
        }
        Ok(entry)
    }

    /// Where it runs; a quarter of the property tests' runs is what a thousand mutants can afford.
    fn surround(&self, command: &mut Command) {
        command.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.build).env_remove("CARGO");
        command.env("REHOME_RUNS", "285");
    }

    fn stage(&self, stage: &Stage, file: &str, out: &Path, again: bool) -> Result<()> {
        let mut command = Command::new(self.program);
        command.args(["mutants", "--in-place", "--package", "rehome", "--file", file, "--profile", "mutants"]);
        command.args(["--test-package", stage.package, "--baseline", "skip", "--colors", "never"]);
        command.args(["--timeout", &stage.timeout.to_string(), "--output"]).arg(out);
        command.args(stage.cargo.iter().map(|argument| format!("-C={argument}")));
        if again {
            command.arg("--iterate");
        }
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
