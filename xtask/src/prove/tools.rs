//! Cargo's tools that the proofs need: built from source where they are missing, into a folder of this checkout.

use std::path::PathBuf;
use std::process::Command;

use crate::child::{self, cargo, output};

/// A tool and the version that the proofs were written for.
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

pub(super) const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
pub(super) const FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };
pub(super) const MUTANTS: Tool = Tool { name: "cargo-mutants", version: "27.1.0" };

impl Tool {
    /// The program, built first where it is missing; an error is the remedy.
    pub(super) fn program(&self) -> Result<PathBuf, String> {
        let folder = child::target().join("tools");
        let own = folder.join("bin").join(self.name);
        let has = |program: &PathBuf| {
            let verb = self.name.trim_start_matches("cargo-");
            let said = output(Command::new(program).args([verb, "--version"]));
            said.is_some_and(|said| said.split_whitespace().any(|word| word == self.version))
        };
        let installed = PathBuf::from(self.name);
        if let Some(there) = [&own, &installed].into_iter().find(|program| has(program)) {
            return Ok(there.clone());
        }
        println!("    building {} {} (a few minutes, once)", self.name, self.version);
        let mut install = cargo();
        install.args(["install", "--quiet", "--locked", self.name, "--version", self.version, "--root"]).arg(&folder);
        install.env_remove("CARGO_TARGET_DIR");
        let built = install.status().is_ok_and(|status| status.success());
        let remedy = || format!("{0} is missing: cargo install --locked {0} --version {1}", self.name, self.version);
        if built && has(&own) { Ok(own) } else { Err(remedy()) }
    }
}
