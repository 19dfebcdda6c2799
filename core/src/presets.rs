//! Named starting points. Each value that differs from the default says where it comes from.

use alloc::string::String;
use alloc::vec::Vec;

use crate::{Config, Meaning, Millis, OutcomeRule, RetryAfter, Selection};

/// A named starting point for a [`Config`]: set where to register, change what you like.
///
/// Going back to the primary is off in all of them, except when asked to (rule 6.3). What desk phones call their
/// switches for it (rule 6.4), none of them set by a preset:
///
/// | phones say | here |
/// |---|---|
/// | Polycom `failBack.mode` `DNSTTL`, Yealink `failback_mode` 1 | `failback.every`: [`Ttl`](crate::FailbackEvery::Ttl) |
/// | Polycom `registration`, Yealink 2; Cisco's *Auto Register When Failover* | [`Refresh`](crate::FailbackEvery::Refresh) |
/// | Polycom `duration` with `failBack.timeout` (3600 s), Yealink 3 with `failback_timeout` (3600 s), Cisco *Proxy Fallback Intvl* | [`Millis`](crate::FailbackEvery::Millis) |
/// | Polycom `failBack.timeout` 0: not before the server in use fails | [`Never`](crate::FailbackEvery::Never), the default |
/// | Polycom `newRequests`, Yealink 0: each request to the primary first | not on offer: rule 5.1 |
/// | Yealink `retry_counts` (3) | `rollover.failuresBeforeRollover` |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum Preset {
    /// The policy as it stands.
    #[default]
    Default,
    /// As Xima describes a trunk: every answer but success counts, and a round that failed begins again after the
    /// retry interval.
    Xima,
    /// As the TPI settings guide has it today: the highest weight of the lowest priority, and no other target.
    Tpi,
    /// A Genesys SIP Cluster. Its guide lets a phone persist with one proxy as long as that is operational, which is the
    /// default; nothing differs. The name is kept so that a configuration can say what it is for.
    Genesys,
    /// BroadWorks: a primary that home has left is not tried for 3700 s, a little longer than phones are usually registered.
    Broadworks,
    /// RFC 3263 with RFC 2782 and RFC 3261 to the letter: SRV names are discovered, one failure moves on.
    Rfc3263,
}

/// One value in which a preset differs from the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Difference {
    /// The field, as in JSON: `rollover.failuresBeforeRollover`.
    pub field: &'static str,
    /// The preset's value, as JSON.
    pub value: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Default, Self::Xima, Self::Tpi, Self::Genesys, Self::Broadworks, Self::Rfc3263];

    /// The name, as in scenario files: `xima`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Xima => "xima",
            Self::Tpi => "tpi",
            Self::Genesys => "genesys",
            Self::Broadworks => "broadworks",
            Self::Rfc3263 => "rfc3263",
        }
    }

    /// The preset of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// Its values; where to register is still to be set.
    #[must_use]
    pub fn config(self) -> Config {
        let mut config = Config::default();
        match self {
            Self::Default | Self::Genesys => {}
            Self::Xima => {
                let counts = |code| OutcomeRule { code, meaning: Meaning::Failure };
                config.rollover.outcomes = (3..=6).map(counts).collect();
                config.rollover.round_wait_max = config.rollover.retry_interval;
            }
            Self::Tpi => {
                config.order.selection = Selection::HighestWeight;
                config.order.max_targets = 1;
            }
            Self::Broadworks => config.failback.hold_off = Millis::from_secs(3700),
            Self::Rfc3263 => {
                config.lookup.discover = true;
                config.lookup.candidates = Vec::from(["_sips._tcp", "_sip._tcp", "_sip._udp"].map(String::from));
                config.order.selection = Selection::Rfc2782;
                config.rollover.failures_before_rollover = 1;
                config.rollover.attempt_timeout = Millis::from_secs(32);
                config.rollover.retry_after = RetryAfter::Leave;
            }
        }
        config
    }

    /// Every value that differs from the default, in the order of [`Config`]'s fields, with its source.
    #[must_use]
    pub const fn differences(self) -> &'static [Difference] {
        match self {
            Self::Default | Self::Genesys => &[],
            Self::Xima => &[
                Difference {
                    field: "rollover.roundWaitMaxMs",
                    value: "5000",
                    source: "Xima, SIP trunk failover behavior with SRV records: no wait but the retry interval (rule 4.4)",
                },
                Difference {
                    field: "rollover.outcomes",
                    value: r#"[{"code":3,"meaning":"failure"},{"code":4,"meaning":"failure"},{"code":5,"meaning":"failure"},{"code":6,"meaning":"failure"}]"#,
                    source: "Xima, SIP trunk failover behavior with SRV records: every answer but success counts (rule 3.2)",
                },
            ],
            Self::Tpi => &[
                Difference {
                    field: "order.selection",
                    value: r#""highestWeight""#,
                    source: "TPI settings guide for CCaaS, SRV record: the highest weight (rule 2.4)",
                },
                Difference {
                    field: "order.maxTargets",
                    value: "1",
                    source: "TPI settings guide for CCaaS, SRV record: one target only (rule 2.4)",
                },
            ],
            Self::Broadworks => &[Difference {
                field: "failback.holdOffMs",
                value: "3700000",
                source: "Xima, SIP trunk failover behavior with SRV records (rule 6.5)",
            }],
            Self::Rfc3263 => &[
                Difference {
                    field: "lookup.discover",
                    value: "true",
                    source: "RFC 3263 sections 4.1 and 4.2: without an explicit port, SRV names are asked for",
                },
                Difference {
                    field: "lookup.candidates",
                    value: r#"["_sips._tcp","_sip._tcp","_sip._udp"]"#,
                    source: "RFC 3263 section 4.1: the services SIPS+D2T, SIP+D2T and SIP+D2U",
                },
                Difference {
                    field: "order.selection",
                    value: r#""rfc2782""#,
                    source: "RFC 3263 section 4.3: as RFC 2782 describes",
                },
                Difference {
                    field: "rollover.failuresBeforeRollover",
                    value: "1",
                    source: "RFC 3263 section 4.3: after one failure, the next element",
                },
                Difference {
                    field: "rollover.attemptTimeoutMs",
                    value: "32000",
                    source: "RFC 3261 section 17.1.2.2: Timer F, 64 times T1",
                },
                Difference {
                    field: "rollover.retryAfter",
                    value: r#""leave""#,
                    source: "RFC 3261 section 21.5.4: a 503 sends the client to another server",
                },
            ],
        }
    }
}
