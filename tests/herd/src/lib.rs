//! Ten thousand phones of the shipped core in virtual time: what a fleet does to its registrars when something happens to
//! all of it at once.

pub mod bound;
pub mod figures;
pub mod fleet;
pub mod herd;
pub mod judge;
pub mod network;
pub mod phone;
pub mod scenarios;
