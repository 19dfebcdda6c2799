//! No panic of the core can be reached from input: the compiler's own proof is that none is left in a library of the
//! core alone.

use rehome_panics::known::{ALONE, Left};
use rehome_panics::locations::locations;
use rehome_panics::memory::Memory;
use rehome_panics::{builds, known};
use rehome_proving::root;

/// Builds the core alone and looks into it.
fn left_in_the_core(architecture: Option<&str>) -> Left {
    let into = root().join("target/panics");
    let library = builds::alone(&root(), &into, architecture).expect("rustup target add wasm32-unknown-unknown");
    let left = Left::of(&locations(&Memory::of(&library).unwrap()), ALONE);
    println!("{architecture:?}: {} bytes; left of panics: {:#?}", library.len(), left.known);
    left
}

fn assert_known(left: &Left) {
    assert!(left.unknown.is_empty(), "panics that input may reach: {:#?}", left.unknown);
    assert_eq!(left.gone, [], "take these off the list");
}

#[test]
fn the_core_as_wasm_has_no_reachable_panic() {
    assert_known(&left_in_the_core(Some(builds::WASM)));
}

#[cfg(target_os = "linux")]
#[test]
fn the_core_as_a_native_library_has_no_reachable_panic() {
    assert_known(&left_in_the_core(None));
}

/// What looks for panics finds those of this very test, which has some.
#[cfg(target_os = "linux")]
#[test]
fn panics_are_found_where_there_are_some() {
    let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let found = locations(&Memory::of(&this).unwrap());
    let here = |location: &&rehome_panics::locations::Location| location.file.ends_with("panics/tests/symbols.rs");
    assert!(found.iter().filter(here).count() >= 5, "{found:?}");
    assert!(found.iter().any(|location| location.package == "library/core"));
    assert!(!Left::of(&found, &known::native()).unknown.is_empty());
}
