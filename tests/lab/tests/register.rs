//! Registering, as RFC 3261 10.3 wants it.

mod common;

use std::time::Duration;

use anyhow::Result;
use common::{BRIEFLY, Client, http, lab, lab_with, put, short};
use rehome_lab::{Lab, Settings, Transport};

fn registrar(lab: &Lab, index: usize) -> std::net::SocketAddr {
    lab.registrar_addresses()[index]
}

#[tokio::test]
async fn a_phone_registers_with_digest_over_udp_and_tcp() -> Result<()> {
    let lab = lab().await?;
    let server = registrar(&lab, 0);
    for (mut phone, transport) in
        [(Client::udp("alice", server).await?, Transport::Udp), (Client::tcp("bob", server).await?, Transport::Tcp)]
    {
        let request = phone.request("REGISTER", &format!("Contact: <{}>;expires=60\r\n", phone.contact));
        let challenge = phone.ask(&request).await?;
        assert_eq!(challenge.code, 401);
        assert_eq!(challenge.challenge("realm").as_deref(), Some("example.test"));
        assert_eq!(challenge.challenge("qop").as_deref(), Some("auth"));
        let answer = phone.register(60).await?;
        assert_eq!(answer.code, 200);
        assert_eq!(answer.all("Contact"), [format!("<{}>;expires=60", phone.contact)]);
        assert!(answer.one("Via")?.contains(&format!("rport={}", phone.local().port())));
        assert!(answer.one("To")?.contains(";tag="));
        assert_eq!(answer.one("CSeq")?, format!("{} REGISTER", phone.cseq));
        let bindings = lab.control().bindings(Some(&phone.user));
        let [binding] = &bindings[..] else { panic!("{bindings:?}") };
        assert_eq!((binding.registrar.as_str(), binding.datacentre), ("dc1-spx1", 1));
        assert_eq!((binding.transport, &binding.source), (transport, &phone.local().to_string()));
        assert_eq!((&binding.call_id, binding.cseq), (&phone.call_id, phone.cseq));
        assert!(binding.expires_in > 58.0 && binding.expires_in <= 60.0);
    }
    let log = lab.control().log(Some("alice"));
    let codes: Vec<_> = log.iter().map(|entry| (entry.code, entry.authorized)).collect();
    assert_eq!(codes, [(Some(401), false), (Some(401), false), (Some(200), true)]);
    Ok(())
}

#[tokio::test]
async fn wrong_stale_and_foreign_credentials_are_told_apart() -> Result<()> {
    let lab = lab_with(Settings { nonce_seconds: 1, ..short() }).await?;
    let mut phone = Client::udp("alice", registrar(&lab, 0)).await?;
    let contact = format!("Contact: <{}>\r\n", phone.contact);
    let request = phone.request("REGISTER", &contact);
    let challenge = phone.ask(&request).await?;
    let wrong = phone.authorize(&challenge, "REGISTER", "guess")?;
    let request = phone.request("REGISTER", &format!("{wrong}{contact}"));
    let answer = phone.ask(&request).await?;
    assert_eq!((answer.code, answer.challenge("stale")), (401, None));
    let right = phone.authorize(&challenge, "REGISTER", "secret")?;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let request = phone.request("REGISTER", &format!("{right}{contact}"));
    let answer = phone.ask(&request).await?;
    assert_eq!((answer.code, answer.challenge("stale").as_deref()), (401, Some("true")));
    let fresh = phone.authorize(&answer, "REGISTER", "secret")?;
    let request = phone.request("REGISTER", &format!("{fresh}{contact}"));
    assert_eq!(phone.ask(&request).await?.code, 200);
    let request = phone.request("REGISTER", &format!("{fresh}{contact}")).replace("To: <sip:alice", "To: <sip:mallory");
    assert_eq!(phone.ask(&request).await?.code, 403);
    Ok(())
}

#[tokio::test]
async fn a_nonce_serves_more_than_255_times() -> Result<()> {
    let lab = lab().await?;
    let mut phone = Client::udp("alice", registrar(&lab, 0)).await?;
    let request = phone.request("REGISTER", "");
    let challenge = phone.ask(&request).await?;
    for _ in 0..260 {
        let authorization = phone.authorize(&challenge, "REGISTER", "secret")?;
        let request = phone.request("REGISTER", &authorization);
        assert_eq!(phone.ask(&request).await?.code, 200);
    }
    Ok(())
}

