//! `cargo xtask package`: all that is shipped, in target/dist, under one version number.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::child::{root, target};
use crate::npm::{self, PACKAGE};
use crate::page::PAGE;
use crate::rust::cargo_with;
use crate::suite::{Suite, Verdict, Work};
use crate::table::table;
use crate::{android, kotlin, swift, xcframework};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Whose code is linked into the libraries for Swift and Kotlin, and under which licence.
const NOTICE: &str = "mobile/kotlin/android/src/main/aar/NOTICE";

/// What is shipped, each part on its own: where one cannot be made, the others are.
const PARTS: &[Suite] = &[
    Suite { name: "crate", group: None, work: the_crate },
    Suite { name: "npm package", group: None, work: the_npm_package },
    Suite { name: "Kotlin packages", group: None, work: the_jars },
    Suite { name: "Android archive", group: None, work: || android::package(&packages()) },
    Suite { name: "XCFramework and Swift package", group: None, work: the_swift_package },
];

/// Fills target/dist, and shows what is there.
pub(crate) fn package() -> Result<ExitCode> {
    one_version()?;
    let dist = dist();
    let _ = std::fs::remove_dir_all(&dist);
    std::fs::create_dir_all(&dist).with_context(|| format!("{} cannot be made", dist.display()))?;
    let mut rows = Vec::new();
    for (index, part) in PARTS.iter().enumerate() {
        rows.push(part.run(index + 1, PARTS.len(), false)?);
    }
    println!("{}", table(&rows));
    println!("\nin {}, version {VERSION}:", dist.display());
    let mut entries: Vec<PathBuf> = std::fs::read_dir(&dist)?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        println!("{:>11} bytes  {}", size(&entry), entry.file_name().unwrap_or_default().to_string_lossy());
    }
    let failed = rows.iter().any(|row| row.verdict == Verdict::Failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn dist() -> PathBuf {
    target().join("dist")
}

/// Where Maven and Gradle take packages from.
fn packages() -> PathBuf {
    dist().join("maven")
}

/// The workspace's version is that of the npm package, of the archive that the page takes, and of every pom.
fn one_version() -> Result<()> {
    let npm = format!("\"version\": \"{VERSION}\"");
    let packed = format!("rehome-sip-{VERSION}.tgz");
    let maven = format!("<version>{VERSION}</version>");
    let poms = ["", "ffi", "rehome", "phone", "consumer", "android", "android/aar"]
        .map(|module| format!("mobile/kotlin/{module}/pom.xml"));
    let manifests =
        [(PACKAGE, &npm), (PAGE, &packed)].map(|(folder, stated)| (format!("{folder}/package.json"), stated));
    let files = manifests.into_iter().chain(poms.map(|pom| (pom, &maven)));
    for (file, stated) in files {
        let text = std::fs::read_to_string(root().join(&file)).with_context(|| format!("{file} cannot be read"))?;
        ensure!(text.contains(stated.as_str()), "{file} has another version than the workspace: write {stated} there");
    }
    Ok(())
}

fn copy(from: &Path, name: &str) -> Command {
    let mut command = Command::new("cp");
    command.arg(from).arg(dist().join(name));
    command
}

fn the_crate() -> Work {
    let name = format!("rehome-{VERSION}.crate");
    // What is packed is what lies here, committed or not; its build is part of packing.
    let pack = cargo_with(&["package", "--package", "rehome", "--allow-dirty"]);
    Work::Commands(vec![pack, copy(&target().join("package").join(&name), &name)])
}

fn the_npm_package() -> Work {
    match npm::missing() {
        Some(remedy) => Work::Impossible(remedy),
        None => {
            let mut pack = npm::npm(PACKAGE, &["pack", "--silent", "--ignore-scripts", "--pack-destination"]);
            pack.arg(dist());
            Work::Commands(vec![npm::npm(PACKAGE, npm::CI), npm::npm(PACKAGE, &["run", "build"]), pack])
        }
    }
}

fn the_jars() -> Work {
    match kotlin::package(&packages()) {
        Work::Commands(mut commands) => {
            commands.push(copy(&root().join(NOTICE), "NOTICE"));
            Work::Commands(commands)
        }
        other => other,
    }
}

/// The XCFramework needs no Swift, and neither does the package around it: its sources are compiled where they are used.
fn the_swift_package() -> Work {
    let made = || -> Result<Command> {
        let headers = swift::generate()?;
        let framework = xcframework::build(&dist(), &headers)?;
        let package = dist().join("swift");
        swift::ship(&package, &framework)?;
        swift::copy(&root().join(NOTICE), &package.join("NOTICE"))?;
        Ok(xcframework::check(&framework))
    };
    match made() {
        Ok(check) => Work::Commands(vec![check]),
        Err(error) => Work::Failed(format!("{error:#}")),
    }
}

/// Of a file, or of all files in a folder.
fn size(path: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else { return path.metadata().map_or(0, |data| data.len()) };
    entries.flatten().map(|entry| size(&entry.path())).sum()
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_is_one_version() {
        super::one_version().unwrap();
    }
}
