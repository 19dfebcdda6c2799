//! Certificates: made anew at each start, and which of them each registrar shows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use serde::{Deserialize, Serialize};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

use crate::config::{DOMAIN, REGISTRARS};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long certificates are good: no longer than the strictest phones bear.
const GOOD_FOR: Duration = Duration::from_secs(365 * 24 * 3600);

/// Which certificate a registrar shows to those who connect over TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CertificateKind {
    /// For the SIP domain, as RFC 5922 wants it, and not for the registrar's own name.
    #[default]
    Domain,
    /// For the registrar's own name, the target of the SRV records, and not for the SIP domain.
    Target,
    /// For both names.
    Both,
    /// For both names, but it ended yesterday.
    Expired,
    /// For both names, but signed by a CA that nobody knows.
    OtherCa,
}

impl CertificateKind {
    const ALL: [Self; 5] = [Self::Domain, Self::Target, Self::Both, Self::Expired, Self::OtherCa];
}

/// The CA, and what each registrar shows.
#[derive(Debug)]
pub(crate) struct Tls {
    ca: String,
    sides: Vec<(Arc<Shown>, Arc<ServerConfig>)>,
}

impl Tls {
    pub(crate) fn new() -> Result<Self> {
        let made = || -> Result<Self> {
            let (ca, other) = (Authority::new("rehome-lab CA")?, Authority::new("a CA unknown to all")?);
            let sides = REGISTRARS.iter().map(|name| side(name, &ca, &other)).collect::<Result<_>>()?;
            Ok(Self { ca: ca.pem, sides })
        };
        made().context("the certificates cannot be made")
    }

    /// The CA's certificate.
    pub(crate) fn ca_pem(&self) -> &str {
        &self.ca
    }

    /// Takes connections for a registrar.
    pub(crate) fn acceptor(&self, registrar: usize) -> TlsAcceptor {
        Arc::clone(&self.sides[registrar].1).into()
    }

    pub(crate) fn shown(&self, registrar: usize) -> CertificateKind {
        self.sides[registrar].0.kind()
    }

    /// From the next handshake on.
    pub(crate) fn show(&self, registrar: usize, kind: CertificateKind) {
        *self.sides[registrar].0.kind.lock().unwrap_or_else(PoisonError::into_inner) = kind;
    }
}

/// The certificates of one registrar, and the one it shows.
#[derive(Debug)]
struct Shown {
    all: BTreeMap<CertificateKind, Arc<CertifiedKey>>,
    kind: Mutex<CertificateKind>,
}

impl Shown {
    fn kind(&self) -> CertificateKind {
        *self.kind.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Shown {
    /// Whatever name the phone asks for: it must find a wrong one out for itself.
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.all.get(&self.kind()).cloned()
    }
}

fn side(name: &str, ca: &Authority, other: &Authority) -> Result<(Arc<Shown>, Arc<ServerConfig>)> {
    let (domain, target) = (DOMAIN.to_owned(), format!("{name}.{DOMAIN}"));
    let certificate = |kind| {
        let certificate = match kind {
            CertificateKind::Domain => ca.certify(vec![domain.clone()], GOOD_FOR),
            CertificateKind::Target => ca.certify(vec![target.clone()], GOOD_FOR),
            CertificateKind::Both => ca.certify(vec![domain.clone(), target.clone()], GOOD_FOR),
            CertificateKind::Expired => ca.certify(vec![domain.clone(), target.clone()], Duration::ZERO),
            CertificateKind::OtherCa => other.certify(vec![domain.clone(), target.clone()], GOOD_FOR),
        };
        Ok((kind, Arc::new(certificate?)))
    };
    let all = CertificateKind::ALL.into_iter().map(certificate).collect::<Result<_>>()?;
    let shown = Arc::new(Shown { all, kind: Mutex::default() });
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
    // A resumed session would keep an old certificate good.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok((shown, Arc::new(config)))
}

/// A CA.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Result<Self> {
        let mut params = params(name, Vec::new(), GOOD_FOR)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), pem })
    }

    /// A certificate with these names that ends in this time, or ended yesterday.
    fn certify(&self, names: Vec<String>, lifetime: Duration) -> Result<CertifiedKey> {
        let mut params = params("a registrar of rehome-lab", names, lifetime)?;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = ring::sign::any_ecdsa_type(&PrivatePkcs8KeyDer::from(key.serialize_der()).into())?;
        Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
    }
}

/// Valid since the day before yesterday, for clocks that differ, until yesterday and this much longer.
fn params(name: &str, names: Vec<String>, lifetime: Duration) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, name);
    let yesterday = date_time_ymd(1970, 1, 1) + SystemTime::now().duration_since(UNIX_EPOCH)? - DAY;
    params.not_before = yesterday - DAY;
    params.not_after = yesterday + lifetime;
    Ok(params)
}
