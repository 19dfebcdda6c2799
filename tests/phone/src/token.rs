//! Names nobody else has: branches, tags, nonces. Nothing the core decides depends on them.

use std::hash::{BuildHasher, RandomState};

/// 64 bits that differ at each call and from process to process.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(std::time::SystemTime::now())
}

/// The same as 16 hexadecimal digits.
pub(crate) fn token() -> String {
    format!("{:016x}", random())
}
