//! `cargo fuzz`, each target for a while, from the corpus that is committed.

use std::process::Command;
use std::time::Duration;

use super::said::Said;
use super::{Arguments, Step, tools};
use crate::child::{self, root, succeeds};

/// The targets of tests/fuzz/fuzz/Cargo.toml.
const TARGETS: [&str; 5] = ["steps", "snapshots", "dns", "configuration", "scenarios"];

pub(super) fn steps(arguments: &Arguments) -> Result<Vec<Step>, String> {
    if !succeeds(Command::new("rustup").args(["run", "nightly", "cargo", "--version"])) {
        succeeds(Command::new("rustup").args(["toolchain", "install", "nightly", "--profile", "minimal"]));
    }
    if !succeeds(Command::new("rustup").args(["run", "nightly", "cargo", "--version"])) {
        return Err("a nightly Rust is missing: rustup toolchain install nightly --profile minimal".into());
    }
    let program = tools::FUZZ.program()?;
    let step = |target: &&'static str| {
        // What is found beyond the committed corpus stays in the target folder: libFuzzer writes to the first it is given.
        let found = child::target().join("fuzz/corpus").join(target);
        let _ = std::fs::create_dir_all(&found);
        let mut command = Command::new("rustup");
        command.args(["run", "nightly"]).arg(&program).args(["fuzz", "run", "--fuzz-dir", "tests/fuzz/fuzz"]);
        command.args(["--target-dir"]).arg(child::target().join("fuzz"));
        command.arg(target).arg(&found).arg(root().join("tests/fuzz/corpus").join(target));
        command.args(["--", "-print_final_stats=1"]).arg(format!("-max_total_time={}", arguments.fuzz_seconds));
        command.current_dir(root()).env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO_TARGET_DIR");
        let target = *target;
        Step {
            command,
            read: Box::new(move |line| read(target, line)),
            lasts: Some(Duration::from_secs(arguments.fuzz_seconds)),
            then: None,
        }
    };
    Ok(TARGETS.iter().map(step).collect())
}

/// libFuzzer's last words, and what it found.
fn read(target: &str, line: &str) -> Option<Said> {
    if let Some(runs) = line.strip_prefix("stat::number_of_executed_units:") {
        return Some(Said::Result(format!("{target}: {} executions", runs.trim())));
    }
    let found = line.contains("ERROR: libFuzzer") || line.contains("Test unit written to");
    found.then(|| Said::Result(format!("{target}: {}", line.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_words_are_understood() {
        let said = |line| read("dns", line);
        let result = |text: &str| Some(Said::Result(text.into()));
        assert_eq!(said("stat::number_of_executed_units: 181"), result("dns: 181 executions"));
        assert_eq!(said("==1== ERROR: libFuzzer: deadly signal"), result("dns: ==1== ERROR: libFuzzer: deadly signal"));
        assert_eq!(said("#2 INITED cov: 12"), None);
    }

    #[test]
    fn every_target_is_run() {
        let manifest = std::fs::read_to_string(root().join("tests/fuzz/fuzz/Cargo.toml")).unwrap();
        let bins = manifest.matches("[[bin]]").count();
        assert_eq!(bins, TARGETS.len());
        TARGETS.iter().for_each(|target| assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}"));
    }
}
