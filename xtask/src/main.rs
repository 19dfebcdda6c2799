//! The project's commands: `cargo xtask demo`, `test`, `scenarios`, `lab`, `deny`.

mod child;
mod suite;
mod suites;
mod table;

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
    /// Play the story: a phone loses its data centre, is back in service, and comes home (--speed N, --transport udp|tcp)
    #[command(disable_help_flag = true)]
    Demo {
        /// For the demo itself
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
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
    /// The lab, the phone, the story over UDP and TCP
    Lab,
    /// The npm package: its build, its tests, the scenario files through its API
    Npm,
}

/// Wrong usage, as clap has it.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo { arguments } => child::build_and_run(&["--package", "rehome-demo"], "rehome-demo", &arguments),
        Command::Lab { arguments } => child::build_and_run(&["--package", "rehome-lab"], "rehome-lab", &arguments),
        Command::Scenarios { arguments } => child::build_and_run(suites::SCENARIOS, "scenarios", &arguments),
        Command::Test { group } => suites::test(group),
        Command::Deny => suites::deny(),
        Command::Unknown(words) => {
            let name = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
            eprintln!("cargo xtask has no command {name:?}; choose demo, test, scenarios, lab or deny");
            return ExitCode::from(USAGE);
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("cargo xtask: {error:#}");
        ExitCode::FAILURE
    })
}
