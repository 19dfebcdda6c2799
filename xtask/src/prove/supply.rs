//! What comes from others: licences and sources, the lock files, the oldest versions that the manifests promise.

use std::fs;
use std::path::Path;
use std::process::Command;

use rehome_proving::copy;

use super::{Arguments, Step, tools};
use crate::child::{self, cargo, root};
use crate::npm::{self, npm};

/// The crates that are shipped; the others bring what they need for this project alone.
const SHIPPED: [&str; 3] = ["core", "bindings/wasm", "bindings/uniffi"];
/// Workspaces with a lock file.
const LOCKED: [&str; 2] = ["Cargo.toml", "tests/fuzz/fuzz/Cargo.toml"];
/// npm packages with a lock file.
const NPM: [&str; 3] = ["bindings/wasm", "tests/consumers", "web-demo"];

pub(super) fn steps(_: &Arguments) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    for manifest in LOCKED {
        let mut locked = cargo();
        locked.args(["tree", "--locked", "--workspace", "--depth", "0", "--manifest-path", manifest]);
        steps.push(Step::of(locked).then(format!("{manifest}: its lock file is up to date")));
        steps.push(
            Step::of(allowed(manifest)?)
                .then(format!("{manifest}: licences, bans and sources are as deny.toml allows")),
        );
    }
    steps.extend(oldest()?);
    if let Some(remedy) = npm::missing() {
        return Err(remedy);
    }
    for folder in NPM {
        let mut dry = vec!["ci", "--dry-run"];
        dry.extend_from_slice(&npm::CI[1..]);
        steps.push(Step::of(npm(folder, &dry)).then(format!("{folder}: npm ci, lock file up to date")));
    }
    Ok(steps)
}

/// Whether what a workspace depends on is as deny.toml allows.
pub(super) fn allowed(manifest: &str) -> Result<Command, String> {
    let mut check = Command::new(tools::DENY.program()?);
    check.args(["deny", "--log-level", "error", "--manifest-path", manifest, "--config", "deny.toml"]);
    check.args(["check", "licenses", "bans", "sources"]).current_dir(root());
    Ok(check)
}

/// The shipped crates with the oldest versions of what they depend on: a lower bound that is too low breaks the build of
/// whoever has an older lock file.
fn oldest() -> Result<Vec<Step>, String> {
    let folder = child::target().join("oldest-dependencies");
    shipped(&folder).map_err(|error| format!("{error:#}"))?;
    let cargo_there = || {
        let mut command = cargo();
        command.current_dir(&folder).env("CARGO_TARGET_DIR", folder.join("target"));
        command
    };
    let mut choose = cargo_there();
    // Cargo keeps the choice of old versions for nightlies; this variable lets the stable one choose them, too.
    choose.args(["update", "-Z", "direct-minimal-versions"]).env("RUSTC_BOOTSTRAP", "1");
    let mut check = cargo_there();
    check.args(["check", "--workspace", "--all-features"]);
    let done = "core, npm and mobile crates build with the oldest versions that they promise";
    Ok(vec![Step::of(choose), Step::of(check).then(done)])
}

/// A workspace of the shipped crates alone, without what only their tests need.
fn shipped(folder: &Path) -> anyhow::Result<()> {
    copy(&SHIPPED, &[], folder)?;
    for name in SHIPPED {
        let manifest = folder.join(name).join("Cargo.toml");
        fs::write(&manifest, without_dev_dependencies(&fs::read_to_string(&manifest)?))?;
    }
    // What was chosen the last time is no choice of the oldest.
    let lock = folder.join("Cargo.lock");
    if lock.exists() { Ok(fs::remove_file(lock)?) } else { Ok(()) }
}

fn without_dev_dependencies(manifest: &str) -> String {
    let mut kept = true;
    let lines = manifest.lines().filter(|line| {
        if line.starts_with('[') {
            kept = !line.contains("dev-dependencies");
        }
        kept
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tests_need_is_left_out() {
        let manifest = "[dependencies]\na = \"1\"\n\n[dev-dependencies]\nb = \"1\"\n[target.'cfg(x)'.dev-dependencies]\nc = \"1\"\n[lints]\nworkspace = true\n";
        assert_eq!(without_dev_dependencies(manifest), "[dependencies]\na = \"1\"\n\n[lints]\nworkspace = true\n");
    }
}
