//! The four registrars.

mod connection;
mod contact;
mod digest;
mod location;
mod message;
mod registrar;
mod stream;
mod transactions;
mod transport;
mod websocket;

pub use location::Binding;
pub(crate) use location::Location;
pub(crate) use registrar::{Registrar, Sockets};
