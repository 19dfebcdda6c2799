//! The Android archive: its classes and their tests, a trial of the whole, and the archive itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::child::{absolute, cargo, root, succeeds, target};
use crate::kotlin::{generated, maven};
use crate::rust::missing_library;
use crate::suite::Work;

/// Where the module is.
const MODULE: &str = "mobile/kotlin/android";
/// The ABIs that are shipped, and Rust's names for them.
const ABIS: [(&str, &str); 3] = [
    ("arm64-v8a", "aarch64-linux-android"),
    ("armeabi-v7a", "armv7-linux-androideabi"),
    ("x86_64", "x86_64-linux-android"),
];
/// What the standard library names at the linker: in a trial all of it is left open.
const STUBS: [&str; 6] = ["c", "dl", "gcc", "log", "m", "unwind"];
/// An archive of `ar` without members.
const EMPTY: &[u8] = b"!<arch>\n";

/// The Android module's classes against Android's own, its tests in Robolectric; brings R8. The generated sources and the native
/// library are there already: see `kotlin`.
pub(crate) fn classes() -> Work {
    if !succeeds(Command::new("mvn").arg("--version")) {
        return Work::Impossible("Maven is missing: apt-get install maven".into());
    }
    Work::Commands(vec![maven(&["--activate-profiles", "android,r8", "--projects", "ffi,android", "package"])])
}

/// The layout check on small archives and the page check on small libraries; then the whole archive, with libraries that are
/// linked without the NDK and never shipped; then R8 over its classes, with its own rules. After `classes`.
pub(crate) fn archive() -> Work {
    if let Some(remedy) = ABIS.iter().find_map(|(_, triple)| missing_library(triple)) {
        return Work::Impossible(remedy);
    }
    let Some(java) = java_home() else {
        return Work::Impossible("Java is missing: apt-get install openjdk-17-jdk-headless".into());
    };
    let trial = target().join("android/trial");
    if let Err(error) = put_stubs(&trial.join("stubs")) {
        return Work::Impossible(format!("{} cannot be written ({error}): make room there", trial.display()));
    }
    let mut test = cargo();
    test.args(["test", "--package", "rehome-aar"]);
    let mut commands = vec![test];
    commands.extend(ABIS.iter().map(|(_, triple)| trial_library(&trial, triple)));
    let libraries = ABIS.map(|(abi, triple)| (abi, trial.join(triple).join("mobile/librehome_ffi.so")));
    let mut assemble = assemble(&libraries, &trial.join("rehome-android-trial.aar"));
    assemble.arg("--trial");
    commands.extend([assemble, shrink(&trial, &java)]);
    let mut keeps = aar();
    keeps.arg("keeps").arg(trial.join("r8.jar"));
    // Beside ours every application has JNA's.
    let mut pages = aar();
    pages.arg("jni").arg(target().join("kotlin/rehome-android-classes/r8/jna.aar"));
    commands.extend([keeps, shrunk(&trial), pages]);
    let packages = trial.join("packages");
    commands.push(sources(&trial.join("sources.jar")));
    commands.push(deploy(&trial.join("rehome-android-trial.aar"), &trial.join("sources.jar"), &packages));
    Work::Commands(commands)
}

/// The archive to be shipped, its sources and its pom, in a folder that Maven and Gradle take packages from; of libraries that
/// build-jni.sh has built with the NDK. After `classes`.
pub(crate) fn package(folder: &Path) -> Work {
    let libraries = ABIS.map(|(abi, _)| (abi, target().join("android/jni").join(abi).join("librehome_ffi.so")));
    if let Some((abi, _)) = libraries.iter().find(|(_, path)| !path.is_file()) {
        return Work::Impossible(format!(
            "there is no library for {abi}: run {MODULE}/build-jni.sh, with Android's NDK"
        ));
    }
    let out = target().join("android/release");
    Work::Commands(vec![
        assemble(&libraries, &out.join("rehome-android.aar")),
        sources(&out.join("sources.jar")),
        deploy(&out.join("rehome-android.aar"), &out.join("sources.jar"), folder),
    ])
}

/// What the archive's classes were made of; its comments are what an editor shows.
fn sources(out: &Path) -> Command {
    let mut command = Command::new("jar");
    command.args(["--create", "--no-manifest", "--file"]).arg(out);
    let parts = ["mobile/kotlin/rehome/src/main/kotlin", "mobile/kotlin/android/src/main/kotlin"];
    for part in parts.map(|part| root().join(part)).iter().chain([&generated()]) {
        command.arg("-C").arg(part).arg(".");
    }
    command
}

