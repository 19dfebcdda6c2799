//! Every fault of a registrar, for everyone and for one user.

mod common;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Result;
use common::{BRIEFLY, Client, http, lab, put};
use rehome_lab::{Lab, SipFault};
use tokio::net::TcpStream;

const FIRST: &str = "/registrars/dc1-spx1/fault";

fn first(lab: &Lab) -> SocketAddr {
    lab.registrar_addresses()[0]
}

async fn mend(lab: &Lab, path: &str) -> Result<()> {
    assert_eq!(http(lab, "DELETE", path, "").await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn refuse_closes_the_sockets_and_cuts_connections() -> Result<()> {
    let lab = lab().await?;
    let mut udp = Client::udp("alice", first(&lab)).await?;
    let mut tcp = Client::tcp("bob", first(&lab)).await?;
    assert_eq!(tcp.register(60).await?.code, 200);
    put(&lab, FIRST, r#"{"kind":"refuse"}"#).await?;
    assert!(tcp.closed().await);
    let refused = TcpStream::connect(first(&lab)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let request = udp.request("OPTIONS", "");
    let error = udp.ask(&request).await.unwrap_err();
    assert_eq!(error.downcast_ref::<std::io::Error>().map(std::io::Error::kind), Some(ErrorKind::ConnectionRefused));
    let mut other = Client::udp("alice", lab.registrar_addresses()[1]).await?;
    assert_eq!(other.register(60).await?.code, 200);
    mend(&lab, FIRST).await?;
    assert_eq!(udp.register(60).await?.code, 200);
    assert_eq!(Client::tcp("bob", first(&lab)).await?.register(60).await?.code, 200);
    Ok(())
}

#[tokio::test]
async fn silence_accepts_and_never_answers() -> Result<()> {
    let lab = lab().await?;
    put(&lab, FIRST, r#"{"kind":"silent"}"#).await?;
    for mut phone in [Client::udp("alice", first(&lab)).await?, Client::tcp("bob", first(&lab)).await?] {
        let request = phone.request("REGISTER", "");
        phone.send(&request).await?;
        phone.send("\r\n\r\n").await?;
        let error = phone.receive(BRIEFLY).await.unwrap_err();
        assert_eq!(error.to_string(), "no answer in time");
        assert_eq!(lab.control().log(Some(&phone.user))[0].code, None);
    }
    mend(&lab, FIRST).await?;
    assert_eq!(Client::udp("alice", first(&lab)).await?.register(60).await?.code, 200);
    Ok(())
}

#[tokio::test]
async fn a_status_comes_with_its_headers() -> Result<()> {
    let lab = lab().await?;
    let mut phone = Client::udp("alice", first(&lab)).await?;
    put(&lab, FIRST, r#"{"kind":"status","code":503,"retryAfter":7}"#).await?;
    let answer = phone.register(60).await?;
    assert_eq!((answer.code, answer.one("Retry-After")?.as_str()), (503, "7"));
    put(&lab, FIRST, r#"{"kind":"status","code":423,"minExpires":120}"#).await?;
    let answer = phone.register(60).await?;
    assert_eq!((answer.code, answer.one("Min-Expires")?.as_str()), (423, "120"));
    for code in [302, 403, 404, 480, 500, 600, 699] {
        put(&lab, FIRST, &format!(r#"{{"kind":"status","code":{code}}}"#)).await?;
        assert_eq!(phone.register(60).await?.code, code);
        let options = phone.request("OPTIONS", "");
        assert_eq!(phone.ask(&options).await?.code, code);
    }
    put(&lab, FIRST, r#"{"kind":"status","code":401}"#).await?;
    let answer = phone.register(60).await?;
    assert_eq!(answer.code, 401, "right credentials do not help");
    assert!(answer.challenge("nonce").is_some());
    assert!(lab.control().bindings(None).is_empty());
    Ok(())
}

#[tokio::test]
async fn a_slow_registrar_does_its_work_late_and_once() -> Result<()> {
    let lab = lab().await?;
    lab.control().change_settings(&rehome_lab::SettingsChange { digest: Some(false), ..Default::default() })?;
    put(&lab, FIRST, r#"{"kind":"slow","ms":400}"#).await?;
    let mut phone = Client::udp("alice", first(&lab)).await?;
    let request = phone.request("REGISTER", &format!("Contact: <{}>\r\n", phone.contact));
    let started = Instant::now();
    phone.send(&request).await?;
    phone.send(&request).await?;
    assert!(phone.receive(BRIEFLY).await.is_err());
    assert!(lab.control().bindings(None).is_empty());
    assert_eq!(phone.receive(common::SOON).await?.code, 200);
    assert!(started.elapsed() >= Duration::from_millis(400));
    assert!(phone.receive(BRIEFLY).await.is_err(), "the repetition is absorbed");
    let codes: Vec<_> = lab.control().log(None).iter().map(|entry| entry.code).collect();
    assert_eq!(codes, [Some(200), None]);
    Ok(())
}

/// The ghost: a phone gives up and hangs up, the slow server registers it all the same.
#[tokio::test]
async fn a_slow_registrar_does_not_mind_that_the_phone_hung_up() -> Result<()> {
    let lab = lab().await?;
    lab.control().change_settings(&rehome_lab::SettingsChange { digest: Some(false), ..Default::default() })?;
    put(&lab, FIRST, r#"{"kind":"slow","ms":200}"#).await?;
    let mut phone = Client::tcp("alice", first(&lab)).await?;
    let request = phone.request("REGISTER", &format!("Contact: <{}>\r\n", phone.contact));
    phone.send(&request).await?;
    drop(phone);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(lab.control().bindings(Some("alice")).len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_registrar_that_falls_silent_while_it_is_slow_stays_silent() -> Result<()> {
    let lab = lab().await?;
    put(&lab, FIRST, r#"{"kind":"slow","ms":200}"#).await?;
    let mut phone = Client::udp("alice", first(&lab)).await?;
    let request = phone.request("OPTIONS", "");
    phone.send(&request).await?;
    tokio::time::sleep(Duration::from_millis(50)).await;
    put(&lab, FIRST, r#"{"kind":"silent"}"#).await?;
    assert!(phone.receive(Duration::from_millis(400)).await.is_err());
    mend(&lab, FIRST).await?;
    assert_eq!(phone.ask(&request).await?.code, 200, "its repetition is looked at afresh");
    Ok(())
}

#[tokio::test]
async fn hang_up_accepts_and_closes() -> Result<()> {
    let lab = lab().await?;
    put(&lab, FIRST, r#"{"kind":"hangUp"}"#).await?;
    let mut tcp = Client::tcp("alice", first(&lab)).await?;
    assert_eq!(tcp.register(60).await?.code, 200);
    assert!(tcp.closed().await);
    assert_eq!(lab.control().bindings(Some("alice")).len(), 1);
    let mut udp = Client::udp("bob", first(&lab)).await?;
    assert_eq!(udp.register(60).await?.code, 200);
    Ok(())
}

#[tokio::test]
async fn a_fault_of_one_user_leaves_others_alone() -> Result<()> {
    let lab = lab().await?;
    let path = format!("{FIRST}/alice");
    let mut alice = Client::tcp("alice", first(&lab)).await?;
    let mut bob = Client::tcp("bob", first(&lab)).await?;
    assert_eq!((alice.register(60).await?.code, bob.register(60).await?.code), (200, 200));
    put(&lab, &path, r#"{"kind":"status","code":503}"#).await?;
    assert_eq!((alice.register(60).await?.code, bob.register(60).await?.code), (503, 200));
    put(&lab, &path, r#"{"kind":"silent"}"#).await?;
    let request = alice.request("REGISTER", "");
    alice.send(&request).await?;
    assert!(alice.receive(BRIEFLY).await.is_err());
    assert_eq!(bob.register(60).await?.code, 200);
    put(&lab, &path, r#"{"kind":"refuse"}"#).await?;
    assert!(alice.closed().await, "a connection already used is cut");
    let mut again = Client::tcp("alice", first(&lab)).await?;
    let request = again.request("REGISTER", "");
    again.send(&request).await?;
    assert!(again.closed().await, "a new one is closed at the first request");
    let mut datagram = Client::udp("alice", first(&lab)).await?;
    let request = datagram.request("REGISTER", "");
    datagram.send(&request).await?;
    assert!(datagram.receive(BRIEFLY).await.is_err());
    assert_eq!(bob.register(60).await?.code, 200, "the other's connection lives");
    put(&lab, FIRST, r#"{"kind":"status","code":500}"#).await?;
    put(&lab, &path, r#"{"kind":"status","code":404}"#).await?;
    assert_eq!(bob.register(60).await?.code, 500);
    let mut alice = Client::udp("alice", first(&lab)).await?;
    assert_eq!(alice.register(60).await?.code, 404, "a user's own fault goes before everyone's");
    mend(&lab, &path).await?;
    assert_eq!(alice.register(60).await?.code, 500);
    Ok(())
}

#[tokio::test]
async fn a_data_centre_fails_as_a_whole() -> Result<()> {
    let lab = lab().await?;
    let connects = async || {
        let mut open = Vec::new();
        for address in lab.registrar_addresses() {
            open.push(TcpStream::connect(address).await.is_ok());
        }
        open
    };
    put(&lab, "/datacentres/1/fault", r#"{"kind":"refuse"}"#).await?;
    assert_eq!(connects().await, [false, false, true, true]);
    put(&lab, "/datacentres/2/fault/alice", r#"{"kind":"status","code":503}"#).await?;
    let second = lab.registrar_addresses()[3];
    assert_eq!(Client::udp("alice", second).await?.register(60).await?.code, 503);
    assert_eq!(Client::udp("bob", second).await?.register(60).await?.code, 200);
    mend(&lab, "/datacentres/1/fault").await?;
    mend(&lab, "/datacentres/2/fault/alice").await?;
    assert_eq!(connects().await, [true; 4]);
    assert_eq!(Client::udp("alice", second).await?.register(60).await?.code, 200);
    Ok(())
}

#[tokio::test]
async fn faults_can_come_and_go_quickly() -> Result<()> {
    let lab = lab().await?;
    for _ in 0..20 {
        lab.control().fault_datacentre(1, None, Some(SipFault::Refuse)).await?;
        lab.control().fault_datacentre(1, None, None).await?;
    }
    assert_eq!(Client::udp("alice", first(&lab)).await?.register(60).await?.code, 200);
    assert_eq!(Client::tcp("alice", first(&lab)).await?.register(60).await?.code, 200);
    Ok(())
}
