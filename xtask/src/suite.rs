//! One suite of checks, and running it.

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

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
    /// It was tried, and failed; says why.
    Failed(String),
}

/// A named set of checks.
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    /// `None`: runs only with everything.
    pub(crate) group: Option<Group>,
    /// Finds out what is to be done, when its turn comes.
    pub(crate) work: fn() -> Work,
}

/// Whether what cannot be run has failed: under `CI=true`.
pub(crate) fn strict() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
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

impl Work {
    /// Does it in sight of the user, not as a suite.
    pub(crate) fn in_sight(self) -> Result<ExitCode> {
        match self {
            Self::Done(note) => println!("{note}"),
            Self::Impossible(why) | Self::Failed(why) => bail!(why),
            Self::Commands(commands) => {
                for mut command in commands {
                    let name = command.get_program().to_string_lossy().into_owned();
                    let status = command.status().with_context(|| format!("{name} cannot be run"))?;
                    if !status.success() {
                        return Ok(child::exit_code(status));
                    }
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
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
            Work::Failed(why) => (Verdict::Failed, why),
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
