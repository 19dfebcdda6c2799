//! A part of this workspace, copied elsewhere: what is to be changed is never changed in the checkout.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The checkout.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Makes a workspace of these members anew, with what else they read; what was built there is kept.
///
/// # Errors
/// If something cannot be read or written.
pub fn copy(members: &[&str], others: &[&str], to: &Path) -> Result<()> {
    let whole = || -> std::io::Result<()> {
        for name in members.iter().chain(others) {
            let there = to.join(name);
            if there.is_dir() {
                fs::remove_dir_all(&there)?;
            }
            copy_all(&root().join(name), &there)?;
        }
        let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
        fs::write(to.join("Cargo.toml"), with_members(&manifest, members))
    };
    whole().with_context(|| format!("the copy {} cannot be made", to.display()))
}

fn with_members(manifest: &str, members: &[&str]) -> String {
    let lines = manifest.lines().map(|line| match line.starts_with("members = ") {
        true => format!("members = {members:?}\n"),
        false => format!("{line}\n"),
    });
    lines.collect()
}

/// All but what cargo and npm put there.
fn copy_all(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        return fs::copy(from, to).map(drop);
    }
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        if name != "target" && name != "node_modules" {
            copy_all(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_of_some_members() {
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let part = with_members(&manifest, &["core", "tests/model"]);
        assert!(part.contains("\nmembers = [\"core\", \"tests/model\"]\n"), "{part}");
        assert_eq!(part.lines().count(), manifest.lines().count());
    }

    #[test]
    fn a_copy_has_what_is_asked_for_and_nothing_else() {
        let to = std::env::temp_dir().join(format!("rehome-proving-{}", std::process::id()));
        copy(&["tests/proving"], &["rustfmt.toml"], &to).unwrap();
        fs::write(to.join("tests/proving/src/old.rs"), "").unwrap();
        copy(&["tests/proving"], &["rustfmt.toml"], &to).unwrap();
        assert!(to.join("tests/proving/src/part.rs").is_file() && to.join("rustfmt.toml").is_file());
        assert!(!to.join("tests/proving/src/old.rs").exists() && !to.join("core").exists());
        fs::remove_dir_all(to).unwrap();
    }
}
