//! The four registrars.

mod digest;
mod location;
mod message;
mod registrar;
mod stream;
mod transactions;
mod transport;

pub use location::Binding;
pub(crate) use location::Location;
pub(crate) use registrar::Registrar;
