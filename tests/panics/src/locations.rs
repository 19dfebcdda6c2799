//! Where a library can panic: each panic that is linked has its place in the source with it, as a `Location` of the
//! standard library, which is a pointer to the file's name, the name's length, the line and the column.

use std::collections::BTreeSet;
use std::fmt;

use crate::memory::Memory;

/// A place in the source at which something may panic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The crate, or `core`, `alloc`, `std` with a `library/` before it.
    pub package: String,
    /// The file, from the crate's folder.
    pub file: String,
    /// Its line.
    pub line: u32,
    /// And column.
    pub column: u32,
}

/// The crate that must have none.
pub const CORE: &str = "rehome";

/// Every one that is linked.
#[must_use]
pub fn locations(memory: &Memory) -> BTreeSet<Location> {
    let words = 2 + 8 / memory.width;
    memory.words(words).filter_map(|words| location(memory, words)).collect()
}

fn location(memory: &Memory, words: &[u8]) -> Option<Location> {
    let (pointer, rest) = words.split_at(memory.width);
    let (length, rest) = rest.split_at(memory.width);
    let length = usize::try_from(number(length)).ok().filter(|length| (4..1024).contains(length))?;
    let name = std::str::from_utf8(memory.at(number(pointer), length)?).ok()?;
    let name = name.trim_end_matches('\0');
    let (line, column) = rest.split_at_checked(4)?;
    let (line, column) = (number(line) as u32, number(column.get(..4)?) as u32);
    let is_source = name.ends_with(".rs") && name.chars().all(|c| c.is_ascii_graphic());
    let (package, file) = package(name);
    (is_source && line > 0 && column > 0).then_some(Location { package, file, line, column })
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A file's crate: of the standard library, of a registry, or of this project.
fn package(name: &str) -> (String, String) {
    let split = |path: &str, levels: usize| {
        let at = path.match_indices('/').nth(levels - 1).map_or(path.len(), |(at, _)| at);
        let (package, file) = path.split_at(at);
        (package.to_owned(), file.trim_start_matches('/').to_owned())
    };
    if let Some(at) = name.rfind("/library/") {
        return split(&name[at + 1..], 2);
    }
    if let Some((_, path)) = name.split_once("/registry/src/") {
        let (package, file) = split(split(path, 1).1.as_str(), 1);
        return (package.rsplit_once('-').map_or(package.clone(), |(name, _)| name.to_owned()), file);
    }
    // What the standard library itself is built with.
    if let Some(path) = name.strip_prefix("/rust/deps/") {
        return ("library/std".into(), path.to_owned());
    }
    let known = [("core/src/", CORE), ("bindings/wasm/src/", "rehome-wasm"), ("bindings/uniffi/src/", "rehome-uniffi")];
    match known.iter().find_map(|(folder, package)| Some((name.rfind(folder)?, folder.len(), package))) {
        Some((at, length, package)) => ((*package).to_owned(), format!("src/{}", &name[at + length..])),
        None => ("unknown".into(), name.to_owned()),
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:{}:{}", self.package, self.file, self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_crates() {
        let is = |name: &str, crate_: &str, file: &str| assert_eq!(package(name), (crate_.into(), file.into()));
        is("core/src/rollover.rs", "rehome", "src/rollover.rs");
        is("/home/me/rehome/core/src/wire/decode.rs", "rehome", "src/wire/decode.rs");
        is("/rustc/59807616e/library/core/src/slice/index.rs", "library/core", "src/slice/index.rs");
        is(
            "/home/me/.rustup/toolchains/stable/lib/rustlib/src/rust/library/core/src/net/parser.rs",
            "library/core",
            "src/net/parser.rs",
        );
        is("/home/me/.cargo/registry/src/index.crates.io-1949/octseq-0.6.1/src/parse.rs", "octseq", "src/parse.rs");
        is("/rust/deps/gimli-0.32.3/src/read/line.rs", "library/std", "gimli-0.32.3/src/read/line.rs");
        is("src/main.rs", "unknown", "src/main.rs");
    }
}
