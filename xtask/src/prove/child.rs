//! Running the commands of a proof: a bar on a terminal, a line now and then elsewhere, all they print in a log.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::process::Stdio;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use super::Step;
use super::said::Said;
use crate::child;

/// How often the bar moves by itself.
const TICK: Duration = Duration::from_millis(500);
/// How often a line says that it goes on, where there is no terminal.
const STILL_THERE: Duration = Duration::from_secs(60);

/// Runs them until one fails; true if none did. What they found is added to the results.
pub(super) fn run_all(steps: Vec<Step>, name: &str, label: &str, results: &mut Vec<String>) -> Result<bool> {
    let folder = child::root().join("target/xtask");
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let path = folder.join(format!("prove-{name}.log"));
    let log = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    let count = steps.len();
    for (index, step) in steps.into_iter().enumerate() {
        let label = if count > 1 { format!("{label} {}/{count}", index + 1) } else { label.to_owned() };
        if !run(step, &log, &label, results)? {
            child::tail(&path);
            return Ok(false);
        }
    }
    Ok(true)
}

fn run(mut step: Step, log: &File, label: &str, results: &mut Vec<String>) -> Result<bool> {
    let program = step.command.get_program().to_string_lossy().into_owned();
    writeln!(&*log, "$ {:?}", step.command)?;
    step.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = step.command.spawn().with_context(|| format!("{program} cannot be run"))?;
    let (sender, lines) = mpsc::channel();
    let pipes: [Option<Box<dyn std::io::Read + Send>>; 2] =
        [child.stdout.take().map(|pipe| Box::new(pipe) as _), child.stderr.take().map(|pipe| Box::new(pipe) as _)];
    for pipe in pipes.into_iter().flatten() {
        let sender = sender.clone();
        thread::spawn(move || {
            // Not all that is printed is text: a line that is none is shown as far as it goes.
            for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
                if sender.send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
                    return;
                }
            }
        });
    }
    drop(sender);
    let mut shown = Shown::new(label, step.lasts);
    loop {
        match lines.recv_timeout(TICK) {
            Ok(line) => {
                writeln!(&*log, "{line}")?;
                match (step.read)(&line) {
                    Some(Said::Progress { done, of, unit }) => shown.progress(done, of, &unit),
                    Some(Said::Result(text)) => {
                        shown.line(&text);
                        results.push(text);
                    }
                    None => {}
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        shown.tick();
    }
    let success = child.wait()?.success();
    shown.end();
    if let (true, Some(text)) = (success, step.then) {
        println!("    {text}");
        results.push(text);
    }
    Ok(success)
}

/// How far a command is, in sight of the user.
struct Shown {
    label: String,
    lasts: Option<Duration>,
    begun: Instant,
    bar: ProgressBar,
    terminal: bool,
    word: String,
    next_word: Instant,
}

impl Shown {
    fn new(label: &str, lasts: Option<Duration>) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let bar =
            if terminal { ProgressBar::new(lasts.map_or(0, |lasts| lasts.as_secs())) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{prefix} [{elapsed_precise}] {wide_bar} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(label.to_owned());
        let begun = Instant::now();
        Self { label: label.into(), lasts, begun, bar, terminal, word: String::new(), next_word: begun + STILL_THERE }
    }

    fn progress(&mut self, done: u64, of: u64, unit: &str) {
        self.word = format!("{done} of {of} {unit}");
        self.bar.set_length(of);
        self.bar.set_position(done);
        self.bar.set_message(self.word.clone());
    }

    fn line(&self, text: &str) {
        self.bar.suspend(|| println!("    {text}"));
    }

    fn tick(&mut self) {
        if let Some(lasts) = self.lasts {
            self.bar.set_position(self.begun.elapsed().min(lasts).as_secs());
        }
        self.bar.tick();
        if !self.terminal && Instant::now() >= self.next_word {
            println!("{} ... {} s {}", self.label, self.begun.elapsed().as_secs(), self.word);
            self.next_word += STILL_THERE;
        }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}
