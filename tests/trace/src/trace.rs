//! The whole trace: a folder of files as `tests/scenarios` is one, and the native hashes beside it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rehome_runner::{Hash, MANIFEST, Policy, SCHEMA_VERSION, Subject, explain, load};
use serde_json::{Value, json};

use crate::play::{name, play};
use crate::tally::Tally;

/// How many files the whole trace has.
pub const FILES: usize = 200;

/// How many inputs each of them has.
pub const INPUTS: usize = 5_000;

/// Where the scenario files of a trace are.
#[must_use]
pub fn scenarios(folder: &Path) -> PathBuf {
    folder.join("scenarios")
}

fn hashes(folder: &Path) -> PathBuf {
    folder.join("hashes.txt")
}

/// Writes a trace in place of what is there; gives what it went through, and its hash. `told` hears of each file.
pub fn write(
    folder: &Path,
    files: usize,
    inputs: usize,
    seed: u64,
    mut told: impl FnMut(usize),
) -> Result<(Tally, String)> {
    let policy = Policy::own()?;
    let place = scenarios(folder);
    let _ = fs::remove_dir_all(&place);
    let put = |path: PathBuf, text: &str| -> Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
    };
    let (mut tally, mut lines) = (Tally::default(), Lines::default());
    for number in 0..files {
        let played = play(number, inputs, seed, &policy)?;
        put(place.join(name(number)), &played.text)?;
        tally.add(&played.tally);
        lines.add(&name(number), &played.hash);
        told(number + 1);
    }
    put(place.join(MANIFEST), &json!({ "schemaVersion": SCHEMA_VERSION, "files": files }).to_string())?;
    put(hashes(folder), &lines.end())?;
    Ok((tally, lines.hash.hex()))
}

/// Reads a trace again, runs it, and compares; gives how many inputs it has, and its hash.
pub fn run(subject: &dyn Subject, folder: &Path, mut told: impl FnMut(usize, usize)) -> Result<(u64, String)> {
    let policy = Policy::own()?;
    let place = scenarios(folder);
    let text = fs::read_to_string(place.join(MANIFEST)).context("there is no trace: write one")?;
    let files =
        serde_json::from_str::<Value>(&text)?["files"].as_u64().context("the manifest says no number")? as usize;
    let (mut inputs, mut lines) = (0, Lines::default());
    for number in 0..files {
        let name = name(number);
        let scenario = load(&place.join(&name), &name, &policy)?;
        let run = rehome_runner::run(subject, &scenario);
        if let Some(failure) = run.failure {
            // What led there is in the file.
            let last = failure.transcript.len().saturating_sub(20);
            let short = rehome_runner::Failure { transcript: failure.transcript[last..].to_vec(), ..failure };
            anyhow::bail!("{}", explain(&scenario, &short));
        }
        inputs += scenario.steps.iter().filter(|step| matches!(step.op, rehome_runner::Op::Step { .. })).count() as u64;
        lines.add(&name, &run.hash);
        told(number + 1, files);
    }
    ensure!(fs::read_to_string(hashes(folder))? == lines.end(), "the hashes of whole files differ from hashes.txt");
    Ok((inputs, lines.hash.hex()))
}

/// `FILE HASH` of each file, as the native runner prints them.
#[derive(Default)]
struct Lines {
    hash: Hash,
    text: String,
    files: usize,
}

impl Lines {
    fn add(&mut self, name: &str, hash: &str) {
        let line = format!("{name} {hash}");
        self.hash.line(&line);
        self.text += &(line + "\n");
        self.files += 1;
    }

    fn end(&self) -> String {
        format!("{}trace hash {}\n{} passed, 0 failed\n", self.text, self.hash.hex(), self.files)
    }
}
