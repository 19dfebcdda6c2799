//! Which suites there are.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::Group;
use crate::child::{cargo, output, root, succeeds};
use crate::npm;
use crate::page;
use crate::suite::{Suite, Verdict, Work};
use crate::table::table;

/// Browsers, and the panics suite.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// In the order in which they run: what fails fast comes first.
const SUITES: &[Suite] = &[
    Suite { name: "format", group: None, work: format },
    Suite { name: "lints", group: None, work: lints },
    Suite { name: "xtask", group: None, work: || test_of(&["--package", "xtask"]) },
    Suite { name: "core, all features", group: Some(Group::Core), work: core_with_features },
    Suite { name: "core, no features", group: Some(Group::Core), work: core_without_features },
    Suite {
        name: "doc tests",
        group: Some(Group::Core),
        work: || test_of(&["--workspace", "--doc", "--all-features"]),
    },
    Suite { name: "documentation", group: Some(Group::Core), work: documentation },
    Suite { name: "core on wasm32", group: Some(Group::Core), work: || build_for(WASM) },
    Suite { name: "core on thumbv7em", group: Some(Group::Core), work: || build_for("thumbv7em-none-eabi") },
    Suite { name: "panics", group: Some(Group::Core), work: panics },
    Suite { name: "rust-version", group: Some(Group::Core), work: rust_version },
    Suite { name: "runner", group: Some(Group::Scenarios), work: || test_of(&["--package", "rehome-runner"]) },
    Suite { name: "scenarios", group: Some(Group::Scenarios), work: || scenarios(&[]) },
    Suite { name: "scenarios cover", group: Some(Group::Scenarios), work: || scenarios(&["--cover"]) },
    Suite { name: "lab", group: Some(Group::Lab), work: || test_of(&["--package", "rehome-lab"]) },
    Suite { name: "phone", group: Some(Group::Lab), work: || test_of(&["--package", "rehome-phone"]) },
    Suite { name: "story", group: Some(Group::Lab), work: || test_of(&["--package", "rehome-demo"]) },
    Suite { name: "uniffi", group: Some(Group::Uniffi), work: || test_of(&["--package", "rehome-uniffi"]) },
    Suite { name: "npm build", group: Some(Group::Npm), work: npm::build },
    Suite { name: "npm tests", group: Some(Group::Npm), work: npm::tests },
    Suite { name: "npm border", group: Some(Group::Npm), work: npm::border },
    Suite { name: "npm scenarios", group: Some(Group::Npm), work: npm::scenarios },
    Suite { name: "npm consumers", group: Some(Group::Npm), work: npm::consumers },
    Suite { name: "page build", group: Some(Group::Page), work: page::build },
    Suite { name: "page tests", group: Some(Group::Page), work: page::tests },
];

/// Where the scenario runner's program is.
pub(crate) const SCENARIOS: &[&str] = &["--package", "xtask", "--features", "scenarios"];

