//! What is left of panics, and why.

use std::collections::{BTreeMap, BTreeSet};

use crate::locations::Location;

/// Panics that may be linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Known {
    /// Of which crate.
    pub package: &'static str,
    /// In which file, or the beginning of its name.
    pub file: &'static str,
    /// Why they may be.
    pub reason: &'static str,
}

const fn known(package: &'static str, file: &'static str, reason: &'static str) -> Known {
    Known { package, file, reason }
}

/// What the core links: the end of memory (the limits of rule 7.4 keep every input far below it) and what the standard
/// library's parser of addresses checks for itself.
pub const ALONE: &[Known] = &[
    known("library/alloc", "src/alloc.rs", "an allocation failed"),
    known("library/alloc", "src/raw_vec/", "a list of more than isize::MAX bytes, or shrunk to more than it has"),
    known("library/alloc", "src/sync.rs", "an Arc of more than isize::MAX bytes"),
    known("library/core", "src/char/methods.rs", "a radix above 36, where the parser of addresses uses 10 and 16"),
    known("library/core", "src/net/parser.rs", "a ninth group of an IPv6 address, where its parser asks for eight"),
];

/// What the DNS codec links besides.
const DNS: &[Known] = &[
    known("library/alloc", "src/collections/btree/", "invariants of the map of names, which are its own"),
    known(
        "domain",
        "src/base/header.rs",
        "a message shorter than its header, which the core refuses before; fixed places in it",
    ),
    known("domain", "src/base/message.rs", "the same; a question that is missing where the header counts one"),
    known("domain", "src/base/message_builder.rs", "the question that is written: its OPT record is 11 octets long"),
    known("domain", "src/base/opt/", "the same: fixed places in it"),
    known("domain", "src/base/name/", "the labels of a name that was checked when it was read"),
    known("octseq", "src/array.rs", "the length of the array that holds the written question"),
    known("octseq", "src/parse.rs", "a position that the parser itself keeps within the message"),
];

const WASM_ONLY: &[Known] = &[
    known("library/alloc", "src/string.rs", "a Display that fails: none of ours does"),
    known("library/alloc", "src/vec/", "a list of more than isize::MAX bytes"),
];

const NATIVE_ONLY: &[Known] = &[
    known("library/std", "", "the standard library's own: start, locks, paths, and printing a panic"),
    known("library/core", "", "what that uses of core; what the core uses is in its own list"),
    known("library/alloc", "", "what that uses of alloc; what the core uses is in its own list"),
    known("uniffi_core", "", "the border to Swift and Kotlin: each call is caught there, and a panic becomes an error"),
    known("anyhow", "", "errors of the border"),
    known("bytes", "", "buffers of the border"),
    known("serde_core", "", "configurations as JSON"),
    known("serde_json", "", "configurations as JSON: its own buffers"),
    known("itoa", "", "numbers in JSON: its own buffer"),
];

/// What the module of the npm package links.
#[must_use]
pub fn wasm() -> Vec<Known> {
    [ALONE, DNS, WASM_ONLY].concat()
}

/// What the library of the mobile packages links.
#[must_use]
pub fn native() -> Vec<Known> {
    [DNS, NATIVE_ONLY].concat()
}

/// A library's panics, sorted by why they may be there.
#[derive(Debug, Default)]
pub struct Left {
    /// Those that may be linked.
    pub known: BTreeMap<Known, Vec<Location>>,
    /// Those that may not.
    pub unknown: Vec<Location>,
    /// What may be, and is not there any more: to be taken off the list.
    pub gone: Vec<Known>,
}

impl Left {
    /// Sorts them.
    #[must_use]
    pub fn of(locations: &BTreeSet<Location>, known: &[Known]) -> Self {
        let mut left = Self::default();
        for location in locations {
            let covers = |known: &&Known| known.package == location.package && location.file.starts_with(known.file);
            // The first that covers it is the closest.
            match known.iter().find(covers) {
                Some(known) => left.known.entry(*known).or_default().push(location.clone()),
                None => left.unknown.push(location.clone()),
            }
        }
        left.gone = known.iter().filter(|known| !left.known.contains_key(known)).copied().collect();
        left
    }

    /// Whether all is as the list says.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.unknown.is_empty() && self.gone.is_empty()
    }

    /// How many each crate has: `domain 21, octseq 8`.
    #[must_use]
    pub fn by_package(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (known, locations) in &self.known {
            *counts.entry(known.package).or_default() += locations.len();
        }
        let texts = counts.iter().map(|(package, count)| format!("{package} {count}"));
        texts.collect::<Vec<_>>().join(", ")
    }
}
