//! Which code that panics is linked from the core, into a library of the core alone and into those that are shipped.
#![cfg_attr(alone, no_std)]

extern crate alloc;

#[cfg(alone)]
mod alone;
#[cfg(not(alone))]
pub mod builds;
pub mod drive;
#[cfg(not(alone))]
pub mod known;
#[cfg(not(alone))]
pub mod locations;
#[cfg(not(alone))]
pub mod memory;
#[cfg(not(alone))]
pub mod seeds;
