//! Bytes to an answer.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::net::IpAddr;

use domain::base::iana::{Class, Opcode, Rcode};
use domain::base::message::Section;
use domain::base::wire::ParseError;
use domain::base::{Message, Name, ParsedRecord, Rtype};
use domain::rdata::{A, Aaaa, Cname, Soa, Srv};

use super::WireError;
use super::encode::record_type;
use super::name::{NameIn, folded, text, to_octets};
use crate::{Answer, LookupFailure, LookupKind, Seconds, SrvRecord};

/// How many records of a message are read, whatever they are (rule 2.7).
const MAX_RECORDS: usize = 4096;
/// How many addresses are kept (rule 7.4).
const MAX_ADDRESSES: usize = 16;
/// How many aliases (CNAME) are followed from the name asked for; also what ends a loop.
const MAX_ALIASES: usize = 8;

/// What a packet that answers the question came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Decoded {
    /// The whole answer, to be handed in.
    Answer(Answer),
    /// The answer did not fit (TC bit): ask again over TCP. Nothing of it is used, for what is left may be any part
    /// (RFC 2181, 9).
    ///
    /// Where that came over TCP or HTTPS already, or there is no TCP, hand in [`Answer::Failed`] with
    /// [`LookupFailure::Malformed`].
    Truncated,
}

/// Reads the answer to the question for `name` and `kind`.
///
/// `id` is the question's; with `None` it is not compared (a proxy for DNS over HTTPS may change it). Names are
/// compared without regard to case. The [module](super) lists what an answer comes to. Besides:
///
/// - Only class IN counts. Records of another owner or type are passed over, and so is what follows the last record.
/// - Aliases (CNAME) are followed inside the message, in whatever order they stand, 8 at most; more than that, or a
///   loop, is a failure, `Malformed`. Where they lead out of the message, there is no data. NXDOMAIN is about the name
///   they lead to (RFC 6604, 3), and holds against records in the same message.
/// - The TTL, in seconds, is the lowest among the records and the aliases on the way to them, 0 to 2^32 - 1 as sent
///   (RFC 8767, 4). A negative one is the lower of the SOA's own TTL and its MINIMUM field (RFC 2308, 5), or of an
///   alias's TTL on the way; it is `None` without an SOA of a zone that the name is in.
/// - A target has no final dot; the root is `.`. A blank, a dot or a backslash inside a label, and what is not
///   printable ASCII, comes as `\DDD` (RFC 1035, 5.1), so that rule 2.7 finds a bad name there, never another good one.
///   The text has up to 1,003 characters.
/// - Of all sections together 4,096 records are read (rule 2.7), and 16 different addresses kept (rule 7.4).
/// - One record that matters and cannot be read (too short, a bad compression pointer, a name over 255 octets) makes
///   the whole answer `Malformed`: the bytes were damaged or forged, and half a set is worse than the last good one
///   (rule 5.4).
/// - An error code without any question, as servers send that do not understand the query, is believed.
///
/// Time and memory grow with the number of records alone, whatever they hold: a name has 255 octets and 255 compression
/// pointers at most.
///
/// # Errors
///
/// The packet does not answer this question: it is shorter than a header, no response, carries another id or another
/// question; or `name` cannot be a question at all, as in [`encode_question`](super::encode_question).
pub fn decode_answer(message: &[u8], name: &str, kind: LookupKind, id: Option<u16>) -> Result<Decoded, WireError> {
    let mut asked = to_octets(name)?;
    asked.make_ascii_lowercase();
    let octets = message.len();
    let message = Message::from_slice(message).map_err(|_| WireError::TooShort { octets })?;
    let header = message.header();
    if !header.qr() || header.opcode() != Opcode::QUERY {
        return Err(WireError::NotAResponse);
    }
    let found = header.id();
    if let Some(expected) = id.filter(|expected| *expected != found) {
        return Err(WireError::OtherId { expected, found });
    }
    let failure = match header.rcode() {
        Rcode::NOERROR | Rcode::NXDOMAIN => None,
        Rcode::SERVFAIL => Some(LookupFailure::ServFail),
        Rcode::REFUSED => Some(LookupFailure::Refused),
        _ => Some(LookupFailure::Other),
    };
    let unquestioned = message.header_counts().qdcount() == 0 && failure.is_some();
    if !unquestioned && !is_question(message, &asked, kind) {
        return Err(WireError::OtherQuestion);
    }
    if let Some(cause) = failure {
        return Ok(Decoded::Answer(Answer::Failed { cause }));
    }
    if header.tc() {
        return Ok(Decoded::Truncated);
    }
    let answer = Records::read(message, kind).map_or(MALFORMED, |records| {
        let exists = header.rcode() == Rcode::NOERROR;
        records.answer(&asked, kind, exists)
    });
    Ok(Decoded::Answer(answer))
}

const MALFORMED: Answer = Answer::Failed { cause: LookupFailure::Malformed };

/// Whether the message has one question, and that is ours (RFC 5452, 9.1).
fn is_question(message: &Message<[u8]>, asked: &[u8], kind: LookupKind) -> bool {
    message.sole_question().is_ok_and(|question| {
        question.qtype() == record_type(kind) && question.qclass() == Class::IN && folded(question.qname()) == asked
    })
}

