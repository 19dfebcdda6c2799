//! What a REGISTER is sent to: a target, and the transports it can be reached by.

use alloc::sync::Arc;

/// A target's number: given once within a [`Registration`](crate::Registration), never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct TargetId(pub(crate) u32);

impl TargetId {
    /// The number itself, as the bindings carry it.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// An id that came back from a host.
    #[must_use]
    pub const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }
}

/// A SIP transport (RFC 3263 section 4.1, RFC 7118 for the WebSocket ones).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// DTLS over UDP.
    Dtls,
    /// WebSocket.
    Ws,
    /// WebSocket over TLS.
    Wss,
}

impl Transport {
    /// Whether the transport is encrypted; a failed secure candidate bars the others (rule 1.4).
    #[must_use]
    pub const fn is_secure(self) -> bool {
        matches!(self, Self::Tls | Self::Dtls | Self::Wss)
    }

    /// The port used where none is given (RFC 3261 section 19.1.2, RFC 7118 section 8).
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 5060,
            Self::Tls | Self::Dtls => 5061,
            Self::Ws => 80,
            Self::Wss => 443,
        }
    }

    /// The lower-case name, as in scenario files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Dtls => "dtls",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }
}

/// Where a REGISTER goes. Two targets are the same if host, port and transport are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Target {
    /// Its number.
    pub id: TargetId,
    /// Host name or address, lower case, without the final dot.
    pub host: Arc<str>,
    /// Port, 1 to 65535.
    pub port: u16,
    /// Transport.
    pub transport: Transport,
    /// The name its certificate must carry: the domain, not the host (rule 1.6, RFC 5922).
    pub tls_name: Arc<str>,
    /// SRV priority of the record last seen: lower is tried first.
    pub priority: u16,
    /// SRV weight of the record last seen.
    pub weight: u16,
    /// The site it belongs to, if the configuration names one (rule 1.7).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none", default))]
    pub site: Option<Arc<str>>,
}
