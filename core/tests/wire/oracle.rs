//! The same messages, written or read by another implementation: `hickory-proto`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, SOA, SRV, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, proptest};
use rehome::wire::{Decoded, decode_answer, encode_question};
use rehome::{Answer, LookupKind, Seconds, SrvRecord};

fn parsed(text: &str) -> Name {
    let mut name = Name::from_ascii(text).unwrap();
    name.set_fqdn(true);
    name
}

fn record_type(kind: LookupKind) -> RecordType {
    match kind {
        LookupKind::Srv => RecordType::SRV,
        LookupKind::A => RecordType::A,
        LookupKind::Aaaa => RecordType::AAAA,
    }
}

/// A response with these records in the answer section.
fn response(id: u16, asked: &str, kind: LookupKind, answers: Vec<Record>) -> Message {
    let mut message = Message::response(id, OpCode::Query);
    message.add_query(Query::query(parsed(asked), record_type(kind)));
    message.add_answers(answers);
    message.set_edns(Edns::new());
    message
}

fn decoded(message: &Message, asked: &str, kind: LookupKind) -> Answer {
    let octets = message.to_vec().unwrap();
    match decode_answer(&octets, asked, kind, Some(message.metadata.id)) {
        Ok(Decoded::Answer(answer)) => answer,
        other => panic!("no whole answer: {other:?}"),
    }
}

fn host() -> impl Strategy<Value = String> {
    let label = "[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,6}[a-zA-Z0-9])?";
    prop::collection::vec(label, 1..6).prop_map(|labels| labels.join("."))
}

fn kind() -> impl Strategy<Value = LookupKind> {
    prop::sample::select(vec![LookupKind::Srv, LookupKind::A, LookupKind::Aaaa])
}

/// What an answer is made of: data of one kind, each with its TTL.
#[derive(Clone, Debug)]
enum Data {
    Srv(Vec<(SrvRecord, u32)>),
    Addresses(Vec<(IpAddr, u32)>),
}

fn data() -> impl Strategy<Value = (LookupKind, Data)> {
    let srv = (any::<(u16, u16, u16, u32)>(), prop_oneof_root())
        .prop_map(|((priority, weight, port, ttl), target)| (SrvRecord { priority, weight, port, target }, ttl));
    let many_srv = prop::collection::vec(srv, 1..40).prop_map(|list| (LookupKind::Srv, Data::Srv(list)));
    let four = any::<(u32, u32)>().prop_map(|(bits, ttl)| (IpAddr::from(Ipv4Addr::from_bits(bits)), ttl));
    let many_four = prop::collection::vec(four, 1..16).prop_map(|list| (LookupKind::A, Data::Addresses(list)));
    let six = any::<(u128, u32)>().prop_map(|(bits, ttl)| (IpAddr::from(Ipv6Addr::from_bits(bits)), ttl));
    let many_six = prop::collection::vec(six, 1..16).prop_map(|list| (LookupKind::Aaaa, Data::Addresses(list)));
    proptest::prop_oneof![many_srv, many_four, many_six]
}

fn prop_oneof_root() -> impl Strategy<Value = String> {
    proptest::prop_oneof![9 => host(), 1 => Just(String::from("."))]
}

impl Data {
    fn records(&self, owner: &str) -> Vec<Record> {
        let record = |ttl: u32, data: RData| Record::from_rdata(parsed(owner), ttl, data);
        match self {
            Self::Srv(list) => list
                .iter()
                .map(|(srv, ttl)| {
                    record(*ttl, RData::SRV(SRV::new(srv.priority, srv.weight, srv.port, parsed(&srv.target))))
                })
                .collect(),
            Self::Addresses(list) => list
                .iter()
                .map(|(address, ttl)| match address {
                    IpAddr::V4(address) => record(*ttl, RData::A(A(*address))),
                    IpAddr::V6(address) => record(*ttl, RData::AAAA(AAAA(*address))),
                })
                .collect(),
        }
    }

