//! `cargo xtask scenarios`: the scenario runner as a program of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Run the scenario files
#[derive(Debug, Parser)]
#[command(name = "scenarios", bin_name = "cargo xtask scenarios")]
struct Arguments {
    /// A folder of them, or one file; all if absent
    dir: Option<PathBuf>,
    /// Show every sentence of the policy with its files instead
    #[arg(long)]
    cover: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match rehome_runner::main_scenarios(arguments.dir.as_deref(), arguments.cover) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo xtask scenarios: {error:#}");
            ExitCode::FAILURE
        }
    }
}
