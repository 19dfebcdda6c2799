//! The libraries that are looked into, and how they are built.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The architecture of browsers.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Where cargo builds.
#[must_use]
pub fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

fn build(root: &Path, arguments: &[&str], built: &Path) -> Result<Vec<u8>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["rustc", "--quiet", "--lib"]).args(arguments).current_dir(root);
    if arguments.contains(&"alone") {
        // Without the standard library nothing can unwind.
        command.env("CARGO_PROFILE_RELEASE_PANIC", "abort");
    }
    let succeeded = command.env_remove("RUSTFLAGS").status()?.success();
    ensure!(succeeded, "{arguments:?} could not be built");
    std::fs::read(built).with_context(|| built.display().to_string())
}

/// The core alone, for this machine or for another architecture.
///
/// # Errors
/// If it cannot be built.
pub fn alone(root: &Path, into: &Path, architecture: Option<&str>) -> Result<Vec<u8>> {
    let folder = into.to_string_lossy();
    let mut arguments =
        vec!["--package", "rehome-panics", "--release", "--crate-type", "cdylib", "--target-dir", &folder];
    let built = match architecture {
        None => into.join("release/librehome_panics.so"),
        Some(architecture) => {
            arguments.extend(["--target", architecture]);
            into.join(architecture).join("release/rehome_panics.wasm")
        }
    };
    arguments.extend(["--", "--cfg", "alone"]);
    build(root, &arguments, &built)
}

/// The module of the npm package, as it is shipped but for its panic handler, which keeps where each panic is.
///
/// # Errors
/// If it cannot be built.
pub fn shipped_wasm(root: &Path, into: &Path) -> Result<Vec<u8>> {
    let folder = into.to_string_lossy();
    let arguments = ["--package", "rehome-wasm", "--profile", "wasm", "--target", WASM, "--target-dir", &folder];
    let built = into.join(WASM).join("wasm/rehome_wasm.wasm");
    build(root, &[&arguments[..], &["--", "--cfg", "located"]].concat(), &built)
}

/// The library of the mobile packages, for this machine.
///
/// # Errors
/// If it cannot be built.
pub fn shipped_native(root: &Path) -> Result<Vec<u8>> {
    let arguments = ["--package", "rehome-uniffi", "--profile", "mobile", "--crate-type", "cdylib"];
    let built = target(root).join("mobile/librehome_ffi.so");
    build(root, &[&arguments[..], &["--", "-Cstrip=symbols"]].concat(), &built)
}
