//! The DNS of the lab: one zone, seen differently from the two data centres, with faults.

mod content;
pub(crate) mod doh;
mod fault;
mod server;
mod zone;

pub use fault::{DnsFault, DnsFaultKind};
pub(crate) use server::{Dns, serve};
pub use zone::RecordSet;

use hickory_server::proto::rr::Name;

use crate::config::DOMAIN;

/// A lower-case name with its final dot, or a sentence.
pub(crate) fn name(text: &str) -> Result<Name, String> {
    let mut name = Name::from_ascii(text)
        .map_err(|error| format!("name {text:?}: {error}; write it like _sip._udp.{DOMAIN}"))?
        .to_lowercase();
    name.set_fqdn(true);
    Ok(name)
}

/// The same, inside the lab's zone.
pub(crate) fn name_in_zone(text: &str) -> Result<Name, String> {
    let name = name(text)?;
    if zone_of_lab().zone_of(&name) {
        return Ok(name);
    }
    Err(format!("name {text:?} is outside the lab's zone; choose one in {DOMAIN}"))
}

/// The zone's name.
pub(crate) fn zone_of_lab() -> Name {
    Name::from_labels(DOMAIN.split('.')).unwrap_or_default()
}
