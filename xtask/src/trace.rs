//! One long random trace through every language: written once, with the native hashes, and run by each language's own
//! scenario runner in place of `tests/scenarios`. Equal seeds and equal inputs give equal outputs everywhere.

use std::path::PathBuf;
use std::process::Command;

use crate::child::target;
use crate::rust::cargo_with;
use crate::suite::Work;
use crate::{kotlin, npm, swift};

/// Where the whole trace is written, below the target folder.
const WHOLE: &str = "trace";
/// Where a short one is, for the ordinary tests.
const SHORT: &str = "trace-short";

/// Writes the whole trace, and runs it natively.
pub(crate) fn native() -> Work {
    Work::Commands(vec![program("write", WHOLE, &["--for-prove"]), program("run", WHOLE, &["--for-prove"])])
}

/// In Node, by the packed npm package.
pub(crate) fn node() -> Work {
    whole_through(npm::scenarios_afresh)
}

/// In Chromium, by the package that Node has built.
pub(crate) fn chromium() -> Work {
    whole_through(npm::scenarios_in_chromium)
}

pub(crate) fn kotlin() -> Work {
    whole_through(kotlin::scenarios)
}

pub(crate) fn swift() -> Work {
    whole_through(swift::scenarios)
}

fn whole_through(work: fn() -> Work) -> Work {
    if !folder(WHOLE).join("hashes.txt").is_file() {
        return Work::Failed("the trace is not written yet: cargo xtask prove trace".into());
    }
    through(work(), WHOLE)
}

/// Four files of it through the npm package in Node, a second or two.
pub(crate) fn short() -> Work {
    let mut work = through(npm::scenarios(), SHORT);
    if let Work::Commands(commands) = &mut work {
        commands.insert(0, program("write", SHORT, &["--files", "4", "--inputs", "2500"]));
    }
    work
}

/// The program that writes the trace and runs it natively.
fn program(verb: &str, name: &str, arguments: &[&str]) -> Command {
    let mut command = cargo_with(&["run", "--quiet", "--package", "rehome-trace", "--", verb]);
    command.arg(folder(name)).args(arguments);
    command
}

fn folder(name: &str) -> PathBuf {
    target().join(name)
}

/// Another language's scenarios with the trace in their place.
fn through(work: Work, name: &str) -> Work {
    let Work::Commands(mut commands) = work else { return work };
    for command in &mut commands {
        command.env("REHOME_SCENARIOS", folder(name).join("scenarios"));
        command.env("REHOME_HASHES", folder(name).join("hashes.txt"));
        command.env("REHOME_PROVE", "1");
    }
    Work::Commands(commands)
}
