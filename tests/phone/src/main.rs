//! The native phone.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    rehome_phone::program(rehome_phone::Args::parse())
}
