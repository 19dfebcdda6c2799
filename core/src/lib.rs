//! Where a SIP phone registers, when it moves, and when it comes home.
#![no_std]

extern crate alloc;

mod action;
mod addresses;
mod config;
mod error;
mod event;
mod failback;
mod input;
mod life;
mod lookup;
mod machine;
pub mod order;
mod outcome;
mod plan;
mod presets;
mod rng;
mod rollover;
mod snapshot;
mod sort;
mod status;
mod stay;
mod target;
mod time;
mod validate;
#[cfg(feature = "wire")]
pub mod wire;

pub use action::{Action, Id, LookupKind};
pub use config::{
    Addresses, AfterLoss, Config, Failback, FailbackEvery, Lookup, Meaning, Order, OutcomeRule, Redraw, Refresh,
    RefreshOwner, RetryAfter, Rollover, Selection, Site, TlsName,
};
pub use error::Error;
pub use event::{
    Bar, CancelReason, DropReason, Event, EventKind, FailureReason, IgnoreReason, LossReason, NoPlan, Rule, SkipReason,
    Source, Trigger,
};
pub use input::{Answer, Input, LookupFailure, Outcome, SrvRecord, Unreachable};
pub use machine::{Registration, Step};
pub use presets::{Difference, Preset};
pub use snapshot::Snapshot;
pub use status::{LastOutcome, PlanEntry, State, Status, Timer};
pub use target::{Target, TargetId, Transport};
pub use time::{Millis, Seconds, Time, WallClock};
