//! REGISTER over UDP, TCP and TLS.

mod agent;
mod attempt;
mod digest;
mod flow;
mod framing;
mod message;

pub(crate) use agent::{Agent, Job};