    fn answer(&self, ttl: u32) -> Answer {
        match self {
            Self::Srv(list) => Answer::Srv {
                records: list.iter().map(|(record, _)| record.clone()).collect(),
                ttl: Seconds::new(list.iter().map(|(_, ttl)| *ttl).fold(ttl, u32::min)),
            },
            Self::Addresses(list) => {
                let mut addresses = Vec::new();
                for (address, _) in list {
                    if !addresses.contains(address) {
                        addresses.push(*address);
                    }
                }
                Answer::Addresses { addresses, ttl: Seconds::new(list.iter().map(|(_, ttl)| *ttl).fold(ttl, u32::min)) }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hickory_reads_our_questions(asked in host(), kind in kind(), id in any::<u16>()) {
        let mut octets = Vec::new();
        encode_question(&asked, kind, id, &mut octets).unwrap();
        let message = Message::from_vec(&octets).unwrap();
        assert_eq!(message.metadata.id, id);
        assert_eq!(message.metadata.message_type, MessageType::Query);
        assert_eq!(message.metadata.op_code, OpCode::Query);
        assert!(message.metadata.recursion_desired);
        assert_eq!(message.queries.len(), 1);
        assert!(message.queries[0].name.eq_case(&parsed(&asked)), "in the case it was given");
        assert_eq!(message.queries[0].query_type, record_type(kind));
        assert_eq!(message.queries[0].query_class, DNSClass::IN);
        assert!(message.answers.is_empty() && message.authorities.is_empty() && message.additionals.is_empty());
        assert_eq!(message.edns.as_ref().map(Edns::max_payload), Some(1232));
    }

    #[test]
    fn we_read_hickorys_answers_with_aliases_and_compression(
        id in any::<u16>(),
        (kind, data) in data(),
        asked in host(),
        aliases in prop::collection::vec(any::<u32>(), 0..=8),
        backwards in any::<bool>(),
    ) {
        let owner = |number: usize| if number == 0 { asked.clone() } else { format!("alias{number}.{asked}") };
        let mut records = vec![Record::from_rdata(parsed(&asked), 0, RData::TXT(TXT::new(vec!["noise".into()])))];
        for (number, ttl) in aliases.iter().enumerate() {
            let alias = RData::CNAME(CNAME(parsed(&owner(number + 1))));
            records.push(Record::from_rdata(parsed(&owner(number)), *ttl, alias));
        }
        if backwards {
            records.reverse();
        }
        records.extend(data.records(&owner(aliases.len())));
        let message = response(id, &asked, kind, records);
        assert_eq!(decoded(&message, &asked, kind), data.answer(aliases.iter().copied().fold(u32::MAX, u32::min)));
    }

    #[test]
    fn we_read_hickorys_negative_answers(
        asked in host(),
        kind in kind(),
        exists in any::<bool>(),
        (ttl, minimum) in any::<(u32, u32)>(),
        zone_labels in 0..5usize,
    ) {
        let mut message = response(1, &asked, kind, Vec::new());
        message.metadata.response_code = if exists { ResponseCode::NoError } else { ResponseCode::NXDomain };
        let zone = parsed(&asked).trim_to(zone_labels);
        let soa = SOA::new(parsed("ns1.example.com"), parsed("admin.example.com"), 1, 7200, 900, 1_209_600, minimum);
        message.add_authority(Record::from_rdata(zone, ttl, RData::SOA(soa)));
        let ttl = Some(Seconds::new(ttl.min(minimum)));
        let expected = if exists { Answer::NoData { ttl } } else { Answer::NoName { ttl } };
        assert_eq!(decoded(&message, &asked, kind), expected);
    }

    #[test]
    fn what_hickory_truncates_is_truncated(asked in host(), (kind, data) in data()) {
        let message = response(1, &asked, kind, data.records(&asked)).truncate();
        let octets = message.to_vec().unwrap();
        assert_eq!(decode_answer(&octets, &asked, kind, Some(1)), Ok(Decoded::Truncated));
    }
}
