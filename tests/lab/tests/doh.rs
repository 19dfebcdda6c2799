//! DNS over HTTPS, asked as a browser asks: both views, all forms, each fault.

mod common;

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use common::{BRIEFLY, HttpAnswer, fetch, http, lab, put};
use data_encoding::BASE64URL_NOPAD;
use hickory_server::proto::op::{Message, Query, ResponseCode};
use hickory_server::proto::rr::{Name, RData, RecordType};
use rehome_lab::Lab;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

const NAME: &str = "_sip._ws.example.test";
const MESSAGE: &str = "application/dns-message";

fn question(name: &str, record_type: RecordType) -> Result<Vec<u8>> {
    let mut message = Message::query();
    message.metadata.id = 0;
    message.add_query(Query::query(Name::from_ascii(format!("{name}."))?, record_type));
    Ok(message.to_vec()?)
}

async fn get(lab: &Lab, target: &str) -> Result<HttpAnswer> {
    fetch(lab.doh_address(), &format!("GET {target}"), "Accept: application/dns-message\r\n", b"").await
}

async fn by_get(lab: &Lab, view: u8, name: &str) -> Result<HttpAnswer> {
    let text = BASE64URL_NOPAD.encode(&question(name, RecordType::SRV)?);
    get(lab, &format!("/dc{view}/dns-query?dns={text}")).await
}

async fn by_post(lab: &Lab, view: u8, name: &str) -> Result<HttpAnswer> {
    let headers = format!("Content-Type: {MESSAGE}\r\n");
    let body = question(name, RecordType::SRV)?;
    fetch(lab.doh_address(), &format!("POST /dc{view}/dns-query"), &headers, &body).await
}

async fn by_name(lab: &Lab, view: u8, name: &str) -> Result<Value> {
    let answer = get(lab, &format!("/dc{view}/resolve?name={name}&type=SRV")).await?;
    ensure!(answer.status == 200 && answer.header("content-type") == "application/dns-json", "{answer:?}");
    answer.json()
}

fn message(answer: &HttpAnswer) -> Result<Message> {
    ensure!(answer.status == 200 && answer.header("content-type") == MESSAGE, "{answer:?}");
    ensure!(answer.header("access-control-allow-origin") == "*", "{answer:?}");
    Ok(Message::from_vec(&answer.body)?)
}

/// Target and port of the first data centre's records.
fn primaries(message: &Message) -> Vec<(String, u16)> {
    let mut all: Vec<_> = message
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::SRV(srv) if srv.priority == 10 => Some((srv.target.to_string(), srv.port)),
            _ => None,
        })
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn both_views_answer_get_and_post_with_the_websocket_ports() -> Result<()> {
    let lab = lab().await?;
    for (view, first) in [(1_u8, 0), (2, 2)] {
        let expected: Vec<_> = [0, 1]
            .map(|index| (format!("dc{view}-spx{}.example.test.", index + 1), lab.ws_addresses()[first + index].port()))
            .into();
        for answer in [by_get(&lab, view, NAME).await?, by_post(&lab, view, NAME).await?] {
            let message = message(&answer)?;
            assert_eq!((message.answers.len(), message.metadata.id), (4, 0));
            assert_eq!(primaries(&message), expected);
            assert_eq!(answer.header("cache-control"), "max-age=30");
        }
    }
    let host = BASE64URL_NOPAD.encode(&question("dc1-spx1.example.test", RecordType::A)?);
    let host = message(&get(&lab, &format!("/dc1/dns-query?dns={host}")).await?)?;
    assert_eq!(host.answers[0].data.to_string(), lab.ws_addresses()[0].ip().to_string());
    let absent = by_get(&lab, 1, "_sips._wss.example.test").await?;
    assert_eq!(message(&absent)?.metadata.response_code, ResponseCode::NXDomain);
    assert_eq!(absent.header("cache-control"), "max-age=10", "as the SOA says");
    let many = by_get(&lab, 1, "_sip._udp.many.odd.example.test").await?;
    let many = message(&many)?;
    assert_eq!((many.answers.len(), many.metadata.truncation), (200, false));
    Ok(())
}

