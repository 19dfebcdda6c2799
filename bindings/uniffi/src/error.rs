//! What is wrong with a call.

/// The call was wrong; nothing was changed. What goes wrong in the world is an event, never an error.
///
/// The message names what is wrong and what to write instead. Where a field is wrong, it begins with the field, as in
/// `rollover.failuresBeforeRollover: 0 cannot be used: use 1 to 20`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum RehomeError {
    /// A configuration value cannot be used, or the JSON of one cannot be read.
    #[error("{0}")]
    Config(String),
    /// Something else that was handed in has a value that cannot be used.
    #[error("{0}")]
    InvalidInput(String),
    /// There is no preset of this name.
    #[error("{0}")]
    UnknownPreset(String),
    /// An id that was never given out.
    #[error("{0}")]
    UnknownId(String),
    /// An id that belongs to something else.
    #[error("{0}")]
    WrongKind(String),
    /// A target that never was.
    #[error("{0}")]
    UnknownTarget(String),
    /// A provisional answer (1xx) is no outcome.
    #[error("{0}")]
    NotFinal(String),
    /// A time that is not within 0 to 2^53 - 1 milliseconds.
    #[error("{0}")]
    TimeOutOfRange(String),
    /// All ids are used up.
    #[error("{0}")]
    IdsExhausted(String),
    /// The snapshot was written by a newer version.
    #[error("{0}")]
    SnapshotVersion(String),
    /// The snapshot is damaged.
    #[error("{0}")]
    Snapshot(String),
    /// No DNS question can be made of this name.
    #[error("{0}")]
    DnsName(String),
    /// The packet does not answer the question: over UDP ignore it and wait on; over TCP or HTTPS hand in
    /// `failed` with `malformed`.
    #[error("{0}")]
    DnsPacket(String),
}

impl From<rehome::Error> for RehomeError {
    fn from(error: rehome::Error) -> Self {
        use rehome::Error as Core;
        let kind = match error {
            Core::Config { .. } => Self::Config,
            Core::UnknownId(_) => Self::UnknownId,
            Core::WrongKind(_) => Self::WrongKind,
            Core::UnknownTarget(_) => Self::UnknownTarget,
            Core::NotFinal(_) => Self::NotFinal,
            Core::TimeOutOfRange(_) => Self::TimeOutOfRange,
            Core::IdsExhausted => Self::IdsExhausted,
            Core::SnapshotVersion { .. } => Self::SnapshotVersion,
            Core::Snapshot { .. } => Self::Snapshot,
        };
        kind(error.to_string())
    }
}

impl From<rehome::wire::WireError> for RehomeError {
    fn from(error: rehome::wire::WireError) -> Self {
        use rehome::wire::WireError as Core;
        let kind = match error {
            Core::NameEmpty
            | Core::NameTooLong { .. }
            | Core::LabelEmpty { .. }
            | Core::LabelTooLong { .. }
            | Core::NameCharacter { .. } => Self::DnsName,
            Core::TooShort { .. } | Core::NotAResponse | Core::OtherId { .. } | Core::OtherQuestion => Self::DnsPacket,
        };
        kind(error.to_string())
    }
}
