//! SIP over TLS: which certificate is good for which name, and that all else is as over TCP.

mod common;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use common::{BRIEFLY, Client, SOON, fetch, http, lab, put};
use rehome_lab::{CertificateKind, Lab, REGISTRARS, SipFault, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, Error, HandshakeKind, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
};

const DOMAIN: &str = "example.test";
const FIRST: &str = "/registrars/dc1-spx1";

/// What phones that believe the lab's CA share, tickets for resumed sessions among it.
fn believing(lab: &Lab, versions: &[&'static SupportedProtocolVersion]) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(lab.ca_pem().as_bytes())?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config).into())
}

async fn shake(connector: &TlsConnector, server: SocketAddr, name: &str) -> io::Result<TlsStream<TcpStream>> {
    let name = name.to_owned().try_into().map_err(io::Error::other)?;
    timeout(SOON, connector.connect(name, TcpStream::connect(server).await?)).await?
}

/// A phone that wants to see this name.
async fn phone(lab: &Lab, user: &str, registrar: usize, name: &str) -> Result<Client> {
    let stream = shake(&believing(lab, &[&TLS13])?, lab.tls_addresses()[registrar], name).await?;
    let local = stream.get_ref().0.local_addr()?;
    Ok(Client::over(user, stream, local, "TLS"))
}

/// What a phone that wants to see this name makes of the certificate: `good`, or what is wrong with it.
async fn judged(lab: &Lab, registrar: usize, name: &str) -> Result<&'static str> {
    let shaken = shake(&believing(lab, &[&TLS13])?, lab.tls_addresses()[registrar], name).await;
    let Err(error) = shaken else { return Ok("good") };
    let error =
        error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).context("it was not TLS that failed")?;
    Ok(match error {
        Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. }) => "name",
        Error::InvalidCertificate(CertificateError::ExpiredContext { .. }) => "expired",
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => "issuer",
        _ => "else",
    })
}

fn own_name(registrar: usize) -> String {
    format!("{}.{DOMAIN}", REGISTRARS[registrar])
}

#[tokio::test]
async fn a_phone_registers_over_tls_at_all_four() -> Result<()> {
    let lab = lab().await?;
    for (registrar, name) in REGISTRARS.iter().enumerate() {
        let mut phone = phone(&lab, name, registrar, DOMAIN).await?;
        assert_eq!(phone.register(60).await?.code, 200);
        let bindings = lab.control().bindings(Some(name));
        let [binding] = &bindings[..] else { panic!("{bindings:?}") };
        assert_eq!((binding.registrar.as_str(), binding.transport), (*name, Transport::Tls));
        assert_eq!(binding.source, phone.local().to_string());
        let log = lab.control().log(Some(name));
        let codes: Vec<_> = log.iter().map(|entry| (entry.transport, entry.code)).collect();
        assert_eq!(codes, [(Transport::Tls, Some(401)), (Transport::Tls, Some(200))]);
        phone.send("\r\n\r\n").await?;
        assert_eq!(phone.receive_raw(2).await?, b"\r\n");
        assert_eq!(phone.register(0).await?.code, 200);
    }
    let (_, log) = http(&lab, "GET", "/log/dc1-spx1", "").await?;
    assert_eq!(log[0]["transport"], "tls");
    Ok(())
}

