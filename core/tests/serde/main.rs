//! The JSON of every public value type: pinned by literals, and back again.
#![cfg(feature = "serde")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is its purpose"
)]

mod configuration;
mod inputs;
mod json;
mod life;
mod outputs;
mod values;
