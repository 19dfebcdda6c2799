//! Panics seeded in a copy of the core, to see that they are found.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rehome_proving::copy;

use crate::builds;
use crate::locations::{CORE, locations};
use crate::memory::Memory;

/// A library that a panic is looked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// The core alone as a wasm.
    Wasm,
    /// The core alone for this machine.
    Native,
    /// The module of the npm package.
    Shipped,
}

/// A panic to be linked.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// What it is.
    pub name: &'static str,
    file: &'static str,
    line: &'static str,
    instead: &'static str,
    library: Library,
}

/// All of them.
pub const SEEDS: [Seed; 3] = [
    Seed {
        name: "an index in the walk, in the core as a wasm",
        file: "src/rollover.rs",
        line: "self.list.get(self.at).copied()",
        instead: "Some(self.list[self.at])",
        library: Library::Wasm,
    },
    Seed {
        name: "an unwrap in an attempt's time-out, in the core as a native library",
        file: "src/outcome.rs",
        line: "let Some(attempt) = &self.attempt else { return };",
        instead: "let attempt = self.attempt.as_ref().unwrap();",
        library: Library::Native,
    },
    Seed {
        name: "a division in the DNS codec, in the shipped wasm",
        file: "src/wire/decode.rs",
        line: "let octets = message.len();",
        instead: "let octets = message.len() / name.len();",
        library: Library::Shipped,
    },
];

/// A workspace of what is built, and nothing else.
fn workspace(into: &Path) -> Result<PathBuf> {
    let work = into.join("seeded");
    copy(&["core", "tests/panics", "tests/proving", "bindings/wasm"], &["Cargo.lock"], &work)?;
    Ok(work)
}

impl Seed {
    /// Links it, and looks for it.
    ///
    /// # Errors
    /// If it does not fit the core any more, or the copy does not build.
    pub fn is_found(&self, into: &Path) -> Result<bool> {
        let work = workspace(into)?;
        // Apart from the others: to cargo the copy is the same package.
        let into = &into.join("seeded-target");
        let file = work.join("core").join(self.file);
        let source = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        ensure!(source.contains(self.line), "{} has no {:?} any more", self.file, self.line);
        fs::write(&file, source.replacen(self.line, self.instead, 1))?;
        let library = match self.library {
            Library::Wasm => builds::alone(&work, into, Some(builds::WASM)),
            Library::Native => builds::alone(&work, into, None),
            Library::Shipped => builds::shipped_wasm(&work, into),
        }?;
        let found = locations(&Memory::of(&library)?);
        Ok(found.iter().any(|location| location.package == CORE && location.file == self.file))
    }
}
