//! DNS questions and answers as bytes: by hand, against another implementation, and with hostile bytes.
#![cfg(feature = "wire")]
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

mod answers;
mod hostile;
mod oracle;
mod packet;
mod questions;
