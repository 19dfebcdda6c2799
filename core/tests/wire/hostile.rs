//! Answers made to hurt: each ends soon, in an answer or an error.

use std::time::{Duration, Instant};

use proptest::prelude::{ProptestConfig, any, prop, proptest};
use rehome::wire::{Decoded, WireError, decode_answer};
use rehome::{Answer, LookupFailure, LookupKind};

use crate::packet::{A, ASKED, CNAME, ID, NAME, Packet, SRV, TXT, name, srv_data};

/// Far above what an unoptimized build on a busy machine needs (some 200 ms), far below what repetition would cost.
const SOON: Duration = Duration::from_secs(5);

const MALFORMED: Answer = Answer::Failed { cause: LookupFailure::Malformed };

/// The answer, which must come soon. With `--nocapture` it says how soon.
fn soon(what: &str, packet: &Packet, kind: LookupKind) -> Answer {
    let start = Instant::now();
    let answer = crate::packet::whole(packet.decode(kind));
    let took = start.elapsed();
    println!("{what}: {} octets in {took:?}", packet.0.len());
    assert!(took < SOON, "{what} took {took:?}");
    answer
}

fn pointer(to: usize) -> [u8; 2] {
    (0xC000 | u16::try_from(to).unwrap()).to_be_bytes()
}

/// An answer whose first record, a TXT, holds a name and then pointers, each to the one before it; and the last
/// of them.
fn with_chain(kind: u16, name: &[u8], pointers: usize) -> (Packet, [u8; 2]) {
    let packet = Packet::to(kind);
    let mut at = packet.0.len() + ASKED.len() + 10;
    let mut data = name.to_vec();
    let mut next = pointer(at);
    at += name.len();
    for _ in 0..pointers {
        data.extend(next);
        next = pointer(at);
        at += 2;
    }
    (packet.answer(&ASKED, TXT, 60, &data), next)
}

fn repeated(packet: Packet, times: usize, owner: &[u8], kind: u16, data: &[u8]) -> Packet {
    (0..times).fold(packet, |packet, _| packet.answer(owner, kind, 60, data))
}

#[test]
fn pointer_chains_times_thousands_of_records_are_read_in_time_rule_7_4() {
    let (packet, target) = with_chain(SRV, &name(&"x.".repeat(126)), 253);
    let packet = repeated(packet, 3_200, &ASKED, SRV, &srv_data(&target));
    let Answer::Srv { records, .. } = soon("3,200 targets through 254 pointers", &packet, LookupKind::Srv) else {
        panic!()
    };
    assert_eq!(records.len(), 3_200);
    assert!(records.iter().all(|record| record.target.len() == 251));

    let (packet, chain) = with_chain(SRV, &name(NAME), 253);
    let packet = repeated(packet, 3_200, &chain, SRV, &srv_data(&chain));
    let answer = soon("3,200 owners and targets through 254 pointers", &packet, LookupKind::Srv);
    assert!(matches!(answer, Answer::Srv { records, .. } if records.len() == 3_200));

    let (packet, chain) = with_chain(A, &name(NAME), 253);
    let packet = repeated(packet, 4_050, &chain, A, &[192, 0, 2, 1]);
    let answer = soon("4,050 owners through 254 pointers", &packet, LookupKind::A);
    assert!(matches!(answer, Answer::Addresses { addresses, .. } if addresses.len() == 1));
}

#[test]
fn thousands_of_aliases_are_read_in_time_rule_7_4() {
    let (packet, chain) = with_chain(SRV, &name(&"y.".repeat(126)), 253);
    let packet = (0..3_200u16).fold(packet, |packet, number| {
        let [high, low] = number.to_be_bytes();
        packet.answer(&[2, high, low, 0], CNAME, 60, &chain)
    });
    let answer = soon("3,200 aliases", &packet, LookupKind::Srv);
    assert_eq!(answer, Answer::NoData { ttl: None });

    let (packet, chain) = with_chain(SRV, &name(NAME), 253);
    let packet = repeated(packet, 4_000, &chain, CNAME, &chain);
    assert_eq!(soon("4,000 aliases of itself", &packet, LookupKind::Srv), MALFORMED);
}

#[test]
fn a_name_through_more_pointers_than_it_can_have_octets_is_malformed() {
    let (packet, chain) = with_chain(SRV, &name("sbc1.example.com"), 300);
    assert_eq!(packet.answer(&ASKED, SRV, 60, &srv_data(&chain)).srv(), MALFORMED);
}

#[test]
fn pointers_to_themselves_forward_or_in_a_circle_are_malformed_rfc_1035_4_1_4() {
    let packet = Packet::to(SRV);
    let owner_at = packet.0.len();
    let target_at = owner_at + ASKED.len() + 10 + 6;
    let end = target_at + 2;
    for (what, to) in [
        ("itself", target_at),
        ("one octet back", target_at - 1),
        ("one ahead", target_at + 1),
        ("the end", end),
        ("beyond", 0x3FFF),
    ] {
        let packet = packet.clone().answer(&ASKED, SRV, 60, &srv_data(&pointer(to)));
        assert_eq!(packet.srv(), MALFORMED, "target to {what}");
    }
    for (what, to) in [("itself", owner_at), ("ahead", owner_at + 2), ("beyond", 0x3FFF)] {
        let packet = packet.clone().answer(&pointer(to), SRV, 60, &srv_data(&[0]));
        assert_eq!(packet.srv(), MALFORMED, "owner to {what}");
    }
    let circle = srv_data(&[&b"\x01a"[..], &pointer(target_at)].concat());
    assert_eq!(packet.answer(&ASKED, SRV, 60, &circle).srv(), MALFORMED, "a label and back to it");
    let mut question = Packet::to(SRV);
    question.0.splice(12.., [0xC0, 12, 0, 33, 0, 1]);
    assert_eq!(question.decode(LookupKind::Srv), Err(WireError::OtherQuestion));
}

