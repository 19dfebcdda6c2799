//! The Kotlin packages: their build and tests, the phone of JAIN SIP, and what of them is shipped.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::child::{output, root, succeeds, target};
use crate::debian;
use crate::rust::cargo_with;
use crate::suite::Work;

/// Where the packages are.
const FOLDER: &str = "mobile/kotlin";
/// An application of its own that takes them as they are shipped.
const CONSUMER: &str = "mobile/kotlin/consumer";
/// Installed on Debian by root, where Maven or Java is missing.
const PACKAGES: [&str; 2] = ["maven", "openjdk-17-jdk-headless"];
/// The oldest Java that JUnit runs on.
const JAVA: u32 = 17;

/// All modules and all their tests: the driver in virtual time, the scenarios with the native runner's hashes, the lab; and the
/// packages, for the suites that follow.
pub(crate) fn tests() -> Work {
    if let Some(remedy) = missing() {
        return Work::Impossible(remedy);
    }
    let mut commands = library_commands();
    commands.push(cargo_with(&["build", "--package", "rehome-lab", "--bin", "rehome-lab"]));
    commands.push(cargo_with(&["build", "--package", "rehome-runner", "--example", "hashes"]));
    commands.push(cargo_with(&["build", "--package", "xtask", "--features", "scenarios", "--bin", "scenarios"]));
    commands.push(deploy(&packages(), &[]));
    Work::Commands(commands)
}

/// Where the tests put the packages.
fn packages() -> PathBuf {
    target().join("kotlin/packages")
}

/// An application takes the packages from their folder, with all that they bring, and steps once; their documentation is there.
/// After `tests`.
pub(crate) fn consumer() -> Work {
    if let Some(remedy) = missing() {
        return Work::Impossible(remedy);
    }
    let out = target().join("kotlin/consumer");
    // A repository of its own: in the user's, the packages of the run before would still be there.
    let repository = out.join("repository");
    let mut forget = Command::new("rm");
    forget.arg("-rf").arg(repository.join("dev/rehome")).arg(out.join("lib"));
    let mut compile = maven(&["--no-transfer-progress", "compile"]);
    compile.arg(format!("-Dmaven.repo.local={}", repository.display()));
    compile.arg(format!("-Drehome.packages=file://{}", packages().display()));
    compile.arg(format!("-Drehome.out={}", out.display())).current_dir(root().join(CONSUMER));
    let path = std::env::join_paths([out.join("classes"), out.join("lib/*")]).unwrap_or_default();
    let mut run = Command::new("java");
    run.arg("-cp").arg(path).arg("Consumer");
    Work::Commands(vec![forget, compile, run])
}

/// The story, told by the phone of JAIN SIP as its users start it: its program, its commands and its reports. After `tests`.
pub(crate) fn story() -> Work {
    if let Some(remedy) = missing() {
        return Work::Impossible(remedy);
    }
    let mut story = cargo_with(&["run", "--package", "rehome-demo", "--bin", "rehome-demo", "--"]);
    story.args(["--any-port", "--speed", "3", "--phone", "java"]);
    for argument in phone_arguments() {
        story.arg("--phone-argument").arg(argument);
    }
    Work::Commands(vec![story])
}

/// The scenarios alone, with native hashes that are there already.
pub(crate) fn scenarios() -> Work {
    if let Some(remedy) = missing() {
        return Work::Impossible(remedy);
    }
    let mut commands = library_commands();
    let only = ["-Dtest=ScenarioTest#all*", "-Dsurefire.failIfNoSpecifiedTests=false"];
    let mut test = maven(&["--projects", "ffi,rehome", "test"]);
    test.args(only);
    commands.push(test);
    Work::Commands(commands)
}

/// What the library weighs, and what a step costs over an empty call: printed. After `tests`.
pub(crate) fn bench() -> Work {
    if let Some(remedy) = missing() {
        return Work::Impossible(remedy);
    }
    let mut java = Command::new("java");
    java.arg("-cp").arg(class_path("rehome", &["test-classes", "classes"])).arg("dev.rehome.Bench").arg(native());
    Work::Commands(vec![java])
}

/// The phone of JAIN SIP: the program, and what comes before the phone's own arguments. Builds what is missing, in sight of the
/// user.
pub(crate) fn phone() -> Result<(PathBuf, Vec<OsString>)> {
    if let Some(remedy) = missing() {
        anyhow::bail!("the phone in Kotlin cannot be built: {remedy}");
    }
    let mut commands = library_commands();
    commands.push(maven(&["--quiet", "-DskipTests", "package"]));
    for mut command in commands {
        let name = command.get_program().to_string_lossy().into_owned();
        ensure!(command.status()?.success(), "{name} failed: its last words are above");
    }
    Ok(("java".into(), phone_arguments().into()))
}

