//! The npm package and its consumers; what every suite with npm or Chromium needs.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::child::{root, succeeds};
use crate::debian;
use crate::rust::{WASM, cargo_with, missing_library};
use crate::suite::Work;

/// Where the npm package is.
pub(crate) const PACKAGE: &str = "bindings/wasm";
/// Installs what the lock file names; what is in npm's cache is not asked for again.
pub(crate) const CI: &[&str] = &["ci", "--prefer-offline", "--no-audit", "--no-fund"];
/// The programs that tests/consumers/browser.mjs looks for.
const CHROMIUMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A command of npm in one of the project's folders.
pub(crate) fn npm(folder: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(root().join(folder));
    command
}

/// The remedy, if the npm package cannot be built here.
pub(crate) fn missing() -> Option<String> {
    missing_library(WASM).or_else(|| {
        let there = succeeds(Command::new("npm").arg("--version"));
        (!there).then(|| "npm is missing: install Node.js 20.16 or later, with npm".into())
    })
}

/// The remedy, if there is no Chromium and nobody can install it: root can on Debian, and browser.mjs then does.
pub(crate) fn missing_chromium() -> Option<String> {
    let named = std::env::var_os("CHROMIUM");
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let on_path = |name: &&str| std::env::split_paths(&folders).any(|folder| folder.join(name).is_file());
    let found = named.as_deref().map_or_else(|| CHROMIUMS.iter().any(on_path), |named| Path::new(named).is_file());
    if found || (named.is_none() && debian::can_install()) {
        return None;
    }
    let what = named.as_deref().map(OsStr::to_string_lossy);
    Some(what.map_or_else(
        || "Chromium is missing: install it (apt-get install chromium), or name it in CHROMIUM".into(),
        |named| format!("CHROMIUM names {named:?}, which is no file: name the program, or unset it"),
    ))
}

/// Commands of the npm package, one after the other.
fn package(commands: &[&[&str]]) -> Work {
    match missing() {
        Some(remedy) => Work::Impossible(remedy),
        None => Work::Commands(commands.iter().map(|arguments| npm(PACKAGE, arguments)).collect()),
    }
}

pub(crate) fn build() -> Work {
    package(&[CI, &["run", "build"], &["run", "lint"]])
}

pub(crate) fn tests() -> Work {
    package(&[&["test"]])
}

/// The border between Rust and JavaScript: the same tests in Node and in Chromium.
pub(crate) fn border() -> Work {
    if let Some(remedy) = missing() {
        return Work::Impossible(remedy);
    }
    let driver = std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
    let found = || succeeds(Command::new(&driver).arg("--version"));
    if !found() {
        debian::install(&["chromium-driver"]);
    }
    if !found() {
        let remedy = "install it (apt-get install chromium-driver), or name it in CHROMEDRIVER";
        return Work::Impossible(format!("chromedriver is missing: {remedy}"));
    }
    let test = || {
        let mut command = cargo_with(&["test", "--package", "rehome-wasm", "--lib", "--target", WASM]);
        let runner = "cargo run --quiet --package rehome-wasm-bindgen --bin rehome-wasm-bindgen-test --";
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
        // The glue as it is shipped, without the tool's own assertions.
        command.env("WASM_BINDGEN_NO_DEBUG", "1");
        command.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30").env("WASM_BINDGEN_TEST_TIMEOUT", "120");
        command
    };
    let mut in_chromium = test();
    in_chromium.env("WASM_BINDGEN_USE_BROWSER", "1");
    Work::Commands(vec![test(), in_chromium])
}

/// The scenarios through the package, compared with the native runner.
pub(crate) fn scenarios() -> Work {
    package(&[&["run", "same"]])
}

/// The same, after a build.
pub(crate) fn scenarios_afresh() -> Work {
    package(&[CI, &["run", "build"], &["run", "same"]])
}

/// The packed package in fresh projects, in Node and in Chromium.
pub(crate) fn consumers() -> Work {
    consumers_of(&[])
}

/// The scenarios through the packed package in a page.
pub(crate) fn scenarios_in_chromium() -> Work {
    consumers_of(&["scenarios in Chromium"])
}

/// The checks that have one of these words in their names; all if there is none.
fn consumers_of(words: &[&str]) -> Work {
    if let Some(remedy) = missing().or_else(missing_chromium) {
        return Work::Impossible(remedy);
    }
    let folder = "tests/consumers";
    let mut run = Command::new("node");
    run.arg("run.mjs").args(words).current_dir(root().join(folder));
    Work::Commands(vec![npm(folder, CI), run])
}
