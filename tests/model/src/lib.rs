//! The exhaustive model check: the shipped step function beside every world it can meet, state by state, until there is no
//! new one. The README says what is checked and what is left out.

pub mod alive;
mod backoff;
pub mod check;
pub mod defects;
mod events;
pub mod ghost;
mod judge;
mod order;
pub mod patch;
pub mod property;
mod rest;
mod restore;
pub mod scenario;
pub mod space;
pub mod spaces;
mod unasked;
pub mod world;
