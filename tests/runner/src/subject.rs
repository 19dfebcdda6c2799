//! What is run: any implementation of the public API that takes and gives JSON as `tests/README.md` writes it.

use serde_json::Value;

/// An implementation.
pub trait Subject: Sync {
    /// A new registration with a whole configuration.
    fn create(&self, config: &Value, seed: u64) -> Result<Box<dyn Instance>, Refusal>;

    /// A registration from a snapshot, at this time of its own clock and of the wall clock, both in milliseconds.
    fn restore(
        &self,
        config: &Value,
        seed: u64,
        snapshot: &[u8],
        now: u64,
        wall: u64,
    ) -> Result<Box<dyn Instance>, Refusal>;
}

/// One registration.
pub trait Instance {
    /// Hands in an input, at a time in milliseconds.
    fn step(&mut self, input: &Value, now: u64) -> Result<Output, Refusal>;

    /// The whole status.
    fn status(&mut self, now: u64) -> Result<Value, Refusal>;

    /// A snapshot's bytes.
    fn snapshot(&mut self, now: u64, wall: u64) -> Vec<u8>;
}

/// What a step put out; targets as `host:port/transport`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Actions, in order; a `register` with its target's `tlsName`, `priority`, `weight` and `site`.
    pub actions: Vec<Value>,
    /// Events, in order.
    pub events: Vec<Value>,
    /// When to call again.
    pub wake: Option<u64>,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The error's code; empty for a fault that is no error of the API.
    pub code: String,
    /// What it says.
    pub text: String,
    /// Whether the call changed something nevertheless, which it must not.
    pub changed: bool,
}

impl Refusal {
    /// Something an implementation must never put out.
    #[must_use]
    pub fn fault(text: impl Into<String>) -> Self {
        Self { code: String::new(), text: text.into(), changed: false }
    }
}
