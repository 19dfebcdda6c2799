//! Control over HTTP, start and stop, and phones as child processes.

mod common;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use common::{BRIEFLY, Client, SOON, fetch, http, lab, put};
use rehome_lab::phones::Phone;
use rehome_lab::{Lab, LabConfig};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream, UdpSocket};

#[tokio::test]
async fn the_summary_says_where_everything_is() -> Result<()> {
    let lab = lab().await?;
    assert_eq!(http(&lab, "GET", "/health", "").await?, (200, json!({"ok": true})));
    put(&lab, "/registrars/dc2-spx2/fault", r#"{"kind":"silent"}"#).await?;
    put(&lab, "/registrars/dc1-spx1/fault/alice", r#"{"kind":"slow","ms":12000}"#).await?;
    put(&lab, "/dns/fault", r#"{"view":2,"kind":"silent"}"#).await?;
    let (_, summary) = http(&lab, "GET", "/", "").await?;
    assert_eq!(summary["domain"], "example.test");
    assert_eq!(summary["dns"][1], json!({"view": 2, "address": lab.dns_address(2)?.to_string()}));
    assert_eq!(summary["control"], lab.control_address().to_string());
    let first = &summary["registrars"][0];
    assert_eq!(summary["dohUrls"], json!(lab.doh_urls()));
    assert_eq!(summary["doh"], lab.doh_address().to_string());
    assert_eq!((&first["tls"], &first["certificate"]), (&json!(lab.tls_addresses()[0]), &json!("domain")));
    assert_eq!(summary["caUrl"], format!("http://{}/ca.pem", lab.control_address()));
    assert_eq!(first["ws"], lab.ws_addresses()[0].to_string());
    assert_eq!(first["wsUrl"], format!("ws://{}/ws", lab.ws_addresses()[0]));
    assert_eq!(first["address"], lab.registrar_addresses()[0].to_string());
    assert_eq!((&first["name"], &first["datacentre"], &first["open"]), (&json!("dc1-spx1"), &json!(1), &json!(true)));
    assert_eq!(first["userFaults"], json!({"alice": {"kind": "slow", "ms": 12000}}));
    assert_eq!(summary["registrars"][3]["fault"], json!({"kind": "silent"}));
    assert_eq!(summary["dnsFaults"], json!([{"view": 2, "kind": "silent"}]));
    assert_eq!(summary["settings"]["minExpires"], 5);
    Ok(())
}

#[tokio::test]
async fn wrong_input_is_answered_with_what_is_wrong_and_what_would_be_right() -> Result<()> {
    let lab = lab().await?;
    let cases = [
        ("PUT", "/registrars/dc3-spx1/fault", r#"{"kind":"refuse"}"#, 404, vec!["dc3-spx1", "dc2-spx2"]),
        ("DELETE", "/registrars/dc3-spx1/fault/alice", "", 404, vec!["dc3-spx1"]),
        ("PUT", "/registrars/dc1-spx1/fault", r#"{"kind":"explode"}"#, 400, vec!["explode", "refuse", "hangUp"]),
        ("PUT", "/registrars/dc1-spx1/fault", r#"{"kind":"status"}"#, 400, vec!["fault", "code"]),
        ("PUT", "/registrars/dc1-spx1/fault", r#"{"kind":"status","code":503,"retry":1}"#, 400, vec!["retry"]),
        ("PUT", "/registrars/dc1-spx1/fault", r#"{"kind":"status","code":200}"#, 400, vec!["200", "300 to 699"]),
        ("PUT", "/registrars/dc1-spx1/fault", r#"{"kind":"slow","ms":0}"#, 400, vec!["ms 0", "600000"]),
        ("PUT", "/registrars/dc1-spx1/fault", "", 400, vec!["fault", "refuse"]),
        ("PUT", "/datacentres/3/fault", r#"{"kind":"refuse"}"#, 404, vec!["data centre 3", "1 or 2"]),
        ("PUT", "/datacentres/east/fault", r#"{"kind":"refuse"}"#, 404, vec!["east", "1 or 2"]),
        ("PUT", "/registrars/dc3-spx1/certificate", r#"{"kind":"both"}"#, 404, vec!["dc3-spx1", "dc2-spx2"]),
        ("PUT", "/registrars/dc1-spx1/certificate", r#"{"kind":"self"}"#, 400, vec!["self", "otherCa"]),
        ("PUT", "/registrars/dc1-spx1/certificate", r#"{"kind":"both","days":1}"#, 400, vec!["days"]),
        ("DELETE", "/datacentres/3/certificate", "", 404, vec!["data centre 3", "1 or 2"]),
        ("PUT", "/certificate", "", 400, vec!["certificate", "target"]),
        ("PUT", "/dns/fault", r#"{"kind":"gone"}"#, 400, vec!["gone", "servfail"]),
        ("PUT", "/dns/fault", r#"{"kind":"delay"}"#, 400, vec!["ms", "700"]),
        ("PUT", "/dns/fault", r#"{"kind":"silent","view":7}"#, 400, vec!["view 7", "1 or 2"]),
        ("DELETE", "/dns/fault?who=me", "", 400, vec!["who=me", "name="]),
        ("PUT", "/dns/1/_sip._udp.example.org", r#"{"records":[]}"#, 400, vec!["example.org", "example.test"]),
        ("PUT", "/dns/1/_sip._udp.example.test", r#"{"records":["10 50 x a"]}"#, 400, vec!["10 50 x a", "priority"]),
        ("PUT", "/dns/1/a.example.test", r#"{"type":"A","records":["1.2.3"]}"#, 400, vec!["1.2.3", "127.0.1.1"]),
        ("PUT", "/dns/1/a.example.test", r#"{"type":"MX","records":["x"]}"#, 400, vec!["MX", "SRV"]),
        ("PUT", "/dns/9/a.example.test", r#"{"records":[]}"#, 400, vec!["view 9"]),
        ("PUT", "/settings", r#"{"minExpires":9000}"#, 400, vec!["minExpires 9000", "maxExpires 3600"]),
        ("PUT", "/settings", r#"{"minExpire":9}"#, 400, vec!["minExpire", "sharedLocation"]),
        ("GET", "/nothing", "", 404, vec!["/nothing", "README"]),
        ("GET", "/reset", "", 404, vec!["GET /reset"]),
    ];
    for (method, path, body, expected, words) in cases {
        let (status, answer) = http(&lab, method, path, body).await?;
        let sentence = answer["error"].as_str().unwrap_or_default().to_owned();
        assert_eq!(status, expected, "{method} {path} {body}: {sentence}");
        for word in words {
            assert!(sentence.contains(word), "{method} {path} {body}: {word:?} is not in {sentence:?}");
        }
    }
    let (_, summary) = http(&lab, "GET", "/", "").await?;
    assert_eq!(summary["registrars"][0]["fault"], json!(null), "a wrong request changes nothing");
    Ok(())
}

#[tokio::test]
async fn a_page_from_anywhere_may_steer_the_lab() -> Result<()> {
    let lab = lab().await?;
    let origin = "Origin: http://elsewhere.test\r\n";
    let preflight = format!("{origin}Access-Control-Request-Method: PUT\r\n");
    let answer = fetch(lab.control_address(), "OPTIONS /settings", &preflight, b"").await?;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, "*"));
    assert!(answer.header("access-control-allow-methods").contains("PUT"));
    assert!(answer.header("access-control-allow-headers").contains("content-type"));
    for (start, status) in [("GET /", 200), ("GET /nothing", 404), ("PUT /settings", 400), ("GET /page/", 404)] {
        let answer = fetch(lab.control_address(), start, origin, b"").await?;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, "*"), "{start}");
    }
    Ok(())
}

#[tokio::test]
async fn a_folder_is_served_and_nothing_beside_it() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("rehome-lab-page-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("in/deeper"))?;
    std::fs::write(folder.join("secret.txt"), "secret")?;
    std::fs::write(folder.join("in/index.html"), "<p>start")?;
    std::fs::write(folder.join("in/deeper/a b.wasm"), b"\0asm")?;
    let lab = Lab::start(LabConfig { page: Some(folder.join("in")), ..LabConfig::ephemeral() }).await?;
    let get = async |path: &str| fetch(lab.control_address(), &format!("GET {path}"), "", b"").await;
    let start = get("/page/").await?;
    assert_eq!((start.status, start.header("content-type")), (200, "text/html; charset=utf-8"));
    assert_eq!(start.body, b"<p>start");
    let wasm = get("/page/deeper/a%20b.wasm?v=1").await?;
    assert_eq!((wasm.status, wasm.header("content-type")), (200, "application/wasm"));
    let moved = get("/page").await?;
    assert_eq!((moved.status, moved.header("location")), (307, "/page/"));
    // Who types the bare address means the page; a script that asks for anything, or for JSON, means the lab.
    let browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";
    let typed = fetch(lab.control_address(), "GET /", browser, b"").await?;
    assert_eq!((typed.status, typed.header("location")), (307, "/page/"));
    for accept in ["", "Accept: */*\r\n", "Accept: application/json\r\n"] {
        let summary = fetch(lab.control_address(), "GET /", accept, b"").await?;
        assert_eq!((summary.status, &summary.json()?["domain"]), (200, &json!("example.test")), "{accept}");
    }
    for path in
        ["../secret.txt", "%2e%2e/secret.txt", "deeper/%2e%2e/%2e%2e/secret.txt", "%2fetc/passwd", "deeper", "x"]
    {
        let answer = get(&format!("/page/{path}")).await?;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.json()?["error"].as_str().unwrap_or_default().contains("does not exist"));
    }
    lab.stop().await;
    std::fs::remove_dir_all(&folder)?;
    let error = Lab::start(LabConfig { page: Some(folder), ..LabConfig::ephemeral() }).await.err();
    assert!(error.is_some_and(|error| error.to_string().contains("no such folder")));
    Ok(())
}

#[tokio::test]
async fn the_log_shows_each_request_by_user() -> Result<()> {
    let lab = lab().await?;
    Client::udp("alice", lab.registrar_addresses()[0]).await?.register(60).await?;
    Client::tcp("bob", lab.registrar_addresses()[3]).await?.register(30).await?;
    let (_, all) = http(&lab, "GET", "/log", "").await?;
    assert_eq!(all.as_array().map(Vec::len), Some(4));
    let (_, bob) = http(&lab, "GET", "/log/bob", "").await?;
    let last = &bob[1];
    assert_eq!((&last["registrar"], &last["method"]), (&json!("dc2-spx2"), &json!("REGISTER")));
    assert_eq!((&last["transport"], &last["cseq"]), (&json!("tcp"), &json!(2)));
    assert_eq!((&last["expires"], &last["code"]), (&json!(30), &json!(200)));
    assert!(last["atMs"].is_u64());
    Ok(())
}

#[tokio::test]
async fn a_reset_makes_everything_as_at_the_start() -> Result<()> {
    let lab = lab().await?;
    let before = http(&lab, "GET", "/", "").await?;
    Client::udp("alice", lab.registrar_addresses()[2]).await?.register(60).await?;
    put(&lab, "/datacentres/1/fault", r#"{"kind":"refuse"}"#).await?;
    put(&lab, "/datacentres/2/fault/bob", r#"{"kind":"silent"}"#).await?;
    put(&lab, "/settings", r#"{"digest":false,"sharedLocation":true,"maxExpires":60}"#).await?;
    put(&lab, "/dns/fault", r#"{"kind":"silent"}"#).await?;
    put(&lab, "/certificate", r#"{"kind":"expired"}"#).await?;
    assert_eq!(http(&lab, "POST", "/reset", "").await?.0, 200);
    assert_eq!(http(&lab, "GET", "/", "").await?, before);
    assert_eq!(http(&lab, "GET", "/bindings", "").await?.1, json!([]));
    assert_eq!(Client::tcp("alice", lab.registrar_addresses()[0]).await?.register(60).await?.code, 200);
    Ok(())
}

#[tokio::test]
async fn an_occupied_port_is_a_sentence() -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0").await?;
    let taken_udp = UdpSocket::bind("127.0.0.1:0").await?;
    let sentence = async |config: LabConfig| match Lab::start(config).await {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    };
    let usual = LabConfig::ephemeral();
    let control = LabConfig { control: taken.local_addr()?, ..usual.clone() };
    let dns = LabConfig { dns: [taken_udp.local_addr()?, usual.dns[1]], ..usual.clone() };
    let doh = LabConfig { doh: taken.local_addr()?, ..usual.clone() };
    let mut ws = usual.clone();
    ws.registrars[3] = "127.0.0.1:0".parse()?;
    let mut tls = ws.clone();
    ws.ws[3] = taken.local_addr()?.port();
    tls.tls[3] = taken.local_addr()?.port();
    let mut sip = usual.clone();
    sip.registrars[2] = taken.local_addr()?;
    let expected = [
        (control, "control", taken.local_addr()?, "--control-port"),
        (dns, "DNS view 1", taken_udp.local_addr()?, "--dns-port"),
        (sip, "registrar dc2-spx1", taken.local_addr()?, "--sip-port"),
        (tls, "registrar dc2-spx2 (TLS)", taken.local_addr()?, "--tls-port"),
        (ws, "registrar dc2-spx2 (WebSocket)", taken.local_addr()?, "--ws-port"),
        (doh, "DNS over HTTPS", taken.local_addr()?, "--doh-port"),
    ];
    for (config, what, address, flag) in expected {
        let text = sentence(config).await;
        for word in [what, &address.to_string(), "taken", flag] {
            assert!(text.contains(word), "{word:?} is not in {text:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_program_says_in_one_line_why_it_does_not_start() -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0").await?;
    let port = taken.local_addr()?.port().to_string();
    let cases = [
        (vec!["--ephemeral", "--control-port", &port], "the port is taken"),
        (vec!["--ephemeral", "--min-expires", "9000"], "minExpires 9000"),
        (vec!["--ephemeral", "--ca-file", "/no/such/folder/ca.pem"], "--ca-file /no/such/folder/ca.pem"),
        (vec!["--registrar", "dc9=127.0.0.1:1"], "dc9"),
        (vec!["--nothing"], "--nothing"),
    ];
    for (arguments, word) in cases {
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_rehome-lab")).args(arguments).output().await?;
        let text = String::from_utf8(output.stderr)?;
        assert!(!output.status.success());
        assert!(text.lines().next().is_some_and(|line| line.contains(word)), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_stopped_lab_leaves_its_ports() -> Result<()> {
    let lab = lab().await?;
    let control = lab.control();
    let config = LabConfig {
        dns: [lab.dns_address(1)?, lab.dns_address(2)?],
        registrars: lab.registrar_addresses(),
        tls: lab.tls_addresses().map(|address| address.port()),
        ws: lab.ws_addresses().map(|address| address.port()),
        doh: lab.doh_address(),
        control: lab.control_address(),
        ..LabConfig::default()
    };
    lab.stop().await;
    assert!(TcpStream::connect(config.registrars[0]).await.is_err());
    control.reset().await?;
    assert!(TcpStream::connect(config.registrars[0]).await.is_err(), "a handle does not bring it back");
    let again = start_soon(&config).await?;
    drop(again);
    start_soon(&config).await?;
    Ok(())
}

/// Tasks that were dropped let go of their sockets a moment later.
async fn start_soon(config: &LabConfig) -> Result<Lab> {
    for _ in 0..50 {
        if let Ok(lab) = Lab::start(config.clone()).await {
            return Ok(lab);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Lab::start(config.clone()).await
}

#[tokio::test]
async fn one_address_is_enough() -> Result<()> {
    let lab = Lab::start(LabConfig { single_address: true, ..LabConfig::ephemeral() }).await?;
    let mut all: Vec<SocketAddr> = lab.registrar_addresses().to_vec();
    all.extend([lab.dns_address(1)?, lab.dns_address(2)?]);
    all.extend(lab.tls_addresses());
    assert!(all.iter().all(|address| address.ip().to_string() == "127.0.0.1"));
    let (_, zone) = http(&lab, "GET", "/dns/1", "").await?;
    for (index, address) in lab.registrar_addresses().iter().enumerate() {
        let record = zone["_sip._udp.example.test"][0]["records"][index].as_str().unwrap_or_default();
        assert!(record.contains(&format!(" {} ", address.port())), "{record}");
        assert_eq!(Client::udp("alice", *address).await?.register(60).await?.code, 200);
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn a_phone_is_a_child_that_speaks_lines_of_json() -> Result<()> {
    let mut phone = Phone::spawn("cat", [""; 0])?;
    phone.send(&json!({"command": "login"})).await?;
    assert_eq!(phone.next_event(SOON).await?, Some(json!({"command": "login"})));
    assert_eq!(phone.next_event(BRIEFLY).await?, None);
    phone.kill().await?;
    let mut brief = Phone::spawn("sh", ["-c", "echo hello; exit 3"])?;
    assert_eq!(brief.next_event(SOON).await?, Some(json!({"event": "unreadable", "line": "hello"})));
    let error = brief.next_event(SOON).await.unwrap_err().to_string();
    assert!(error.contains("\"sh\" has ended") && error.contains('3'), "{error}");
    let error = Phone::spawn("no-such-phone", [""; 0]).unwrap_err().to_string();
    assert!(error.contains("no-such-phone") && error.contains("build it"), "{error}");
    Ok(())
}
