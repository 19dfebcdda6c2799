//! One long random trace, the same in every language (rule 2.6): a phone is played at random for as many inputs as are
//! wished for, and what was handed in is written as scenario files, each step with the trace hash up to and with it. Any
//! language's scenario runner runs them, and finds the step from which on its core says something else.
//!
//! ```sh
//! cargo run -p rehome-trace -- write target/trace    # 1,000,000 inputs, in target/trace/scenarios
//! cargo run -p rehome-trace -- run target/trace      # read again, and run natively
//! ```
//!
//! `REHOME_SCENARIOS=target/trace/scenarios` and `REHOME_HASHES=target/trace/hashes.txt` make another language's suite run
//! them in place of `tests/scenarios`, and compare with these hashes.
//!
//! Most inputs are sensible: a world of registrars and DNS that are well, ill, silent, and change their mind answers what
//! the phone asks, so that states deep in the policy are reached. Some are hostile: forged ids, late outcomes, clocks that
//! jump, answers that no server gives.

mod configurations;
mod deed;
mod forged;
mod phone;
mod play;
mod tally;
mod trace;
mod world;

pub use play::{Played, play};
pub use tally::Tally;
pub use trace::{FILES, INPUTS, run, scenarios, write};