/// What Java is started with as that phone.
fn phone_arguments() -> [OsString; 3] {
    ["-cp".into(), class_path("rehome-phone", &["classes"]), "dev.rehome.phone.MainKt".into()]
}

/// Puts the jars, their sources and their poms into a folder that Maven and Gradle take packages from; untested.
pub(crate) fn package(folder: &Path) -> Work {
    match missing() {
        Some(remedy) => Work::Impossible(remedy),
        None => {
            let mut commands = library_commands();
            commands.push(deploy(folder, &["-DskipTests"]));
            Work::Commands(commands)
        }
    }
}

/// All up to a folder of packages; none goes into the user's own repository.
fn deploy(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = maven(&["-Dmaven.install.skip=true", "deploy"]);
    command.arg(format!("-DaltDeploymentRepository=rehome::file://{}", folder.display())).args(arguments);
    command
}

/// Where Maven puts a module.
fn built(name: &str) -> PathBuf {
    target().join("kotlin").join(name)
}

/// Where JNA looks for the library on this machine, below its resources.
fn native() -> PathBuf {
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x86-64",
        other => other,
    };
    let name = format!("{}rehome_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    target().join("kotlin/native").join(format!("{system}-{processor}")).join(name)
}

fn class_path(name: &str, folders: &[&str]) -> OsString {
    let mut parts: Vec<PathBuf> = folders.iter().map(|folder| built(name).join(folder)).collect();
    // The phone's is the only folder of libraries: it has all that the others need.
    parts.push(built("rehome-phone").join("lib/*"));
    std::env::join_paths(parts).unwrap_or_default()
}

/// Where the generated sources are.
pub(crate) fn generated() -> PathBuf {
    target().join("kotlin/generated")
}

/// First a library with symbols, of which the bindings are generated; then the one that is shipped, stripped.
fn library_commands() -> Vec<Command> {
    const LIBRARY: [&str; 6] = ["rustc", "--package", "rehome-uniffi", "--lib", "--crate-type", "cdylib"];
    let file = format!("{}rehome_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let generated = generated();
    let mut generate =
        cargo_with(&["run", "--package", "rehome-uniffi-bindgen", "--features", "cli", "--", "generate"]);
    generate.arg(target().join("debug").join(&file));
    generate.args(["--no-format", "--language", "kotlin", "--out-dir"]).arg(generated);
    let mut shipped = cargo_with(&LIBRARY);
    shipped.args(["--profile", "mobile", "--", "-Cstrip=symbols"]);
    let native = native();
    let mut folder = Command::new("mkdir");
    folder.arg("-p").arg(native.parent().unwrap_or(&native));
    let mut copy = Command::new("cp");
    copy.arg(target().join("mobile").join(file)).arg(native);
    vec![cargo_with(&LIBRARY), generate, shipped, folder, copy]
}

pub(crate) fn maven(arguments: &[&str]) -> Command {
    let mut command = Command::new("mvn");
    command.arg("--batch-mode").arg(format!("-Drehome.target={}", target().display()));
    command.args(arguments).current_dir(root().join(FOLDER));
    command
}

/// The remedy, if Maven or Java is missing and cannot be installed: root can on Debian.
fn missing() -> Option<String> {
    if has_tools() {
        return None;
    }
    debian::install(&PACKAGES);
    let remedy = || format!("Maven, or Java {JAVA} or later, is missing: apt-get install {}", PACKAGES.join(" "));
    (!has_tools()).then(remedy)
}

/// Maven, and a compiler of Java that is new enough.
fn has_tools() -> bool {
    let java = output(Command::new("javac").arg("-version")).as_deref().and_then(release_of);
    java.is_some_and(|release| release >= JAVA) && succeeds(Command::new("mvn").arg("--version"))
}

/// 17 of `javac 17.0.15`.
fn release_of(text: &str) -> Option<u32> {
    text.split_whitespace().nth(1)?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javac_says_its_release() {
        assert_eq!(release_of("javac 17.0.15"), Some(17));
        assert_eq!(release_of("javac 1.8.0_402"), Some(1));
        assert_eq!(release_of(""), None);
    }
}
