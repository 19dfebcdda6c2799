//! What the long proofs share.

mod lines;
mod part;

pub use lines::{Lines, grouped};
pub use part::{copy, root};
