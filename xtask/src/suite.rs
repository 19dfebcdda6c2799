//! One suite of checks, and running it.

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::Group;
use crate::child;

/// What a suite does.
pub(crate) enum Work {
    /// Commands that must all succeed.
    Commands(Vec<Command>),
    /// It is done already, or needs nothing; says why.
    Done(String),
    /// It cannot be run here; says the remedy.
    Impossible(String),
}

/// A named set of checks.
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    /// `None`: runs only with everything.
    pub(crate) group: Option<Group>,
    /// Finds out what is to be done, when its turn comes.
    pub(crate) work: fn() -> Work,
}

/// What came of a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    Failed,
    Skipped,
}

impl Verdict {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        }
    }
}

/// One line of the table at the end.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) verdict: Verdict,
    pub(crate) took: Duration,
    /// A remedy, or a remark.
    pub(crate) note: String,
}

impl Suite {
    /// Runs it as number `index` of `count`. With `strict` (CI) what cannot be run has failed.
    pub(crate) fn run(&self, index: usize, count: usize, strict: bool) -> Result<Row> {
        let label = format!("[{index:>2}/{count}] {}", self.name);
        if !std::io::stdout().is_terminal() {
            println!("{label} ...");
        }
        let begun = Instant::now();
        let folder = child::root().join("target/xtask");
        std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let path = folder.join(format!("{}.log", self.name.replace([' ', ','], "-")));
        let log = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
        let (verdict, note) = match (self.work)() {
            Work::Done(note) => (Verdict::Passed, note),
            Work::Impossible(remedy) if strict => {
                (Verdict::Failed, format!("cannot be skipped with CI=true: {remedy}"))
            }
            Work::Impossible(remedy) => (Verdict::Skipped, remedy),
            Work::Commands(commands) => {
                let mut verdict = Verdict::Passed;
                for mut command in commands {
                    if !child::logged(&mut command, &log, &label, begun)? {
                        verdict = Verdict::Failed;
                        break;
                    }
                }
                (verdict, String::new())
            }
        };
        let took = begun.elapsed();
        let start = if std::io::stdout().is_terminal() { "\r\x1b[2K" } else { "" };
        let dash = if note.is_empty() { "" } else { " - " };
        println!("{start}{label}: {}, {:.1} s{dash}{note}", verdict.word(), took.as_secs_f64());
        if verdict == Verdict::Failed && note.is_empty() {
            child::tail(&path);
        }
        std::io::stdout().flush()?;
        Ok(Row { name: self.name, verdict, took, note })
    }
}
