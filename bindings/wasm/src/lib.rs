//! The crate `rehome` for JavaScript. This half only translates: scalars come in, and each output is told to a
//! `Sink`, an object of JavaScript's that builds plain objects out of it. Nothing is decided here, nothing throws:
//! what is wrong with a call is told to `Sink::fail`, too.
//!
//! The package's own TypeScript has checked types and ranges before it calls, and is the only caller: nothing here is
//! the package's API.

#![cfg_attr(all(target_family = "wasm", not(test)), no_std)]

extern crate alloc;

mod address;
#[cfg(all(test, target_family = "wasm"))]
mod border;
#[cfg(feature = "dns")]
mod dns;
mod input;
mod list;
mod order;
mod output;
mod settings;
mod sink;
mod status;
mod words;

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use rehome::{Error, Input, Registration, Step, TargetId, Time, WallClock};
use wasm_bindgen::prelude::wasm_bindgen;

/// A third of the size of the standard one.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// No panic can be reached in the core; one here would be a trap without words, which saves all the words.
#[cfg(all(target_family = "wasm", not(test)))]
#[panic_handler]
fn trap(_panic: &core::panic::PanicInfo<'_>) -> ! {
    // Never shipped: keeps where each panic is, for tests/panics to read.
    #[cfg(located)]
    core::hint::black_box(_panic.location());
    core::arch::wasm32::unreachable()
}

pub use list::List;
pub use settings::Settings;
pub use sink::Sink;

/// All names that cross as numbers, each with a comma after it; and those of all settings, where a list's ends in `[]`.
#[wasm_bindgen]
#[must_use]
pub fn names(settings: bool) -> String {
    String::from(if settings { settings::NAMES } else { words::TEXTS })
}

/// One registration.
#[wasm_bindgen]
pub struct Core {
    registration: Registration,
    step: Step,
    known: output::Known,
}

#[wasm_bindgen]
impl Core {
    /// A new one; none if the configuration is wrong.
    #[must_use]
    pub fn create(settings: Settings, seed: f64, sink: &Sink) -> Option<Self> {
        Self::running(Registration::new(settings.config, whole(seed)), sink)
    }

    /// One that goes on from a snapshot.
    #[must_use]
    pub fn restore(settings: Settings, seed: f64, snapshot: &[u8], now: f64, wall: f64, sink: &Sink) -> Option<Self> {
        let (now, wall) = (time(now), WallClock::from_millis(whole(wall)));
        Self::running(Registration::restore(settings.config, whole(seed), snapshot, now, wall), sink)
    }

    /// An input that has nothing but its type.
    pub fn plain(&mut self, kind: u32, now: f64, sink: &Sink) -> f64 {
        self.hand_in(input::plain(kind, sink), now, sink)
    }

    /// A new configuration.
    pub fn configure(&mut self, settings: Settings, now: f64, sink: &Sink) -> f64 {
        self.hand_in(Some(Input::Configure { config: Box::new(settings.config) }), now, sink)
    }

    /// A connection was lost.
    pub fn flow_lost(&mut self, target: u32, now: f64, sink: &Sink) -> f64 {
        self.hand_in(Some(Input::FlowLost { target: TargetId::from_raw(target) }), now, sink)
    }

    /// What DNS said.
    #[allow(clippy::too_many_arguments)]
    pub fn answer(
        &mut self,
        id: u32,
        kind: u32,
        ttl: Option<u32>,
        cause: u32,
        list: Option<List>,
        now: f64,
        sink: &Sink,
    ) -> f64 {
        self.hand_in(input::answer(id, kind, ttl, cause, list, sink), now, sink)
    }

    /// What came of a REGISTER or an unregister; without an id, of the application's own refresh.
    #[allow(clippy::too_many_arguments)]
    pub fn outcome(
        &mut self,
        id: Option<u32>,
        kind: u32,
        code: u32,
        first: Option<u32>,
        second: Option<u32>,
        now: f64,
        sink: &Sink,
    ) -> f64 {
        self.hand_in(input::outcome(id, kind, code, first, second, sink), now, sink)
    }

    /// Tells the status to the sink.
    pub fn status(&mut self, now: f64, sink: &Sink) {
        let status = self.registration.status(time(now));
        status::tell(&status, &self.registration, &mut self.known, sink);
    }

    /// A snapshot's bytes.
    #[must_use]
    pub fn snapshot(&self, now: f64, wall: f64) -> Vec<u8> {
        self.registration.snapshot(time(now), WallClock::from_millis(whole(wall))).into_bytes()
    }

    /// Tells a target to the sink, unless that has it; false if there is none of this number.
    pub fn target(&mut self, id: u32, sink: &Sink) -> bool {
        self.known.tell(&self.registration, TargetId::from_raw(id), sink)
    }
}

impl Core {
    fn running(registration: Result<Registration, Error>, sink: &Sink) -> Option<Self> {
        match registration {
            Ok(registration) => Some(Self { registration, step: Step::default(), known: output::Known::default() }),
            Err(error) => fail(&error, sink),
        }
    }

    /// When to call again; negative for never, and for an error, which the sink was told.
    fn hand_in(&mut self, input: Option<Input>, now: f64, sink: &Sink) -> f64 {
        let Some(input) = input else { return NEVER };
        if let Err(error) = self.registration.step(input, time(now), &mut self.step) {
            return fail(&error, sink).unwrap_or(NEVER);
        }
        output::tell(&self.step, &self.registration, &mut self.known, sink);
        self.step.wake.map_or(NEVER, output::millis)
    }
}

const NEVER: f64 = -1.0;

/// Tells the sink what a preset changes; false if there is none of this name.
#[wasm_bindgen]
#[must_use]
pub fn preset(name: &str, sink: &Sink) -> bool {
    let preset = rehome::Preset::from_name(name);
    for difference in preset.map_or(&[][..], rehome::Preset::differences) {
        sink.difference(difference.field, difference.value, difference.source);
    }
    preset.is_some()
}

/// Tells the sink the presets' names.
#[wasm_bindgen]
pub fn preset_names(sink: &Sink) {
    rehome::Preset::ALL.iter().for_each(|preset| sink.address(preset.name()));
}

fn fail<T>(error: &Error, sink: &Sink) -> Option<T> {
    let field = if let Error::Config { field, .. } = error { field } else { "" };
    sink.fail(error.code(), field, &error.to_string());
    None
}

/// A whole number that JavaScript has checked.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(number: f64) -> u64 {
    number as u64
}

fn time(number: f64) -> Time {
    Time::from_millis(whole(number))
}
