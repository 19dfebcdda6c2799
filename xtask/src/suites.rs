//! Which suites there are.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use crate::Group;
use crate::android;
use crate::kotlin;
use crate::npm;
use crate::page;
use crate::rust::{self, test_of};
use crate::suite::{Suite, Verdict, strict};
use crate::swift;
use crate::table::table;
use crate::trace;

/// In the order in which they run: what fails fast comes first.
const SUITES: &[Suite] = &[
    Suite { name: "format", group: None, work: rust::format },
    Suite { name: "lints", group: None, work: rust::lints },
    Suite { name: "xtask", group: None, work: || test_of(&["--package", "xtask"]) },
    Suite { name: "core, all features", group: Some(Group::Core), work: rust::core_with_features },
    Suite { name: "core, no features", group: Some(Group::Core), work: rust::core_without_features },
    Suite { name: "doc tests", group: Some(Group::Core), work: rust::doc_tests },
    Suite { name: "documentation", group: Some(Group::Core), work: rust::documentation },
    Suite { name: "core on wasm32", group: Some(Group::Core), work: || rust::build_for(rust::WASM) },
    Suite { name: "core on thumbv7em", group: Some(Group::Core), work: || rust::build_for("thumbv7em-none-eabi") },
    Suite { name: "panics", group: Some(Group::Core), work: rust::panics },
    Suite { name: "rust-version", group: Some(Group::Core), work: rust::rust_version },
    Suite { name: "runner", group: Some(Group::Scenarios), work: || test_of(&["--package", "rehome-runner"]) },
    Suite { name: "scenarios", group: Some(Group::Scenarios), work: || rust::scenarios(&[]) },
    Suite { name: "scenarios cover", group: Some(Group::Scenarios), work: || rust::scenarios(&["--cover"]) },
    Suite { name: "model", group: Some(Group::Proof), work: || test_of(&["--package", "rehome-model"]) },
    Suite { name: "reference", group: Some(Group::Proof), work: || test_of(&["--package", "rehome-reference"]) },
    Suite { name: "trace", group: Some(Group::Proof), work: || test_of(&["--package", "rehome-trace"]) },
    Suite { name: "fuzz corpus", group: Some(Group::Proof), work: || test_of(&["--package", "rehome-fuzz"]) },
    Suite { name: "herd", group: Some(Group::Proof), work: || test_of(&["--package", "rehome-herd"]) },
    Suite { name: "proving", group: Some(Group::Proof), work: || test_of(&["--package", "rehome-proving"]) },
    Suite { name: "mutants", group: Some(Group::Proof), work: || test_of(&["--package", "rehome-mutants"]) },
    Suite { name: "lab", group: Some(Group::Lab), work: || test_of(&["--package", "rehome-lab"]) },
    Suite { name: "phone", group: Some(Group::Lab), work: || test_of(&["--package", "rehome-phone"]) },
    Suite { name: "story", group: Some(Group::Lab), work: || test_of(&["--package", "rehome-demo"]) },
    Suite { name: "uniffi", group: Some(Group::Uniffi), work: || test_of(&["--package", "rehome-uniffi"]) },
    Suite { name: "npm build", group: Some(Group::Npm), work: npm::build },
    Suite { name: "npm tests", group: Some(Group::Npm), work: npm::tests },
    Suite { name: "npm border", group: Some(Group::Npm), work: npm::border },
    Suite { name: "npm scenarios", group: Some(Group::Npm), work: npm::scenarios },
    Suite { name: "npm trace", group: Some(Group::Npm), work: trace::short },
    Suite { name: "npm consumers", group: Some(Group::Npm), work: npm::consumers },
    Suite { name: "page build", group: Some(Group::Page), work: page::build },
    Suite { name: "page tests", group: Some(Group::Page), work: page::tests },
    Suite { name: "kotlin", group: Some(Group::Kotlin), work: kotlin::tests },
    Suite { name: "kotlin consumer", group: Some(Group::Kotlin), work: kotlin::consumer },
    Suite { name: "kotlin story", group: Some(Group::Kotlin), work: kotlin::story },
    Suite { name: "android classes", group: Some(Group::Kotlin), work: android::classes },
    Suite { name: "android archive", group: Some(Group::Kotlin), work: android::archive },
    Suite { name: "swift build", group: Some(Group::Swift), work: swift::build },
    Suite { name: "swift format", group: Some(Group::Swift), work: swift::format },
    Suite { name: "swift tests", group: Some(Group::Swift), work: swift::tests },
    Suite { name: "swift stand-ins", group: Some(Group::Swift), work: swift::stand_ins },
    Suite { name: "swift story", group: Some(Group::Swift), work: swift::story },
    Suite {
        name: "xcframework check",
        group: Some(Group::Swift),
        work: || test_of(&["--package", "rehome-xcframework"]),
    },
];

/// Runs all suites, or those of a group, and prints the table.
pub(crate) fn test(group: Option<Group>) -> Result<ExitCode> {
    let strict = strict();
    let suites: Vec<&Suite> = SUITES.iter().filter(|suite| group.is_none() || suite.group == group).collect();
    let begun = Instant::now();
    let mut rows = Vec::new();
    for (index, suite) in suites.iter().enumerate() {
        rows.push(suite.run(index + 1, suites.len(), strict)?);
    }
    println!("\nall of it took {:.0} s", begun.elapsed().as_secs_f64());
    println!("{}", table(&rows));
    let failed = rows.iter().any(|row| row.verdict == Verdict::Failed);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_once() {
        let mut names: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SUITES.len());
    }
}
