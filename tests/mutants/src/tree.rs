//! A copy of what the mutants are built of: they are written into the files, so never into the checkout.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::ledger::root;

/// The crates in it: the core, and those whose tests kill its mutants.
const MEMBERS: [&str; 2] = ["core", "tests/runner"];
/// Folders and files that these read.
const READ: [&str; 4] = ["tests/scenarios", "tests/README.md", "rustfmt.toml", "Cargo.lock"];

/// Makes the copy anew; what was built there is kept.
pub fn copy(tree: &Path) -> Result<()> {
    let whole = || -> std::io::Result<()> {
        for name in MEMBERS.iter().chain(&READ) {
            let (from, to) = (root().join(name), tree.join(name));
            if to.is_dir() {
                fs::remove_dir_all(&to)?;
            }
            copy_all(&from, &to)?;
        }
        let members = MEMBERS.map(|name| format!("{name:?}")).join(", ");
        let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
        let lines = manifest.lines().map(|line| match line.starts_with("members = ") {
            true => format!("members = [{members}]\n"),
            false => format!("{line}\n"),
        });
        fs::write(tree.join("Cargo.toml"), lines.collect::<String>())
    };
    whole().with_context(|| format!("the copy {} cannot be made", tree.display()))
}

fn copy_all(from: &Path, to: &PathBuf) -> std::io::Result<()> {
    if !from.is_dir() {
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        return fs::copy(from, to).map(drop);
    }
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        if name != "target" {
            copy_all(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}
