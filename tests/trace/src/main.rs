//! Writes the trace, or runs it natively: `rehome-trace write FOLDER`, `rehome-trace run FOLDER`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Parser, Subcommand};
use rehome_proving::{Lines, grouped};
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
    let lines = Lines { shown: for_prove };
    let mut shown = Instant::now();
    let mut progress = |done: usize, of: usize| {
        if shown.elapsed() >= Duration::from_millis(500) || done == of {
            shown = Instant::now();
            lines.progress(done, of, "files");
        }
    };
    match what {
        What::Write { folder, files, inputs, seed } => {
            let (tally, hash) = write(&folder, files, inputs, seed, |done| progress(done, files))?;
            println!("{tally}");
            let count = |map: &std::collections::BTreeMap<String, u64>, kind: &str| map.get(kind).copied().unwrap_or(0);
            lines.result_to_all(format_args!(
                "trace: {} inputs in {files} files, {} registers, {} snapshots restored, {} of {} kinds of events, hash {hash}",
                grouped(tally.count()),
                grouped(count(&tally.actions, "register")),
                grouped(tally.restored),
                tally.events.len(),
                tally.events.len() + tally.missing().len(),
            ));
        }
        What::Run { folder } => {
            let (inputs, hash) = run(&Native, &folder, progress)?;
            lines.result_to_all(format_args!("native: {} inputs, hash {hash}", grouped(inputs)));
        }
    }
    Ok(())
}
