//! The ledger: for each file of the core what became of its mutants, and the content that this is true of.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rehome_proving::root;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The normal form of the model check: it is in no release.
const LEFT_OUT: &str = "core/src/proof.rs";

/// What is committed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// The hash over all files of the core as they were when the last of them was looked at.
    pub core: String,
    /// By path, as `core/src/rng.rs`.
    pub files: BTreeMap<String, Entry>,
}

/// What became of a file's mutants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Of the file's code.
    pub hash: String,
    /// Those that a test failed for, or ran out of time for.
    pub killed: usize,
    /// Of these, the ones that ran out of time: a mutant that loops.
    pub timeouts: usize,
    /// Those that do not compile.
    pub unviable: usize,
    /// Those that no test notices.
    pub survivors: Vec<Survivor>,
}

/// A mutant that no test notices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survivor {
    /// As `cargo-mutants` names it, without its place.
    pub mutant: String,
    /// Where it was.
    pub line: u32,
    /// Where in the line.
    pub column: u32,
    /// Why no test can notice it, or none should; empty until somebody has said so.
    #[serde(default)]
    pub reason: String,
}

/// What a committed file says; nothing where there is no such file.
pub(crate) fn read<T: DeserializeOwned + Default>(place: &Path) -> Result<T> {
    if !place.exists() {
        return Ok(T::default());
    }
    let text = fs::read_to_string(place)?;
    serde_json::from_str(&text).with_context(|| format!("{} is not understood: restore it", place.display()))
}

fn place() -> PathBuf {
    root().join("tests/mutants/ledger.json")
}

fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// What mutants are made of: the lines of a file that are neither blank nor comments nor, at its end, tests.
fn code(content: &str) -> String {
    let lines = content.lines().take_while(|line| *line != "#[cfg(test)]");
    let says = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    lines.filter(says).flat_map(|line| [line, "\n"]).collect()
}

/// The core's files with the hashes of their code, in order of path.
pub fn core_files() -> Result<BTreeMap<String, String>> {
    let root = root();
    let (mut files, mut folders) = (BTreeMap::new(), vec![root.join("core/src")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name: Vec<_> = path.strip_prefix(&root)?.iter().map(|part| part.to_string_lossy()).collect();
            let name = name.join("/");
            if name.ends_with(".rs") && name != LEFT_OUT {
                files.insert(name, hash(code(&fs::read_to_string(&path)?).as_bytes()));
            }
        }
    }
    Ok(files)
}

/// One hash over all of them.
#[must_use]
pub fn core_hash(files: &BTreeMap<String, String>) -> String {
    hash(files.iter().map(|(name, hash)| format!("{name} {hash}\n")).collect::<String>().as_bytes())
}

impl Ledger {
    /// The committed one; an empty one where there is none.
    pub fn read() -> Result<Self> {
        read(&place())
    }

    /// Writes it where it is committed.
    pub fn write(&self) -> Result<()> {
        let place = place();
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(&place, text).with_context(|| format!("{} cannot be written", place.display()))
    }

    /// The files whose content is another than the ledger's.
    #[must_use]
    pub fn stale(&self, files: &BTreeMap<String, String>) -> Vec<String> {
        files.keys().filter(|name| !self.is_of(name, files)).cloned().collect()
    }

    /// Whether a file's content is the ledger's.
    #[must_use]
    pub fn is_of(&self, name: &str, files: &BTreeMap<String, String>) -> bool {
        self.files.get(name).is_some_and(|entry| files.get(name) == Some(&entry.hash))
    }

    /// The files whose content is the ledger's, with survivors of which nobody has said why.
    #[must_use]
    pub fn open(&self, files: &BTreeMap<String, String>) -> Vec<String> {
        let open = |entry: &Entry| entry.survivors.iter().any(|survivor| survivor.reason.trim().is_empty());
        files
            .keys()
            .filter(|name| self.is_of(name, files) && self.files.get(*name).is_some_and(open))
            .cloned()
            .collect()
    }

