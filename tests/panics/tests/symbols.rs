//! No panic of the core can be reached from input: the compiler's own proof is that none is left in its wasm.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use wasmparser::{KnownCustom, Name, Operator, Parser, Payload, TypeRef};

/// A panic that may be left in the wasm.
struct Allowed {
    function: &'static str,
    /// By whom alone it may be called; none means by anyone.
    callers: &'static [&'static str],
    reason: &'static str,
}

/// What is left is the end of memory (an allocation that fails or would pass the end of the address space: the limits of
/// rule 7.4 keep every input far below either) and what the standard library's parser of addresses checks for itself.
const ALLOWED: [Allowed; 6] = [
    Allowed { function: "raw_vec12handle_error", callers: &[], reason: "an allocation failed" },
    Allowed {
        function: "raw_vec17capacity_overflow",
        callers: &["raw_vec12handle_error"],
        reason: "more than isize::MAX bytes",
    },
    Allowed {
        function: "6result13unwrap_failed",
        callers: &["arcinner_layout_for_value_layout"],
        reason: "an Arc of more than isize::MAX bytes",
    },
    Allowed {
        function: "9panicking18panic_nounwind_fmt",
        callers: &["alloc_error_handler"],
        reason: "an allocation failed",
    },
    Allowed {
        function: "5slice5index16slice_index_fail",
        callers: &["3net6parser"],
        reason: "the standard library's parser of IPv6 addresses fills eight groups and never asks for a ninth",
    },
    Allowed {
        function: "9panicking9panic_fmt",
        callers: &[
            "raw_vec17capacity_overflow",
            "6result13unwrap_failed",
            "5slice5index16slice_index_fail",
            "3net6parser",
        ],
        reason: "how the ones above end; and a radix above 36, where the standard library's parser uses 10 and 16",
    },
];

#[test]
fn the_core_as_wasm_has_no_reachable_panic() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = here.join("../../target/panics");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--lib", "--package", "rehome-panics"])
        .args(["--target", "wasm32-unknown-unknown", "--target-dir"])
        .arg(&target)
        .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
        .env_remove("RUSTFLAGS")
        .current_dir(here)
        .status()
        .expect("cargo runs");
    assert!(built.success(), "the wasm could not be built: rustup target add wasm32-unknown-unknown");

    let wasm = std::fs::read(target.join("wasm32-unknown-unknown/release/rehome_panics.wasm")).expect("it was built");
    let calls = calls(&wasm);
    assert!(calls.keys().any(|name| name.contains("rehome")), "the wasm has lost its names: nothing can be proven");
    let left: BTreeMap<&String, &BTreeSet<String>> = calls.iter().filter(|(name, _)| is_panic(name)).collect();
    let allows = |allowed: &Allowed, name: &str, callers: &BTreeSet<String>| {
        let called_by = |caller: &String| allowed.callers.iter().any(|known| caller.contains(known));
        name.contains(allowed.function) && (allowed.callers.is_empty() || callers.iter().all(called_by))
    };
    let unknown: Vec<_> =
        left.iter().filter(|(name, callers)| !ALLOWED.iter().any(|known| allows(known, name, callers))).collect();
    assert!(unknown.is_empty(), "panics that input may reach, each with its callers: {unknown:#?}");
    for Allowed { function, reason, .. } in ALLOWED {
        let found = left.keys().any(|name| name.contains(function));
        assert!(found, "{function} ({reason}) is gone: take it off the list");
    }
    println!("{} functions, {} bytes; left of panics: {left:#?}", calls.len(), wasm.len());
}

fn is_panic(name: &str) -> bool {
    let name = name.replace("4core9panicking", "core::panicking");
    ["core::panicking", "panic_fmt", "_fail", "handle_error", "capacity_overflow"]
        .iter()
        .any(|part| name.contains(part))
}

/// Every function by name, with those that call it.
fn calls(wasm: &[u8]) -> BTreeMap<String, BTreeSet<String>> {
    let mut names = BTreeMap::new();
    let mut found: Vec<(u32, u32)> = Vec::new();
    let mut next = 0_u32;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("well-formed wasm") {
            Payload::ImportSection(imports) => {
                let functions = imports.into_imports().filter(|i| matches!(i.as_ref().unwrap().ty, TypeRef::Func(_)));
                next += functions.count() as u32;
            }
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader().expect("well-formed code") {
                    if let Operator::Call { function_index } = operator.expect("well-formed code") {
                        found.push((function_index, next));
                    }
                }
                next += 1;
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(subsections) = section.as_known() else { continue };
                for subsection in subsections {
                    if let Name::Function(functions) = subsection.expect("well-formed names") {
                        names.extend(functions.into_iter().flatten().map(|n| (n.index, n.name.to_owned())));
                    }
                }
            }
            _ => {}
        }
    }
    let mut calls: BTreeMap<String, BTreeSet<String>> =
        names.values().map(|name| (name.clone(), BTreeSet::new())).collect();
    for (callee, caller) in found {
        if let (Some(callee), Some(caller)) = (names.get(&callee), names.get(&caller)) {
            calls.entry(callee.clone()).or_default().insert(caller.clone());
        }
    }
    calls
}
