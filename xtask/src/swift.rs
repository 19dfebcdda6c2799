//! The Swift package: its suites, its phone, and what of it is shipped.

use std::ffi::{OsStr, OsString};
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

/// Starts the lab, waits until it says where it is, and runs what follows: `$1` is the lab, `$2` where its words go. Without
/// a lab it fails: tests that need one would skip themselves, and look as if they had passed.
const WITH_LAB: &str = r#"
: >"$2"
"$1" --ephemeral >"$2" & lab=$!
trap 'kill $lab' EXIT
words=$2; shift 2
for _ in $(seq 1200); do grep -q '^control: ' "$words" && break; kill -0 $lab; sleep 0.05; done
REHOME_LAB=$(sed -n 's/^control: //p' "$words")
[ -n "$REHOME_LAB" ] || { echo "the lab has not said within 60 s where its control is" >&2; exit 1; }
export REHOME_LAB
"$@"
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
        let mut test = with_lab(&target().join("debug/rehome-lab"), &target().join("swift/lab.txt"));
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

/// `DNSServiceResolver` and the sample's `NetworkLink`, which the package's own build leaves out here.
pub(crate) fn stand_ins() -> Work {
    if cfg!(target_os = "macos") {
        return Work::Done("this is one of Apple's systems: the build has compiled them".into());
    }
    with(|swift| {
        let mut commands = library()?;
        let into = target().join("swift/stand-ins");
        std::fs::create_dir_all(&into)
            .map_err(|error| format!("{} cannot be made ({error}): make it", into.display()))?;
        let module_map = folder().join("Sources/RehomeFFIC/module.modulemap");
        let compile = |module: &str, sources: Vec<PathBuf>| {
            let mut compile = swift.command("swiftc", &folder());
            compile.args(["-swift-version", "6", "-warnings-as-errors", "-parse-as-library"]);
            // Names that the package keeps to itself are seen in all its modules.
            compile.args(["-package-name", "rehome", "-Xcc"]);
            compile.arg(format!("-fmodule-map-file={}", module_map.display())).arg("-I").arg(&into);
            // Down to object code: what is sent from task to task is checked on the way there.
            compile.args(["-wmo", "-c", "-module-name", module, "-emit-module-path"]);
            compile.arg(into.join(format!("{module}.swiftmodule"))).arg("-o").arg(into.join(format!("{module}.o")));
            compile.args(sources);
            compile
        };
        for module in ["dnssd", "Network"] {
            commands.push(compile(module, vec![Path::new("Tests/StandIns").join(format!("{module}.swift"))]));
        }
        commands.push(compile("RehomeFFI", vec!["Sources/Generated/RehomeFFI.swift".into()]));
        for module in ["Rehome", "SampleRegistrar"] {
            commands.push(compile(module, sources(module)?));
        }
        Ok(commands)
    })
}

/// The sources of one of the package's modules.
fn sources(module: &str) -> Result<Vec<PathBuf>, String> {
    let within = folder().join("Sources").join(module);
    let entries =
        std::fs::read_dir(&within).map_err(|error| format!("{} cannot be read: {error}", within.display()))?;
    let files = entries.flatten().map(|entry| entry.path());
    Ok(files.filter(|path| path.extension().is_some_and(|end| end == "swift")).collect())
}

/// What follows is run with a lab.
fn with_lab(lab: &Path, words: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-ec", WITH_LAB, "sh"]).arg(lab).arg(words);
    command
}

/// The demo's story with this package's phone: its command line, its commands and its reports.
pub(crate) fn story() -> Work {
    with(|swift| {
        let mut commands = library()?;
        commands.push(package(swift, &["build", "--product", "rehome-phone"]));
        let mut story = cargo();
        story.args(["run", "--quiet", "--package", "rehome-demo", "--bin", "rehome-demo", "--"]);
        story.args(["--any-port", "--speed", "3", "--transport", "tcp", "--phone"]);
        let phone = phone_command(swift);
        story.arg(phone.get_program());
        story.args(phone.get_args().flat_map(|argument| [OsStr::new("--phone-argument"), argument]));
        commands.push(story);
        Ok(commands)
    })
}

fn phone_command(swift: &Swift) -> Command {
    swift.command(target().join("swift/build/debug/rehome-phone"), &absolute(&root()))
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
    let command = phone_command(&swift);
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
    for part in ["Package.swift", "Sources", "Tests"] {
        copy(&folder().join(part), &into.join(part))?;
    }
    let readme = std::fs::read_to_string(folder().join("README.md")).context("the README cannot be read")?;
    write(&into.join("README.md"), readme_elsewhere(&readme).as_bytes())?;
    write(&into.join("VERSION"), format!("{}\n", env!("CARGO_PKG_VERSION")).as_bytes())?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&root().join(licence), &into.join(licence))?;
    }
    copy(xcframework, &into.join("RehomeFFIC.xcframework"))
}

/// The README as it reads outside of the repository: licences lie beside it, all else is linked where it is.
fn readme_elsewhere(readme: &str) -> String {
    let there = format!("]({}/blob/v{}/", env!("CARGO_PKG_REPOSITORY"), env!("CARGO_PKG_VERSION"));
    readme.replace("](../../LICENSE-", "](LICENSE-").replace("](../../", &there)
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
    std::fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A lab that says and does this; what came of a command that needs `REHOME_LAB` to be as it said.
    fn with_one_that(name: &str, does: &str) -> bool {
        let folder = target().join("xtask");
        std::fs::create_dir_all(&folder).unwrap();
        let (lab, words) = (folder.join(format!("{name}.sh")), folder.join(format!("{name}.txt")));
        std::fs::write(&lab, format!("#!/bin/sh\n{does}\n")).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(&lab).status().unwrap().success());
        // What a run before has left.
        std::fs::write(&words, "control: http://127.0.0.1:1/\n").unwrap();
        let mut command = with_lab(&lab, &words);
        command.args(["sh", "-c", r#"[ "$REHOME_LAB" = http://127.0.0.1:2/ ]"#]);
        command.status().unwrap().success()
    }

    #[test]
    fn no_link_of_the_readme_leads_out_of_what_is_shipped() {
        let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
        assert!(readme.contains("](../"));
        assert!(!readme_elsewhere(&readme).contains("](../"));
        assert!(readme_elsewhere("[a](../../core/POLICY.md)").starts_with("[a](https://"));
    }

    #[test]
    fn tests_run_with_a_lab_that_is_there_and_with_no_other() {
        assert!(with_one_that("lab-good", "echo control: http://127.0.0.1:2/; exec sleep 600"));
        assert!(!with_one_that("lab-gone", "exit 0"));
        assert!(!with_one_that("lab-elsewhere", "echo control: http://127.0.0.1:3/; exec sleep 600"));
    }
}
