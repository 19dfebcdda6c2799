//! `rehome-aar assemble`, `check`, `pages`, `jni`, `keeps`: see `cargo xtask test kotlin`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use rehome_aar::assemble::{Parts, archive};
use rehome_aar::layout::Purpose;
use rehome_aar::{elf, keeps, layout};

/// The Android archive of Rehome
#[derive(Debug, Parser)]
#[command(name = "rehome-aar")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Put an archive together, and check it
    Assemble {
        /// A jar whose classes go into classes.jar; once for each
        #[arg(long = "jar", required = true)]
        jars: Vec<PathBuf>,
        /// A file, or a folder's content, that goes in as it is; once for each
        #[arg(long, required = true)]
        files: Vec<PathBuf>,
        /// ABI=FILE, as arm64-v8a=target/android/jni/arm64-v8a/librehome_ffi.so; once for each ABI
        #[arg(long = "library", required = true, value_parser = library)]
        libraries: Vec<(String, PathBuf)>,
        /// The libraries may be linked without the NDK: such an archive must not be shipped
        #[arg(long)]
        trial: bool,
        /// The archive
        #[arg(long)]
        out: PathBuf,
    },
    /// Check an archive: its entries, its manifest, its libraries
    Check {
        /// As for assemble
        #[arg(long)]
        trial: bool,
        /// The archive
        archive: PathBuf,
    },
    /// Check single libraries for 16 KB pages
    Pages {
        /// The ABI they are for, as arm64-v8a
        #[arg(long)]
        abi: String,
        /// The libraries
        #[arg(required = true)]
        libraries: Vec<PathBuf>,
    },
    /// Check all libraries of another archive for 16 KB pages
    Jni {
        /// The archive, as JNA's
        archive: PathBuf,
    },
    /// Check that R8 kept what JNA looks up by name
    Keeps {
        /// What R8 wrote, as class files
        jar: PathBuf,
    },
}

fn library(text: &str) -> Result<(String, PathBuf), String> {
    let (abi, path) = text.split_once('=').ok_or("write ABI=FILE, as arm64-v8a=librehome_ffi.so")?;
    Ok((abi.into(), path.into()))
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            faults.iter().for_each(|fault| eprintln!("{fault}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("rehome-aar: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What is wrong.
fn run(command: Command) -> Result<Vec<String>> {
    let read = |path: &PathBuf| std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()));
    let purpose = |trial| if trial { Purpose::Trial } else { Purpose::Release };
    Ok(match command {
        Command::Assemble { jars, files, libraries, trial, out } => {
            let bytes = archive(&Parts { jars, files, libraries })?;
            if let Some(folder) = out.parent() {
                std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
            }
            std::fs::write(&out, &bytes).with_context(|| format!("{} cannot be written", out.display()))?;
            for (abi, size) in layout::sizes(&bytes)? {
                println!("{abi}: {size} bytes, stripped");
            }
            println!("{}: {} bytes", out.display(), bytes.len());
            layout::faults(&bytes, purpose(trial))
        }
        Command::Check { trial, archive } => layout::faults(&read(&archive)?, purpose(trial)),
        Command::Pages { abi, libraries } => {
            let mut faults = Vec::new();
            for library in &libraries {
                let found = elf::faults(&read(library)?, &abi);
                faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", library.display())));
            }
            faults
        }
        Command::Jni { archive } => layout::other_faults(&read(&archive)?)?,
        Command::Keeps { jar } => keeps::faults(&jar)?,
    })
}