/// UDP and HTTPS say the same, byte for byte, where all of it fits a datagram.
#[tokio::test]
async fn the_answer_is_that_of_udp() -> Result<()> {
    let lab = lab().await?;
    for name in [NAME, "_sip._udp.alias.odd.example.test", "missing.example.test", "elsewhere.example.org"] {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        socket.send_to(&question(name, RecordType::SRV)?, lab.dns_address(1)?).await?;
        let mut buffer = vec![0; 65_536];
        let length = timeout(common::SOON, socket.recv(&mut buffer)).await??;
        assert_eq!(by_get(&lab, 1, name).await?.body, &buffer[..length], "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn the_json_form_has_the_shape_of_public_resolvers() -> Result<()> {
    let lab = lab().await?;
    let value = by_name(&lab, 2, NAME).await?;
    assert_eq!((&value["Status"], &value["TC"], &value["RD"]), (&json!(0), &json!(false), &json!(true)));
    assert_eq!(value["Question"], json!([{"name": format!("{NAME}."), "type": 33}]));
    let answers = value["Answer"].as_array().map(Vec::as_slice).unwrap_or_default();
    let port = lab.ws_addresses()[2].port();
    let data = format!("10 50 {port} dc2-spx1.example.test.");
    assert!(answers.contains(&json!({"name": format!("{NAME}."), "type": 33, "TTL": 30, "data": data})), "{value}");
    let no = by_name(&lab, 1, "nobody.example.test").await?;
    assert_eq!((&no["Status"], &no["Answer"], &no["Authority"][0]["type"]), (&json!(3), &json!(null), &json!(6)));
    for target in ["/dc1/resolve?name=dc1-spx1.example.test", "/dc1/dns-query?name=dc1-spx1.example.test&type=1&cd=0"] {
        let value = get(&lab, target).await?.json()?;
        assert_eq!(value["Answer"][0]["data"], lab.ws_addresses()[0].ip().to_string(), "{target}");
    }
    Ok(())
}

#[tokio::test]
async fn wrong_questions_are_answered_with_a_sentence_that_a_page_can_read() -> Result<()> {
    let lab = lab().await?;
    let response = {
        let mut message = Message::from_vec(&question(NAME, RecordType::SRV)?)?;
        message.metadata.message_type = hickory_server::proto::op::MessageType::Response;
        format!("GET /dc1/dns-query?dns={}", BASE64URL_NOPAD.encode(&message.to_vec()?))
    };
    let cases = [
        ("GET /dc1/dns-query", "", 400, "missing"),
        ("GET /dc1/dns-query?dns=AAA%3D", "", 400, "base64url"),
        ("GET /dc1/dns-query?dns=AAAB", "", 400, "DNS message is malformed"),
        ("GET /dc1/dns-query?dns=", "", 400, "DNS message is malformed"),
        (response.as_str(), "", 400, "is a response"),
        ("GET /dc1/dns-query?dns=AA&dns=AA", "", 400, "query"),
        ("GET /dc1/resolve?type=SRV", "", 400, "name="),
        ("GET /dc1/resolve?name=a..b", "", 400, "a..b"),
        ("GET /dc1/resolve?name=a.test&type=NONSENSE", "", 400, "NONSENSE"),
        ("POST /dc2/dns-query", "Content-Type: application/dns-message\r\n", 400, "malformed"),
        ("POST /dc2/dns-query", "Content-Type: text/plain\r\n", 415, "text/plain"),
        ("POST /dc2/dns-query", "", 415, MESSAGE),
        ("POST /dc2/resolve", "", 405, "POST"),
        ("GET /dc3/dns-query?dns=AA", "", 404, "dc3"),
        ("GET /dns-query", "", 404, "/dc1/dns-query"),
    ];
    for (start, headers, status, word) in cases {
        let answer = fetch(lab.doh_address(), start, headers, b"").await?;
        let sentence = answer.json()?["error"].to_string();
        assert_eq!(answer.status, status, "{start}: {sentence}");
        assert!(sentence.contains(word), "{start}: {word:?} is not in {sentence}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{start}");
    }
    let preflight = "Origin: http://lab\r\nAccess-Control-Request-Method: POST\r\n\
                     Access-Control-Request-Headers: content-type\r\n";
    let answer = fetch(lab.doh_address(), "OPTIONS /dc1/dns-query", preflight, b"").await?;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, "*"));
    assert!(answer.header("access-control-allow-methods").contains("POST"));
    assert_eq!(answer.header("access-control-allow-headers"), "content-type, accept");
    Ok(())
}

