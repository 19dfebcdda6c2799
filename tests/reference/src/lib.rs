//! The policy once more, in naive code: vectors, linear searches, names for targets, no cleverness.
//!
//! It was written from `core/POLICY.md` and the table of outputs in `tests/README.md`, not from the core. Both are run
//! side by side over generated inputs (`tests/both.rs`), and where they differ the policy decides who is right.
//!
//! Left out are what other proofs cover, or what chance decides: addresses resolved by the core, discovery, sites,
//! `distribute`, weighted order, spreads, snapshots, new configurations, refreshes of the application's own; and
//! unasked failback, which is here but not yet compared. What is taken over
//! from the core: the wait after a round, if it lies in its rule's range (4.4d, 3.4c; a fixed refresh interval is never
//! drawn, 5.2b); and when a target that is neither listed nor in use is forgotten (7.4b).

mod failback;
mod home;
mod input;
mod life;
mod lookup;
mod model;
mod outcome;
mod step;
mod timers;
mod walk;

pub use model::{Act, Reference, State};
