//! The configuration: a plain value with defaults; its groups follow the policy's sections.

use alloc::string::String;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use crate::{Millis, Seconds, Transport};

/// Where and how to register. `Config::default()` is the policy; [`Preset`](crate::Preset) has other starting points.
///
/// It is checked once, by [`Registration::new`](crate::Registration::new) or [`Config::validate`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default, deny_unknown_fields))]
pub struct Config {
    /// The SRV record, as `_sip._udp.example.com`. Used before the proxy; blank means not set (rule 1.1).
    pub srv_record: Option<String>,
    /// An outbound proxy: `host`, `host:port`, or a URL such as `sip:host:5060;transport=tcp`, `sips:host`,
    /// `wss://host/ws` (rule 1.1).
    pub outbound_proxy: Option<String>,
    /// The SIP domain: the TLS name where nothing else gives it (rule 1.6), and what discovery asks about (rule 1.4).
    pub domain: Option<String>,
    /// The transport, for names and proxies that do not say it (rule 1.3).
    pub transport: Option<Transport>,
    /// Which name the registrar's certificate must carry (rule 1.6).
    pub tls_name: TlsName,
    /// Section 1: looking up.
    pub lookup: Lookup,
    /// Section 2: order.
    pub order: Order,
    /// Sections 3 and 4: failures, rollover, waiting.
    pub rollover: Rollover,
    /// Section 5: staying registered.
    pub refresh: Refresh,
    /// Section 6: back to the primary.
    pub failback: Failback,
}

/// Which name the registrar's certificate must carry (rule 1.6, RFC 5922).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum TlsName {
    /// The domain: the labels after `_service._proto`, or the proxy's host.
    #[default]
    Domain,
    /// The SRV target's own host name. Safe only where DNS itself is.
    Target,
    /// This name.
    Name(String),
}

/// Section 1: looking up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default, deny_unknown_fields))]
pub struct Lookup {
    /// How long a round waits for DNS: 100 ms to 60 s, default 5 s (rule 1.2).
    #[cfg_attr(feature = "serde", serde(rename = "timeoutMs"))]
    pub timeout: Millis,
    /// Whether to try the SRV names of 1.3 for a bare domain or proxy; default off (rule 1.4).
    pub discover: bool,
    /// The names to try, as `_sips._tcp` without the domain, best first; empty means all of 1.3. At most 16 (rule 1.4).
    pub candidates: Vec<String>,
    /// The transports that the host supports, best first, 1 to 6; only their names are tried, in this order (rule 1.4).
    pub transports: Vec<Transport>,
    /// Who resolves a target's host name (rule 1.5).
    pub addresses: Addresses,
    /// Whether the host can set the TLS name; a browser cannot. Default true (rule 1.6).
    pub host_sets_tls_name: bool,
    /// Groups of targets by host pattern, each name once, case aside. At most 16 (rule 1.7).
    pub sites: Vec<Site>,
    /// Use this site's targets only (rule 1.7).
    pub pin_to_site: Option<String>,
}

/// Who resolves a target's host name (rule 1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum Addresses {
    /// The host application, inside the attempt.
    #[default]
    Host,
    /// The core, by A and AAAA lookups of its own.
    Core,
}

/// A named group of targets (rule 1.7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct Site {
    /// Its name.
    pub name: String,
    /// Host patterns; `*` stands for any run of characters. Case does not matter. 1 to 16.
    pub hosts: Vec<String>,
}

/// Section 2: order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default, deny_unknown_fields))]
pub struct Order {
    /// How the targets of one priority are ordered (rules 2.2, 2.3).
    pub selection: Selection,
    /// How many targets of the ordered plan are kept: 1 to 64, default 64 (rule 2.4).
    pub max_targets: u8,
    /// Whether each refresh draws again inside home's tier (rule 2.5).
    pub redraw: Redraw,
}

