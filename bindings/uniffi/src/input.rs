//! What is handed in.

use crate::config::Config;
use crate::mirror::mirror;
use rehome::{LookupFailure, Unreachable};

mirror! { both
    /// One thing that has happened.
    // It is made, handed in, and gone: a box would be one more thing to unpack.
    #[allow(clippy::large_enum_variant)]
    enum Input: rehome::Input {
        /// Begin to register; after a stop this is a restart (rule 6.1).
        Start,
        /// Unregister and end (rule 6.8).
        Stop,
        /// `wakeMs` of the last step has come. Calling early or late is harmless.
        Wake,
        /// A new agent login session began: try the primary again (rule 6.3).
        AgentLogin,
        /// Somebody asked by hand for the primary (rule 6.4).
        TryPrimary,
        /// The device has no network any more (rule 3.7).
        NetworkDown,
        /// The device has a network again, or another one (rule 4.6).
        NetworkChanged,
        /// The device woke up, or the page is shown again (rule 4.6).
        Resumed,
        /// A call is up: nothing may be moved (rule 6.6).
        Busy,
        /// The last call has ended (rule 6.6).
        Idle,
        /// Another configuration (rule 6.9).
        Configure {
            /// The whole of it.
            config: Config,
        },
        /// A connection was lost, or its keep-alive went unanswered (rule 4.6).
        FlowLost {
            /// The number of the target at its other end.
            target: i64,
        },
        /// A lookup's result (rules 1.2, 5.4).
        Answer {
            /// Which lookup.
            id: i64,
            /// What DNS said.
            answer: Answer,
        },
        /// A REGISTER's or an unregister's result (section 3).
        Outcome {
            /// Which attempt or unregister.
            id: i64,
            /// What the registrar or the network said.
            outcome: Outcome,
        },
        /// Where the application owns the refreshes: what one of its own at home came to (rule 5.2).
        Refreshed {
            /// What the registrar or the network said.
            outcome: Outcome,
        },
    }
}

mirror! { both
    /// One SRV record (RFC 2782).
    struct SrvRecord: rehome::SrvRecord {
        /// Lower is tried first.
        priority: i32,
        /// Share within the priority.
        weight: i32,
        /// Port; 0 makes the record worthless (rule 2.7).
        port: i32,
        /// Host name, with or without the final dot; `.` alone means "not offered" (rule 2.7).
        target: String,
    }
}

mirror! { both
    /// What DNS said to a lookup. No data and failure are different things (rule 5.4).
    enum Answer: rehome::Answer {
        /// SRV records.
        Srv {
            /// In any order; at most 4,096 are read (rule 2.7).
            records: Vec<SrvRecord>,
            /// Lowest TTL among them, in seconds; used as 60 s to 24 h (rule 7.4).
            ttl: i64,
        },
        /// Addresses.
        Addresses {
            /// In the order of the answer; at most 16 are kept for a target (rule 7.4).
            addresses: Vec<String>,
            /// Lowest TTL among them, in seconds; used as 60 s to 24 h (rule 7.4).
            ttl: i64,
        },
        /// NXDOMAIN: the name does not exist.
        NoName {
            /// Negative TTL in seconds, if the answer had one (RFC 2308).
            ttl: Option<i64>,
        },
        /// The name exists, without records of this kind.
        NoData {
            /// Negative TTL in seconds, if the answer had one (RFC 2308).
            ttl: Option<i64>,
        },
        /// No usable answer at all.
        Failed {
            /// Why.
            cause: LookupFailure,
        },
    }
}

mirror! { both
    /// What came of a REGISTER or an unregister.
    enum Outcome: rehome::Outcome {
        /// 2xx.
        Accepted {
            /// The expiry granted to our Contact, in seconds; none stated means as requested (rule 3.3).
            expires: Option<i64>,
        },
        /// Any other final answer.
        Status {
            /// Status code, 300 to 699. What else a server may invent: below it an acceptance (rule 3.3), above it a rejection (rule 3.2).
            code: i32,
            /// Retry-After in seconds, if there was one (rule 4.5).
            retry_after: Option<i64>,
            /// Min-Expires in seconds, if there was one (rule 3.5).
            min_expires: Option<i64>,
        },
        /// No connection, or none any more, before an answer (rule 3.2).
        Unreachable {
            /// Why.
            cause: Unreachable,
        },
        /// The host found no address for the target (rule 1.5).
        NoAddress,
        /// Nothing left the device (rule 3.7).
        NotSent,
    }
}