#[test]
fn four_thousand_records_are_read_and_no_more_than_4096_rule_2_7() {
    let data = srv_data(&[0]);
    // No UDP or TCP message holds this many, but one over HTTPS may have any length.
    for (sent, read) in [(4_000, 4_000), (4_096, 4_096), (5_000, 4_096)] {
        let packet = repeated(Packet::to(SRV), sent, &ASKED, SRV, &data);
        let Answer::Srv { records, .. } = soon("records", &packet, LookupKind::Srv) else { panic!() };
        assert_eq!(records.len(), read, "of {sent}");
    }
}

#[test]
fn counts_that_promise_more_than_there_is_are_malformed() {
    for at in [6, 8, 10] {
        let mut packet = Packet::to(SRV);
        packet.0[at] = 0xFF;
        assert_eq!(packet.srv(), MALFORMED, "count at {at}");
    }
}

#[test]
fn the_most_text_a_message_can_make_is_bounded() {
    let label = |length: u8| [&[length][..], &vec![0xFF; length.into()]].concat();
    let longest = [label(63), label(63), label(63), label(61), vec![0]].concat();
    let (packet, target) = with_chain(SRV, &longest, 1);
    let packet = repeated(packet, 3_200, &ASKED, SRV, &srv_data(&target));
    let Answer::Srv { records, .. } = soon("3,200 targets of escapes", &packet, LookupKind::Srv) else { panic!() };
    assert!(records.iter().all(|record| record.target.len() == 1_003));
}

/// Whatever the octets are, the limits hold.
fn within_limits(octets: &[u8], kind: LookupKind) {
    match decode_answer(octets, NAME, kind, Some(ID)) {
        Ok(Decoded::Answer(Answer::Srv { records, .. })) => {
            assert!(kind == LookupKind::Srv && (1..=4_096).contains(&records.len()));
            assert!(
                records.iter().all(|record| record.target.is_ascii() && (1..=1_003).contains(&record.target.len()))
            );
        }
        Ok(Decoded::Answer(Answer::Addresses { addresses, .. })) => {
            assert!(kind != LookupKind::Srv && (1..=16).contains(&addresses.len()));
            assert!(addresses.iter().all(|address| address.is_ipv4() == (kind == LookupKind::A)));
        }
        Ok(_) | Err(_) => {}
    }
}

/// Octets that mean something in a record: types, classes, lengths, pointers.
const TELLING: &[u8] = &[0, 1, 2, 4, 5, 6, 12, 28, 33, 63, 0xC0, 0xFF, b'a'];

const KINDS: [(LookupKind, u16); 3] = [(LookupKind::Srv, 33), (LookupKind::A, 1), (LookupKind::Aaaa, 28)];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_octets_end_in_an_answer_or_an_error_rule_7_4(octets in prop::collection::vec(any::<u8>(), 0..600)) {
        for (kind, _) in KINDS {
            within_limits(&octets, kind);
        }
    }

    #[test]
    fn any_octets_after_our_question_end_in_an_answer_or_an_error_rule_7_4(
        counts in prop::array::uniform3(0..6u8),
        octets in prop::collection::vec(prop::sample::select(TELLING), 0..300),
    ) {
        for (kind, number) in KINDS {
            let mut packet = Packet::to(number);
            for (at, count) in [7, 9, 11].into_iter().zip(counts) {
                packet.0[at] = count;
            }
            packet.0.extend(&octets);
            within_limits(&packet.0, kind);
        }
    }

    #[test]
    fn a_damaged_answer_ends_in_an_answer_or_an_error_rule_7_4(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        for (kind, number) in KINDS {
            let data: &[u8] = match kind {
                LookupKind::Srv => &srv_data(b"\x04sbc1\xC0\x16"),
                LookupKind::A => &[192, 0, 2, 1],
                LookupKind::Aaaa => &[0x20; 16],
            };
            let mut packet = Packet::to(number)
                .answer(&ASKED, CNAME, 60, b"\x01b\xC0\x16")
                .answer(b"\x01b\xC0\x16", number, 60, data)
                .answer(b"\x01b\xC0\x16", number, 60, data)
                .edns(0);
            within_limits(&packet.0, kind);
            let after_question = Packet::to(number).0.len();
            for (at, octet) in &damage {
                let at = after_question + at.index(packet.0.len() - after_question);
                packet.0[at] = *octet;
            }
            if let Some(cut) = cut {
                packet.0.truncate(cut.index(packet.0.len()));
            }
            within_limits(&packet.0, kind);
        }
    }

    #[test]
    fn the_text_of_a_target_without_escapes_is_exactly_its_labels_rule_2_7(
        labels in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..12), 1..6),
    ) {
        let mut target: Vec<u8> = labels.iter().flat_map(|label| [&[label.len() as u8][..], label].concat()).collect();
        target.push(0);
        let Answer::Srv { records, .. } = Packet::to(SRV).answer(&ASKED, SRV, 60, &srv_data(&target)).srv() else {
            panic!()
        };
        let text = &records[0].target;
        let odd = labels.iter().flatten().any(|octet| !octet.is_ascii_graphic() || b".\\".contains(octet));
        assert_eq!(text.contains('\\'), odd, "{text}");
        if !odd {
            assert_eq!(text.split('.').map(|label| label.as_bytes().to_vec()).collect::<Vec<_>>(), labels);
        }
    }
}
