//! The crate `rehome` for Swift and Kotlin, by uniffi. This half only translates: values go in and come out, one call a
//! step. Nothing is decided here.
//!
//! | module | holds |
//! |---|---|
//! | `words` | the core's plain enumerations, which cross as they are |
//! | `mirror` | how the other types are declared and translated |
//! | `config`, `input`, `output`, `status` | those types |
//! | `json`, `presets` | configurations from text, and by name |
//! | `order`, `dns` | section 2 of the policy by itself; DNS messages from and to bytes |
//! | `error`, `range` | what is wrong with a call, and what a number may be |

mod config;
mod dns;
mod error;
mod input;
mod json;
mod mirror;
mod order;
mod output;
mod presets;
mod range;
mod status;
#[cfg(test)]
mod tests;
mod words;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rehome::{Time, WallClock};

use crate::mirror::{At, In, Out, time};

pub use config::{
    Config, FailbackConfig, FailbackEvery, LookupConfig, OrderConfig, OutcomeRule, RefreshConfig, RolloverConfig, Site,
    TlsName,
};
pub use dns::{Decoded, decode_answer, encode_question};
pub use error::RehomeError;
pub use input::{Answer, Input, Outcome, SrvRecord};
pub use json::{check_config, config_from_json, config_to_json};
pub use order::{Candidate, Dropped, Normalised, Share, order_draw, order_normalise, order_shares};
pub use output::{Action, Event, EventKind, FailureReason, Step, Target};
pub use presets::{PresetDifference, preset, preset_differences, preset_names};
pub use status::{LastOutcome, PlanEntry, Status};

uniffi::setup_scaffolding!("rehome");

/// The registration of one account on one device.
///
/// It opens no socket and reads no clock: call `step` with what happened and what time it is, do what the step says,
/// and call again with the input wake when its `wakeMs` has come. It may be called from any thread; the calls of one registration
/// follow one another.
///
/// `nowMs` is a time in milliseconds on a clock of the host's, 0 to 2^53 - 1, that goes on while the device sleeps.
#[derive(Debug, uniffi::Object)]
pub struct Registration {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    core: rehome::Registration,
    /// Kept and filled again, so that a step allocates what it puts out and no more.
    step: rehome::Step,
}

#[uniffi::export]
impl Registration {
    /// A registration that is not started yet.
    ///
    /// The seed has no default: each device brings its own, any number at all, or all would choose the same server.
    #[uniffi::constructor]
    pub fn new(config: Config, seed: i64) -> Result<Arc<Self>, RehomeError> {
        let config = config.into_core(&At::CONFIGURATION)?;
        Ok(Self::of(rehome::Registration::new(config, seed.cast_unsigned())?))
    }

    /// Goes on from a snapshot, in another process or on another clock. Call `step` with the input wake next. If it throws
    /// `SnapshotVersion` or `Snapshot`, start afresh.
    #[uniffi::constructor]
    pub fn restore(
        config: Config,
        seed: i64,
        snapshot: Vec<u8>,
        now_ms: i64,
        wall_ms: i64,
    ) -> Result<Arc<Self>, RehomeError> {
        let config = config.into_core(&At::CONFIGURATION)?;
        let (now, wall) = (time(now_ms)?, wall(wall_ms));
        Ok(Self::of(rehome::Registration::restore(config, seed.cast_unsigned(), &snapshot, now, wall)?))
    }

    /// Applies one input at the time `nowMs`, then everything that is due by then. If it throws, nothing has changed.
    pub fn step(&self, input: Input, now_ms: i64) -> Result<Step, RehomeError> {
        let input: rehome::Input = input.into_core(&At::INPUT)?;
        let now = time(now_ms)?;
        let mut inner = self.inner();
        let Inner { core, step } = &mut *inner;
        core.step(input, now, step)?;
        Ok(Step::out(step, Some(core)))
    }

    /// What can be said now. A time before the last step's is taken as that.
    pub fn status(&self, now_ms: i64) -> Status {
        let inner = self.inner();
        Status::out(&inner.core.status(early(now_ms)), Some(&inner.core))
    }

    /// The record of a target by its number, if that was ever given and the target is still known.
    pub fn target(&self, id: i64) -> Option<Target> {
        let inner = self.inner();
        let id = u32::try_from(id).ok()?;
        inner.core.target(rehome::TargetId::from_raw(id)).map(|target| Target::out(target, Some(&inner.core)))
    }

    /// The configuration in force.
    pub fn config(&self) -> Config {
        let inner = self.inner();
        Config::out(inner.core.config(), None)
    }

    /// The registration as bytes for `restore`: host names, no password. `wallMs` is the wall clock, milliseconds since
    /// 1970: by it the next process knows how long it was away. A time before the last step's is taken as that.
    pub fn snapshot(&self, now_ms: i64, wall_ms: i64) -> Vec<u8> {
        self.inner().core.snapshot(early(now_ms), wall(wall_ms)).into_bytes()
    }
}

impl Registration {
    fn of(core: rehome::Registration) -> Arc<Self> {
        Arc::new(Self { inner: Mutex::new(Inner { core, step: rehome::Step::default() }) })
    }

    /// A panic elsewhere leaves a registration that can still be asked.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A time at which something is only looked at: a negative one is before everything.
fn early(millis: i64) -> Time {
    Time::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// A wall clock before 1970 is a clock that was never set.
fn wall(millis: i64) -> WallClock {
    WallClock::from_millis(u64::try_from(millis).unwrap_or(0))
}