    /// Takes a file's new entry; what was said of a survivor is kept.
    pub fn enter(&mut self, file: &str, mut entry: Entry) {
        let mut old = self.files.remove(file).unwrap_or_default().survivors;
        for survivor in &mut entry.survivors {
            let known = old.iter().position(|known| known.mutant == survivor.mutant && !known.reason.is_empty());
            if let Some(known) = known {
                survivor.reason = old.swap_remove(known).reason;
            }
        }
        self.files.insert(file.to_owned(), entry);
    }

    /// Survivors of which nobody has said why, as `FILE:LINE MUTANT`.
    #[must_use]
    pub fn unexplained(&self) -> Vec<String> {
        let of = |(file, entry): (&String, &Entry)| {
            let open = entry.survivors.iter().filter(|survivor| survivor.reason.trim().is_empty());
            open.map(|survivor| format!("{file}:{} {}", survivor.line, survivor.mutant)).collect::<Vec<_>>()
        };
        self.files.iter().flat_map(of).collect()
    }

    /// The sum over all files, in a line.
    #[must_use]
    pub fn summary(&self) -> String {
        let sum = |count: fn(&Entry) -> usize| self.files.values().map(count).sum::<usize>();
        let (killed, survivors) = (sum(|entry| entry.killed), sum(|entry| entry.survivors.len()));
        format!(
            "{killed} of {} viable mutants killed ({} of them by running out of time), {survivors} left, {} not viable; core {}",
            killed + survivors,
            sum(|entry| entry.timeouts),
            sum(|entry| entry.unviable),
            self.core
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_ledger_says_why_each_survivor_is_left() {
        let ledger = Ledger::read().unwrap();
        let files = core_files().unwrap();
        assert!(!ledger.files.is_empty(), "tests/mutants/ledger.json is missing: cargo xtask prove mutants");
        let gone: Vec<_> = ledger.files.keys().filter(|name| !files.contains_key(*name)).collect();
        assert!(gone.is_empty(), "the core has no such file: take it out of the ledger: {gone:?}");
        assert_eq!(ledger.unexplained(), Vec::<String>::new());
    }

    #[test]
    fn what_was_said_of_a_survivor_is_kept_for_as_many_as_there_were() {
        let survivor =
            |line, reason: &str| Survivor { mutant: "replace + with -".into(), line, column: 3, reason: reason.into() };
        let entry = |survivors| Entry { hash: "0".into(), survivors, ..Entry::default() };
        let mut ledger = Ledger::default();
        ledger.enter("a.rs", entry(vec![survivor(1, "cannot be seen")]));
        ledger.enter("a.rs", entry(vec![survivor(5, ""), survivor(9, "")]));
        assert_eq!(ledger.files["a.rs"].survivors, [survivor(5, "cannot be seen"), survivor(9, "")]);
        assert_eq!(ledger.unexplained(), ["a.rs:9 replace + with -"]);
    }

    #[test]
    fn comments_line_ends_and_tests_are_no_code() {
        let one = "//! About.\nfn a() {} // end\n\n#[cfg(test)]\nmod tests {}\n";
        let other = "fn a() {} // end\r\n    // More.\r\n";
        assert_eq!((code(one), code(other)), ("fn a() {} // end\n".to_owned(), "fn a() {} // end\n".to_owned()));
    }

    #[test]
    fn a_changed_file_is_stale() {
        let files = |hash: &str| BTreeMap::from([("a.rs".to_owned(), hash.to_owned())]);
        let mut ledger = Ledger::default();
        assert_eq!(ledger.stale(&files("0")), ["a.rs"]);
        ledger.enter("a.rs", Entry { hash: "0".into(), ..Entry::default() });
        assert!(ledger.stale(&files("0")).is_empty());
        assert_eq!(ledger.stale(&files("1")), ["a.rs"]);
    }
}
