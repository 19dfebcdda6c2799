//! DNS messages from and to bytes.

use rehome::LookupKind;
use rehome::wire;

use crate::mirror::{At, In, Out};
use crate::{Answer, RehomeError};

/// What a packet came to.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Decoded {
    /// The whole answer, to be handed in.
    Answer {
        /// What DNS said.
        answer: Answer,
    },
    /// It did not fit: ask again over TCP. If that came over TCP or HTTPS already, hand in `failed` with `malformed`.
    Truncated,
}

/// The question for one name and kind, as bytes; over TCP its length goes before it, as two octets, highest first.
///
/// `id` is 0 over HTTPS, so that equal questions can be cached, and random over UDP and TCP. An answer over UDP has 1232
/// octets at most.
#[uniffi::export(default(id = 0))]
pub fn encode_question(name: &str, kind: LookupKind, id: i32) -> Result<Vec<u8>, RehomeError> {
    let mut out = Vec::new();
    wire::encode_question(name, kind, id.into_core(&At::INPUT.field("id"))?, &mut out)?;
    Ok(out)
}

/// The answer to the question for `name` and `kind`. If `id` is none, the packet's is not compared: a proxy for DNS over
/// HTTPS may change it.
///
/// `DnsPacket` is thrown if the packet does not answer this question: over UDP ignore it and wait on.
#[uniffi::export(default(id = None))]
pub fn decode_answer(message: Vec<u8>, name: &str, kind: LookupKind, id: Option<i32>) -> Result<Decoded, RehomeError> {
    let id: Option<u16> = id.into_core(&At::INPUT.field("id"))?;
    Ok(match wire::decode_answer(&message, name, kind, id)? {
        wire::Decoded::Answer(answer) => Decoded::Answer { answer: Answer::out(&answer, None) },
        wire::Decoded::Truncated => Decoded::Truncated,
    })
}