fn deploy(archive: &Path, sources: &Path, folder: &Path) -> Command {
    let mut command = maven(&["org.apache.maven.plugins:maven-deploy-plugin:3.1.4:deploy-file", "--non-recursive"]);
    command.arg(format!("-Durl=file://{}", folder.display())).arg("-DrepositoryId=rehome");
    command.arg(format!("-DpomFile={}", absolute(&root()).join(MODULE).join("aar/pom.xml").display()));
    command.arg(format!("-Dfile={}", archive.display())).arg(format!("-Dsources={}", sources.display()));
    command
}

fn put_stubs(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    STUBS.iter().try_for_each(|name| std::fs::write(folder.join(format!("lib{name}.a")), EMPTY))
}

/// The core for an ABI, linked by Rust's own linker: right in all but Android's C library, which it does not name.
fn trial_library(trial: &Path, triple: &str) -> Command {
    let mut command = cargo();
    command.args(["rustc", "--package", "rehome-uniffi", "--lib", "--profile", "mobile", "--crate-type", "cdylib"]);
    command.args(["--target", triple, "--config", &format!("target.{triple}.linker=\"rust-lld\"")]);
    // A folder of its own: nothing of it is ever taken for a release.
    command.arg("--target-dir").arg(trial);
    command.args(["--", "-Clinker-flavor=ld.lld", "-Cstrip=symbols", "-Clink-arg=-zmax-page-size=16384"]);
    command.arg("-Clink-arg=-soname=librehome_ffi.so");
    command.arg(format!("-Lnative={}", trial.join("stubs").display()));
    command
}

fn aar() -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "rehome-aar", "--"]);
    command
}

/// The jars that become the archive's classes.jar.
fn jars() -> [PathBuf; 2] {
    let jar = |name: &str| target().join("kotlin").join(name).join(format!("{name}-{}.jar", env!("CARGO_PKG_VERSION")));
    [jar("rehome-android-classes"), jar("rehome-ffi")]
}

fn assemble(libraries: &[(&str, PathBuf)], out: &Path) -> Command {
    let mut command = aar();
    command.arg("assemble").arg("--out").arg(out);
    jars().iter().for_each(|jar| {
        command.arg("--jar").arg(jar);
    });
    for file in [&format!("{MODULE}/src/main/aar"), "LICENSE-MIT", "LICENSE-APACHE"] {
        command.arg("--files").arg(root().join(file));
    }
    for (abi, library) in libraries {
        command.arg("--library").arg(format!("{abi}={}", library.display()));
    }
    command
}

/// R8 as an application's release build runs it, with the archive's rules and an application's; to class files, which `javap` reads.
fn shrink(trial: &Path, java: &Path) -> Command {
    let tools = target().join("kotlin/rehome-android-classes/r8");
    let mut command = Command::new("java");
    command.arg("-Xmx1g").arg("-cp").arg(tools.join("r8.jar")).arg("com.android.tools.r8.R8");
    command.args(["--release", "--classfile", "--lib"]).arg(tools.join("android-all.jar"));
    command.arg("--lib").arg(java);
    for rules in ["src/main/aar/proguard.txt", "src/test/app-rules.pro"] {
        command.arg("--pg-conf").arg(root().join(MODULE).join(rules));
    }
    command.arg("--output").arg(trial.join("r8.jar"));
    // What JNA needs is not in these: as libraries they cost R8 little.
    for library in ["kotlin-stdlib", "annotations", "kotlinx-coroutines-core-jvm"] {
        command.arg("--lib").arg(tools.join(format!("{library}.jar")));
    }
    command.args(jars()).arg(tools.join("jna.jar"));
    command
}

/// Runs what R8 left, on this machine's Java.
fn shrunk(trial: &Path) -> Command {
    let tools = target().join("kotlin/rehome-android-classes/r8");
    let mut path = trial.join("r8.jar").into_os_string();
    for library in ["kotlin-stdlib", "kotlinx-coroutines-core-jvm"] {
        path.push(":");
        path.push(tools.join(format!("{library}.jar")));
    }
    let mut command = Command::new("java");
    command.arg("-cp").arg(path).arg(root().join(MODULE).join("src/test/Shrunk.java"));
    command
}

/// Where the Java is whose `java` is found first: R8 needs its class library.
fn java_home() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let java = std::env::split_paths(&folders).map(|folder| folder.join("java")).find(|java| java.is_file())?;
    let home = java.canonicalize().ok()?.parent()?.parent()?.to_path_buf();
    home.join("lib/jrt-fs.jar").is_file().then_some(home)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_ndk_the_remedy_is_named() {
        let built =
            ABIS.iter().all(|(abi, _)| target().join("android/jni").join(abi).join("librehome_ffi.so").is_file());
        if let Work::Impossible(remedy) = package(Path::new("dist")) {
            assert!(!built && remedy.contains("build-jni.sh"), "{remedy}");
        }
    }
}
