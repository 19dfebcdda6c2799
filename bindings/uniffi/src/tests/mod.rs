//! Nothing is lost on the way: every scenario, every preset, every error.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod configurations;
mod errors;
mod scenarios;

use uniffi::{Lift, Lower};

use crate::UniFfiTag;

/// A value as it arrives on the other side of the border.
fn across<T: Lower<UniFfiTag> + Lift<UniFfiTag>>(value: T) -> T {
    let mut bytes = Vec::new();
    <T as Lower<UniFfiTag>>::write(value, &mut bytes);
    let mut rest = bytes.as_slice();
    let arrived = <T as Lift<UniFfiTag>>::try_read(&mut rest).unwrap();
    assert!(rest.is_empty(), "{} bytes are left over", rest.len());
    arrived
}
