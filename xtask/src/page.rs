//! The page of the web demo: how it is made, and its suites.

use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use crate::child::{cargo, root};
use crate::npm::{CI, PACKAGE, missing, missing_chromium, npm};
use crate::suite::Work;

/// Where the page is.
pub(crate) const PAGE: &str = "web-demo";

/// When this program began.
static BEGUN: OnceLock<SystemTime> = OnceLock::new();

/// To be called first of all.
pub(crate) fn begin() {
    let _ = BEGUN.set(SystemTime::now());
}

/// Something to be done for the page.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) command: Command,
}

/// All that leads from a fresh clone to the page, and to the lab that serves it; else the remedy.
pub(crate) fn steps() -> Result<Vec<Step>, String> {
    if let Some(remedy) = missing() {
        return Err(remedy);
    }
    let packed = root().join("target/npm");
    // What an older version left there would be taken for this one's.
    let _ = std::fs::remove_dir_all(&packed);
    std::fs::create_dir_all(&packed).map_err(|error| format!("{} cannot be made: {error}", packed.display()))?;
    let step = |name, folder, arguments: &[&str]| Step { name, command: npm(folder, arguments) };
    let mut steps = Vec::new();
    if !package_is_fresh() {
        steps.push(step("tools of the npm package", PACKAGE, CI));
        steps.push(step("npm package", PACKAGE, &["run", "build"]));
    }
    // The page gets the package as others would: packed. Its lock file does not pin it.
    let pack = ["pack", "--silent", "--ignore-scripts", "--pack-destination", "../../target/npm"];
    steps.push(step("npm package, packed", PACKAGE, &pack));
    steps.push(step("tools of the page", PAGE, CI));
    steps.push(step("page", PAGE, &["run", "build"]));
    let mut lab = cargo();
    lab.args(["build", "--package", "rehome-lab", "--bin", "rehome-lab"]);
    steps.push(Step { name: "lab", command: lab });
    Ok(steps)
}

/// Whether this very run has built the npm package: its module is what the build writes last.
fn package_is_fresh() -> bool {
    let built = std::fs::metadata(root().join(PACKAGE).join("dist/rehome.wasm"));
    let built = built.and_then(|data| data.modified()).ok();
    built.zip(BEGUN.get()).is_some_and(|(built, begun)| built >= *begun)
}

/// Types, style and everything that the page is made of.
pub(crate) fn build() -> Work {
    match steps() {
        Err(remedy) => Work::Impossible(remedy),
        Ok(steps) => {
            let mut commands: Vec<Command> = steps.into_iter().map(|step| step.command).collect();
            commands.push(npm(PACKAGE, &["run", "lint"]));
            Work::Commands(commands)
        }
    }
}

/// The page's own tests, in Chromium where they need one.
pub(crate) fn tests() -> Work {
    match missing().or_else(missing_chromium) {
        Some(remedy) => Work::Impossible(remedy),
        None => Work::Commands(vec![npm(PAGE, &["test"])]),
    }
}
