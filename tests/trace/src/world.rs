//! Registrars and DNS that are well for a while, then ill in one way or another, then well again.

use rehome::order::Rng;
use serde_json::{Value, json};

use crate::phone::Lookup;

/// How a registrar, or the way to it, is for a while.
#[derive(Clone, Copy, PartialEq)]
enum Health {
    Well,
    /// Grants and demands of its own.
    Strict,
    Failing,
    Silent,
    Gone,
    Rejecting,
    Nameless,
}

/// How DNS is for a while.
#[derive(Clone, Copy, PartialEq)]
enum Dns {
    Well,
    Silent,
    Failing,
    Empty,
}

pub(crate) const HOSTS: [&str; 6] = ["a.one.test", "b.one.test", "c.one.test", "a.two.test", "b.two.test", "192.0.2.9"];

/// Everything around the phone.
pub(crate) struct World {
    health: [Health; HOSTS.len()],
    dns: Dns,
    records: Vec<String>,
    ttl: u64,
}

pub(crate) fn one_of<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.below(of.len() as u64) as usize]
}

pub(crate) fn chance(rng: &mut Rng, one_in: u64) -> bool {
    rng.below(one_in) == 0
}

impl World {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let mut world = Self { health: [Health::Well; HOSTS.len()], dns: Dns::Well, records: Vec::new(), ttl: 300 };
        world.list(rng);
        world
    }

    /// Time goes by: now and then somebody falls ill or is well again.
    pub(crate) fn drift(&mut self, rng: &mut Rng) {
        if chance(rng, 12) {
            const ILL: [Health; 6] =
                [Health::Strict, Health::Failing, Health::Silent, Health::Gone, Health::Rejecting, Health::Nameless];
            let host = rng.below(HOSTS.len() as u64) as usize;
            self.health[host] = if chance(rng, 2) { Health::Well } else { one_of(rng, &ILL) };
        }
        // All of one data centre at once.
        if chance(rng, 150) {
            let health = one_of(rng, &[Health::Well, Health::Silent, Health::Failing, Health::Gone]);
            self.health[..3].fill(health);
        }
        if chance(rng, 60) {
            self.dns =
                one_of(rng, &[Dns::Well, Dns::Well, Dns::Well, Dns::Well, Dns::Silent, Dns::Failing, Dns::Empty]);
        }
        if chance(rng, 60) {
            self.list(rng);
        }
    }

    /// Another set of records.
    fn list(&mut self, rng: &mut Rng) {
        self.ttl = one_of(rng, &[0, 60, 300, 300, 3_600, 86_400, u64::from(u32::MAX)]);
        self.records.clear();
        for (place, host) in HOSTS.iter().enumerate() {
            if place == 0 && !chance(rng, 6) || chance(rng, 2) {
                let priority = if chance(rng, 5) { rng.below(3) * 10 } else { place as u64 / 3 * 10 };
                let weight = one_of(rng, &[0, 1, 10, 60, 60, 65_535]);
                self.records.push(format!("{priority} {weight} 5060 {host}"));
            }
        }
        if self.records.is_empty() {
            self.records.push("10 1 5061 A.One.test.".into());
        }
    }

    /// What DNS says to a lookup; none where it says nothing.
    pub(crate) fn answer(&self, lookup: &Lookup, rng: &mut Rng) -> Option<Value> {
        let ttl = self.ttl;
        Some(match (self.dns, lookup.kind.as_str()) {
            (Dns::Silent, _) => return None,
            (Dns::Failing, _) => {
                let causes = ["timeout", "servFail", "refused", "malformed", "network", "other"];
                json!({ "type": "failed", "cause": one_of(rng, &causes) })
            }
            (Dns::Empty, _) => match rng.below(4) {
                0 => json!({ "type": "noName", "ttl": ttl }),
                1 => json!({ "type": "noName" }),
                2 => json!({ "type": "noData" }),
                _ => json!({ "type": "noData", "ttl": ttl }),
            },
            (Dns::Well, "srv") if lookup.name.starts_with("_sips.") && chance(rng, 3) => json!({ "type": "noName" }),
            (Dns::Well, "srv") => json!({ "type": "srv", "records": self.records, "ttl": ttl }),
            (Dns::Well, "aaaa") if chance(rng, 2) => json!({ "type": "noData", "ttl": ttl }),
            (Dns::Well, "aaaa") => json!({ "type": "addresses", "addresses": ["2001:db8::a:0:0:1"], "ttl": ttl }),
            (Dns::Well, _) => {
                let addresses: Vec<String> = (0..=rng.below(3)).map(|n| format!("192.0.2.{n}")).collect();
                json!({ "type": "addresses", "addresses": addresses, "ttl": ttl })
            }
        })
    }

    /// What comes of a REGISTER; none where nothing comes.
    pub(crate) fn outcome(&self, target: &str, rng: &mut Rng) -> Option<Value> {
        let host = HOSTS.iter().position(|host| target.starts_with(host));
        let wait = one_of(rng, &[None, None, None, Some(0), Some(5), Some(120), Some(3_600)]);
        Some(match host.map_or(Health::Well, |host| self.health[host]) {
            Health::Well => json!({ "type": "accepted", "expires": one_of(rng, &[None, Some(3_600), Some(600)]) }),
            Health::Strict if chance(rng, 3) => {
                let least = one_of(rng, &[None, Some(7_200), Some(86_400), Some(90_000), Some(u32::MAX)]);
                json!({ "type": "status", "code": 423, "minExpires": least })
            }
            Health::Strict => {
                let grants = [0, 1, 7, 20, 60, 86_400, u32::MAX];
                json!({ "type": "accepted", "expires": one_of(rng, &grants) })
            }
            Health::Failing => {
                let codes = [503, 503, 503, 500, 408, 480, 430, 302, 599];
                json!({ "type": "status", "code": one_of(rng, &codes), "retryAfter": wait })
            }
            Health::Silent => return None,
            Health::Gone => {
                let causes = ["refused", "noRoute", "closed", "tls", "webSocket", "timeout", "other"];
                json!({ "type": "unreachable", "cause": one_of(rng, &causes) })
            }
            Health::Rejecting => {
                json!({ "type": "status", "code": one_of(rng, &[403, 403, 404, 401, 486, 603]), "retryAfter": wait })
            }
            Health::Nameless if chance(rng, 3) => json!({ "type": "notSent" }),
            Health::Nameless => json!({ "type": "noAddress" }),
        })
    }
}
