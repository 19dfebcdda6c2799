//! Misuse by the caller. What the world does wrong is an event, never an error.

use alloc::string::String;

use crate::{Id, TargetId, Time};

/// The call was wrong; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Error {
    /// A configuration value is out of its range.
    #[error("{field}: {value} cannot be used: {remedy}")]
    Config {
        /// The field, as in JSON: `rollover.failuresBeforeRollover`.
        field: &'static str,
        /// The value found (cut at 80 characters).
        value: String,
        /// What to write instead.
        remedy: &'static str,
    },
    /// An id that was never given out (rule 3.6).
    #[error("id {} was never given out: hand back the id of the lookup, register or unregister action", .0.get())]
    UnknownId(Id),
    /// An id that belongs to something else.
    #[error("id {} is of another kind: answers belong to lookups, outcomes to registers and unregisters", .0.get())]
    WrongKind(Id),
    /// A target that never was.
    #[error("target {} never was: hand back the target of an action or of the status", .0.get())]
    UnknownTarget(TargetId),
    /// A provisional answer (1xx) is no outcome.
    #[error("status {0} is not a final answer: hand in the final one (200 to 699) that follows")]
    NotFinal(u16),
    /// The time cannot be represented in every language.
    #[error("time {0} is out of range: use milliseconds from 0 to 2^53 - 1")]
    TimeOutOfRange(Time),
    /// All ids are used up (2^32 - 1 of them).
    #[error("all ids are used up: make a new registration, without a snapshot")]
    IdsExhausted,
    /// The snapshot was written by a newer version.
    #[error("the snapshot has version {found}, this library reads up to {supported}: start afresh, or update")]
    SnapshotVersion {
        /// The version found.
        found: u8,
        /// The newest that can be read.
        supported: u8,
    },
    /// The snapshot is damaged.
    #[error("the snapshot is damaged (seen at byte {at}): start afresh")]
    Snapshot {
        /// Where it was seen: its end, if the checksum there does not fit.
        at: usize,
    },
}

impl Error {
    /// A stable name for bindings, as `config` or `unknownId`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Config { .. } => "config",
            Self::UnknownId(_) => "unknownId",
            Self::WrongKind(_) => "wrongKind",
            Self::UnknownTarget(_) => "unknownTarget",
            Self::NotFinal(_) => "notFinal",
            Self::TimeOutOfRange(_) => "timeOutOfRange",
            Self::IdsExhausted => "idsExhausted",
            Self::SnapshotVersion { .. } => "snapshotVersion",
            Self::Snapshot { .. } => "snapshot",
        }
    }
}
