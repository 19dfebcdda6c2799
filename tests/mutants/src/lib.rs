//! Mutants of the core: `cargo-mutants` makes them, the scenario files kill most, the other tests the rest, and a ledger
//! keeps what came of it until a file changes.

pub mod ledger;
pub mod outcomes;
pub mod scenarios;
pub mod shard;
