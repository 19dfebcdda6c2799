//! The records of one view, and what they answer.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::rdata::{A, AAAA, CNAME, SOA, SRV, TXT};
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use serde::{Deserialize, Serialize};

use super::{name, zone_of_lab};

/// How long a "no" may be remembered, in seconds.
const NEGATIVE_TTL: u32 = 10;

/// How many aliases one answer follows.
const MAX_ALIASES: usize = 8;

/// The records of one name and type, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordSet {
    /// `SRV` (default), `A`, `AAAA`, `CNAME` or `TXT`.
    #[serde(rename = "type", default = "srv")]
    pub record_type: String,
    /// Seconds.
    #[serde(default = "half_a_minute")]
    pub ttl: u32,
    /// `"10 50 5060 host.example.test"` for SRV, an address for A and AAAA, a name for CNAME. None at all removes the set.
    pub records: Vec<String>,
}

fn srv() -> String {
    "SRV".into()
}

const fn half_a_minute() -> u32 {
    30
}

impl RecordSet {
    /// SRV records with this TTL in seconds.
    #[must_use]
    pub fn srv<S: Into<String>>(ttl: u32, records: impl IntoIterator<Item = S>) -> Self {
        Self::of("SRV", ttl, records)
    }

    /// Records of this type with this TTL in seconds.
    #[must_use]
    pub fn of<S: Into<String>>(record_type: &str, ttl: u32, records: impl IntoIterator<Item = S>) -> Self {
        Self { record_type: record_type.into(), ttl, records: records.into_iter().map(Into::into).collect() }
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Set {
    ttl: u32,
    data: Vec<RData>,
}

/// What a question is answered with.
#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) code: ResponseCode,
    pub(crate) answers: Vec<Record>,
    /// The SOA of a negative answer.
    pub(crate) soa: Option<Record>,
}

/// The records of one view.
#[derive(Clone, Debug, Default)]
pub(crate) struct Zone {
    sets: BTreeMap<(Name, RecordType), Set>,
}

impl Zone {
    /// Replaces the records of one name and type.
    pub(crate) fn replace(&mut self, owner: Name, set: &RecordSet) -> Result<(), String> {
        let record_type = match set.record_type.to_ascii_uppercase().as_str() {
            "SRV" => RecordType::SRV,
            "A" => RecordType::A,
            "AAAA" => RecordType::AAAA,
            "CNAME" => RecordType::CNAME,
            "TXT" => RecordType::TXT,
            other => return Err(format!("type {other:?} is not served; choose SRV, A, AAAA, CNAME or TXT")),
        };
        let data = set.records.iter().map(|text| parse(record_type, text)).collect::<Result<Vec<_>, _>>()?;
        if data.is_empty() {
            self.sets.remove(&(owner, record_type));
        } else {
            self.sets.insert((owner, record_type), Set { ttl: set.ttl, data });
        }
        Ok(())
    }

    /// Answers a question, following aliases inside the zone.
    pub(crate) fn lookup(&self, asked: &Name, record_type: RecordType) -> Lookup {
        let mut answers = Vec::new();
        if !zone_of_lab().zone_of(asked) {
            return Lookup { code: ResponseCode::Refused, answers, soa: None };
        }
        let mut owner = asked.to_lowercase();
        for _ in 0..MAX_ALIASES {
            if let Some(set) = self.sets.get(&(owner.clone(), record_type)) {
                answers.extend(records(&owner, set));
                return Lookup { code: ResponseCode::NoError, answers, soa: None };
            }
            let Some(alias) = self.sets.get(&(owner.clone(), RecordType::CNAME)) else {
                break;
            };
            answers.extend(records(&owner, alias));
            match alias.data.first() {
                Some(RData::CNAME(target)) => owner = target.0.to_lowercase(),
                _ => break,
            }
        }
        let code = if self.exists(&owner) { ResponseCode::NoError } else { ResponseCode::NXDomain };
        Lookup { code, answers, soa: Some(soa()) }
    }

    /// A name exists if it, or a name below it, has records.
    fn exists(&self, owner: &Name) -> bool {
        *owner == zone_of_lab() || self.sets.keys().any(|(name, _)| owner.zone_of(name))
    }

    /// Every set, as text, by name.
    pub(crate) fn list(&self) -> BTreeMap<String, Vec<RecordSet>> {
        let mut all: BTreeMap<String, Vec<RecordSet>> = BTreeMap::new();
        for ((owner, record_type), set) in &self.sets {
            let records = set.data.iter().map(ToString::to_string);
            let owner = owner.to_string().trim_end_matches('.').to_owned();
            all.entry(owner).or_default().push(RecordSet::of(&record_type.to_string(), set.ttl, records));
        }
        all
    }
}

fn records<'a>(owner: &'a Name, set: &'a Set) -> impl Iterator<Item = Record> + 'a {
    set.data.iter().map(|data| Record::from_rdata(owner.clone(), set.ttl, data.clone()))
}

/// The zone's SOA, which says how long a "no" may be remembered.
pub(crate) fn soa() -> Record {
    let zone = zone_of_lab();
    let within = |label: &str| zone.prepend_label(label).unwrap_or_else(|_| zone.clone());
    let data = SOA::new(within("ns1"), within("hostmaster"), 1, 3600, 600, 86_400, NEGATIVE_TTL);
    Record::from_rdata(zone.clone(), NEGATIVE_TTL, RData::SOA(data))
}

fn parse(record_type: RecordType, text: &str) -> Result<RData, String> {
    let wrong = |remedy: &str| format!("{record_type} record {text:?} is malformed; write it like {remedy}");
    match record_type {
        RecordType::SRV => {
            let example = "\"10 50 5060 dc1-spx1.example.test\" (priority weight port target)";
            let fields: Vec<&str> = text.split_whitespace().collect();
            let [priority, weight, port, target] = fields[..] else {
                return Err(wrong(example));
            };
            let number = |field: &str| field.parse::<u16>().map_err(|_| wrong(example));
            let target = name(target)?;
            Ok(RData::SRV(SRV::new(number(priority)?, number(weight)?, number(port)?, target)))
        }
        RecordType::A => {
            let address: Ipv4Addr = text.parse().map_err(|_| wrong("\"127.0.1.1\""))?;
            Ok(RData::A(A(address)))
        }
        RecordType::AAAA => {
            let address: Ipv6Addr = text.parse().map_err(|_| wrong("\"::1\""))?;
            Ok(RData::AAAA(AAAA(address)))
        }
        RecordType::CNAME => Ok(RData::CNAME(CNAME(name(text)?))),
        _ => Ok(RData::TXT(TXT::new(vec![text.to_owned()]))),
    }
}
