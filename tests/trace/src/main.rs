//! Writes the trace, or runs it natively: `rehome-trace write FOLDER`, `rehome-trace run FOLDER`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Parser, Subcommand};
use rehome_runner::Native;
use rehome_trace::{FILES, INPUTS, run, write};

/// One long random trace, to be run in every language.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
    /// Says how far it is, and what came of it, in lines that a program reads.
    #[arg(long, global = true)]
    for_prove: bool,
}

#[derive(Subcommand)]
enum What {
    /// Write it, in place of what is there.
    Write {
        /// Where.
        folder: PathBuf,
        /// How many files.
        #[arg(long, default_value_t = FILES)]
        files: usize,
        /// How many inputs each.
        #[arg(long, default_value_t = INPUTS)]
        inputs: usize,
        /// Another seed is another trace.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Read it again, run it natively and compare.
    Run {
        /// Where it is.
        folder: PathBuf,
    },
}

fn main() -> Result<()> {
    let Arguments { what, for_prove } = Arguments::parse();
    let mut shown = Instant::now();
    let mut progress = |done: usize, of: usize| {
        if for_prove && (shown.elapsed() >= Duration::from_millis(500) || done == of) {
            shown = Instant::now();
            println!("progress {done}/{of} files");
        }
    };
    let lead = if for_prove { "result " } else { "" };
    match what {
        What::Write { folder, files, inputs, seed } => {
            let (tally, hash) = write(&folder, files, inputs, seed, |done| progress(done, files))?;
            println!("{tally}");
            let count = |map: &std::collections::BTreeMap<String, u64>, kind: &str| map.get(kind).copied().unwrap_or(0);
            println!(
                "{lead}trace: {} inputs in {files} files, {} registers, {} snapshots restored, {} of {} kinds of events, hash {hash}",
                grouped(tally.count()),
                grouped(count(&tally.actions, "register")),
                grouped(tally.restored),
                tally.events.len(),
                tally.events.len() + tally.missing().len(),
            );
        }
        What::Run { folder } => {
            let (inputs, hash) = run(&Native, &folder, progress)?;
            println!("{lead}native: {} inputs, hash {hash}", grouped(inputs));
        }
    }
    Ok(())
}

/// 1,234,567 for 1234567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
