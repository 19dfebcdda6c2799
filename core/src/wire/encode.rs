//! A question to bytes.

use alloc::vec::Vec;

use domain::base::iana::Class;
use domain::base::{MessageBuilder, Name, Rtype};
use domain::dep::octseq::array::Array;

use super::WireError;
use super::name::{quoted, to_octets};
use crate::LookupKind;

/// The longest answer a server may send over UDP, in octets: what a host's receive buffer must hold.
///
/// Every question states it (EDNS0, RFC 6891, 6.2.3); it fits into one packet on any path, so nothing is fragmented.
/// A longer answer comes back as [`Decoded::Truncated`](super::Decoded::Truncated).
pub const MAX_UDP_ANSWER: u16 = 1232;

/// The longest question: 12 octets of header, 255 of name, 4 of type and class, 11 of EDNS0, and a few to spare.
const MAX_QUESTION: usize = 288;

/// Writes the question for one name and kind into `out`, in place of what it held: a query of class IN with recursion
/// desired (RFC 1035, 4.1) that states [`MAX_UDP_ANSWER`]. It has 282 octets at most.
///
/// `name` may end in a dot; upper and lower case stay as they are. `id` is 0 over HTTPS, so that equal questions can be
/// cached (RFC 8484, 4.1), and random over UDP and TCP (RFC 5452, 9.2). Over TCP the message's length goes before it,
/// as two octets, highest first (RFC 1035, 4.2.2).
///
/// # Errors
///
/// The name is empty or the root, longer than 253 octets, has a label that is empty or longer than 63 octets, or holds
/// anything but printable ASCII. Then `out` is as it was.
pub fn encode_question(name: &str, kind: LookupKind, id: u16, out: &mut Vec<u8>) -> Result<(), WireError> {
    let octets = to_octets(name)?;
    // Whatever `to_octets` lets through fits; were it not so, the name would be what is too long.
    let question =
        compose(&octets, kind, id).ok_or_else(|| WireError::NameTooLong { name: quoted(name), octets: name.len() })?;
    out.clear();
    out.extend_from_slice(question.as_ref());
    Ok(())
}

/// The record type that a kind of lookup asks for.
pub(super) const fn record_type(kind: LookupKind) -> Rtype {
    match kind {
        LookupKind::Srv => Rtype::SRV,
        LookupKind::A => Rtype::A,
        LookupKind::Aaaa => Rtype::AAAA,
    }
}

fn compose(name: &[u8], kind: LookupKind, id: u16) -> Option<Array<MAX_QUESTION>> {
    let name = Name::from_slice(name).ok()?;
    let mut message = MessageBuilder::from_target(Array::new()).ok()?;
    message.header_mut().set_id(id);
    message.header_mut().set_rd(true);
    let mut message = message.question();
    message.push((name, record_type(kind), Class::IN)).ok()?;
    let mut message = message.additional();
    message
        .opt(|edns| {
            edns.set_udp_payload_size(MAX_UDP_ANSWER);
            Ok(())
        })
        .ok()?;
    Some(message.finish())
}
