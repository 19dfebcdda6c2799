//! What is wrong with a question or a packet, in a sentence.

use alloc::string::String;

/// The name cannot be asked for, or the packet does not answer the question.
///
/// [`NameEmpty`](Self::NameEmpty) to [`NameCharacter`](Self::NameCharacter) are about the host's own question; no
/// packet brings them about. The others are about a packet, and what follows depends on how it came. Over UDP anyone
/// may have sent it: ignore it and go on waiting (RFC 5452, 9.1). Over HTTPS or TCP it is all that will come: hand in
/// [`Answer::Failed`](crate::Answer::Failed) with [`Malformed`](crate::LookupFailure::Malformed).
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum WireError {
    /// There is no name, or only the root.
    #[error("there is no name to ask for: give a host name or a name as _sip._udp.example.com")]
    NameEmpty,
    /// The name is longer than 253 characters, which is 255 octets on the wire (RFC 1035, 2.3.4).
    #[error("the name has {octets} octets, at most 253 fit: shorten it (it begins with \"{name}\")")]
    NameTooLong {
        /// The name, cut at 80 characters.
        name: String,
        /// Its length in octets, without the final dot.
        octets: usize,
    },
    /// Nothing stands between two dots, or before the first.
    #[error("the name \"{name}\" has an empty label: take out the extra dot")]
    LabelEmpty {
        /// The name, cut at 80 characters.
        name: String,
    },
    /// A label is longer than 63 octets (RFC 1035, 2.3.4).
    #[error("the name \"{name}\" has a label of {octets} octets, at most 63 fit: shorten that label")]
    LabelTooLong {
        /// The name, cut at 80 characters.
        name: String,
        /// The label's length in octets.
        octets: usize,
    },
    /// The name holds something that is not printable ASCII, or a backslash: escapes are not read.
    #[error("the name \"{name}\" has an odd character: write it in ASCII (xn--...), without blanks or escapes")]
    NameCharacter {
        /// The name, cut at 80 characters.
        name: String,
    },
    /// The packet is shorter than a DNS header, 12 octets (RFC 1035, 4.1.1).
    #[error("the packet has {octets} octets, a DNS message has 12 at least: ignore it")]
    TooShort {
        /// The packet's length in octets.
        octets: usize,
    },
    /// The packet is no response to a query: its QR bit is not set, or its opcode is not 0 (RFC 1035, 4.1.1).
    #[error("the packet is no response to a query: ignore it")]
    NotAResponse,
    /// The packet carries another id than the question (RFC 5452, 9.1).
    #[error("the packet answers question {found}, not {expected}: ignore it")]
    OtherId {
        /// The id of the question.
        expected: u16,
        /// The id in the packet.
        found: u16,
    },
    /// The packet's question is not the one asked, or there is not exactly one (RFC 5452, 9.1).
    #[error("the packet answers another question: ignore it")]
    OtherQuestion,
}

impl WireError {
    /// A stable name for bindings, as `nameTooLong` or `otherId`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NameEmpty => "nameEmpty",
            Self::NameTooLong { .. } => "nameTooLong",
            Self::LabelEmpty { .. } => "labelEmpty",
            Self::LabelTooLong { .. } => "labelTooLong",
            Self::NameCharacter { .. } => "nameCharacter",
            Self::TooShort { .. } => "tooShort",
            Self::NotAResponse => "notAResponse",
            Self::OtherId { .. } => "otherId",
            Self::OtherQuestion => "otherQuestion",
        }
    }
}
