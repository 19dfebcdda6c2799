//! Running a scenario: step by step, up to the first that is not as expected.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};

use crate::compare::{self, Difference};
use crate::hash::Hash;
use crate::json;
use crate::scenario::{Expect, Fresh, Op, Scenario, Step, When};
use crate::subject::{Instance, Output, Refusal, Subject};

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The trace hash, as 16 digits; of a run that failed, up to there.
    pub hash: String,
    /// The first step that was not as expected.
    pub failure: Option<Failure>,
}

/// A step that was not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which step, from 0; none before the first and after the last.
    pub step: Option<usize>,
    /// When it was.
    pub at: Option<u64>,
    /// What was not as expected.
    pub differences: Vec<Difference>,
    /// What happened up to and with this step.
    pub transcript: Vec<Entry>,
}

/// A line of the transcript: a step and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which step, from 0.
    pub step: usize,
    /// When it was.
    pub at: u64,
    /// What was handed in.
    pub what: Value,
    /// What was put out.
    pub output: Output,
    /// What else there is to say.
    pub note: Option<String>,
}

/// A change of state, as the status names the states.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The state before.
    pub from: String,
    /// The type of the input.
    pub input: String,
    /// The state after.
    pub to: String,
}

/// Runs a scenario, or its statistics.
#[must_use]
pub fn run(subject: &dyn Subject, scenario: &Scenario) -> Run {
    if let Some(statistics) = &scenario.statistics {
        return crate::stats::run(subject, scenario, statistics);
    }
    let mut driver = Driver::new(subject, scenario, scenario.seed);
    let failure = driver.guarded().err();
    Run { hash: driver.hash.hex(), failure }
}

/// The changes of state that a scenario goes through, each with the step, up to where it fails.
#[must_use]
pub fn edges(subject: &dyn Subject, scenario: &Scenario) -> Vec<(Edge, usize)> {
    let mut driver = Driver::new(subject, scenario, scenario.seed);
    driver.watched = Some(Vec::new());
    // A failure is the suite's to report.
    let _ = driver.guarded();
    driver.watched.unwrap_or_default()
}

/// The trace hash after each step, up to where something else is not as expected: what `hash` says is not looked at.
#[must_use]
pub fn trace(subject: &dyn Subject, scenario: &Scenario) -> (Vec<String>, Option<Failure>) {
    let mut driver = Driver::new(subject, scenario, scenario.seed);
    (driver.keep, driver.traced) = (false, Some(Vec::new()));
    let failure = driver.guarded().err();
    (driver.traced.unwrap_or_default(), failure)
}

/// Drives one registration through a scenario.
pub(crate) struct Driver<'a> {
    subject: &'a dyn Subject,
    scenario: &'a Scenario,
    seed: u64,
    instance: Option<Box<dyn Instance>>,
    /// When the last step asked to be called.
    wake: Option<u64>,
    now: u64,
    current: Option<usize>,
    hash: Hash,
    transcript: Vec<Entry>,
    /// Whether a transcript is kept: not for each of thousands of seeds.
    pub(crate) keep: bool,
    /// Changes of state, if they are gathered.
    watched: Option<Vec<(Edge, usize)>>,
    /// The hash after each step, if it is gathered.
    traced: Option<Vec<String>>,
    /// The target of the first register action.
    pub(crate) first: Option<Value>,
}

impl<'a> Driver<'a> {
    pub(crate) fn new(subject: &'a dyn Subject, scenario: &'a Scenario, seed: u64) -> Self {
        Self {
            subject,
            scenario,
            seed,
            instance: None,
            wake: None,
            now: 0,
            current: None,
            hash: Hash::default(),
            transcript: Vec::new(),
            keep: true,
            watched: None,
            traced: None,
            first: None,
        }
    }

