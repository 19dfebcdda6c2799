//! Whom the phone believes over TLS.

use std::io;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, Error, RootCertStore};

/// The CAs whose certificates are believed: these alone, none of the system's.
#[derive(Clone, Debug)]
pub struct Trust(Arc<ClientConfig>);

impl Trust {
    /// Reads the certificates of CAs, in PEM.
    ///
    /// # Errors
    /// There is none, or one that cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots.add(certificate.context("this is no PEM")?).context("this is no certificate of a CA")?;
        }
        ensure!(!roots.is_empty(), "there is no certificate in it");
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        // Each connection shows its certificate.
        config.resumption = Resumption::disabled();
        Ok(Self(Arc::new(config)))
    }

    /// The handshake: the certificate must carry this name, whatever the host is called (rule 1.6).
    pub(crate) async fn handshake(&self, name: &str, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(name.to_owned()).map_err(|_| failed("no certificate can carry this name"))?;
        let shaken = TlsConnector::from(Arc::clone(&self.0)).connect(name, stream).await;
        shaken.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => failed("the handshake was cut short"),
            _ => error,
        })
    }
}

fn failed(why: &str) -> io::Error {
    io::Error::other(Error::General(why.to_owned()))
}

/// Whether it was TLS that failed, and not what carries it.
pub(crate) fn is_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Error>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_ca_is_refused() {
        for (pem, word) in [
            ("", "no certificate"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no certificate of a CA"),
            ("-----BEGIN CERTIFICATE-----\n", "no PEM"),
        ] {
            let error = Trust::from_pem(pem.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(word), "{pem:?}: {error}");
        }
    }
}
