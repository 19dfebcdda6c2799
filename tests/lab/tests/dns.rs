//! The DNS server, asked as a phone asks: both views, both transports, each fault.

mod common;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use common::{BRIEFLY, SOON, http, lab, put};
use hickory_server::proto::op::{Message, Query, ResponseCode};
use hickory_server::proto::rr::{Name, RData, RecordType};
use rehome_lab::{Lab, LabConfig, REGISTRARS};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

const UDP: &str = "_sip._udp.example.test";

fn question(name: &str, record_type: RecordType) -> Result<Vec<u8>> {
    let mut message = Message::query();
    message.metadata.id = 4711;
    message.add_query(Query::query(Name::from_ascii(format!("{name}."))?, record_type));
    Ok(message.to_vec()?)
}

async fn over_udp(server: SocketAddr, name: &str, record_type: RecordType, wait: Duration) -> Result<Message> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    socket.send_to(&question(name, record_type)?, server).await?;
    let mut buffer = vec![0; 65_536];
    let length = timeout(wait, socket.recv(&mut buffer)).await??;
    Ok(Message::from_vec(&buffer[..length])?)
}

async fn over_tcp(server: SocketAddr, name: &str, record_type: RecordType) -> Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    let question = question(name, record_type)?;
    stream.write_u16(u16::try_from(question.len())?).await?;
    stream.write_all(&question).await?;
    let length = timeout(SOON, stream.read_u16()).await??;
    let mut buffer = vec![0; length.into()];
    stream.read_exact(&mut buffer).await?;
    Ok(Message::from_vec(&buffer)?)
}

async fn ask(lab: &Lab, view: u8, name: &str, record_type: RecordType) -> Result<Message> {
    over_udp(lab.dns_address(view)?, name, record_type, SOON).await
}

/// The SRV records as text, sorted.
fn srv(message: &Message) -> Vec<String> {
    let mut all: Vec<String> = message
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::SRV(srv) => Some(format!("{} {} {} {}", srv.priority, srv.weight, srv.port, srv.target)),
            _ => None,
        })
        .collect();
    all.sort();
    all
}

