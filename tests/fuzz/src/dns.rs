//! DNS messages.

use rehome::wire::{Decoded, decode_answer, encode_question};
use rehome::{Answer, Config, Input, LookupKind, Preset, Registration};

use crate::bytes::Bytes;
use crate::phone::Phone;

pub(crate) const NAME: &str = "_sip._udp.example.test";

pub(crate) const KINDS: [LookupKind; 3] = [LookupKind::Srv, LookupKind::A, LookupKind::Aaaa];

/// The first byte says what was asked for, and whether the message is the fuzzer's whole or follows a good question.
pub fn dns(data: &[u8]) {
    let mut bytes = Bytes(data);
    let how = bytes.u8();
    let kind = KINDS[usize::from(how) % 3];
    let mut message = Vec::new();
    if how & 0x80 != 0 {
        encode_question(NAME, kind, 0x1234, &mut message).expect("a good name");
        message[2] |= 0x80;
        message[3] = bytes.u8();
        (message[7], message[9], message[11]) = (bytes.u8(), bytes.u8(), bytes.u8());
    }
    message.extend(bytes.0);
    let Ok(decoded) = decode_answer(&message, NAME, kind, Some(0x1234)) else { return };
    let Decoded::Answer(answer) = decoded else { return };
    within_limits(&answer, kind);
    handed_in(answer, kind);
}

/// Rules 2.7 and 7.4: so many records and addresses, and names of printable ASCII alone.
fn within_limits(answer: &Answer, kind: LookupKind) {
    match answer {
        Answer::Srv { records, .. } => {
            assert!(kind == LookupKind::Srv && (1..=4_096).contains(&records.len()));
            for record in records {
                let printable = record.target.bytes().all(|octet| octet.is_ascii_graphic());
                assert!(printable && (1..=1_003).contains(&record.target.len()), "{:?}", record.target);
            }
        }
        Answer::Addresses { addresses, .. } => {
            assert!(kind != LookupKind::Srv && (1..=16).contains(&addresses.len()));
            assert!(addresses.iter().all(|address| address.is_ipv4() == (kind == LookupKind::A)));
        }
        Answer::NoName { .. } | Answer::NoData { .. } | Answer::Failed { .. } => {}
    }
}

/// What was decoded is an answer that the core takes.
fn handed_in(answer: Answer, kind: LookupKind) {
    let mut config = Config { srv_record: Some(NAME.into()), ..Preset::Default.config() };
    if kind != LookupKind::Srv {
        config.lookup.addresses = rehome::Addresses::Core;
    }
    let mut phone = Phone::new(Registration::new(config, 1).expect("a good configuration"), 0);
    phone.hand_in(Input::Start, 0);
    let asked = phone.lookups.iter().find(|(_, of)| *of == kind).map(|(id, _)| *id);
    let Some(id) = asked else { return };
    phone.hand_in(Input::Answer { id, answer }, 10);
    assert!(!phone.lookups.iter().any(|(of, _)| *of == id));
}