/// What one message says, by owner, so that its aliases can be followed in one look-up each.
#[derive(Default)]
struct Records<'a> {
    found: BTreeMap<Vec<u8>, Found<'a>>,
    aliases: BTreeMap<Vec<u8>, Alias>,
    /// The first SOA of the authority section: its owner and the negative TTL.
    zone: Option<(NameIn<'a>, u32)>,
    /// The authority section names name servers.
    name_servers: bool,
    /// The upper eight bits of the response code are not zero (RFC 6891, 6.1.3).
    extended_error: bool,
}

/// The records of the kind asked for, of one owner.
struct Found<'a> {
    data: Vec<Data<'a>>,
    ttl: u32,
}

enum Data<'a> {
    Srv(Srv<NameIn<'a>>),
    Address(IpAddr),
}

struct Alias {
    to: Vec<u8>,
    ttl: u32,
}

impl<'a> Records<'a> {
    fn read(message: &'a Message<[u8]>, kind: LookupKind) -> Result<Self, ParseError> {
        let mut records = Self::default();
        for record in message.iter().take(MAX_RECORDS) {
            let (record, section) = record?;
            match section {
                Section::Additional if record.rtype() == Rtype::OPT => {
                    let [extended, ..] = record.ttl().as_secs().to_be_bytes();
                    records.extended_error |= extended != 0;
                }
                Section::Answer if record.class() == Class::IN => records.read_answer(record, kind)?,
                Section::Authority if record.class() == Class::IN => records.read_authority(record)?,
                _ => {}
            }
        }
        Ok(records)
    }

    fn read_answer(&mut self, record: ParsedRecord<'a, [u8]>, kind: LookupKind) -> Result<(), ParseError> {
        let ttl = record.ttl().as_secs();
        if let Some(alias) = record.to_record::<Cname<_>>()? {
            let alias = Alias { to: folded(alias.data().cname()), ttl };
            self.aliases.entry(folded(&record.owner())).or_insert(alias);
        } else if let Some(data) = Data::read(&record, kind)? {
            let found = self.found.entry(folded(&record.owner())).or_insert(Found { data: Vec::new(), ttl });
            found.data.push(data);
            found.ttl = found.ttl.min(ttl);
        }
        Ok(())
    }

    fn read_authority(&mut self, record: ParsedRecord<'a, [u8]>) -> Result<(), ParseError> {
        if let Some(soa) = record.to_record::<Soa<_>>()? {
            let ttl = soa.ttl().min(soa.data().minimum());
            self.zone.get_or_insert((record.owner(), ttl.as_secs()));
        }
        self.name_servers |= record.rtype() == Rtype::NS;
        Ok(())
    }

    /// What it comes to for the name asked for.
    fn answer(&self, asked: &[u8], kind: LookupKind, exists: bool) -> Answer {
        if self.extended_error {
            return Answer::Failed { cause: LookupFailure::Other };
        }
        let mut owner = asked;
        let mut ttl = u32::MAX;
        for _ in 0..=MAX_ALIASES {
            if let Some(found) = self.found.get(owner).filter(|_| exists) {
                return found.answer(kind, ttl);
            }
            let Some(alias) = self.aliases.get(owner) else {
                return self.nothing(owner, ttl, exists);
            };
            ttl = ttl.min(alias.ttl);
            owner = &alias.to;
        }
        MALFORMED
    }

    /// There is no such record: the name itself is missing, or its data, or the server only knows whom to ask.
    fn nothing(&self, owner: &[u8], alias_ttl: u32, exists: bool) -> Answer {
        let zone = self.zone.as_ref();
        let ttl = zone
            .filter(|(zone, _)| Name::from_slice(owner).is_ok_and(|owner| owner.ends_with(zone)))
            .map(|(_, ttl)| Seconds::new(alias_ttl.min(*ttl)));
        match exists {
            false => Answer::NoName { ttl },
            true if zone.is_none() && self.name_servers => Answer::Failed { cause: LookupFailure::Other },
            true => Answer::NoData { ttl },
        }
    }
}

impl<'a> Data<'a> {
    fn read(record: &ParsedRecord<'a, [u8]>, kind: LookupKind) -> Result<Option<Self>, ParseError> {
        Ok(match kind {
            LookupKind::Srv => record.to_record::<Srv<_>>()?.map(|record| Self::Srv(record.into_data())),
            LookupKind::A => record.to_record::<A>()?.map(|record| Self::Address(record.data().addr().into())),
            LookupKind::Aaaa => record.to_record::<Aaaa>()?.map(|record| Self::Address(record.data().addr().into())),
        })
    }
}

impl Found<'_> {
    fn answer(&self, kind: LookupKind, alias_ttl: u32) -> Answer {
        let ttl = Seconds::new(alias_ttl.min(self.ttl));
        if kind == LookupKind::Srv {
            Answer::Srv { records: self.data.iter().filter_map(Data::srv_record).collect(), ttl }
        } else {
            Answer::Addresses { addresses: self.addresses(), ttl }
        }
    }

    fn addresses(&self) -> Vec<IpAddr> {
        let mut kept = Vec::new();
        for data in &self.data {
            match data {
                Data::Address(address) if kept.len() < MAX_ADDRESSES && !kept.contains(address) => kept.push(*address),
                _ => {}
            }
        }
        kept
    }
}

impl Data<'_> {
    fn srv_record(&self) -> Option<SrvRecord> {
        match self {
            Self::Srv(srv) => Some(SrvRecord {
                priority: srv.priority(),
                weight: srv.weight(),
                port: srv.port(),
                target: text(srv.target()),
            }),
            Self::Address(_) => None,
        }
    }
}
