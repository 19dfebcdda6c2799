//! The mutants of the core's changed files: `rehome-mutants [FILE ...]`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result};
use clap::Parser;
use rehome_mutants::ledger::{Ledger, core_files, core_hash};
use rehome_mutants::scenarios::{self, Scenarios, rules_of_scenarios};
use rehome_mutants::shard::Bench;
use rehome_proving::{Lines, copy, root};

/// Lets cargo-mutants loose on each file of the core that is not as the ledger has it, and enters what came of it, file by file: what is
/// stopped goes on there the next time. Exit code 1 if a mutant is left of which nobody has said why.
#[derive(Parser)]
struct Arguments {
    /// Only these, as core/src/rng.rs, changed or not.
    files: Vec<String>,
    /// Every file, changed or not.
    #[arg(long)]
    all: bool,
    /// The survivors alone, of files with one that has no reason yet: after tests were written for it.
    #[arg(long, conflicts_with = "all")]
    left: bool,
    /// Files at a time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// The program.
    #[arg(long, default_value = "cargo-mutants")]
    cargo_mutants: PathBuf,
    /// Says how far it is, and what it found, in lines for another program.
    #[arg(long)]
    for_prove: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let files = core_files()?;
    let ledger = Ledger::read()?;
    let chosen = match (arguments.files.is_empty(), arguments.all, arguments.left) {
        (false, ..) => arguments.files.clone(),
        (true, true, _) => files.keys().cloned().collect(),
        (true, false, true) => ledger.open(&files),
        (true, false, false) => ledger.stale(&files),
    };
    if let Some(other) = chosen.iter().find(|name| arguments.left && !ledger.is_of(name, &files)) {
        anyhow::bail!("{other} is not as the ledger has it: look at all of its mutants, without --left");
    }
    if let Some(unknown) = chosen.iter().find(|name| !files.contains_key(*name)) {
        anyhow::bail!("the core has no file {unknown}: name it as core/src/rng.rs");
    }
    let (ledger, scenarios) = work(&arguments, &chosen, &files, ledger)?;
    let open = ledger.unexplained();
    let lines = Lines { shown: arguments.for_prove };
    lines.result_to_all(ledger.summary());
    lines.result_to_all(scenarios.summary());
    let not_yet = ledger.stale(&files).len();
    lines.result_to_all(format!(
        "{} files looked at now, {not_yet} of {} not yet as they are",
        chosen.len(),
        files.len()
    ));
    open.iter().for_each(|mutant| lines.result_to_all(format!("no test notices it: {mutant}")));
    if !open.is_empty() {
        lines.result_to_all("write a test for each, or the reason into tests/mutants/ledger.json");
    }
    let blunt = scenarios.unexplained();
    blunt.iter().for_each(|scenario| lines.result_to_all(format!("it notices no mutant of its rule: {scenario}")));
    if !blunt.is_empty() {
        lines.result_to_all("make each sharper, delete it, or write the reason into tests/mutants/scenarios.json");
    }
    Ok(if open.is_empty() && blunt.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the mutants are built of: the core, and the crate whose scenario files kill most.
const MEMBERS: [&str; 2] = ["core", "tests/runner"];
/// And what these read.
const READ: [&str; 4] = ["tests/scenarios", "tests/README.md", "rustfmt.toml", "Cargo.lock"];

/// Goes over the files, several at a time.
fn work(
    arguments: &Arguments,
    chosen: &[String],
    files: &BTreeMap<String, String>,
    ledger: Ledger,
) -> Result<(Ledger, Scenarios)> {
    let queue = Mutex::new(chosen.iter());
    let rules = rules_of_scenarios()?;
    let state = Mutex::new((ledger, Scenarios::read()?, 0_usize));
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    let worker = |number: usize| -> Result<()> {
        let folder = root().join("target/mutants");
        let bench = Bench {
            program: &arguments.cargo_mutants,
            tree: folder.join(format!("tree-{number}")),
            build: folder.join(format!("build-{number}")),
        };
        copy(&MEMBERS, &READ, &bench.tree)?;
        // Cargo and cargo-mutants are run elsewhere: whole paths.
        let bench = Bench { tree: bench.tree.canonicalize()?, build: absolute(&bench.build)?, ..bench };
        bench.unchanged()?;
        while let Some(file) = next() {
            let known = state.lock().ok().and_then(|state| state.0.files.get(file).cloned());
            let left = known.filter(|_| arguments.left);
            let hash = files.get(file).map_or("", String::as_str);
            let (entry, noticed) = bench.run(file, hash, left.as_ref())?;
            let Ok(mut state) = state.lock() else { break };
            println!("{file}: {} killed, {} left, {} not viable", entry.killed, entry.survivors.len(), entry.unviable);
            state.0.enter(file, entry);
            state.0.files.retain(|name, _| files.contains_key(name));
            state.0.core = core_hash(files);
            state.0.write()?;
            if left.is_none() {
                scenarios::leave(file, &noticed)?;
            }
            state.1.enter(file, &noticed, &rules, left.is_some());
            state.1.write()?;
            state.2 += 1;
            Lines { shown: arguments.for_prove }.progress(state.2, chosen.len(), "files");
        }
        Ok(())
    };
    let jobs = arguments.jobs.clamp(1, chosen.len().max(1));
    if !chosen.is_empty() {
        let worker = &worker;
        thread::scope(|scope| {
            let running: Vec<_> = (0..jobs).map(|number| scope.spawn(move || worker(number))).collect();
            running
                .into_iter()
                .try_for_each(|thread| thread.join().map_err(|_| anyhow::anyhow!("a worker panicked"))?)
        })?;
    }
    state.into_inner().map(|(ledger, scenarios, _)| (ledger, scenarios)).ok().context("a worker panicked")
}

fn absolute(path: &PathBuf) -> Result<PathBuf> {
    std::fs::create_dir_all(path)?;
    Ok(path.canonicalize()?)
}
