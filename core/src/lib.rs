//! Where a SIP phone registers, when it moves, and when it comes home: DNS answers and REGISTER outcomes go in, "look
//! this name up", "register there", "unregister" come out. The crate opens no socket and reads no clock.
//!
//! The loop of every host:
//!
//! 1. Make a [`Registration`] from a [`Config`] (or a [`Preset`]) and the device's own seed.
//! 2. Hand in [`Input::Start`] with the time: [`Registration::step`].
//! 3. Do every [`Action`] of the [`Step`]: look up, register, unregister, or stop waiting. Log its [`Event`]s.
//! 4. Whenever something has an answer, or happens, hand it in. When [`Step::wake`] has come, hand in [`Input::Wake`].
//! 5. Calls go to the [`Status::home`] of [`Registration::status`].
//!
//! The rules are in [`POLICY.md`](https://github.com/rehome/rehome/blob/main/core/POLICY.md); events, tests and comments cite
//! them by id. What goes wrong in the world is an event with a reason; an [`Error`] means that the call itself was wrong.
//! Enumerations of events grow in minor versions: hosts write an `else`.
//!
//! | module | policy section |
//! |---|---|
//! | `machine` | 0 how a step runs |
//! | `config`, `validate`, `presets` | settings |
//! | `lookup`, `addresses` | 1 where to register |
//! | [`order`], `plan` | 2 in which order |
//! | `outcome` | 3 what an attempt's outcome means |
//! | `rollover` | 4 rollover |
//! | `stay`, `due`, `snapshot` | 5 staying |
//! | `failback`, `life` | 6 back to the primary; start, stop and the old home |
//! | `input`, `action`, `event`, `reason`, `status`, `error` | 7 saying what happens |
//! | `wire` (feature) | DNS messages from and to bytes |
//!
#![doc = include_str!("STATES.md")]
#![no_std]

extern crate alloc;

mod action;
mod addresses;
mod config;
mod due;
mod error;
mod event;
mod failback;
mod host;
mod input;
mod life;
mod lookup;
mod machine;
pub mod order;
mod outcome;
mod plan;
mod presets;
#[cfg(feature = "proof")]
#[doc(hidden)]
pub mod proof;
mod reason;
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
pub use event::{Event, EventKind, Rule};
pub use input::{Answer, Input, LookupFailure, Outcome, SrvRecord, Unreachable};
pub use machine::{Registration, Step};
pub use presets::{Difference, Preset};
pub use reason::{
    Bar, CancelReason, DropReason, FailureReason, IgnoreReason, LossReason, NoPlan, SkipReason, Source, Trigger,
};
pub use snapshot::Snapshot;
pub use status::{LastOutcome, PlanEntry, State, Status, Timer};
pub use target::{Target, TargetId, Transport};
pub use time::{Millis, Seconds, Time, WallClock};

/// The README's example is compiled and run with the documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
