//! What the reference remembers. Times are its own: they never go back (0.4b).

use rehome::{Config, TargetId, Trigger};

/// What it asks for; targets by host name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as the core's actions of the same names")]
pub enum Act {
    Lookup { id: u32, deadline: u64 },
    Register { id: u32, target: String, attempt: u32, binding: u32, expires: u64, deadline: u64 },
    Unregister { id: u32, target: String, binding: u32, deadline: u64 },
    Cancel { id: u32 },
}

/// The states of rule 7.3.
pub use rehome::State;

/// What is remembered of a target (4.4b, 4.5a, 6.5a, 6.7, 3.5b).
#[derive(Clone, Debug, Default)]
pub(crate) struct Peer {
    pub(crate) name: String,
    pub(crate) started: Option<u64>,
    pub(crate) ended: Option<u64>,
    pub(crate) binding: Option<u32>,
    /// Of the record last seen.
    pub(crate) priority: u16,
    pub(crate) min_expires: u64,
    pub(crate) held: u64,
    pub(crate) left: Option<u64>,
    /// Its last outcome was an answer of any kind.
    pub(crate) answered: bool,
}

/// The REGISTER in flight, or one that was cancelled.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub(crate) id: u32,
    pub(crate) target: String,
    pub(crate) started: u64,
    pub(crate) deadline: u64,
    pub(crate) expires: u64,
    pub(crate) binding: u32,
    pub(crate) at_home: bool,
    /// It is the one more try after a 423.
    pub(crate) longer: bool,
    /// The streak before it.
    pub(crate) streak: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    pub(crate) id: u32,
    pub(crate) deadline: u64,
    /// Nobody waits any more; a late answer is still taken (1.2c).
    pub(crate) over: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Bye {
    pub(crate) id: u32,
    pub(crate) target: String,
    pub(crate) deadline: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) target: String,
    pub(crate) streak: u32,
    /// When the next REGISTER here is due, before spacing.
    pub(crate) due: u64,
    /// 6.7c: at once, without spacing.
    pub(crate) exempt: bool,
    /// The next REGISTER repeats one, and asks no DNS (1.2a).
    pub(crate) retry: bool,
    pub(crate) expires_at: u64,
    pub(crate) expired: bool,
    pub(crate) confirmed: bool,
    pub(crate) missing: u32,
    /// Since when the success lasts; none once it has ended unproven, or is proven.
    pub(crate) since: Option<u64>,
    pub(crate) proven: bool,
    /// The streak before that success.
    pub(crate) before: u32,
    /// The round that found it, to go on with (3.3c).
    pub(crate) found: Option<Walk>,
    /// From when failback counts (6.4b); none once it has fired.
    pub(crate) failback: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    All,
    /// Home was lost: that one.
    Loss(String),
    Trip(Trigger),
}

#[derive(Clone, Debug)]
pub(crate) struct Walk {
    pub(crate) kind: Kind,
    /// None while DNS is waited for.
    pub(crate) list: Option<Vec<String>>,
    pub(crate) at: usize,
    pub(crate) streak: u32,
    /// An excursion's own pause, since it does not delay home (0.2b).
    pub(crate) pause: u64,
    pub(crate) rejections: usize,
    /// Somebody in it has accepted, and has been lost since (3.3c).
    pub(crate) accepted: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Wait {
    pub(crate) until: Option<u64>,
    pub(crate) rejected: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Stopped,
    Running,
    Stopping { grace: u64, restart: bool },
}

/// A record of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) priority: u16,
    pub(crate) weight: u16,
}

/// The naive machine.
#[derive(Clone, Debug)]
pub struct Reference {
    pub(crate) config: Config,
    pub(crate) host: u64,
    pub(crate) shift: u64,
    pub(crate) now: u64,
    pub(crate) phase: Phase,
    pub(crate) online: bool,
    pub(crate) busy: bool,
    pub(crate) last_id: u32,
    /// All that DNS listed, in order.
    pub(crate) set: Vec<Entry>,
    /// Its head (2.4a).
    pub(crate) plan: Vec<Entry>,
    pub(crate) ttl_end: Option<u64>,
    /// The TTL's end at which failback fired last.
    pub(crate) fired: Option<u64>,
    pub(crate) peers: Vec<Peer>,
    pub(crate) targets: Vec<(TargetId, String)>,
    pub(crate) flight: Option<Flight>,
    /// Cancelled attempts, those before a start or a change of network excepted (3.6b).
    pub(crate) past: Vec<Flight>,
    pub(crate) lookup: Option<Lookup>,
    pub(crate) byes: Vec<Bye>,
    pub(crate) home: Option<Home>,
    /// Homes left or lost, not unregistered yet.
    pub(crate) old: Vec<String>,
    /// Those whose unregister waits for the end of a call (6.6a).
    pub(crate) kept: Vec<String>,
    pub(crate) walk: Option<Walk>,
    pub(crate) wait: Option<Wait>,
    /// Nothing left the device: no REGISTER before then, unless the network changes; how often in a row (3.7a).
    pub(crate) pause: u64,
    pub(crate) not_sent: u32,
    pub(crate) rounds: u32,
    pub(crate) accepted: bool,
    /// The trigger that waits, and until when where that is known.
    pub(crate) deferred: Option<(Trigger, u64)>,
    /// What the core drew for the wait after this step's failed round, on the reference's own clock.
    pub(crate) drawn: Vec<Option<u64>>,
    pub(crate) acts: Vec<Act>,
    /// What went wrong with a draw.
    pub(crate) wrong: Option<String>,
}

impl Reference {
    /// A new one under a configuration without chance.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            host: 0,
            shift: 0,
            now: 0,
            phase: Phase::Stopped,
            online: true,
            busy: false,
            last_id: 0,
            set: Vec::new(),
            plan: Vec::new(),
            ttl_end: None,
            fired: None,
            peers: Vec::new(),
            targets: Vec::new(),
            flight: None,
            past: Vec::new(),
            lookup: None,
            byes: Vec::new(),
            home: None,
            old: Vec::new(),
            kept: Vec::new(),
            walk: None,
            wait: None,
            pause: 0,
            not_sent: 0,
            rounds: 0,
            accepted: false,
            deferred: None,
            drawn: Vec::new(),
            acts: Vec::new(),
            wrong: None,
        }
    }
}
