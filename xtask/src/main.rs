//! The project's commands: `cargo xtask demo`, `test`, `scenarios`, `lab`, `package`, `bench`, `deny`.

mod android;
mod child;
mod debian;
mod demo;
mod kotlin;
mod npm;
mod package;
mod page;
mod prove;
mod rust;
mod suite;
mod suites;
mod swift;
mod swift_tree;
mod table;
mod trace;
mod xcframework;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// What can be done with this project
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play the story: a phone loses its data centre, is back in service, and comes home; then serve it as a page until
    /// Ctrl-C (where there is no terminal to press it on, it ends after the story)
    Demo(demo::Arguments),
    /// Run everything that proves the project, or one group of it
    Test {
        /// Only this group
        group: Option<Group>,
    },
    /// Run the scenario files, or those of a folder; --cover shows every sentence of the policy with its files
    #[command(disable_help_flag = true)]
    Scenarios {
        /// For the runner itself
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Run the lab until Ctrl-C: DNS, four registrars, control over HTTP
    #[command(disable_help_flag = true)]
    Lab {
        /// For the lab itself
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Fill target/dist with all that is shipped: crate, npm tarball, jars, Android archive, XCFramework and Swift package
    Package,
    /// What a step costs over an empty call in a language, and what its library weighs
    Bench {
        /// Whose
        language: Language,
    },
    /// The long proofs, with a table of what they found: the model check, seeded defects, fuzzing, mutants, one trace in every
    /// language, the herd
    Prove(prove::Arguments),
    /// Check licences, bans and sources of all dependencies with cargo-deny
    Deny,
    /// Anything else
    #[command(external_subcommand)]
    Unknown(Vec<OsString>),
}

/// A group of test suites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Group {
    /// The core: its tests, its documentation, its builds for other targets
    Core,
    /// The scenario files and their runner
    Scenarios,
    /// Every state of small worlds, the core beside a second writing of the policy, what was fuzzed played again
    Proof,
    /// The lab, the phone, the story over UDP, TCP and TLS
    Lab,
    /// The core for Swift and Kotlin: its translation, the scenario files through it
    Uniffi,
    /// The Kotlin packages: their tests, the scenario files through them, the Android archive
    Kotlin,
    /// The Swift package: its build and format, its tests, the scenario files through it
    Swift,
    /// The npm package: its build, its tests, the scenario files through its API
    Npm,
    /// The page of the web demo: its build, its stories in Chromium
    Page,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Language {
    Kotlin,
    Swift,
}

/// Wrong usage, as clap has it.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    page::begin();
    let result = match Arguments::parse().command {
        Command::Demo(arguments) => demo::demo(&arguments),
        Command::Lab { arguments } => child::build_and_run(&["--package", "rehome-lab"], "rehome-lab", &arguments),
        Command::Scenarios { arguments } => child::build_and_run(rust::SCENARIOS, "scenarios", &arguments),
        Command::Test { group } => suites::test(group),
        Command::Bench { language: Language::Kotlin } => kotlin::bench().in_sight(),
        Command::Bench { language: Language::Swift } => swift::bench().in_sight(),
        Command::Prove(arguments) => prove::prove(&arguments),
        Command::Package => package::package(),
        Command::Deny => prove::deny(),
        Command::Unknown(words) => {
            let name = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
            eprintln!(
                "cargo xtask has no command {name:?}; choose demo, test, prove, scenarios, lab, package, bench or deny"
            );
            return ExitCode::from(USAGE);
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("cargo xtask: {error:#}");
        ExitCode::FAILURE
    })
}