/// How the targets of one priority are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum Selection {
    /// Each next pick exactly in proportion to weight; zeros last (rule 2.2).
    #[default]
    Weighted,
    /// RFC 2782 to the letter (rule 2.3).
    Rfc2782,
    /// Highest weight first, no chance at all (rule 2.3).
    HighestWeight,
}

/// Whether a refresh may go to another target of home's tier (rule 2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum Redraw {
    /// One draw serves until the record set changes.
    #[default]
    Persist,
    /// Each refresh draws among the healthy targets of home's tier.
    Distribute,
}

/// Sections 3 and 4: failures, rollover, waiting.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default, deny_unknown_fields))]
pub struct Rollover {
    /// N: failed REGISTERs in a row before the next target; 1 to 20, default 3 (rule 4.1).
    pub failures_before_rollover: u8,
    /// T: the time one attempt has; 1 to 64 s, default 10 s (rule 3.1).
    #[cfg_attr(feature = "serde", serde(rename = "attemptTimeoutMs"))]
    pub attempt_timeout: Millis,
    /// RI: the least time between two attempts at one target; 1 to 600 s, default 5 s (rule 4.4).
    #[cfg_attr(feature = "serde", serde(rename = "retryIntervalMs"))]
    pub retry_interval: Millis,
    /// The longest wait after a failed round; RI to 1 h, default 300 s (rule 4.4).
    #[cfg_attr(feature = "serde", serde(rename = "roundWaitMaxMs"))]
    pub round_wait_max: Millis,
    /// The longest wait when every target rejected, 30 s to 24 h, default 1800 s; none means never by itself (rule 3.4).
    #[cfg_attr(feature = "serde", serde(rename = "rejectedRetryMs"))]
    pub rejected_retry: Option<Millis>,
    /// Where to look when home is lost (rule 4.3).
    pub after_loss: AfterLoss,
    /// What a Retry-After does (rule 4.5).
    pub retry_after: RetryAfter,
    /// The most that recovery waits, so that a fleet does not strike at once, and a thirtieth of what the end of a TTL or a
    /// hold adds; 0 to 60 s, default 2 s (rule 4.6).
    #[cfg_attr(feature = "serde", serde(rename = "recoverySpreadMs"))]
    pub recovery_spread: Millis,
    /// The same for the first REGISTER after start; 0 to 600 s, default 0 (rule 4.6).
    #[cfg_attr(feature = "serde", serde(rename = "startSpreadMs"))]
    pub start_spread: Millis,
    /// Status codes that mean something else than rule 3.2 says; a single code goes before a class, each once. At most 64.
    pub outcomes: Vec<OutcomeRule>,
}

/// One line of the table of rule 3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", deny_unknown_fields))]
pub struct OutcomeRule {
    /// A status code (300 to 699), or a whole class by its digit (3 to 6).
    pub code: u16,
    /// What it shall mean.
    pub meaning: Meaning,
}

/// What an answer means (rule 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum Meaning {
    /// It counts.
    Failure,
    /// The target is left at once.
    Rejection,
}

/// Where to look when home is lost (rule 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum AfterLoss {
    /// The rest of home's tier, then the plan from its first.
    #[default]
    Tier,
    /// The plan from the entry after home.
    Next,
}

/// What a Retry-After on a failure does (rule 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum RetryAfter {
    /// The count still decides; the target goes to the end of the next walks.
    #[default]
    Count,
    /// The target is left at once, as RFC 3261 asks.
    Leave,
}

/// Section 5: staying registered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default, deny_unknown_fields))]
pub struct Refresh {
    /// The expiry to ask for, in seconds; 10 s to 24 h, default 3600 s.
    pub expires: Seconds,
    /// A fixed time between refreshes, 5 s to 24 h; none (default) draws it from the grant (rule 5.2).
    #[cfg_attr(feature = "serde", serde(rename = "intervalMs"))]
    pub interval: Option<Millis>,
    /// How late the host's timers may be; 0 to 600 s, default 0 (rule 5.2). May change at any time: it is no new policy.
    #[cfg_attr(feature = "serde", serde(rename = "timerSlackMs"))]
    pub timer_slack: Millis,
    /// Who sends the refreshes (rule 5.2).
    pub owner: RefreshOwner,
}

