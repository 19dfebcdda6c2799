//! What an answer comes to, case by case.

use std::net::IpAddr;

use rehome::wire::{Decoded, WireError, decode_answer};
use rehome::{Answer, LookupFailure, LookupKind, Seconds, SrvRecord};

use crate::packet::{A, AAAA, ASKED, CNAME, ID, NAME, NS, OPT, Packet, SOA, SRV, TXT, name, soa_data, srv_data, whole};

const MALFORMED: Answer = Answer::Failed { cause: LookupFailure::Malformed };
const OTHER: Answer = Answer::Failed { cause: LookupFailure::Other };

fn srv(targets: &[&str], ttl: u32) -> Answer {
    let record = |target: &&str| SrvRecord { priority: 10, weight: 60, port: 5060, target: (*target).into() };
    Answer::Srv { records: targets.iter().map(record).collect(), ttl: Seconds::new(ttl) }
}

fn no_data(ttl: Option<u32>) -> Answer {
    Answer::NoData { ttl: ttl.map(Seconds::new) }
}

fn no_name(ttl: Option<u32>) -> Answer {
    Answer::NoName { ttl: ttl.map(Seconds::new) }
}

fn target_of(octets: &[u8]) -> String {
    match Packet::to(SRV).answer(&ASKED, SRV, 60, &srv_data(octets)).srv() {
        Answer::Srv { records, .. } => records[0].target.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn srv_records_come_in_wire_order_without_the_final_dot_rfc_2782() {
    let packet = b"\x12\x34\x85\x80\x00\x01\x00\x02\x00\x00\x00\x00\
        \x04_sip\x04_udp\x07example\x03com\x00\x00\x21\x00\x01\
        \xC0\x0C\x00\x21\x00\x01\x00\x00\x01\x2C\x00\x0D\x00\x0A\x00\x3C\x13\xC4\x04sbc1\xC0\x16\
        \xC0\x0C\x00\x21\x00\x01\x00\x00\x00\xF0\x00\x0D\x00\x14\x00\x00\x13\xC5\x04sbc2\xC0\x16";
    let record = |priority, weight, port, target: &str| SrvRecord { priority, weight, port, target: target.into() };
    assert_eq!(
        decode_answer(packet, NAME, LookupKind::Srv, Some(ID)),
        Ok(Decoded::Answer(Answer::Srv {
            records: vec![record(10, 60, 5060, "sbc1.example.com"), record(20, 0, 5061, "sbc2.example.com")],
            ttl: Seconds::new(240),
        }))
    );
}

#[test]
fn a_lone_root_target_stays_a_dot_rule_2_7() {
    assert_eq!(Packet::to(SRV).answer(&ASKED, SRV, 60, &srv_data(&[0])).srv(), srv(&["."], 60));
}

#[test]
fn addresses_are_read_for_a_and_aaaa_rfc_1035_3_4_1_and_rfc_3596() {
    let packet = Packet::to(A).answer(&ASKED, A, 90, &[192, 0, 2, 1]).answer(&ASKED, A, 80, &[192, 0, 2, 2]);
    let addresses = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap()).to_vec();
    assert_eq!(whole(packet.decode(LookupKind::A)), Answer::Addresses { addresses, ttl: Seconds::new(80) });

    let one: IpAddr = "2001:db8::1".parse().unwrap();
    let packet = Packet::to(AAAA).answer(&ASKED, AAAA, 70, &[0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(
        whole(packet.decode(LookupKind::Aaaa)),
        Answer::Addresses { addresses: vec![one], ttl: Seconds::new(70) }
    );
}

#[test]
fn the_first_16_different_of_300_addresses_are_kept_rule_7_4() {
    let packet = (0..300u16).fold(Packet::to(A), |packet, number| {
        let [high, low] = (number / 2).to_be_bytes();
        packet.answer(&ASKED, A, 60, &[10, 0, high, low])
    });
    let Answer::Addresses { addresses, .. } = whole(packet.decode(LookupKind::A)) else { panic!() };
    let expected: Vec<IpAddr> = (0..16).map(|low| [10, 0, 0, low].into()).collect();
    assert_eq!(addresses, expected);
}

#[test]
fn names_are_compared_without_case_rfc_4343() {
    let packet = Packet::to_name("_SIP._udp.eXample.COM", SRV).answer(
        &name("_sip._UDP.EXAMPLE.com"),
        SRV,
        60,
        &srv_data(&name("SBC1.example.com")),
    );
    assert_eq!(packet.srv(), srv(&["SBC1.example.com"], 60));
}

#[test]
fn other_owners_types_classes_and_sections_are_passed_over() {
    let odd = srv_data(&name("evil.example"));
    let packet = Packet::to(SRV)
        .answer(&name("other.example.com"), SRV, 1, &odd)
        .answer_of_class(3, &ASKED, SRV, 1, &odd)
        .answer(&ASKED, TXT, 1, b"\x04text")
        .answer(&ASKED, OPT, 0xFF00_0000, b"")
        .answer(&ASKED, SRV, 60, &srv_data(&name("sbc1.example.com")))
        .authority(&ASKED, SRV, 1, &odd)
        .additional(&ASKED, TXT, 0xFF00_0000, b"\x04text")
        .edns(0);
    let packet = Packet([&packet.0[..], b"what follows"].concat());
    assert_eq!(packet.srv(), srv(&["sbc1.example.com"], 60));
}

#[test]
fn aliases_are_followed_in_any_order_and_the_lowest_ttl_on_the_way_counts_rfc_1034_3_6_2() {
    let packet = Packet::to(SRV)
        .answer(&name("C.example.net"), SRV, 300, &srv_data(&name("sbc1.example.com")))
        .answer(&name("b.example.net"), CNAME, 30, &name("c.example.net"))
        .answer(&name("x.example.net"), CNAME, 1, &name("c.example.net"))
        .answer(&ASKED, CNAME, 100, &name("B.example.net"));
    assert_eq!(packet.srv(), srv(&["sbc1.example.com"], 30));
}

#[test]
fn eight_aliases_are_followed_and_nine_are_a_failure() {
    let chain = |aliases: usize| {
        let owner = |number: usize| if number == 0 { name(NAME) } else { name(&format!("n{number}.example")) };
        (0..aliases)
            .fold(Packet::to(SRV), |packet, number| packet.answer(&owner(number), CNAME, 60, &owner(number + 1)))
            .answer(&owner(aliases), SRV, 60, &srv_data(&name("sbc1.example.com")))
            .srv()
    };
    assert_eq!(chain(8), srv(&["sbc1.example.com"], 60));
    assert_eq!(chain(9), MALFORMED);
}

#[test]
fn a_loop_of_aliases_is_a_failure_not_an_empty_answer_rule_5_4() {
    let own = Packet::to(SRV).answer(&ASKED, CNAME, 60, &ASKED);
    assert_eq!(own.srv(), MALFORMED);
    let pair = Packet::to(SRV).answer(&ASKED, CNAME, 60, &name("b.example")).answer(
        &name("b.example"),
        CNAME,
        60,
        &name(NAME),
    );
    assert_eq!(pair.srv(), MALFORMED);
}

#[test]
fn an_alias_that_leads_out_of_the_message_is_no_data() {
    let packet = Packet::to(SRV).answer(&ASKED, CNAME, 60, &name("b.example"));
    assert_eq!(packet.srv(), no_data(None));
}

#[test]
fn nxdomain_is_no_name_with_the_lower_of_soa_ttl_and_minimum_rfc_2308_5() {
    let packet = Packet::to(SRV).rcode(3);
    assert_eq!(packet.srv(), no_name(None));
    for (ttl, minimum) in [(300, 900), (900, 300)] {
        let packet = packet.clone().authority(&name("Example.com"), SOA, ttl, &soa_data(minimum));
        assert_eq!(packet.srv(), no_name(Some(300)));
    }
    let aliased =
        packet.answer(&ASKED, CNAME, 60, &name("b.example")).authority(&name("example"), SOA, 300, &soa_data(900));
    assert_eq!(
        aliased.srv(),
        no_name(Some(60)),
        "NXDOMAIN is about the alias's end (RFC 6604, 3), as long as it lasts"
    );
}

#[test]
fn nxdomain_holds_against_records_in_the_same_message_rfc_6604_3() {
    let packet = Packet::to(SRV).answer(&ASKED, SRV, 60, &srv_data(&name("sbc1.example.com")));
    assert_eq!(packet.rcode(3).srv(), no_name(None));
}

#[test]
fn noerror_without_records_is_no_data_with_the_negative_ttl_rfc_2308_2_2() {
    let packet = Packet::to(SRV);
    assert_eq!(packet.srv(), no_data(None));
    let with_soa = packet.authority(&name("com"), SOA, 86_400, &soa_data(60)).authority(&name("com"), NS, 1, &[0]);
    assert_eq!(with_soa.srv(), no_data(Some(60)));
}

#[test]
fn an_soa_of_a_zone_that_the_name_is_not_in_says_nothing_rfc_2308_5() {
    for zone in ["example.net", "ample.com", "x._sip._udp.example.com"] {
        let packet = Packet::to(SRV).authority(&name(zone), SOA, 60, &soa_data(60));
        assert_eq!(packet.srv(), no_data(None), "{zone}");
    }
    let of_chaos = Packet::to(SRV).authority_of_class(3, &name("com"), SOA, 60, &soa_data(60));
    assert_eq!(of_chaos.srv(), no_data(None), "another class is another tree");
}

#[test]
fn a_referral_is_a_failure_not_an_empty_answer_rfc_2308_2_2_and_rule_1_4() {
    let packet = Packet::to(SRV).authority(&name("com"), NS, 60, &name("a.gtld-servers.net"));
    assert_eq!(packet.srv(), OTHER);
}

#[test]
fn error_codes_are_failures_with_their_cause_rule_5_4() {
    let failed = |cause| Answer::Failed { cause };
    for (code, cause) in
        [(1, OTHER), (2, failed(LookupFailure::ServFail)), (4, OTHER), (5, failed(LookupFailure::Refused)), (9, OTHER)]
    {
        assert_eq!(Packet::to(SRV).rcode(code).srv(), cause, "{code}");
        assert_eq!(Packet::to(SRV).rcode(code).truncated().srv(), cause, "{code}, truncated");
    }
}

#[test]
fn extended_error_codes_are_not_taken_for_noerror_rfc_6891_6_1_3() {
    let record = srv_data(&name("sbc1.example.com"));
    assert_eq!(Packet::to(SRV).edns(1).srv(), OTHER, "BADVERS has 0 in the header");
    assert_eq!(Packet::to(SRV).answer(&ASKED, SRV, 60, &record).edns(1).srv(), OTHER);
    assert_eq!(Packet::to(SRV).answer(&ASKED, SRV, 60, &record).edns(0).srv(), srv(&["sbc1.example.com"], 60));
}

#[test]
fn an_error_without_a_question_is_believed_and_nothing_else_without_one_is_rfc_5452_9_1() {
    let bare = |code: u8| Packet(vec![0x12, 0x34, 0x80, code, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bare(1).srv(), OTHER);
    assert_eq!(bare(5).srv(), Answer::Failed { cause: LookupFailure::Refused });
    for code in [0, 3] {
        assert_eq!(bare(code).decode(LookupKind::Srv), Err(WireError::OtherQuestion));
    }
}

#[test]
fn a_truncated_answer_is_to_be_asked_again_and_nothing_of_it_is_used_rfc_2181_9() {
    let packet = Packet::to(SRV).answer(&ASKED, SRV, 60, &srv_data(&name("sbc1.example.com"))).truncated();
    for length in [packet.0.len(), packet.0.len() - 5] {
        let packet = Packet(packet.0[..length].to_vec());
        assert_eq!(packet.decode(LookupKind::Srv), Ok(Decoded::Truncated));
    }
    assert_eq!(Packet::to(SRV).truncated().rcode(3).decode(LookupKind::Srv), Ok(Decoded::Truncated));
}

#[test]
fn another_id_is_not_our_answer_unless_ids_do_not_matter_rfc_5452_9_1() {
    let packet = Packet::to(SRV);
    let decode = |id| decode_answer(&packet.0, NAME, LookupKind::Srv, id);
    assert_eq!(decode(Some(7)), Err(WireError::OtherId { expected: 7, found: ID }));
    assert_eq!(decode(None), Ok(Decoded::Answer(no_data(None))));
}

#[test]
fn another_question_is_not_our_answer_rfc_5452_9_1() {
    let other = Err(WireError::OtherQuestion);
    assert_eq!(Packet::to(A).decode(LookupKind::Srv), other);
    assert_eq!(Packet::to_name("_sip._udp.example.net", SRV).decode(LookupKind::Srv), other);
    assert_eq!(Packet::to_name("_udp.example.com", SRV).decode(LookupKind::Srv), other);
    for (at, octet) in [(5, 0), (5, 2)] {
        let mut packet = Packet::to(SRV);
        packet.0[at] = octet;
        assert_eq!(packet.decode(LookupKind::Srv), other, "no question, or two");
    }
    let mut chaos = Packet::to(SRV);
    *chaos.0.last_mut().unwrap() = 3;
    assert_eq!(chaos.decode(LookupKind::Srv), other);
    let cut = Packet(Packet::to(SRV).0[..20].to_vec());
    assert_eq!(cut.decode(LookupKind::Srv), other);
}

#[test]
fn a_query_an_update_and_a_scrap_are_no_answers_rfc_1035_4_1_1() {
    for flags in [0x01, 0xA9] {
        let mut packet = Packet::to(SRV);
        packet.0[2] = flags;
        assert_eq!(packet.decode(LookupKind::Srv), Err(WireError::NotAResponse));
    }
    for octets in 0..12 {
        let packet = Packet(Packet::to(SRV).0[..octets].to_vec());
        assert_eq!(packet.decode(LookupKind::Srv), Err(WireError::TooShort { octets }));
    }
}

#[test]
fn one_unreadable_record_fails_the_whole_answer_rule_5_4() {
    let good = Packet::to(SRV).answer(&ASKED, SRV, 60, &srv_data(&name("sbc1.example.com")));
    let long = [63, b'x'].iter().chain(&[b'x'; 62]).copied().collect::<Vec<u8>>().repeat(4);
    for (data, what) in [
        (vec![0, 10, 0, 60, 0x13], "too short"),
        (srv_data(b"\x03abc"), "no end of the name"),
        (srv_data(b"\x00\x00"), "octets left over"),
        (srv_data(b"\x80\x00"), "an unknown kind of label"),
        (srv_data(&[&long[..], &[0]].concat()), "a name of 257 octets"),
    ] {
        assert_eq!(good.clone().answer(&ASKED, SRV, 60, &data).srv(), MALFORMED, "{what}");
    }
    let packet = Packet::to(A).answer(&ASKED, A, 60, &[192, 0, 2]);
    assert_eq!(whole(packet.decode(LookupKind::A)), MALFORMED, "an address of three octets");
    assert_eq!(Packet(good.0[..good.0.len() - 1].to_vec()).srv(), MALFORMED, "cut short without the TC bit");
}

#[test]
fn odd_octets_in_a_target_never_make_another_good_name_rule_2_7() {
    assert_eq!(target_of(b"\x08sbc1.com\x00"), "sbc1\\046com");
    assert_eq!(target_of(b"\x06a b\0\\\xFF\x00"), "a\\032b\\000\\092\\255");
    assert_eq!(target_of(b"\x01.\x00"), "\\046");
    assert_eq!(target_of(b"\x03a/b\x03com\x00"), "a/b.com", "printable, so it stays: rule 2.7 judges it");
}

#[test]
fn a_ttl_with_its_highest_bit_set_is_a_long_one_rfc_8767_4() {
    let packet = Packet::to(SRV).answer(&ASKED, SRV, u32::MAX, &srv_data(&name("sbc1.example.com")));
    assert_eq!(packet.srv(), srv(&["sbc1.example.com"], u32::MAX));
}