#[tokio::test]
async fn srv_names_of_tls_name_its_ports() -> Result<()> {
    let lab = lab().await?;
    for (view, priorities) in [(1, [10, 10, 200, 200]), (2, [200, 200, 10, 10])] {
        let zone = lab.control().records(view)?;
        let expected: Vec<String> = (0..4)
            .map(|index| {
                let port = lab.tls_addresses()[index].port();
                format!("{} 50 {port} {}.", priorities[index], own_name(index))
            })
            .collect();
        for name in ["_sips._tcp.example.test", "_sip._tls.example.test"] {
            assert_eq!(zone[name][0].records, expected, "{name}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn each_certificate_is_good_for_its_names_alone() -> Result<()> {
    let lab = lab().await?;
    for (registrar, name) in REGISTRARS.iter().enumerate() {
        let path = format!("/registrars/{name}/certificate");
        let own = own_name(registrar);
        for (kind, for_domain, for_own) in [
            ("domain", "good", "name"),
            ("target", "name", "good"),
            ("both", "good", "good"),
            ("expired", "expired", "expired"),
            ("otherCa", "issuer", "issuer"),
        ] {
            put(&lab, &path, &format!(r#"{{"kind":"{kind}"}}"#)).await?;
            let seen = (judged(&lab, registrar, DOMAIN).await?, judged(&lab, registrar, &own).await?);
            assert_eq!(seen, (for_domain, for_own), "{own}: {kind}");
            let neighbour = own_name((registrar + 1) % 4);
            assert_ne!(judged(&lab, registrar, &neighbour).await?, "good", "{own}: {kind}");
        }
        assert_eq!(http(&lab, "DELETE", &path, "").await?.0, 200);
        assert_eq!(judged(&lab, registrar, DOMAIN).await?, "good", "{own}: the usual one");
    }
    Ok(())
}

#[tokio::test]
async fn certificates_change_for_one_a_data_centre_or_all() -> Result<()> {
    let lab = lab().await?;
    let shown = async || -> Result<String> {
        let (_, summary) = http(&lab, "GET", "/", "").await?;
        let registrars = summary["registrars"].as_array().context("no registrars")?.clone();
        let kinds = registrars.iter().map(|registrar| registrar["certificate"].as_str().unwrap_or("none").to_owned());
        Ok(kinds.collect::<Vec<_>>().join(" "))
    };
    assert_eq!(shown().await?, "domain domain domain domain");
    put(&lab, "/datacentres/2/certificate", r#"{"kind":"expired"}"#).await?;
    put(&lab, "/registrars/dc1-spx2/certificate", r#"{"kind":"otherCa"}"#).await?;
    assert_eq!(shown().await?, "domain otherCa expired expired");
    assert_eq!(http(&lab, "DELETE", "/datacentres/2/certificate", "").await?.0, 200);
    assert_eq!(shown().await?, "domain otherCa domain domain");
    put(&lab, "/certificate", r#"{"kind":"both"}"#).await?;
    assert_eq!(shown().await?, "both both both both");
    assert_eq!(http(&lab, "DELETE", "/certificate", "").await?.0, 200);
    assert_eq!(shown().await?, "domain domain domain domain");
    lab.control().certify_registrar("dc1-spx1", Some(CertificateKind::Target))?;
    assert_eq!(http(&lab, "POST", "/reset", "").await?.0, 200);
    assert_eq!(shown().await?, "domain domain domain domain");
    Ok(())
}

/// A resumed session would pass by the certificate that is shown now.
#[tokio::test]
async fn a_certificate_counts_from_the_next_handshake_on() -> Result<()> {
    let lab = lab().await?;
    for (version, named) in [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)] {
        let connector = believing(&lab, &[version])?;
        let server = lab.tls_addresses()[0];
        let mut open = Vec::new();
        for user in ["anna", "berta", "clara"] {
            let stream = shake(&connector, server, DOMAIN).await?;
            let (tcp, session) = stream.get_ref();
            assert_eq!(
                (session.protocol_version(), session.handshake_kind()),
                (Some(named), Some(HandshakeKind::Full))
            );
            let local = tcp.local_addr()?;
            let mut phone = Client::over(user, stream, local, "TLS");
            assert_eq!(phone.register(60).await?.code, 200);
            open.push(phone);
        }
        lab.control().certify_registrar("dc1-spx1", Some(CertificateKind::Target))?;
        assert!(shake(&connector, server, DOMAIN).await.is_err());
        for mut phone in open {
            assert_eq!(phone.register(60).await?.code, 200, "open connections stay");
        }
        lab.control().certify_registrar("dc1-spx1", None)?;
    }
    Ok(())
}

#[tokio::test]
async fn the_ca_can_be_fetched_and_written_to_a_file() -> Result<()> {
    let lab = lab().await?;
    let answer = fetch(lab.control_address(), "GET /ca.pem", "", b"").await?;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/pem-certificate-chain"));
    assert_eq!(answer.body, lab.ca_pem().as_bytes());
    let file = std::env::temp_dir().join(format!("rehome-lab-ca-{}.pem", std::process::id()));
    let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_rehome-lab"))
        .args(["--ephemeral", "--ca-file"])
        .arg(&file)
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let began = Instant::now();
    let pem = loop {
        // Empty between its creation and its writing.
        let pem = std::fs::read_to_string(&file).unwrap_or_default();
        if pem.ends_with("-----END CERTIFICATE-----\n") || began.elapsed() > SOON {
            break pem;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    program.kill().await?;
    std::fs::remove_file(&file)?;
    CertificateDer::from_pem_slice(pem.as_bytes())?;
    assert_ne!(pem, lab.ca_pem(), "each lab has a CA of its own");
    Ok(())
}

#[tokio::test]
async fn refuse_cuts_connections_and_refuses_new_ones() -> Result<()> {
    let lab = lab().await?;
    let mut alice = phone(&lab, "alice", 0, DOMAIN).await?;
    assert_eq!(alice.register(60).await?.code, 200);
    put(&lab, &format!("{FIRST}/fault"), r#"{"kind":"refuse"}"#).await?;
    assert!(alice.closed().await);
    let refused = TcpStream::connect(lab.tls_addresses()[0]).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    assert_eq!(http(&lab, "DELETE", &format!("{FIRST}/fault"), "").await?.0, 200);
    assert_eq!(phone(&lab, "alice", 0, DOMAIN).await?.register(60).await?.code, 200);
    Ok(())
}

#[tokio::test]
async fn a_silent_registrar_does_not_answer_the_handshake_either() -> Result<()> {
    let lab = lab().await?;
    let connector = believing(&lab, &[&TLS13])?;
    lab.control().fault_registrar("dc1-spx1", None, Some(SipFault::Silent)).await?;
    let handshake = shake(&connector, lab.tls_addresses()[0], DOMAIN);
    tokio::pin!(handshake);
    assert!(timeout(BRIEFLY, &mut handshake).await.is_err());
    lab.control().fault_registrar("dc1-spx1", None, None).await?;
    handshake.await.context("it goes on when the registrar is mended")?;
    Ok(())
}

#[tokio::test]
async fn faults_are_those_of_tcp() -> Result<()> {
    let lab = lab().await?;
    let mut bob = phone(&lab, "bob", 0, DOMAIN).await?;
    let fault = async |body: &str| put(&lab, &format!("{FIRST}/fault/alice"), body).await;

    fault(r#"{"kind":"status","code":503,"retryAfter":7}"#).await?;
    let mut alice = phone(&lab, "alice", 0, DOMAIN).await?;
    let answer = alice.register(60).await?;
    assert_eq!((answer.code, answer.one("Retry-After")?.as_str()), (503, "7"));

    fault(r#"{"kind":"slow","ms":300}"#).await?;
    let began = Instant::now();
    assert_eq!(alice.register(60).await?.code, 200);
    assert!(began.elapsed() >= Duration::from_millis(600), "a challenge and a success, both late");

    fault(r#"{"kind":"silent"}"#).await?;
    let request = alice.request("REGISTER", "");
    alice.send(&request).await?;
    alice.send("\r\n\r\n").await?;
    assert!(alice.receive(BRIEFLY).await.is_err());
    phone(&lab, "alice", 0, DOMAIN).await.context("a handshake names no user")?;

    fault(r#"{"kind":"noUpgrade"}"#).await?;
    let mut alice = phone(&lab, "alice", 0, DOMAIN).await?;
    assert_eq!(alice.register(60).await?.code, 200);

    fault(r#"{"kind":"hangUp"}"#).await?;
    assert_eq!(alice.register(60).await?.code, 200);
    assert!(alice.closed().await);
    assert_eq!(lab.control().bindings(Some("alice")).len(), 2);

    let mut alice = phone(&lab, "alice", 0, DOMAIN).await?;
    fault(r#"{"kind":"refuse"}"#).await?;
    let request = alice.request("REGISTER", "");
    alice.send(&request).await?;
    assert!(alice.closed().await, "closed at the first request");
    assert_eq!(bob.register(60).await?.code, 200, "nothing of it met another user");
    Ok(())
}

#[tokio::test]
async fn what_is_no_tls_is_cut() -> Result<()> {
    let lab = lab().await?;
    let mut plain = TcpStream::connect(lab.tls_addresses()[0]).await?;
    plain.write_all(b"OPTIONS sip:example.test SIP/2.0\r\n\r\n").await?;
    let mut words = Vec::new();
    // It ends or is reset, within that time; an alert may come first.
    let _ = timeout(SOON, plain.read_to_end(&mut words)).await?;
    assert!(!words.starts_with(b"SIP/2.0"));
    assert!(lab.control().log(None).is_empty());
    assert_eq!(judged(&lab, 0, DOMAIN).await?, "good");
    Ok(())
}
