//! Any bytes at all, handed to everything that reads bytes: rule 7.4 says that no input can make the core panic, grow
//! without bound or loop.
//!
//! | target | what the bytes are |
//! |---|---|
//! | [`steps`] | a configuration and inputs: forged ids, wild times, hostile answers, snapshots restored on the way |
//! | [`configuration`] | the JSON of a configuration |
//! | [`dns`] | a DNS message (feature `wire`), its answer handed in |
//! | [`snapshots`] | a snapshot, its checksum wrong or mended, then steps |
//! | [`scenarios`] | a scenario file for the runner |
//!
//! ```sh
//! cargo run -p rehome-fuzz                                # writes the seed corpus anew
//! cargo test -p rehome-fuzz                               # replays it
//! cd tests/fuzz && cargo +nightly fuzz run -s none steps fuzz/corpus/steps corpus/steps -- -max_total_time=180
//! ```
//!
//! Each target is a plain function that panics where something is wrong. The corpus is replayed by `cargo test` on the
//! stable compiler; `fuzz/` holds the cargo-fuzz package, a workspace of its own because it needs the nightly one.

mod bytes;
mod configuration;
mod configure;
mod dns;
mod inputs;
mod phone;
mod scenarios;
pub mod seeds;
mod snapshots;
mod steps;

pub use configuration::configuration;
pub use dns::dns;
pub use scenarios::scenarios;
pub use snapshots::snapshots;
pub use steps::steps;

/// A target: its name, which is that of its corpus folder, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 5] = [
    ("steps", steps),
    ("configuration", configuration),
    ("dns", dns),
    ("snapshots", snapshots),
    ("scenarios", scenarios),
];
