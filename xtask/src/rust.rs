//! The suites that need cargo alone.

use std::path::Path;
use std::process::Command;

use crate::child::{cargo, output, root, succeeds};
use crate::suite::Work;

/// Browsers, and the panics suite.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Where the scenario runner's program is.
pub(crate) const SCENARIOS: &[&str] = &["--package", "xtask", "--features", "scenarios"];

/// The generator of the Swift and Kotlin bindings: it is big, and holds no example.
const GENERATOR: [&str; 2] = ["--exclude", "rehome-uniffi-bindgen"];

pub(crate) fn cargo_with(arguments: &[&str]) -> Command {
    let mut command = cargo();
    command.args(arguments);
    command
}

pub(crate) fn format() -> Work {
    if !succeeds(cargo().args(["fmt", "--version"])) {
        return Work::Impossible("rustfmt is missing: rustup component add rustfmt".into());
    }
    Work::Commands(vec![cargo_with(&["fmt", "--all", "--check"])])
}

pub(crate) fn lints() -> Work {
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

pub(crate) fn test_of(arguments: &[&str]) -> Work {
    let mut command = cargo_with(&["test"]);
    command.args(arguments);
    Work::Commands(vec![command])
}

pub(crate) fn core_with_features() -> Work {
    test_of(&["--package", "rehome", "--all-features", "--lib", "--tests"])
}

pub(crate) fn core_without_features() -> Work {
    test_of(&["--package", "rehome", "--no-default-features", "--lib", "--tests"])
}

/// The examples in the documentation.
pub(crate) fn doc_tests() -> Work {
    let mut command = cargo_with(&["test", "--workspace", "--doc", "--all-features"]);
    command.args(GENERATOR);
    Work::Commands(vec![command])
}

pub(crate) fn documentation() -> Work {
    let mut command = cargo_with(&["doc", "--workspace", "--no-deps", "--all-features"]);
    command.args(GENERATOR);
    command.env("RUSTDOCFLAGS", "-D warnings");
    Work::Commands(vec![command])
}

/// The core alone, for a target without std.
pub(crate) fn build_for(target: &'static str) -> Work {
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
pub(crate) fn panics() -> Work {
    match missing_library(WASM) {
        Some(remedy) => Work::Impossible(remedy),
        None => test_of(&["--package", "rehome-panics"]),
    }
}

pub(crate) fn scenarios(arguments: &[&str]) -> Work {
    let mut command = cargo_with(&["run", "--quiet"]);
    command.args(SCENARIOS).args(["--bin", "scenarios", "--"]).args(arguments);
    Work::Commands(vec![command])
}

/// The oldest Rust that is promised has built all of this, or builds it now.
pub(crate) fn rust_version() -> Work {
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
}
