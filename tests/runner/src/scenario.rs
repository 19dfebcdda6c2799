//! A scenario, read and checked.

use serde_json::Value;

/// A scenario: one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The file, as its path from the scenarios folder, with `/`.
    pub file: String,
    /// What it shows, in one sentence.
    pub description: String,
    /// Rules that it proves.
    pub rules: Vec<String>,
    /// Sentences of those rules.
    pub sentences: Vec<String>,
    /// Whose words the rule is: title and section.
    pub source: (String, String),
    /// The preset's configuration.
    pub preset: Value,
    /// The whole configuration: the preset with the file's laid over it.
    pub config: Value,
    /// The seed; in a statistical file the first one.
    pub seed: u64,
    /// What happens.
    pub steps: Vec<Step>,
    /// Whether and how it is run for many seeds.
    pub statistics: Option<Statistics>,
}

/// A step, as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// When.
    pub at: When,
    /// What.
    pub op: Op,
}

/// When a step happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At this time.
    At(u64),
    /// When the last step asked to be called.
    Wake,
    /// So long after the step before.
    After(u64),
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// One call of `step`.
    Step {
        /// The input, with a whole configuration if it is `configure`.
        input: Value,
        /// What shall come of it.
        expect: Expect,
    },
    /// Compares the status.
    Status {
        /// The fields compared.
        expect: Value,
    },
    /// Goes on with the registration restored from a snapshot taken now.
    SnapshotRestore {
        /// Wall clock at the snapshot.
        wall: u64,
        /// Monotonic clock of the other process.
        restore_at: u64,
        /// Wall clock there.
        restore_wall: u64,
        /// With what.
        with: Fresh,
    },
    /// Goes on with a new registration.
    Restart {
        /// With what.
        with: Fresh,
    },
}

/// What another registration is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Fresh {
    /// The whole configuration.
    pub config: Value,
    /// The seed; that of the run if none is given.
    pub seed: Option<u64>,
    /// The code of the error with which it must fail; then the registration before goes on.
    pub error: Option<String>,
}

/// What shall come of a call of `step`.
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// Anything but an error: in a statistical file.
    Anything,
    /// This error, and no change.
    Error(String),
    /// Output or error, whatever makes the trace hash this one, up to and with the step.
    Hash(String),
    /// This output.
    Output {
        /// All actions, in order.
        actions: Vec<Value>,
        /// The time at which to call again, or null.
        wake: Value,
        /// All events in order, if compared.
        events: Option<Vec<Value>>,
    },
}

/// A run for many seeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Seeds 1 to this one.
    pub seeds: u64,
    /// What is counted.
    pub observe: Observe,
    /// What may be observed, each with its share as a fraction.
    pub expect: Vec<(String, (u64, u64))>,
    /// How far a count may be from its share.
    pub bound: u64,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observe {
    /// The target of the first register action.
    First,
    /// The targets of the plan at the end, joined by a space.
    Plan,
}
