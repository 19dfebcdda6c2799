//! Answers put together octet by octet, so that wrong ones can be written too.

use rehome::wire::{Decoded, WireError, decode_answer};
use rehome::{Answer, LookupKind};

pub const NAME: &str = "_sip._udp.example.com";
pub const ID: u16 = 0x1234;

/// A compression pointer to the name in the question, which follows the header (RFC 1035, 4.1.4).
pub const ASKED: [u8; 2] = [0xC0, 12];

pub const A: u16 = 1;
pub const NS: u16 = 2;
pub const CNAME: u16 = 5;
pub const SOA: u16 = 6;
pub const TXT: u16 = 16;
pub const AAAA: u16 = 28;
pub const SRV: u16 = 33;
pub const OPT: u16 = 41;

const IN: u16 = 1;

/// Where the section counts stand in the header.
const ANSWERS: usize = 6;
const AUTHORITY: usize = 8;
const ADDITIONAL: usize = 10;

#[derive(Clone)]
pub struct Packet(pub Vec<u8>);

impl Packet {
    /// A NOERROR response to the question for [`NAME`] and a record type, without records.
    pub fn to(record_type: u16) -> Self {
        Self::to_name(NAME, record_type)
    }

    pub fn to_name(asked: &str, record_type: u16) -> Self {
        let mut octets = vec![0x12, 0x34, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0];
        octets.extend(name(asked));
        octets.extend(record_type.to_be_bytes());
        octets.extend(IN.to_be_bytes());
        Self(octets)
    }

    pub fn rcode(mut self, code: u8) -> Self {
        self.0[3] = 0x80 | code;
        self
    }

    pub fn truncated(mut self) -> Self {
        self.0[2] |= 0x02;
        self
    }

    pub fn answer(self, owner: &[u8], record_type: u16, ttl: u32, data: &[u8]) -> Self {
        self.record(ANSWERS, owner, record_type, IN, ttl, data)
    }

    pub fn answer_of_class(self, class: u16, owner: &[u8], record_type: u16, ttl: u32, data: &[u8]) -> Self {
        self.record(ANSWERS, owner, record_type, class, ttl, data)
    }

    pub fn authority(self, owner: &[u8], record_type: u16, ttl: u32, data: &[u8]) -> Self {
        self.record(AUTHORITY, owner, record_type, IN, ttl, data)
    }

    pub fn authority_of_class(self, class: u16, owner: &[u8], record_type: u16, ttl: u32, data: &[u8]) -> Self {
        self.record(AUTHORITY, owner, record_type, class, ttl, data)
    }

    pub fn additional(self, owner: &[u8], record_type: u16, ttl: u32, data: &[u8]) -> Self {
        self.record(ADDITIONAL, owner, record_type, IN, ttl, data)
    }

    pub fn edns(self, extended_rcode: u8) -> Self {
        self.record(ADDITIONAL, &[0], OPT, 1232, u32::from_be_bytes([extended_rcode, 0, 0, 0]), &[])
    }

    fn record(mut self, section: usize, owner: &[u8], record_type: u16, class: u16, ttl: u32, data: &[u8]) -> Self {
        self.0.extend(owner);
        self.0.extend(record_type.to_be_bytes());
        self.0.extend(class.to_be_bytes());
        self.0.extend(ttl.to_be_bytes());
        self.0.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        self.0.extend(data);
        let count = u16::from_be_bytes([self.0[section], self.0[section + 1]]) + 1;
        self.0[section..section + 2].copy_from_slice(&count.to_be_bytes());
        self
    }

    pub fn decode(&self, kind: LookupKind) -> Result<Decoded, WireError> {
        decode_answer(&self.0, NAME, kind, Some(ID))
    }

    /// What the packet says to the question for SRV records of [`NAME`].
    pub fn srv(&self) -> Answer {
        whole(self.decode(LookupKind::Srv))
    }
}

/// The answer that must have come whole.
pub fn whole(decoded: Result<Decoded, WireError>) -> Answer {
    match decoded {
        Ok(Decoded::Answer(answer)) => answer,
        other => panic!("no whole answer: {other:?}"),
    }
}

/// A name as uncompressed octets.
pub fn name(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    for label in text.split('.').filter(|label| !label.is_empty()) {
        octets.push(u8::try_from(label.len()).unwrap());
        octets.extend(label.bytes());
    }
    octets.push(0);
    octets
}

/// The data of an SRV record with priority 10, weight 60 and port 5060.
pub fn srv_data(target: &[u8]) -> Vec<u8> {
    [&[0, 10, 0, 60, 0x13, 0xC4], target].concat()
}

/// The data of an SOA record.
pub fn soa_data(minimum: u32) -> Vec<u8> {
    let mut data = vec![0, 0];
    for number in [1, 7200, 900, 1_209_600, minimum] {
        data.extend(u32::to_be_bytes(number));
    }
    data
}