#[tokio::test]
async fn each_fault_shows_in_every_form() -> Result<()> {
    let lab = lab().await?;
    let codes = [
        ("servfail", ResponseCode::ServFail, 2),
        ("refused", ResponseCode::Refused, 5),
        ("nxdomain", ResponseCode::NXDomain, 3),
        ("empty", ResponseCode::NoError, 0),
    ];
    for (kind, code, status) in codes {
        put(&lab, "/dns/fault", &format!(r#"{{"name":"{NAME}","view":1,"kind":"{kind}"}}"#)).await?;
        for answer in [by_get(&lab, 1, NAME).await?, by_post(&lab, 1, NAME).await?] {
            let message = message(&answer)?;
            assert_eq!((message.metadata.response_code, message.answers.len()), (code, 0), "{kind}");
            assert_eq!(answer.header("cache-control"), "no-store", "{kind}");
        }
        assert_eq!(by_name(&lab, 1, NAME).await?["Status"], status, "{kind}");
        assert_eq!(message(&by_get(&lab, 2, NAME).await?)?.answers.len(), 4, "the other view is well");
    }
    put(&lab, "/dns/fault", &format!(r#"{{"name":"{NAME}","view":1,"kind":"truncate"}}"#)).await?;
    let whole = message(&by_get(&lab, 1, NAME).await?)?;
    assert_eq!((whole.answers.len(), whole.metadata.truncation), (4, false), "truncation is a matter of UDP");
    put(&lab, "/dns/fault", r#"{"kind":"delay","ms":300}"#).await?;
    let asked = Instant::now();
    assert_eq!(message(&by_get(&lab, 2, NAME).await?)?.answers.len(), 4);
    assert!(asked.elapsed() >= Duration::from_millis(300));
    Ok(())
}

#[tokio::test]
async fn silence_hangs_until_it_is_mended_and_then_the_connection_is_cut() -> Result<()> {
    let lab = lab().await?;
    put(&lab, "/dns/fault", r#"{"view":1,"kind":"silent"}"#).await?;
    let mut waiting = Vec::new();
    for target in [format!("/dc1/resolve?name={NAME}"), "/dc1/resolve?name=example.test".to_owned()] {
        let mut stream = TcpStream::connect(lab.doh_address()).await?;
        stream.write_all(format!("GET {target} HTTP/1.1\r\nHost: lab\r\n\r\n").as_bytes()).await?;
        waiting.push(stream);
    }
    let [first, second] = &mut waiting[..] else { panic!("two") };
    assert!(timeout(BRIEFLY, first.read_u8()).await.is_err());
    assert_eq!(by_name(&lab, 2, NAME).await?["Status"], 0);
    put(&lab, "/dns/fault", &format!(r#"{{"name":"{NAME}","view":1,"kind":"servfail"}}"#)).await?;
    assert_eq!(timeout(common::SOON, first.read(&mut [0; 9])).await??, 0, "cut without a word");
    assert!(timeout(BRIEFLY, second.read_u8()).await.is_err(), "that name is silent still");
    assert_eq!(http(&lab, "DELETE", "/dns/fault", "").await?.0, 200);
    assert_eq!(timeout(common::SOON, second.read(&mut [0; 9])).await??, 0);
    assert_eq!(by_name(&lab, 1, NAME).await?["Status"], 0);
    Ok(())
}

#[tokio::test]
async fn a_stopped_lab_cuts_connections_that_browsers_keep() -> Result<()> {
    let lab = lab().await?;
    let mut stream = TcpStream::connect(lab.doh_address()).await?;
    let request = format!("GET /dc1/resolve?name={NAME} HTTP/1.1\r\nHost: lab\r\n\r\n");
    for _ in 0..2 {
        stream.write_all(request.as_bytes()).await?;
        assert!(timeout(common::SOON, stream.read(&mut [0; 65_536])).await?? > 0);
    }
    lab.stop().await;
    assert!(matches!(timeout(common::SOON, stream.read(&mut [0; 9])).await?, Ok(0) | Err(_)));
    Ok(())
}