impl Hash for Refresh {
    /// Without `timer_slack`: two hosts whose timers differ have one configuration (rule 5.2).
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { expires, interval, timer_slack: _, owner } = self;
        (expires, interval, owner).hash(state);
    }
}

/// Who sends the refreshes (rule 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum RefreshOwner {
    /// The core asks for them.
    #[default]
    Core,
    /// The application, which reports each as [`Input::Refreshed`](crate::Input::Refreshed).
    Application,
}

/// Section 6: back to the primary.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default, deny_unknown_fields))]
pub struct Failback {
    /// A restart walks from the primary; off: from the old home, if one is known. Default on (rules 6.1, 6.4).
    pub on_restart: bool,
    /// Loss of home leads back to the primary; off: as `afterLoss: next`. Default on (rules 6.2, 6.4).
    pub on_loss: bool,
    /// An agent login tries the primary; off: it is an event only. Default on (rules 6.3, 6.4).
    pub on_agent_login: bool,
    /// [`Input::TryPrimary`](crate::Input::TryPrimary) tries the primary; off: it is an event only. Default on (rule 6.4).
    pub on_manual: bool,
    /// Trying the primary without being asked; default never (rules 5.1, 6.4).
    pub every: FailbackEvery,
    /// No excursion to a tier so soon after home left it; 0 (off, default) to 24 h (rule 6.5).
    #[cfg_attr(feature = "serde", serde(rename = "holdOffMs"))]
    pub hold_off: Millis,
    /// Unregister the old home when another target has become home; default on (rule 6.7).
    pub unregister_old: bool,
}

/// Trying the primary without being asked (rule 6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub enum FailbackEvery {
    /// Never (rule 5.1).
    #[default]
    Never,
    /// Each time the record's TTL has run out.
    Ttl,
    /// After each successful refresh at home.
    Refresh,
    /// So long after becoming home, and after each excursion that failed; 30 s to 24 h.
    Millis(Millis),
}

impl Default for Lookup {
    fn default() -> Self {
        Self {
            timeout: Millis::from_secs(5),
            discover: false,
            candidates: Vec::new(),
            transports: Vec::from([
                Transport::Tls,
                Transport::Wss,
                Transport::Dtls,
                Transport::Tcp,
                Transport::Udp,
                Transport::Ws,
            ]),
            addresses: Addresses::Host,
            host_sets_tls_name: true,
            sites: Vec::new(),
            pin_to_site: None,
        }
    }
}

impl Default for Order {
    fn default() -> Self {
        Self { selection: Selection::Weighted, max_targets: 64, redraw: Redraw::Persist }
    }
}

impl Default for Rollover {
    fn default() -> Self {
        Self {
            failures_before_rollover: 3,
            attempt_timeout: Millis::from_secs(10),
            retry_interval: Millis::from_secs(5),
            round_wait_max: Millis::from_secs(300),
            rejected_retry: Some(Millis::from_secs(1800)),
            after_loss: AfterLoss::Tier,
            retry_after: RetryAfter::Count,
            recovery_spread: Millis::from_secs(2),
            start_spread: Millis::ZERO,
            outcomes: Vec::new(),
        }
    }
}

impl Default for Refresh {
    fn default() -> Self {
        Self { expires: Seconds::new(3600), interval: None, timer_slack: Millis::ZERO, owner: RefreshOwner::Core }
    }
}

impl Default for Failback {
    fn default() -> Self {
        Self {
            on_restart: true,
            on_loss: true,
            on_agent_login: true,
            on_manual: true,
            every: FailbackEvery::Never,
            hold_off: Millis::ZERO,
            unregister_old: true,
        }
    }
}
