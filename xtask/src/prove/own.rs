//! The proofs that are programs of this project.

use std::process::Command;

use super::{Arguments, Step, tools};
use crate::rust::cargo_with;
use crate::suite::Work;

/// A program of this project, built with optimisation.
fn program(package: &str, arguments: &[&str]) -> Command {
    let mut command = cargo_with(&["run", "--quiet", "--release", "--package", package, "--"]);
    command.args(arguments).arg("--for-prove");
    command
}

pub(super) fn herd(_: &Arguments) -> Result<Vec<Step>, String> {
    Ok(vec![Step::of(program("rehome-herd", &[]))])
}

pub(super) fn model(_: &Arguments) -> Result<Vec<Step>, String> {
    Ok(vec![Step::of(program("rehome-model", &["--all"]))])
}

pub(super) fn defects(_: &Arguments) -> Result<Vec<Step>, String> {
    Ok(vec![Step::of(program("rehome-model", &["--defects"]))])
}

pub(super) fn mutants(_: &Arguments) -> Result<Vec<Step>, String> {
    let mut command = program("rehome-mutants", &[]);
    command.arg("--cargo-mutants").arg(tools::MUTANTS.program()?);
    Ok(vec![Step::of(command)])
}

pub(super) fn panics(_: &Arguments) -> Result<Vec<Step>, String> {
    Ok(vec![Step::of(program("rehome-panics", &[]))])
}

/// A part of the trace: every command says itself what it found.
pub(super) fn trace(work: Work) -> Result<Vec<Step>, String> {
    match work {
        Work::Commands(commands) => Ok(commands.into_iter().map(Step::of).collect()),
        Work::Impossible(why) | Work::Failed(why) | Work::Done(why) => Err(why),
    }
}

pub(super) fn reference(arguments: &Arguments) -> Result<Vec<Step>, String> {
    let mut command = cargo_with(&["test", "--release", "--package", "rehome-reference", "--", "--nocapture"]);
    command.env("REHOME_PROVE", "1").env("REHOME_CASES", arguments.cases.to_string());
    Ok(vec![Step::of(command)])
}