    /// Runs all; a panic of the subject is a failure of the step.
    pub(crate) fn guarded(&mut self) -> Result<(), Failure> {
        let result = catch_unwind(AssertUnwindSafe(|| self.all()));
        let differences = match result {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(differences)) => differences,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
                single("call", "no panic", &format!("panic: {text}"))
            }
        };
        let at = self.current.map(|_| self.now);
        Err(Failure { step: self.current, at, differences, transcript: std::mem::take(&mut self.transcript) })
    }

    fn all(&mut self) -> Result<(), Vec<Difference>> {
        let created = self.subject.create(&self.scenario.config, self.seed);
        self.instance = Some(created.map_err(|refusal| single("configuration", "a registration", &refused(&refusal)))?);
        for (index, step) in self.scenario.steps.iter().enumerate() {
            self.now = self.time(index, step)?;
            self.current = Some(index);
            self.line(&json!({ "step": index }));
            match &step.op {
                Op::Step { input, expect } => self.step(index, input, expect)?,
                Op::Status { expect } => self.status(index, expect)?,
                Op::SnapshotRestore { wall, restore_at, restore_wall, with } => {
                    let from = self.now;
                    let snapshot = self.instance()?.snapshot(from, *wall);
                    let (config, seed) = (&with.config, with.seed.unwrap_or(self.seed));
                    let restored = self.subject.restore(config, seed, &snapshot, *restore_at, *restore_wall);
                    self.now = *restore_at;
                    self.replace(index, with, restored, &format!("snapshot at {from} ms, restored"))?;
                }
                Op::Restart { with } => {
                    let created = self.subject.create(&with.config, with.seed.unwrap_or(self.seed));
                    self.replace(index, with, created, "a new process")?;
                }
            }
            if let Some(traced) = &mut self.traced {
                traced.push(self.hash.hex());
            }
        }
        Ok(())
    }

    fn time(&mut self, index: usize, step: &Step) -> Result<u64, Vec<Difference>> {
        match step.at {
            When::At(time) => Ok(time),
            When::After(span) => Ok(self.now.saturating_add(span)),
            When::Wake => self.wake.ok_or_else(|| {
                self.current = Some(index);
                single("atMs", "a time at which the last step asked to be called", "it asked for none")
            }),
        }
    }

    fn step(&mut self, index: usize, input: &Value, expect: &Expect) -> Result<(), Vec<Difference>> {
        let now = self.now;
        let before = self.state()?;
        match (self.instance()?.step(input, now), expect) {
            (Ok(output), expect) => {
                self.wake = output.wake;
                for item in output.actions.iter().chain(&output.events) {
                    self.line(item);
                }
                self.line(&json!({ "wakeMs": output.wake }));
                if self.first.is_none() {
                    let register = output.actions.iter().find(|action| action["type"] == "register");
                    self.first = register.map(|action| action["target"].clone());
                }
                let differences = match expect {
                    Expect::Anything => Vec::new(),
                    Expect::Error(code) => single("error", code, "no error"),
                    Expect::Hash(hash) => self.same(hash),
                    Expect::Output { actions, wake, events } => {
                        compare::output(actions, wake, events.as_deref(), &output, now)
                    }
                };
                self.note(index, input, &output, None);
                self.changed(index, before, input)?;
                if differences.is_empty() { Ok(()) } else { Err(differences) }
            }
            (Err(refusal), expect) => {
                self.note(index, input, &Output::default(), Some(refused(&refusal)));
                match expect {
                    Expect::Error(code) => self.refuse(&refusal, Some(code)),
                    // Of a hash the code is a part; a fault is none of the API's errors.
                    Expect::Hash(hash) if !refusal.code.is_empty() => {
                        self.refuse(&refusal, Some(&refusal.code))?;
                        let differences = self.same(hash);
                        if differences.is_empty() { Ok(()) } else { Err(differences) }
                    }
                    _ => self.refuse(&refusal, None),
                }
            }
        }
    }

    /// Compares the trace so far, unless it is what is asked for.
    fn same(&self, hash: &str) -> Vec<Difference> {
        let now = self.hash.hex();
        if self.traced.is_some() || now == hash { Vec::new() } else { single("hash", hash, &now) }
    }

    fn status(&mut self, index: usize, expect: &Value) -> Result<(), Vec<Difference>> {
        let now = self.now;
        let status =
            self.instance()?.status(now).map_err(|refusal| single("status", "a status", &refused(&refusal)))?;
        self.line(&status);
        self.note(index, &json!({ "type": "status" }), &Output::default(), None);
        let differences = compare::status(expect, &status, now);
        if differences.is_empty() { Ok(()) } else { Err(differences) }
    }

    /// Goes on with another registration, unless it must fail.
    fn replace(
        &mut self,
        index: usize,
        with: &Fresh,
        other: Result<Box<dyn Instance>, Refusal>,
        note: &str,
    ) -> Result<(), Vec<Difference>> {
        let what = json!({ "type": note });
        match (other, &with.error) {
            (Ok(_), Some(code)) => Err(single("error", code, "no error")),
            (Ok(mut other), None) => {
                // The last step was another process's, on another clock: the new one says when to call it.
                let status =
                    other.status(self.now).map_err(|refusal| single("status", "a status", &refused(&refusal)))?;
                self.wake = status["wakeMs"].as_u64();
                self.instance = Some(other);
                self.note(index, &what, &Output { wake: self.wake, ..Output::default() }, None);
                Ok(())
            }
            (Err(refusal), code) => {
                self.note(index, &what, &Output::default(), Some(refused(&refusal)));
                self.refuse(&refusal, code.as_ref())
            }
        }
    }

    /// A call failed: was it to?
    fn refuse(&mut self, refusal: &Refusal, expected: Option<&String>) -> Result<(), Vec<Difference>> {
        self.line(&json!({ "error": refusal.code }));
        match expected {
            Some(code) if *code == refusal.code && refusal.changed => {
                Err(single("error", "an error that changes nothing", "the registration is another than before"))
            }
            Some(code) if *code == refusal.code => Ok(()),
            Some(code) => Err(single("error", code, &refused(refusal))),
            None => Err(single("error", "no error", &refused(refusal))),
        }
    }

    fn instance(&mut self) -> Result<&mut Box<dyn Instance>, Vec<Difference>> {
        self.instance.as_mut().ok_or_else(|| single("registration", "one", "none"))
    }

    /// The state now, if changes are gathered.
    fn state(&mut self) -> Result<Option<String>, Vec<Difference>> {
        if self.watched.is_none() {
            return Ok(None);
        }
        let now = self.now;
        let status =
            self.instance()?.status(now).map_err(|refusal| single("status", "a status", &refused(&refusal)))?;
        Ok(status["state"].as_str().map(str::to_owned))
    }

    fn changed(&mut self, index: usize, before: Option<String>, input: &Value) -> Result<(), Vec<Difference>> {
        let after = self.state()?;
        if let (Some(from), Some(to), Some(watched)) = (before, after, &mut self.watched)
            && from != to
        {
            let input = input["type"].as_str().unwrap_or_default().to_owned();
            watched.push((Edge { from, input, to }, index));
        }
        Ok(())
    }

    /// The plan's targets, joined by a space.
    pub(crate) fn plan(&mut self) -> Result<String, Vec<Difference>> {
        let now = self.now;
        let status =
            self.instance()?.status(now).map_err(|refusal| single("status", "a status", &refused(&refusal)))?;
        let entries = status["plan"].as_array().map(Vec::as_slice).unwrap_or_default();
        let targets: Vec<&str> = entries.iter().filter_map(|entry| entry["target"].as_str()).collect();
        Ok(targets.join(" "))
    }

    /// A line of the trace; nobody asks for that of a run among thousands.
    fn line(&mut self, value: &Value) {
        if self.scenario.statistics.is_none() {
            self.hash.line(&json::canonical(value));
        }
    }

    fn note(&mut self, step: usize, what: &Value, output: &Output, note: Option<String>) {
        if !self.keep {
            return;
        }
        let (what, output) = (what.clone(), output.clone());
        self.transcript.push(Entry { step, at: self.now, what, output, note });
    }
}

fn single(item: &str, expected: &str, actual: &str) -> Vec<Difference> {
    vec![Difference { item: item.into(), expected: expected.into(), actual: actual.into(), fields: Vec::new() }]
}

fn refused(refusal: &Refusal) -> String {
    if refusal.code.is_empty() { refusal.text.clone() } else { format!("{}: {}", refusal.code, refusal.text) }
}
