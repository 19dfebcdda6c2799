//! Registering over WebSocket, as browsers do, and every fault there.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use common::{BRIEFLY, Client, SOON, fetch, http, lab, lab_with, put, refusal, websocket};
use futures_util::{SinkExt, StreamExt};
use rehome_lab::{Lab, Settings, SettingsChange, Transport};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

const FIRST: &str = "/registrars/dc1-spx1/fault";
const PING: &str = "\r\n\r\n";

fn first(lab: &Lab) -> SocketAddr {
    lab.ws_addresses()[0]
}

async fn mend(lab: &Lab, path: &str) -> Result<()> {
    assert_eq!(http(lab, "DELETE", path, "").await?.0, 200);
    Ok(())
}

/// What a ping of this kind brings back within `wait`.
async fn ping(client: &mut Client, message: Message, wait: Duration) -> Result<Option<Message>> {
    let socket = client.websocket()?;
    socket.send(message).await?;
    Ok(match timeout(wait, socket.next()).await {
        Err(_) => None,
        Ok(answer) => Some(answer.context("closed")??),
    })
}

/// Waits until a user has no binding left.
async fn unbound(lab: &Lab, user: &str) -> bool {
    for _ in 0..100 {
        if lab.control().bindings(Some(user)).is_empty() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn a_browser_registers_refreshes_and_unregisters_at_all_four() -> Result<()> {
    let lab = lab().await?;
    for server in lab.ws_addresses() {
        let mut phone = Client::ws("alice", server).await?;
        let answer = phone.register(60).await?;
        assert_eq!(answer.code, 200);
        assert_eq!(answer.all("Contact"), [format!("<{}>;expires=60", phone.contact)]);
        let via = answer.one("Via")?;
        assert!(via.starts_with("SIP/2.0/WS ") && via.contains(".invalid"), "{via}");
        assert!(via.contains(&format!("received={}", phone.local().ip())), "{via}");
        assert_eq!(phone.register(90).await?.code, 200);
        let bindings = lab.control().bindings(Some("alice"));
        let [binding] = &bindings[..] else { panic!("{bindings:?}") };
        assert_eq!((binding.transport, &binding.source), (Transport::Ws, &phone.local().to_string()));
        assert_eq!(binding.contact, phone.contact);
        assert_eq!(phone.register(0).await?.all("Contact").len(), 0);
        assert!(lab.control().bindings(Some("alice")).is_empty());
    }
    let (_, log) = http(&lab, "GET", "/log/alice", "").await?;
    assert_eq!((&log[0]["transport"], &log[0]["code"]), (&"ws".into(), &401.into()));
    Ok(())
}

/// JsSIP finds its own contact among others' by `+sip.instance`.
#[tokio::test]
async fn outbound_parameters_are_kept_and_given_back() -> Result<()> {
    let lab = lab().await?;
    let mut phone = Client::ws("alice", first(&lab)).await?;
    let instance = ";reg-id=1;+sip.instance=\"<urn:uuid:0d2b5f6c-7a11-4c3e-9b60-2f2f5d0c8a11>\"";
    let contact = format!("Contact: <{};ob>{instance};expires=60\r\n", phone.contact);
    phone.register_with(&contact).await?;
    let mut desk = Client::udp("alice", lab.registrar_addresses()[1]).await?;
    let both = desk.register(30).await?;
    assert_eq!(
        both.all("Contact"),
        [format!("<{};ob>{instance};expires=60", phone.contact), format!("<{}>;expires=30", desk.contact)]
    );
    let (_, bindings) = http(&lab, "GET", "/bindings/alice", "").await?;
    assert_eq!((&bindings[0]["parameters"], &bindings[1]["parameters"]), (&instance.into(), &"".into()));
    let contact = format!("Contact: <{};OB>;expires=0\r\n", phone.contact.replace("invalid", "INVALID"));
    assert_eq!(phone.register_with(&contact).await?.all("Contact").len(), 1, "it is the same contact");
    let odd = phone.register_with("Contact: <tel:+1-201-555-0123>;expires=60\r\n").await?;
    assert_eq!(odd.all("Contact")[1], "<tel:+1-201-555-0123>;expires=60");
    Ok(())
}

#[tokio::test]
async fn credentials_count_here_too() -> Result<()> {
    let lab = lab().await?;
    let mut phone = Client::ws("alice", first(&lab)).await?;
    let contact = format!("Contact: <{}>\r\n", phone.contact);
    let request = phone.request("REGISTER", &contact);
    let challenge = phone.ask(&request).await?;
    assert_eq!(challenge.code, 401);
    let wrong = phone.authorize(&challenge, "REGISTER", "guess")?;
    let request = phone.request("REGISTER", &format!("{wrong}{contact}"));
    assert_eq!(phone.ask(&request).await?.code, 401);
    let right = phone.authorize(&challenge, "REGISTER", "secret")?;
    let request = phone.request("REGISTER", &format!("{right}{contact}"));
    assert_eq!(phone.ask(&request).await?.code, 200);
    phone.send("nonsense\r\n\r\n").await?;
    let options = phone.request("OPTIONS", "");
    assert_eq!(phone.ask(&options).await?.code, 200, "garbage is ignored");
    Ok(())
}

#[tokio::test]
async fn keep_alives_and_answers_come_as_the_kind_that_was_sent() -> Result<()> {
    let lab = lab().await?;
    let mut phone = Client::ws("alice", first(&lab)).await?;
    assert_eq!(ping(&mut phone, Message::text(PING), SOON).await?, Some(Message::text("\r\n")));
    let binary = Message::binary(PING.as_bytes().to_vec());
    assert_eq!(ping(&mut phone, binary, SOON).await?, Some(Message::binary(b"\r\n".to_vec())));
    let request = phone.request("OPTIONS", "").into_bytes();
    let answer = ping(&mut phone, Message::binary(request), SOON).await?;
    assert!(matches!(answer, Some(Message::Binary(bytes)) if bytes.starts_with(b"SIP/2.0 200 OK\r\n")));
    let request = phone.request("OPTIONS", "");
    assert_eq!(phone.ask(&request).await?.code, 200);
    let pong = ping(&mut phone, Message::Ping(b"x".to_vec().into()), SOON).await?;
    assert_eq!(pong, Some(Message::Pong(b"x".to_vec().into())));
    phone.websocket()?.close(None).await?;
    assert!(matches!(timeout(SOON, phone.websocket()?.next()).await?, Some(Ok(Message::Close(_))) | None));
    Ok(())
}

#[tokio::test]
async fn what_is_no_sip_over_websocket_is_refused_over_http() -> Result<()> {
    let lab = lab().await?;
    let error = websocket(first(&lab), "/elsewhere").await.unwrap_err();
    assert_eq!(refusal(&error), Some(404));
    let upgrade =
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n";
    let chat = format!("{upgrade}Sec-WebSocket-Protocol: chat\r\n");
    for (start, headers, status, word) in [
        ("GET /", "", 404, "/ws"),
        ("GET /ws", "", 400, "handshake"),
        ("GET /ws", upgrade, 400, "subprotocol sip"),
        ("GET /ws", &chat, 400, "subprotocol sip"),
    ] {
        let answer = fetch(first(&lab), start, headers, b"").await?;
        let text = String::from_utf8(answer.body.clone())?;
        assert!(answer.status == status && text.contains(word), "{start}: {answer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn refuse_closes_the_port_and_cuts_what_is_open() -> Result<()> {
    let lab = lab().await?;
    let mut phone = Client::ws("alice", first(&lab)).await?;
    assert_eq!(phone.register(60).await?.code, 200);
    put(&lab, FIRST, r#"{"kind":"refuse"}"#).await?;
    assert!(phone.closed().await);
    let refused = TcpStream::connect(first(&lab)).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    assert_eq!(Client::ws("alice", lab.ws_addresses()[1]).await?.register(60).await?.code, 200);
    mend(&lab, FIRST).await?;
    assert_eq!(Client::ws("alice", first(&lab)).await?.register(60).await?.code, 200);
    Ok(())
}

#[tokio::test]
async fn silence_holds_the_handshake_until_it_is_mended() -> Result<()> {
    let lab = lab().await?;
    put(&lab, FIRST, r#"{"kind":"silent"}"#).await?;
    let mut handshake = Box::pin(websocket(first(&lab), "/ws"));
    assert!(timeout(BRIEFLY, &mut handshake).await.is_err());
    put(&lab, FIRST, r#"{"kind":"noUpgrade"}"#).await?;
    assert_eq!(refusal(&handshake.await.unwrap_err()), Some(503), "what counts then is what is set then");
    Ok(())
}

#[tokio::test]
async fn silence_never_answers() -> Result<()> {
    let lab = lab().await?;
    let mut phone = Client::ws("alice", first(&lab)).await?;
    put(&lab, FIRST, r#"{"kind":"silent"}"#).await?;
    assert_eq!(ping(&mut phone, Message::text(PING), BRIEFLY).await?, None);
    let request = phone.request("REGISTER", "");
    phone.send(&request).await?;
    assert_eq!(phone.receive(BRIEFLY).await.unwrap_err().to_string(), "no answer in time");
    mend(&lab, FIRST).await?;
    assert_eq!(phone.register(60).await?.code, 200);
    Ok(())
}

#[tokio::test]
async fn a_status_and_a_delay_are_those_of_the_other_transports() -> Result<()> {
    let lab = lab_with(Settings { digest: false, ..Settings::default() }).await?;
    let mut phone = Client::ws("alice", first(&lab)).await?;
    put(&lab, FIRST, r#"{"kind":"status","code":503,"retryAfter":7}"#).await?;
    let answer = phone.register(60).await?;
    assert_eq!((answer.code, answer.one("Retry-After")?.as_str()), (503, "7"));
    put(&lab, FIRST, r#"{"kind":"slow","ms":1500}"#).await?;
    let request = phone.request("REGISTER", &format!("Contact: <{}>\r\n", phone.contact));
    phone.send(&request).await?;
    assert!(phone.receive(BRIEFLY).await.is_err());
    assert_eq!(phone.receive(SOON).await?.code, 200);
    phone.send(&phone.contact.clone()).await?;
    let request = phone.request("REGISTER", "Contact: <sip:ghost@late.invalid>\r\n");
    phone.send(&request).await?;
    drop(phone);
    let both = async {
        while lab.control().bindings(Some("alice")).len() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, both).await.context("a slow server does not mind that it hung up")?;
    Ok(())
}

#[tokio::test]
async fn hang_up_accepts_and_says_goodbye() -> Result<()> {
    let lab = lab().await?;
    put(&lab, FIRST, r#"{"kind":"hangUp"}"#).await?;
    let mut phone = Client::ws("alice", first(&lab)).await?;
    assert_eq!(phone.register(60).await?.code, 200);
    let farewell = timeout(SOON, phone.websocket()?.next()).await?.context("cut")??;
    assert!(matches!(farewell, Message::Close(Some(frame)) if frame.code == CloseCode::Away));
    assert!(phone.closed().await);
    assert_eq!(lab.control().bindings(Some("alice")).len(), 1);
    Ok(())
}

#[tokio::test]
async fn no_upgrade_is_a_503_at_the_handshake_and_nothing_else() -> Result<()> {
    let lab = lab().await?;
    let mut open = Client::ws("alice", first(&lab)).await?;
    put(&lab, FIRST, r#"{"kind":"noUpgrade"}"#).await?;
    let error = websocket(first(&lab), "/ws").await.unwrap_err();
    assert_eq!(refusal(&error), Some(503));
    assert_eq!(open.register(60).await?.code, 200);
    assert_eq!(Client::udp("bob", lab.registrar_addresses()[0]).await?.register(60).await?.code, 200);
    assert_eq!(Client::tcp("bob", lab.registrar_addresses()[0]).await?.register(60).await?.code, 200);
    let (_, summary) = http(&lab, "GET", "/", "").await?;
    assert_eq!(summary["registrars"][0]["fault"]["kind"], "noUpgrade");
    mend(&lab, FIRST).await?;
    websocket(first(&lab), "/ws").await?;
    Ok(())
}

#[tokio::test]
async fn a_fault_of_one_user_leaves_the_other_alone() -> Result<()> {
    let lab = lab().await?;
    let path = format!("{FIRST}/alice");
    let mut bob = Client::ws("bob", first(&lab)).await?;
    let mut alice = Client::ws("alice", first(&lab)).await?;
    assert_eq!((alice.register(60).await?.code, bob.register(60).await?.code), (200, 200));
    put(&lab, &path, r#"{"kind":"silent"}"#).await?;
    assert_eq!(ping(&mut alice, Message::text(PING), BRIEFLY).await?, None);
    assert!(ping(&mut bob, Message::text(PING), SOON).await?.is_some());
    put(&lab, &path, r#"{"kind":"refuse"}"#).await?;
    assert!(alice.closed().await, "what carried the user's requests is cut at once");
    let mut again = Client::ws("alice", first(&lab)).await?;
    let request = again.request("REGISTER", "");
    again.send(&request).await?;
    assert!(again.closed().await, "a new one at its first request");
    assert!(Client::ws_at("alice", first(&lab), "/ws?user=alice").await.is_err(), "or at once, if the URL says who");
    put(&lab, &path, r#"{"kind":"noUpgrade"}"#).await?;
    assert_eq!(refusal(&websocket(first(&lab), "/ws?x=1&user=alice").await.unwrap_err()), Some(503));
    assert_eq!(refusal(&websocket(first(&lab), "/ws?user=%61lice").await.unwrap_err()), Some(503));
    for target in ["/ws", "/ws?user=bob"] {
        assert_eq!(Client::ws_at("bob", first(&lab), target).await?.register(60).await?.code, 200);
    }
    put(&lab, &path, r#"{"kind":"hangUp"}"#).await?;
    let mut alice = Client::ws("alice", first(&lab)).await?;
    assert_eq!(alice.register(60).await?.code, 200);
    assert_eq!(bob.register(60).await?.code, 200);
    assert!(ping(&mut bob, Message::text(PING), SOON).await?.is_some());
    Ok(())
}

#[tokio::test]
async fn bindings_end_with_their_connection_only_if_that_is_switched_on() -> Result<()> {
    let lab = lab().await?;
    let mut stays = Client::ws("alice", first(&lab)).await?;
    stays.register(60).await?;
    drop(stays);
    tokio::time::sleep(BRIEFLY).await;
    assert_eq!(lab.control().bindings(Some("alice")).len(), 1);
    put(&lab, "/settings", r#"{"dropOnClose":true}"#).await?;
    let mut old = Client::ws("bob", first(&lab)).await?;
    old.register(60).await?;
    let mut new = Client::ws("bob", lab.ws_addresses()[1]).await?;
    new.contact = old.contact.clone();
    new.register(60).await?;
    drop(old);
    tokio::time::sleep(BRIEFLY).await;
    assert_eq!(lab.control().bindings(Some("bob")).len(), 1, "another connection has taken it over");
    new.websocket()?.close(None).await?;
    assert!(unbound(&lab, "bob").await);
    let mut cut = Client::ws("carol", first(&lab)).await?;
    cut.register(60).await?;
    let mut tcp = Client::tcp("dave", lab.registrar_addresses()[0]).await?;
    tcp.register(60).await?;
    put(&lab, FIRST, r#"{"kind":"refuse"}"#).await?;
    assert!(unbound(&lab, "carol").await);
    assert_eq!(lab.control().bindings(Some("dave")).len(), 1, "TCP is not concerned");
    Ok(())
}

/// The ghost again: with `dropOnClose` a late acceptance leaves nothing behind.
#[tokio::test]
async fn a_late_binding_of_a_closed_websocket_goes_at_once() -> Result<()> {
    let lab = lab_with(Settings { digest: false, drop_on_close: true, ..Settings::default() }).await?;
    let mut phone = Client::ws("alice", first(&lab)).await?;
    phone.register(60).await?;
    put(&lab, FIRST, r#"{"kind":"slow","ms":300}"#).await?;
    let request = phone.request("REGISTER", "Contact: <sip:ghost@late.invalid>\r\n");
    phone.send(&request).await?;
    drop(phone);
    assert!(unbound(&lab, "alice").await, "what was bound goes with the connection, not after the wait");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(lab.control().log(Some("alice")).last().and_then(|entry| entry.code), Some(200));
    assert!(lab.control().bindings(Some("alice")).is_empty());
    lab.control().change_settings(&SettingsChange { drop_on_close: Some(false), ..SettingsChange::default() })?;
    Ok(())
}
