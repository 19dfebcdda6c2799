//! Seeded defects: each patch of `defects/` is laid on a copy of the core, and the model built against that must find it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use rehome_proving::{copy, root};

use crate::patch::patched;

/// A seeded defect.
#[derive(Clone, Debug)]
pub struct Defect {
    /// The file's name without its end.
    pub name: String,
    /// The real mistake it stands for.
    pub about: String,
    /// The configuration expected to find it; the other quick ones follow.
    pub space: String,
    file: PathBuf,
}

/// All of them, by name.
///
/// # Errors
/// If one cannot be read, or says not what it is.
pub fn defects() -> Result<Vec<Defect>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("defects"))? {
        let file = entry?.path();
        let text = fs::read_to_string(&file)?;
        let mut lines = text.lines();
        let about = lines.next().unwrap_or_default().to_string();
        let space = lines.next().and_then(|line| line.strip_prefix("Configuration: "));
        let space = space.with_context(|| format!("{}: its second line names no configuration", file.display()))?;
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        all.push(Defect { name, about, space: space.to_string(), file });
    }
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(all)
}

/// A workspace of the core and the model alone, below `target`.
fn workspace() -> Result<PathBuf> {
    let work = root().join("target/model-defects");
    copy(&["core", "tests/model", "tests/proving"], &["Cargo.lock"], &work)?;
    Ok(work)
}

/// The core's files with the defect in them.
fn defective(defect: &Defect) -> Result<Vec<(PathBuf, String)>> {
    let patch = fs::read_to_string(&defect.file)?;
    // Above the first file's name stand our own lines.
    let patch = patch.find("--- a/").and_then(|at| patch.get(at..)).unwrap_or(&patch);
    patched(patch, &root()).with_context(|| format!("{} does not fit the core any more", defect.name))
}

/// Whether its patch fits the core as it is.
///
/// # Errors
/// If it does not: what it changes is no longer there.
pub fn fits(defect: &Defect) -> Result<()> {
    defective(defect).map(|_| ())
}

/// Lays one on a copy, builds, searches. The property that caught it and where, or none.
///
/// # Errors
/// If the patch does not fit, or the copy does not build.
pub fn seed(defect: &Defect) -> Result<Option<String>> {
    let work = workspace()?;
    for (file, text) in defective(defect)? {
        fs::write(work.join(file), text)?;
    }
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    // One folder for all, so that only the core and the model are built again; not optimised to the last, so that this is quick.
    let target = work.join("target");
    let built = Command::new(cargo)
        .args(["build", "--quiet", "-p", "rehome-model", "--offline"])
        .current_dir(&work)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .output()?;
    if !built.status.success() {
        bail!("{} does not build: {}", defect.name, String::from_utf8_lossy(&built.stderr));
    }
    let found = Command::new(target.join("debug/rehome-model"))
        .args(["--until-broken", "--first", &defect.space])
        .current_dir(&work)
        .output()?;
    let text = String::from_utf8_lossy(&found.stdout);
    Ok(text.lines().find_map(|line| line.strip_prefix("caught: ")).map(ToString::to_string))
}
