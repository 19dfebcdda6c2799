//! DNS questions and answers as bytes (feature `wire`).
//!
//! For hosts that can send bytes to a DNS server but have no parsed records: DNS over HTTPS, Android's raw query, a UDP
//! or TCP socket. A host whose resolver gives it records builds an [`Answer`](crate::Answer) itself and does without.
//!
//! [`encode_question`] writes one message, [`decode_answer`] reads one. Neither sends, waits or repeats: that is the
//! host's, and so is what keeps a forger out over UDP (RFC 5452): a random id and source port for each question.
//!
//! What an answer comes to:
//!
//! | in the message | result |
//! |---|---|
//! | records of the kind asked for, of the name or at the end of its aliases | [`Srv`], [`Addresses`] |
//! | NXDOMAIN | [`NoName`], with the negative TTL of RFC 2308 if there is an SOA |
//! | NOERROR without such records | [`NoData`], likewise |
//! | NOERROR, but only a referral to other name servers (RFC 2308, 2.2) | [`Failed`], `Other` |
//! | SERVFAIL, REFUSED, any other, extended ones too (RFC 6891) | [`Failed`], `ServFail`, `Refused`, `Other` |
//! | it answers the question, but its records cannot be read | [`Failed`], `Malformed` |
//! | the TC bit, with NOERROR or NXDOMAIN | [`Decoded::Truncated`]: ask again over TCP |
//! | it does not answer this question | an error: go on waiting |
//!
//! [`Srv`]: crate::Answer::Srv
//! [`Addresses`]: crate::Answer::Addresses
//! [`NoName`]: crate::Answer::NoName
//! [`NoData`]: crate::Answer::NoData
//! [`Failed`]: crate::Answer::Failed
//!
//! ```
//! use rehome::wire::{Decoded, decode_answer, encode_question};
//! use rehome::{Answer, LookupKind};
//!
//! let name = "_sip._udp.example.com";
//! let mut question = Vec::new();
//! encode_question(name, LookupKind::Srv, 0, &mut question)?;
//!
//! // Post it as application/dns-message; here the server says that there is no such name.
//! let mut reply = question.clone();
//! reply[2] |= 0x80;
//! reply[3] = 3;
//! assert_eq!(
//!     decode_answer(&reply, name, LookupKind::Srv, Some(0))?,
//!     Decoded::Answer(Answer::NoName { ttl: None })
//! );
//! # Ok::<(), rehome::wire::WireError>(())
//! ```

mod decode;
mod encode;
mod error;
mod name;

pub use decode::{Decoded, decode_answer};
pub use encode::{MAX_UDP_ANSWER, encode_question};
pub use error::WireError;
