//! The Swift package: its suites, its phone, and what of it is shipped.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::child::{absolute, cargo, root, target};
use crate::suite::Work;
use crate::swift_tree::Swift;

/// Where the package is.
const PACKAGE: &str = "mobile/swift";
/// What bindings/uniffi is generated into.
const GENERATED: &str = "mobile/swift/Sources/Generated";

/// Starts the lab, waits until it says where it is, and runs what follows: `$1` is the lab, `$2` where its words go.
const WITH_LAB: &str = r#"
"$1" --ephemeral >"$2" & lab=$!
trap 'kill $lab' EXIT
words=$2; shift 2
for _ in $(seq 200); do grep -q '^control: ' "$words" && break; kill -0 $lab; sleep 0.05; done
REHOME_LAB=$(sed -n 's/^control: //p' "$words") "$@"
"#;

/// The core's library, the generated sources, the package without a warning.
pub(crate) fn build() -> Work {
    with(|swift| {
        let mut commands = library()?;
        commands.push(package(swift, &["build", "--build-tests"]));
        Ok(commands)
    })
}

/// Sources as the formatter would have them.
pub(crate) fn format() -> Work {
    with(|swift| {
        let mut lint = swift.command("swift", &folder());
        lint.args(["format", "lint", "--strict", "--recursive", "Package.swift", "Tests"]);
        for sources in ["Rehome", "SampleRegistrar", "RehomePhone", "RehomeBench"] {
            lint.arg(Path::new("Sources").join(sources));
        }
        Ok(vec![lint])
    })
}

/// All tests: the driver in virtual time, the scenarios with the native runner's hashes, the lab.
pub(crate) fn tests() -> Work {
    with(|swift| {
        let hashes = target().join("swift/hashes.txt");
        let mut commands = library()?;
        commands.push(built(&["--package", "rehome-lab", "--bin", "rehome-lab"]));
        let mut native = Command::new("sh");
        native.args(["-ec", r#""$1" run --quiet --package rehome-runner --example hashes >"$2""#, "sh"]);
        native.arg(cargo().get_program()).arg(&hashes).current_dir(root());
        commands.push(native);
        let mut test = Command::new("sh");
        test.args(["-ec", WITH_LAB, "sh"]).arg(target().join("debug/rehome-lab")).arg(target().join("swift/lab.txt"));
        let inner = package(swift, &["test"]);
        test.arg(inner.get_program()).args(inner.get_args());
        for (name, value) in inner.get_envs() {
            test.envs(value.map(|value| (name, value)));
        }
        test.env("REHOME_HASHES", hashes).current_dir(folder());
        commands.push(test);
        Ok(commands)
    })
}

/// The scenarios alone, with native hashes that are there already.
pub(crate) fn scenarios() -> Work {
    with(|swift| {
        let mut commands = library()?;
        commands.push(package(swift, &["test", "--filter", "ScenarioTests"]));
        Ok(commands)
    })
}

/// What a step costs over an empty call, printed.
pub(crate) fn bench() -> Work {
    with(|swift| {
        let mut commands = library()?;
        commands.push(package(swift, &["build", "--configuration", "release", "--product", "rehome-bench"]));
        commands.push(swift.command(target().join("swift/build/release/rehome-bench"), &folder()));
        Ok(commands)
    })
}

/// The phone for the story: its program and what comes before the phone's own arguments. Builds it.
pub(crate) fn phone() -> Result<(PathBuf, Vec<OsString>)> {
    let swift = Swift::find().map_err(anyhow::Error::msg)?;
    let mut commands = library().map_err(anyhow::Error::msg)?;
    commands.push(package(&swift, &["build", "--product", "rehome-phone"]));
    for mut command in commands {
        let status = command.status().with_context(|| format!("{:?} cannot be run", command.get_program()))?;
        ensure!(status.success(), "the Swift phone cannot be built: {:?} failed, see above", command.get_program());
    }
    let command = swift.command(target().join("swift/build/debug/rehome-phone"), &absolute(&root()));
    Ok((command.get_program().into(), command.get_args().map(OsString::from).collect()))
}

/// Makes what is generated; the folder that it is in.
pub(crate) fn generate() -> Result<PathBuf> {
    for mut command in library().map_err(anyhow::Error::msg)? {
        if !command.status().context("cargo cannot be run")?.success() {
            bail!("the sources of the Swift package cannot be generated: see above");
        }
    }
    Ok(root().join(GENERATED))
}

/// Puts the package as it is shipped into `into`: sources, generated ones too, and the XCFramework. After `generate`.
pub(crate) fn ship(into: &Path, xcframework: &Path) -> Result<()> {
    let _ = std::fs::remove_dir_all(into);
    for part in ["Package.swift", "README.md", "Sources", "Tests"] {
        copy(&folder().join(part), &into.join(part))?;
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&root().join(licence), &into.join(licence))?;
    }
    copy(xcframework, &into.join("RehomeFFIC.xcframework"))
}

/// Copies a file or a folder.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        std::fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
        for entry in std::fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    let parent = to.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
    std::fs::copy(from, to).with_context(|| format!("{} cannot be copied to {}", from.display(), to.display()))?;
    Ok(())
}

fn folder() -> PathBuf {
    absolute(&root().join(PACKAGE))
}

/// Commands that need a Swift.
fn with(commands: impl FnOnce(&Swift) -> Result<Vec<Command>, String>) -> Work {
    match Swift::find().and_then(|swift| commands(&swift)) {
        Ok(commands) => Work::Commands(commands),
        Err(remedy) => Work::Impossible(remedy),
    }
}

/// A command of the package manager, without a warning.
fn package(swift: &Swift, arguments: &[&str]) -> Command {
    let mut command = swift.command("swift", &folder());
    command.arg(arguments[0]).arg("--scratch-path").arg(target().join("swift/build"));
    command.args(["-Xswiftc", "-warnings-as-errors", "-Xlinker"]);
    command.arg(format!("-L{}", target().join("swift/lib").display())).args(&arguments[1..]);
    command
}

fn built(package: &[&str]) -> Command {
    let mut command = cargo();
    command.arg("build").args(package);
    command
}

/// Generates the sources, and puts the library where no shared one lies beside it, which linkers prefer.
fn library() -> Result<Vec<Command>, String> {
    let lib = target().join("swift/lib");
    std::fs::create_dir_all(&lib).map_err(|error| format!("{} cannot be made ({error}): make it", lib.display()))?;
    let archive = target().join("debug/librehome_ffi.a");
    let mut compile = cargo();
    compile.args(["rustc", "--package", "rehome-uniffi", "--lib", "--crate-type", "staticlib"]);
    let mut generate = cargo();
    generate.args(["run", "--package", "rehome-uniffi-bindgen", "--features", "cli", "--", "generate"]).arg(&archive);
    generate.args(["--no-format", "--language", "swift", "--out-dir", GENERATED]);
    let mut copy = Command::new("cp");
    copy.arg(&archive).arg(&lib);
    Ok(vec![compile, generate, copy])
}
