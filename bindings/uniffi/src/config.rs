//! The configuration.

use rehome::{Addresses, AfterLoss, Meaning, Redraw, RefreshOwner, RetryAfter, Selection, Transport};

use crate::mirror::mirror;

mirror! { config
    /// Where and how to register. `Config()` is the policy; `preset` has other starting points.
    ///
    /// It is checked when a registration is made of it, or by `checkConfig`.
    struct Config: rehome::Config {
        /// The SRV record, as `_sip._udp.example.com`. Used before the proxy; blank means not set (rule 1.1).
        #[uniffi(default)]
        srv_record: Option<String>,
        /// An outbound proxy: `host`, `host:port`, or a URL such as `sip:host:5060;transport=tcp`, `sips:host`,
        /// `wss://host/ws` (rule 1.1).
        #[uniffi(default)]
        outbound_proxy: Option<String>,
        /// The SIP domain: the TLS name where nothing else gives it (rule 1.6), and what discovery asks about (rule 1.4).
        #[uniffi(default)]
        domain: Option<String>,
        /// The transport, for names and proxies that do not say it (rule 1.3).
        #[uniffi(default)]
        transport: Option<Transport>,
        /// Which name the registrar's certificate must carry (rule 1.6).
        /// None is the default: the domain.
        #[uniffi(default)]
        tls_name: Option<TlsName>,
        /// Section 1: looking up.
        #[uniffi(default)]
        lookup: LookupConfig,
        /// Section 2: order.
        #[uniffi(default)]
        order: OrderConfig,
        /// Sections 3 and 4: failures, rollover, waiting.
        #[uniffi(default)]
        rollover: RolloverConfig,
        /// Section 5: staying registered.
        #[uniffi(default)]
        refresh: RefreshConfig,
        /// Section 6: back to the primary.
        #[uniffi(default)]
        failback: FailbackConfig,
    }
}

mirror! { both
    /// Which name the registrar's certificate must carry (rule 1.6, RFC 5922).
    enum TlsName: rehome::TlsName {
        /// The domain: the labels after `_service._proto`, or the proxy's host.
        Domain,
        /// The SRV target's own host name. Safe only where DNS itself is.
        Target,
        /// This name.
        Name(
            /// The name.
            name: String
        ),
    }
}

mirror! { config
    /// Section 1: looking up.
    struct LookupConfig: rehome::Lookup {
        /// How long a round waits for DNS: 100 ms to 60 s, default 5 s (rule 1.2).
        timeout "timeoutMs": i64 = {5000},
        /// Whether to try the SRV names of 1.3 for a bare domain or proxy; default off (rule 1.4).
        #[uniffi(default)]
        discover: bool,
        /// The names to try, as `_sips._tcp` without the domain, best first; empty means all of 1.3. At most 16 (rule 1.4).
        #[uniffi(default)]
        candidates: Vec<String>,
        /// The transports that the host supports, best first, 1 to 6; only their names are tried, in this order (rule 1.4).
        /// None is the default: `tls`, `wss`, `dtls`, `tcp`, `udp`, `ws`.
        #[uniffi(default)]
        transports: Option<Vec<Transport>>,
        /// Who resolves a target's host name (rule 1.5).
        /// None is the default: the host.
        #[uniffi(default)]
        addresses: Option<Addresses>,
        /// Whether the host can set the TLS name; a browser cannot. Default true (rule 1.6).
        host_sets_tls_name: bool = {true},
        /// Groups of targets by host pattern, each name once, case aside. At most 16 (rule 1.7).
        #[uniffi(default)]
        sites: Vec<Site>,
        /// Use this site's targets only (rule 1.7).
        #[uniffi(default)]
        pin_to_site: Option<String>,
    }
}

mirror! { both
    /// A named group of targets (rule 1.7).
    struct Site: rehome::Site {
        /// Its name.
        name: String,
        /// Host patterns; `*` stands for any run of characters. Case does not matter. 1 to 16.
        hosts: Vec<String>,
    }
}

mirror! { config
    /// Section 2: order.
    struct OrderConfig: rehome::Order {
        /// How the targets of one priority are ordered (rules 2.2, 2.3).
        /// None is the default: `weighted`.
        #[uniffi(default)]
        selection: Option<Selection>,
        /// How many targets of the ordered plan are kept: 1 to 64, default 64 (rule 2.4).
        max_targets: i32 = {64},
        /// Whether each refresh draws again inside home's tier (rule 2.5).
        /// None is the default: `persist`.
        #[uniffi(default)]
        redraw: Option<Redraw>,
    }
}

