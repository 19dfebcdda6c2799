//! A native phone around the core: sockets and timers, nothing decided here.
//!
//! [`run`] takes [`Command`]s and hands out [`Report`]s. The binary of the same name reads the first as JSON lines from
//! its standard input and writes the second as JSON lines to its standard output; the end of its input is its `stop`.
//!
//! What the core asks of a host, and where it is kept here:
//!
//! | duty | where |
//! |---|---|
//! | CSeq rising under one Call-ID, a Contact of its own for each binding | `sip::message` |
//! | at most two challenges in an attempt, the second only if stale, at the same target (rule 3.1c) | `sip::attempt` |
//! | `cancel` means no longer waited for: an answer within 32 s is handed in (rule 3.6) | `sip::attempt` |
//! | an answer, no answer and no way there are told apart (section 3) | `sip::flow` |
//! | the certificate must carry the action's TLS name (rule 1.6) | `trust` |
//! | a lost connection is told (rule 4.6) | `sip::flow` |
//! | no data and failure are told apart (rule 5.4) | `dns` |

mod command;
mod dns;
mod options;
mod phone;
mod program;
mod report;
mod sip;
mod token;
mod trust;

pub use command::Command;
pub use options::{Args, Options, faster};
pub use phone::run;
pub use program::program;
pub use report::Report;
pub use trust::Trust;