/// Runs all suites, or those of a group, and prints the table.
pub(crate) fn test(group: Option<Group>) -> Result<ExitCode> {
    let strict = std::env::var("CI").is_ok_and(|value| value == "true");
    let suites: Vec<&Suite> = SUITES.iter().filter(|suite| group.is_none() || suite.group == group).collect();
    let begun = Instant::now();
    let mut rows = Vec::new();
    for (index, suite) in suites.iter().enumerate() {
        rows.push(suite.run(index + 1, suites.len(), strict)?);
    }
    println!("\nall of it took {:.0} s", begun.elapsed().as_secs_f64());
    println!("{}", table(&rows));
    let failed = rows.iter().any(|row| row.verdict == Verdict::Failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Licences, bans and sources of all dependencies.
pub(crate) fn deny() -> Result<ExitCode> {
    if !succeeds(cargo().args(["deny", "--version"])) {
        bail!("cargo-deny is not installed; `cargo install --locked cargo-deny` brings it in a few minutes");
    }
    let status =
        cargo().args(["deny", "check", "licenses", "bans", "sources"]).status().context("cargo cannot be run")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) fn cargo_with(arguments: &[&str]) -> Command {
    let mut command = cargo();
    command.args(arguments);
    command
}

fn format() -> Work {
    if !succeeds(cargo().args(["fmt", "--version"])) {
        return Work::Impossible("rustfmt is missing: rustup component add rustfmt".into());
    }
    Work::Commands(vec![cargo_with(&["fmt", "--all", "--check"])])
}

fn lints() -> Work {
    if !succeeds(cargo().args(["clippy", "--version"])) {
        return Work::Impossible("clippy is missing: rustup component add clippy".into());
    }
    let clippy = |rest: &[&str]| {
        let mut command = cargo_with(&["clippy", "--all-targets"]);
        command.args(rest).args(["--", "-D", "warnings"]);
        command
    };
    Work::Commands(vec![
        clippy(&["--workspace", "--all-features"]),
        clippy(&["--package", "rehome", "--no-default-features"]),
    ])
}

fn test_of(arguments: &[&str]) -> Work {
    let mut command = cargo_with(&["test"]);
    command.args(arguments);
    Work::Commands(vec![command])
}

fn core_with_features() -> Work {
    test_of(&["--package", "rehome", "--all-features", "--lib", "--tests"])
}

fn core_without_features() -> Work {
    test_of(&["--package", "rehome", "--no-default-features", "--lib", "--tests"])
}

fn documentation() -> Work {
    let mut command = cargo_with(&["doc", "--workspace", "--no-deps", "--all-features"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    Work::Commands(vec![command])
}

/// The core alone, for a target without std.
fn build_for(target: &'static str) -> Work {
    if let Some(remedy) = missing_library(target) {
        return Work::Impossible(remedy);
    }
    let build = |features| cargo_with(&["build", "--package", "rehome", "--target", target, features]);
    Work::Commands(vec![build("--no-default-features"), build("--all-features")])
}

/// The remedy, if a target's library is missing and rustup cannot fetch it.
pub(crate) fn missing_library(target: &str) -> Option<String> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"])).unwrap_or_default();
    let installed = || Path::new(&sysroot).join("lib/rustlib").join(target).is_dir();
    if !installed() {
        succeeds(Command::new("rustup").args(["target", "add", target]));
    }
    (!installed()).then(|| format!("the target's library is missing: rustup target add {target}"))
}

/// The core, built alone as a wasm, holds no code that panics.
fn panics() -> Work {
    match missing_library(WASM) {
        Some(remedy) => Work::Impossible(remedy),
        None => test_of(&["--package", "rehome-panics"]),
    }
}

fn scenarios(arguments: &[&str]) -> Work {
    let mut command = cargo_with(&["run", "--quiet"]);
    command.args(SCENARIOS).args(["--bin", "scenarios", "--"]).args(arguments);
    Work::Commands(vec![command])
}

/// The oldest Rust that is promised has built all of this, or builds it now.
fn rust_version() -> Work {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap_or_default();
    let Some(promised) = rust_version_of(&manifest) else {
        return Work::Impossible("Cargo.toml states no rust-version: add rust-version to [workspace.package]".into());
    };
    let rustc = output(Command::new("rustc").arg("--version")).unwrap_or_default();
    let installed = rustc.split(' ').nth(1).unwrap_or("unknown").to_owned();
    if installed == promised || installed.starts_with(&format!("{promised}.")) {
        return Work::Done(format!("rustc {installed} is the oldest promised: every build here tests it"));
    }
    let toolchain = if promised.matches('.').count() == 1 { format!("{promised}.0") } else { promised };
    let has = || succeeds(Command::new("rustup").args(["run", &toolchain, "cargo", "--version"]));
    if !has() {
        succeeds(Command::new("rustup").args(["toolchain", "install", &toolchain, "--profile", "minimal"]));
    }
    if !has() {
        let remedy = format!("rustup toolchain install {toolchain} --profile minimal");
        return Work::Impossible(format!("Rust {toolchain} is missing: {remedy}"));
    }
    let mut check = Command::new("rustup");
    check.args(["run", &toolchain, "cargo", "check", "--workspace", "--all-features", "--target-dir", "target/oldest"]);
    check.current_dir(root()).env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    Work::Commands(vec![check])
}

/// The `rust-version` that a manifest states.
fn rust_version_of(manifest: &str) -> Option<String> {
    let line = manifest.lines().find(|line| line.trim_start().starts_with("rust-version"))?;
    Some(line.split_once('=')?.1.trim().trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_states_a_rust_version() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        assert!(rust_version_of(&manifest).is_some_and(|version| version.starts_with("1.")));
        assert_eq!(rust_version_of("[package]\nrust-version = \"1.95\"\n").as_deref(), Some("1.95"));
    }

    #[test]
    fn names_are_given_once() {
        let mut names: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SUITES.len());
    }
}