mirror! { config
    /// Sections 3 and 4: failures, rollover, waiting.
    struct RolloverConfig: rehome::Rollover {
        /// N: failed REGISTERs in a row before the next target; 1 to 20, default 3 (rule 4.1).
        failures_before_rollover: i32 = {3},
        /// T: the time one attempt has; 1 to 64 s, default 10 s (rule 3.1).
        attempt_timeout "attemptTimeoutMs": i64 = {10000},
        /// RI: the least time between two attempts at one target; 1 to 600 s, default 5 s (rule 4.4).
        retry_interval "retryIntervalMs": i64 = {5000},
        /// The longest wait after a failed round; RI to 1 h, default 300 s (rule 4.4).
        round_wait_max "roundWaitMaxMs": i64 = {300000},
        /// The longest wait when every target rejected, 30 s to 24 h, default 1800 s; none means never by itself (rule 3.4).
        rejected_retry "rejectedRetryMs": Option<i64> = {Some(1800000)},
        /// Where to look when home is lost (rule 4.3).
        /// None is the default: `tier`.
        #[uniffi(default)]
        after_loss: Option<AfterLoss>,
        /// What a Retry-After does (rule 4.5).
        /// None is the default: `count`.
        #[uniffi(default)]
        retry_after: Option<RetryAfter>,
        /// The most that recovery waits, so that a fleet does not strike at once, and a thirtieth of what the end of a TTL or a
        /// hold adds; 0 to 60 s, default 2 s (rule 4.6).
        recovery_spread "recoverySpreadMs": i64 = {2000},
        /// The same for the first REGISTER after start; 0 to 600 s, default 0 (rule 4.6).
        #[uniffi(default)]
        start_spread "startSpreadMs": i64,
        /// Status codes that mean something else than rule 3.2 says; a single code goes before a class, each once. At most 64.
        #[uniffi(default)]
        outcomes: Vec<OutcomeRule>,
    }
}

mirror! { both
    /// One line of the table of rule 3.2.
    struct OutcomeRule: rehome::OutcomeRule {
        /// A status code (300 to 699), or a whole class by its digit (3 to 6).
        code: i32,
        /// What it shall mean.
        meaning: Meaning,
    }
}

mirror! { config
    /// Section 5: staying registered.
    struct RefreshConfig: rehome::Refresh {
        /// The expiry to ask for, in seconds; 10 s to 24 h, default 3600 s.
        expires: i64 = {3600},
        /// A fixed time between refreshes, 5 s to 24 h; none (default) draws it from the grant (rule 5.2).
        #[uniffi(default)]
        interval "intervalMs": Option<i64>,
        /// How late the host's timers may be; 0 to 600 s, default 0 (rule 5.2).
        #[uniffi(default)]
        timer_slack "timerSlackMs": i64,
        /// Who sends the refreshes (rule 5.2).
        /// None is the default: the core.
        #[uniffi(default)]
        owner: Option<RefreshOwner>,
    }
}

mirror! { config
    /// Section 6: back to the primary.
    struct FailbackConfig: rehome::Failback {
        /// A restart walks from the primary; off: from the old home, if one is known. Default on (rules 6.1, 6.4).
        on_restart: bool = {true},
        /// Loss of home leads back to the primary; off: as `afterLoss: next`. Default on (rules 6.2, 6.4).
        on_loss: bool = {true},
        /// An agent login tries the primary; off: it is an event only. Default on (rules 6.3, 6.4).
        on_agent_login: bool = {true},
        /// The manual trigger, `tryPrimary`, tries the primary; off: it is an event only. Default on (rule 6.4).
        on_manual: bool = {true},
        /// Trying the primary without being asked; default never (rules 5.1, 6.4).
        /// None is the default: `never`.
        #[uniffi(default)]
        every: Option<FailbackEvery>,
        /// No excursion to a tier so soon after home left it; 0 (off, default) to 24 h (rule 6.5).
        #[uniffi(default)]
        hold_off "holdOffMs": i64,
        /// Unregister the old home when another target has become home; default on (rule 6.7).
        unregister_old: bool = {true},
    }
}

mirror! { both
    /// Trying the primary without being asked (rule 6.4).
    enum FailbackEvery: rehome::FailbackEvery {
        /// Never (rule 5.1).
        Never,
        /// Each time the record's TTL has run out.
        Ttl,
        /// After each successful refresh at home.
        Refresh,
        /// So long after becoming home, and after each excursion that failed; 30 s to 24 h.
        Millis(
            /// In milliseconds.
            ms: i64
        ),
    }
}