#[tokio::test]
async fn digest_can_be_switched_off_and_options_needs_none() -> Result<()> {
    let lab = lab().await?;
    let mut phone = Client::tcp("alice", registrar(&lab, 0)).await?;
    let options = phone.request("OPTIONS", "");
    let answer = phone.ask(&options).await?;
    assert_eq!((answer.code, answer.one("Allow")?.as_str()), (200, "REGISTER, OPTIONS"));
    let invite = phone.request("INVITE", "");
    assert_eq!(phone.ask(&invite).await?.code, 405);
    put(&lab, "/settings", r#"{"digest":false}"#).await?;
    let request = phone.request("REGISTER", &format!("Contact: <{}>\r\n", phone.contact));
    let answer = phone.ask(&request).await?;
    assert_eq!(answer.code, 200);
    assert!(answer.one("Contact")?.ends_with(";expires=3600"));
    Ok(())
}

#[tokio::test]
async fn expiries_are_bounded_and_real() -> Result<()> {
    let lab = lab_with(Settings { min_expires: 2, max_expires: 100, ..Settings::default() }).await?;
    let mut phone = Client::udp("alice", registrar(&lab, 0)).await?;
    let brief = phone.register(1).await?;
    assert_eq!((brief.code, brief.one("Min-Expires")?.as_str()), (423, "2"));
    assert!(phone.register(4000).await?.one("Contact")?.ends_with(";expires=100"));
    assert_eq!(phone.register(2).await?.code, 200);
    assert_eq!(lab.control().bindings(Some("alice")).len(), 1);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert!(lab.control().bindings(Some("alice")).is_empty());
    let contact = phone.contact.clone();
    let header = phone.register_with(&format!("Expires: 50\r\nContact: <{contact}>\r\n")).await?;
    assert!(header.one("Contact")?.ends_with(";expires=50"));
    Ok(())
}

#[tokio::test]
async fn both_ways_to_unregister_work_and_a_fetch_changes_nothing() -> Result<()> {
    let lab = lab().await?;
    let mut phone = Client::tcp("alice", registrar(&lab, 2)).await?;
    for _ in 0..2 {
        phone.register(60).await?;
        let second = phone.register_with("Contact: <sip:alice@127.0.0.1:9>;expires=30\r\n").await?;
        assert_eq!(second.all("Contact").len(), 2);
        let fetched = phone.register_with("").await?;
        assert_eq!((fetched.code, fetched.all("Contact").len()), (200, 2));
        let left = phone.register(0).await?;
        assert_eq!(left.all("Contact"), ["<sip:alice@127.0.0.1:9>;expires=30"]);
        let none = phone.register_with("Contact: *\r\nExpires: 0\r\n").await?;
        assert_eq!((none.code, none.all("Contact").len()), (200, 0));
    }
    let star = phone.register_with("Contact: *\r\nExpires: 60\r\n").await?;
    assert_eq!(star.code, 400);
    assert!(lab.control().bindings(None).is_empty());
    Ok(())
}

#[tokio::test]
async fn an_order_that_does_not_go_up_changes_nothing() -> Result<()> {
    let lab = lab_with(Settings { digest: false, ..Settings::default() }).await?;
    let mut phone = Client::udp("alice", registrar(&lab, 0)).await?;
    phone.cseq = 10;
    assert_eq!(phone.register(60).await?.code, 200);
    for cseq in [10, 4] {
        phone.cseq = cseq - 1;
        assert_eq!(phone.register(0).await?.code, 500);
        phone.cseq = cseq - 1;
        assert_eq!(phone.register_with("Contact: *\r\nExpires: 0\r\n").await?.code, 500);
    }
    assert_eq!(lab.control().bindings(Some("alice"))[0].cseq, 11);
    phone.call_id = "another".into();
    phone.cseq = 0;
    assert_eq!(phone.register(0).await?.code, 200);
    assert!(lab.control().bindings(Some("alice")).is_empty());
    Ok(())
}

#[tokio::test]
async fn a_repeated_datagram_gets_the_same_answer_and_is_done_once() -> Result<()> {
    let lab = lab_with(Settings { digest: false, ..Settings::default() }).await?;
    let mut phone = Client::udp("alice", registrar(&lab, 0)).await?;
    let request = phone.request("REGISTER", &format!("Contact: <{}>;expires=60\r\n", phone.contact));
    let first = phone.ask(&request).await?;
    let again = phone.ask(&request).await?;
    assert_eq!((first.code, &first.text), (200, &again.text));
    let seen: Vec<_> = lab.control().log(None).iter().map(|entry| (entry.retransmission, entry.code)).collect();
    assert_eq!(seen, [(false, Some(200)), (true, Some(200))]);
    Ok(())
}

#[tokio::test]
async fn garbage_is_ignored_and_what_is_incomplete_is_refused() -> Result<()> {
    let lab = lab().await?;
    for mut phone in [Client::udp("alice", registrar(&lab, 0)).await?, Client::tcp("alice", registrar(&lab, 0)).await?]
    {
        phone.send("nonsense\r\n\r\n").await?;
        phone.send("SIP/2.0 200 OK\r\nCall-ID: x\r\n\r\n").await?;
        let request = phone.request("REGISTER", "Contact: <sip:\r\n");
        assert_eq!(phone.ask(&request).await?.code, 400);
        let request = phone.request("REGISTER", "").replace("CSeq: 2 REGISTER", "CSeq: x");
        assert_eq!(phone.ask(&request).await?.code, 400);
        assert_eq!(phone.register(60).await?.code, 200);
    }
    Ok(())
}

#[tokio::test]
async fn a_stream_may_come_in_any_pieces_and_a_ping_gets_a_pong() -> Result<()> {
    let lab = lab().await?;
    let mut phone = Client::tcp("alice", registrar(&lab, 1)).await?;
    phone.send("\r\n\r\n").await?;
    assert_eq!(phone.receive_raw(2).await?, b"\r\n");
    let both = phone.request("OPTIONS", "") + &phone.request("OPTIONS", "");
    let (head, tail) = both.split_at(both.len() / 3);
    phone.send(head).await?;
    tokio::time::sleep(Duration::from_millis(20)).await;
    phone.send(tail).await?;
    assert_eq!(phone.receive(common::SOON).await?.code, 200);
    assert_eq!(phone.receive(common::SOON).await?.code, 200);
    assert!(phone.receive(BRIEFLY).await.is_err());
    Ok(())
}

/// The trap of one table over both data centres: the old proxy forgets the binding made through the new one.
#[tokio::test]
async fn an_unregister_through_the_old_proxy_deletes_the_new_binding_if_the_table_is_shared() -> Result<()> {
    for (shared, left) in [(false, vec!["dc2-spx1"]), (true, vec![])] {
        let lab = lab().await?;
        put(&lab, "/settings", &format!(r#"{{"sharedLocation":{shared}}}"#)).await?;
        let mut old = Client::udp("alice", registrar(&lab, 0)).await?;
        let mut new = Client::udp("alice", registrar(&lab, 2)).await?;
        new.contact = old.contact.clone();
        assert_eq!(old.register(60).await?.code, 200);
        assert_eq!(new.register(60).await?.code, 200);
        assert_eq!(lab.control().bindings(Some("alice")).len(), if shared { 1 } else { 2 });
        assert_eq!(old.register(0).await?.code, 200);
        let bindings = lab.control().bindings(Some("alice"));
        let at: Vec<_> = bindings.iter().map(|binding| binding.registrar.as_str()).collect();
        assert_eq!(at, left, "shared: {shared}");
    }
    Ok(())
}

#[tokio::test]
async fn registrars_of_one_data_centre_share_a_table_and_joining_two_keeps_the_latest() -> Result<()> {
    let lab = lab().await?;
    let mut first = Client::udp("alice", registrar(&lab, 0)).await?;
    first.register(60).await?;
    for index in [1, 2] {
        let mut next = Client::udp("alice", registrar(&lab, index)).await?;
        next.contact = first.contact.clone();
        next.register(60).await?;
    }
    let (_, all) = http(&lab, "GET", "/bindings/alice", "").await?;
    assert_eq!((all[0]["registrar"].as_str(), all[1]["registrar"].as_str()), (Some("dc1-spx2"), Some("dc2-spx1")));
    put(&lab, "/settings", r#"{"sharedLocation":true}"#).await?;
    let (_, all) = http(&lab, "GET", "/bindings/alice", "").await?;
    assert_eq!(all.as_array().map(Vec::len), Some(1));
    assert_eq!(all[0]["registrar"], "dc2-spx1");
    Ok(())
}
