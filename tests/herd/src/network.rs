//! What the phones meet: a resolver with a cache, and four registrars in two data centres.

use rehome::order::Rng;
use rehome::{Answer, Outcome, Seconds, SrvRecord};

/// The registrars by number: two in each data centre.
pub const SERVERS: [&str; 4] = ["a.dc1.example.test", "b.dc1.example.test", "a.dc2.example.test", "b.dc2.example.test"];
/// Data centre 1: the primary.
pub const DC1: [usize; 2] = [0, 1];
/// Data centre 2.
pub const DC2: [usize; 2] = [2, 3];
/// Both.
pub const ALL: [usize; 4] = [0, 1, 2, 3];

/// What a registrar grants, whatever is asked for.
pub const GRANT: u64 = 300_000;
/// How long the resolver's cache keeps the SRV records.
pub const TTL: u64 = 300_000;
/// The longest that DNS and a registrar take to answer.
pub const DNS_AT_MOST: u64 = 8;
/// There and back again.
pub const ANSWER_AT_MOST: u64 = 80;

/// What a registrar does with requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serves {
    /// Accepts all.
    Well,
    /// Is dead: nothing comes back.
    Silent,
    /// Its port is closed.
    Refuses,
    /// Answers all with this.
    Answers {
        /// Status code.
        code: u16,
        /// Retry-After in seconds.
        retry_after: Option<u32>,
    },
}

/// One registrar and its bindings.
#[derive(Debug)]
pub struct Registrar {
    serves: Serves,
    /// Requests a second; more than that queue up. None: any number at once.
    capacity: Option<u64>,
    /// When the queue is empty, in microseconds.
    free_at: u64,
    /// By phone: the number of each binding, and when it ends.
    bindings: Vec<Vec<(u32, u64)>>,
}

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whose.
    pub phone: usize,
    /// The core's number for it.
    pub id: u32,
    /// The binding that it writes, or removes.
    pub binding: u32,
    /// Whether it removes it.
    pub unregister: bool,
    /// When it was sent.
    pub sent: u64,
}

/// The resolver, the registrars, and the time that everything takes.
#[derive(Debug)]
pub struct Network {
    registrars: Vec<Registrar>,
    /// The records that the zone has now.
    offered: Vec<usize>,
    cached: Vec<usize>,
    cached_until: u64,
    own_caches: bool,
    rng: Rng,
}

impl Network {
    /// Everything well.
    #[must_use]
    pub fn new(phones: usize, seed: u64) -> Self {
        let registrar =
            |_| Registrar { serves: Serves::Well, capacity: None, free_at: 0, bindings: vec![Vec::new(); phones] };
        Self {
            registrars: ALL.iter().map(registrar).collect(),
            offered: ALL.to_vec(),
            cached: Vec::new(),
            cached_until: 0,
            own_caches: false,
            rng: Rng::new(seed),
        }
    }

    /// From now on these registrars do that.
    pub fn set(&mut self, servers: &[usize], serves: Serves) {
        servers.iter().for_each(|server| self.registrars[*server].serves = serves);
    }

    /// From now on each registrar serves so many requests a second.
    pub fn limit(&mut self, a_second: u64) {
        self.registrars.iter_mut().for_each(|registrar| registrar.capacity = Some(a_second));
    }

    /// From now on the zone lists these; caches hear of it when they ask again.
    pub fn offer(&mut self, servers: &[usize]) {
        self.offered = servers.to_vec();
    }

    /// Whether a phone at home there can be called.
    #[must_use]
    pub fn serves(&self, server: usize) -> bool {
        self.registrars[server].serves == Serves::Well
    }

    /// How long the resolver takes.
    pub fn dns_time(&mut self) -> u64 {
        self.rng.between(2, DNS_AT_MOST)
    }

    /// How long one way to a registrar, or back, takes.
    pub fn one_way(&mut self) -> u64 {
        self.rng.between(10, ANSWER_AT_MOST / 2)
    }

    /// From now on no cache stands between the phones and the zone.
    pub fn caches_of_their_own(&mut self) {
        self.own_caches = true;
    }

    /// The resolver is one for all and has a cache: the TTL it tells is what is left, so it ends for all at once.
    pub fn resolve(&mut self, now: u64) -> Answer {
        if now >= self.cached_until || self.own_caches {
            self.cached = self.offered.clone();
            self.cached_until = now + TTL;
        }
        let record = |server: &usize| SrvRecord {
            priority: if DC1.contains(server) { 10 } else { 20 },
            weight: 50,
            port: 5060,
            target: SERVERS[*server].into(),
        };
        let ttl = (self.cached_until - now).div_ceil(1000);
        Answer::Srv { records: self.cached.iter().map(record).collect(), ttl: Seconds::new(ttl as u32) }
    }

    /// A request has come to a registrar: its answer, and after how long that is sent; none if there is never one.
    pub fn arrived(&mut self, server: usize, request: Request, now: u64) -> Option<(Outcome, u64)> {
        let registrar = &mut self.registrars[server];
        let outcome = match registrar.serves {
            Serves::Silent => return None,
            Serves::Refuses => return Some((Outcome::Unreachable { cause: rehome::Unreachable::Refused }, 0)),
            Serves::Answers { code, retry_after } => {
                Outcome::Status { code, retry_after: retry_after.map(Seconds::new), min_expires: None }
            }
            Serves::Well => {
                let bindings = &mut registrar.bindings[request.phone];
                bindings.retain(|(binding, until)| *binding != request.binding && *until > now);
                let expires = if request.unregister { 0 } else { GRANT };
                if expires > 0 {
                    bindings.push((request.binding, now + expires));
                }
                Outcome::Accepted { expires: Some(Seconds::new((expires / 1000) as u32)) }
            }
        };
        let Some(capacity) = registrar.capacity else { return Some((outcome, 0)) };
        registrar.free_at = registrar.free_at.max(now * 1000) + 1_000_000 / capacity;
        Some((outcome, registrar.free_at.div_ceil(1000) - now))
    }

    /// The registrars that hold a live binding of this phone, one entry for each binding.
    pub fn bound(&self, phone: usize, now: u64) -> impl Iterator<Item = usize> {
        let live = move |server: usize| {
            self.registrars[server].bindings[phone].iter().filter(move |(_, until)| *until > now).map(move |_| server)
        };
        ALL.into_iter().flat_map(live)
    }
}
