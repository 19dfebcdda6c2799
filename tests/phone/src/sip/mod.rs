//! REGISTER over UDP and TCP.

mod agent;
mod attempt;
mod digest;
mod flow;
mod framing;
mod message;

pub(crate) use agent::{Agent, Job};