/// The Genesys table, with the priorities of the data centres and the ports of this lab.
fn genesys(lab: &Lab, priorities: [u16; 2]) -> Vec<String> {
    let registrars = REGISTRARS.iter().zip(lab.registrar_addresses()).enumerate();
    let mut all: Vec<String> = registrars
        .map(|(index, (name, address))| format!("{} 50 {} {name}.example.test.", priorities[index / 2], address.port()))
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn each_view_puts_its_own_data_centre_first() -> Result<()> {
    let lab = lab().await?;
    for (view, priorities) in [(1, [10, 200]), (2, [200, 10])] {
        for name in [UDP, "_sip._tcp.example.test"] {
            let expected = genesys(&lab, priorities);
            let udp = ask(&lab, view, name, RecordType::SRV).await?;
            assert_eq!(srv(&udp), expected);
            assert!(udp.metadata.authoritative && !udp.metadata.truncation);
            assert_eq!(udp.answers[0].ttl, 30);
            let tcp = over_tcp(lab.dns_address(view)?, name, RecordType::SRV).await?;
            assert_eq!(srv(&tcp), expected);
        }
        let sbc = ask(&lab, view, "_sip._udp.sbc.example.test", RecordType::SRV).await?;
        let first = srv(&sbc).into_iter().find(|record| record.starts_with("10 "));
        assert!(first.context("no primary")?.ends_with(&format!("dc{view}-sbc1.example.test.")));
    }
    Ok(())
}

#[tokio::test]
async fn every_target_has_the_address_of_its_registrar() -> Result<()> {
    let lab = lab().await?;
    for (name, address) in REGISTRARS.iter().zip(lab.registrar_addresses()) {
        let message = ask(&lab, 1, &format!("{name}.example.test"), RecordType::A).await?;
        assert_eq!(message.answers[0].data.to_string(), address.ip().to_string());
    }
    let proxy = ask(&lab, 1, "OUTBOUND-proxy.Example.Test", RecordType::A).await?;
    assert_eq!(proxy.answers[0].data.to_string(), lab.registrar_addresses()[0].ip().to_string());
    let six = ask(&lab, 1, "dc1-spx1.example.test", RecordType::AAAA).await?;
    assert_eq!((six.metadata.response_code, six.answers.len(), six.authorities.len()), (ResponseCode::NoError, 0, 1));
    Ok(())
}

#[tokio::test]
async fn odd_names_answer_as_they_should() -> Result<()> {
    let lab = lab().await?;
    let odd = async |name: &str| ask(&lab, 1, &format!("_sip._udp.{name}.odd.example.test"), RecordType::SRV).await;
    assert_eq!(srv(&odd("off").await?), ["0 0 0 ."]);
    let missing = odd("missing").await?;
    assert_eq!(missing.metadata.response_code, ResponseCode::NXDomain);
    assert_eq!(missing.authorities[0].record_type(), RecordType::SOA);
    let empty = odd("empty").await?;
    assert_eq!((empty.metadata.response_code, empty.answers.len()), (ResponseCode::NoError, 0));
    let alias = odd("alias").await?;
    assert_eq!(alias.answers[0].record_type(), RecordType::CNAME);
    assert_eq!(srv(&alias), genesys(&lab, [10, 200]));
    assert!(srv(&odd("port0").await?).contains(&"10 50 0 dc1-spx1.example.test.".to_owned()));
    let targets = srv(&odd("noaddress").await?);
    assert!(targets[0].ends_with("nowhere.odd.example.test."), "{targets:?}");
    let nowhere = ask(&lab, 1, "nowhere.odd.example.test", RecordType::A).await?;
    assert_eq!(nowhere.metadata.response_code, ResponseCode::NXDomain);
    let above = ask(&lab, 1, "odd.example.test", RecordType::SRV).await?;
    assert_eq!(above.metadata.response_code, ResponseCode::NoError, "a name above others exists");
    let outside = ask(&lab, 1, "_sip._udp.example.org", RecordType::SRV).await?;
    assert_eq!(outside.metadata.response_code, ResponseCode::Refused);
    Ok(())
}

#[tokio::test]
async fn two_hundred_records_need_tcp() -> Result<()> {
    let lab = lab().await?;
    let name = "_sip._udp.many.odd.example.test";
    let cut = ask(&lab, 1, name, RecordType::SRV).await?;
    assert!(cut.metadata.truncation && cut.answers.len() < 200);
    let whole = over_tcp(lab.dns_address(1)?, name, RecordType::SRV).await?;
    assert!(!whole.metadata.truncation);
    assert_eq!(srv(&whole).len(), 200);
    let host = ask(&lab, 1, "host-199.many.odd.example.test", RecordType::A).await?;
    assert_eq!(host.answers.len(), 1);
    Ok(())
}

#[tokio::test]
async fn each_fault_shows_and_can_be_mended() -> Result<()> {
    let lab = lab().await?;
    let codes = [
        ("servfail", ResponseCode::ServFail, 0),
        ("refused", ResponseCode::Refused, 0),
        ("nxdomain", ResponseCode::NXDomain, 1),
        ("empty", ResponseCode::NoError, 1),
    ];
    for (kind, code, soa) in codes {
        put(&lab, "/dns/fault", &format!(r#"{{"kind":"{kind}"}}"#)).await?;
        for server in [lab.dns_address(1)?, lab.dns_address(2)?] {
            let udp = over_udp(server, UDP, RecordType::SRV, SOON).await?;
            let tcp = over_tcp(server, UDP, RecordType::SRV).await?;
            for message in [udp, tcp] {
                assert_eq!(message.metadata.response_code, code, "{kind}");
                assert_eq!((message.answers.len(), message.authorities.len()), (0, soa), "{kind}");
            }
        }
    }
    put(&lab, "/dns/fault", r#"{"kind":"silent"}"#).await?;
    assert!(over_udp(lab.dns_address(1)?, UDP, RecordType::SRV, BRIEFLY).await.is_err());
    put(&lab, "/dns/fault", r#"{"kind":"truncate"}"#).await?;
    let cut = ask(&lab, 1, UDP, RecordType::SRV).await?;
    assert!(cut.metadata.truncation && cut.answers.is_empty());
    assert_eq!(srv(&over_tcp(lab.dns_address(1)?, UDP, RecordType::SRV).await?).len(), 4);
    put(&lab, "/dns/fault", r#"{"kind":"delay","ms":300}"#).await?;
    let asked = Instant::now();
    assert_eq!(srv(&ask(&lab, 1, UDP, RecordType::SRV).await?).len(), 4);
    assert!(asked.elapsed() >= Duration::from_millis(300));
    assert_eq!(http(&lab, "DELETE", "/dns/fault", "").await?.0, 200);
    let asked = Instant::now();
    assert_eq!(srv(&ask(&lab, 1, UDP, RecordType::SRV).await?).len(), 4);
    assert!(asked.elapsed() < Duration::from_millis(300));
    Ok(())
}

#[tokio::test]
async fn a_fault_of_one_name_in_one_view_leaves_the_rest_alone() -> Result<()> {
    let lab = lab().await?;
    put(&lab, "/dns/fault", &format!(r#"{{"name":"{UDP}","view":1,"kind":"servfail"}}"#)).await?;
    let code = async |view, name| -> Result<ResponseCode> {
        Ok(ask(&lab, view, name, RecordType::SRV).await?.metadata.response_code)
    };
    assert_eq!(code(1, UDP).await?, ResponseCode::ServFail);
    assert_eq!(code(2, UDP).await?, ResponseCode::NoError);
    assert_eq!(code(1, "_sip._tcp.example.test").await?, ResponseCode::NoError);
    put(&lab, "/dns/fault", r#"{"kind":"refused"}"#).await?;
    assert_eq!(code(1, UDP).await?, ResponseCode::ServFail, "the particular fault goes before the general");
    assert_eq!(code(2, UDP).await?, ResponseCode::Refused);
    assert_eq!(http(&lab, "DELETE", &format!("/dns/fault?name={UDP}&view=1"), "").await?.0, 200);
    assert_eq!(code(1, UDP).await?, ResponseCode::Refused);
    Ok(())
}

#[tokio::test]
async fn records_change_while_it_runs_and_come_back_on_reset() -> Result<()> {
    let lab = lab().await?;
    put(&lab, &format!("/dns/1/{UDP}"), r#"{"ttl":7,"records":["5 1 5070 elsewhere.example.test"]}"#).await?;
    let changed = ask(&lab, 1, UDP, RecordType::SRV).await?;
    assert_eq!(srv(&changed), ["5 1 5070 elsewhere.example.test."]);
    assert_eq!(changed.answers[0].ttl, 7);
    assert_eq!(srv(&ask(&lab, 2, UDP, RecordType::SRV).await?), genesys(&lab, [200, 10]));
    put(&lab, "/dns/1/elsewhere.example.test", r#"{"type":"A","records":["127.0.9.9"]}"#).await?;
    let address = ask(&lab, 1, "elsewhere.example.test", RecordType::A).await?;
    assert_eq!(address.answers[0].data.to_string(), "127.0.9.9");
    put(&lab, &format!("/dns/1/{UDP}"), r#"{"records":[]}"#).await?;
    let gone = ask(&lab, 1, UDP, RecordType::SRV).await?;
    assert_eq!((gone.metadata.response_code, gone.answers.len()), (ResponseCode::NXDomain, 0));
    let (_, listed) = http(&lab, "GET", "/dns/1", "").await?;
    assert_eq!(listed["elsewhere.example.test"][0]["records"][0], "127.0.9.9");
    assert_eq!(http(&lab, "POST", "/reset", "").await?.0, 200);
    assert_eq!(srv(&ask(&lab, 1, UDP, RecordType::SRV).await?), genesys(&lab, [10, 200]));
    Ok(())
}

#[tokio::test]
async fn the_ttl_is_configurable() -> Result<()> {
    let lab = Lab::start(LabConfig { srv_ttl: 2, ..LabConfig::ephemeral() }).await?;
    assert_eq!(ask(&lab, 1, UDP, RecordType::SRV).await?.answers[0].ttl, 2);
    Ok(())
}
