//! What a question looks like, and which names cannot be asked for.

use rehome::LookupKind::{A, Aaaa, Srv};
use rehome::wire::{MAX_UDP_ANSWER, WireError, decode_answer, encode_question};

fn refused(name: &str) -> WireError {
    let mut out = b"before".to_vec();
    let error = encode_question(name, Srv, 0, &mut out).unwrap_err();
    assert_eq!(out, b"before", "an error leaves the buffer as it was");
    assert_eq!(decode_answer(&[], name, Srv, None).unwrap_err(), error, "both refuse the same names");
    error
}

#[test]
fn a_question_is_these_octets_rfc_1035_4_and_rfc_6891_6() {
    let mut out = b"what was there before".to_vec();
    encode_question("_sip._tcp.Example.com.", Srv, 0xBEEF, &mut out).unwrap();
    let expected = [
        &b"\xBE\xEF\x01\x00\x00\x01\x00\x00\x00\x00\x00\x01"[..], // id, recursion desired, one question, one additional
        b"\x04_sip\x04_tcp\x07Example\x03com\x00\x00\x21\x00\x01", // SRV, IN
        b"\x00\x00\x29\x04\xD0\x00\x00\x00\x00\x00\x00",          // OPT, 1232 octets, version 0, no options
    ]
    .concat();
    assert_eq!(out, expected);
    assert_eq!(MAX_UDP_ANSWER, 0x04D0);
}

#[test]
fn equal_questions_over_https_are_equal_octets_rfc_8484_4_1() {
    let (mut one, mut two) = (Vec::new(), Vec::new());
    encode_question("sbc1.example.com", A, 0, &mut one).unwrap();
    encode_question("sbc1.example.com.", A, 0, &mut two).unwrap();
    assert_eq!(one, two);
    assert_eq!(&one[..2], [0, 0]);
}

#[test]
fn the_longest_name_makes_282_octets_rfc_1035_2_3_4() {
    let label = "x".repeat(63);
    let name = format!("{label}.{label}.{label}.{}", "x".repeat(61));
    assert_eq!(name.len(), 253);
    let mut out = Vec::new();
    encode_question(&name, Aaaa, 7, &mut out).unwrap();
    assert_eq!(out.len(), 282);
    assert_eq!(encode_question(&format!("{name}."), Aaaa, 7, &mut out), Ok(()));
}

#[test]
fn a_name_of_254_octets_is_refused_and_quoted_in_part_rfc_1035_2_3_4() {
    let label = "x".repeat(63);
    let error = refused(&format!("{label}.{label}.{label}.{}", "x".repeat(62)));
    assert!(matches!(&error, WireError::NameTooLong { octets: 254, name } if name.len() == 80), "{error:?}");
    assert!(error.to_string().len() < 200);
    let error = refused(&"ä.".repeat(1_000_000));
    assert!(error.to_string().len() < 400, "{error}");
}

#[test]
fn a_label_of_64_octets_is_refused_rfc_1035_2_3_4() {
    let error = refused(&format!("_sip._udp.{}.com", "x".repeat(64)));
    assert!(matches!(error, WireError::LabelTooLong { octets: 64, .. }), "{error:?}");
}

#[test]
fn empty_names_and_labels_are_refused_rfc_1035_3_1() {
    for name in ["", "."] {
        assert_eq!(refused(name), WireError::NameEmpty);
    }
    for name in ["..", ".com", "a..com", "a.com.."] {
        assert!(matches!(refused(name), WireError::LabelEmpty { .. }), "{name}");
    }
}

#[test]
fn what_is_not_printable_ascii_is_refused_with_the_remedy_rule_2_7() {
    for name in ["bücher.example", "a b.example", "a\\.b.example", "a\0.example", "a\n.example", "\u{7f}.example"] {
        let error = refused(name);
        assert!(matches!(error, WireError::NameCharacter { .. }), "{name:?}");
        assert!(error.to_string().contains("xn--"));
        assert!(!error.to_string().contains(char::is_control), "{error:?}");
    }
}

#[test]
fn every_error_has_a_code_of_its_own() {
    let name = String::new;
    let errors = [
        WireError::NameEmpty,
        WireError::NameTooLong { name: name(), octets: 300 },
        WireError::LabelEmpty { name: name() },
        WireError::LabelTooLong { name: name(), octets: 64 },
        WireError::NameCharacter { name: name() },
        WireError::TooShort { octets: 3 },
        WireError::NotAResponse,
        WireError::OtherId { expected: 1, found: 2 },
        WireError::OtherQuestion,
    ];
    let codes: std::collections::BTreeSet<_> = errors.iter().map(WireError::code).collect();
    assert_eq!(codes.len(), errors.len());
}
