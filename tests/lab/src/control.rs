//! Everything that can be asked of a running lab. The HTTP handlers call this too: there is one implementation.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use crate::config::{DOMAIN, REGISTRARS, datacentre_of};
use crate::dns::{DnsFault, RecordSet};
use crate::fault::SipFault;
use crate::log::LogEntry;
use crate::settings::{Settings, SettingsChange};
use crate::sip::Binding;
use crate::tls::CertificateKind;
use crate::world::World;

/// Why a request to the lab was not done. The text names the thing, the value and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlError {
    /// The thing named does not exist (HTTP 404).
    Unknown(String),
    /// The request says something that cannot be (HTTP 400).
    Invalid(String),
    /// The lab could not do it (HTTP 503).
    Failed(String),
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(text) | Self::Invalid(text) | Self::Failed(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for ControlError {}

/// One view of the DNS server.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ViewSummary {
    /// The data centre it is the view of, 1 or 2.
    pub view: u8,
    /// UDP and TCP.
    pub address: SocketAddr,
}

/// One registrar.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrarSummary {
    /// Its name, one of [`REGISTRARS`].
    pub name: String,
    /// Its data centre, 1 or 2.
    pub datacentre: u8,
    /// UDP and TCP.
    pub address: SocketAddr,
    /// SIP over TLS.
    pub tls: SocketAddr,
    /// The certificate that is shown there.
    pub certificate: CertificateKind,
    /// SIP over WebSocket.
    pub ws: SocketAddr,
    /// The same as a URL.
    pub ws_url: String,
    /// Whether its sockets are open.
    pub open: bool,
    /// What everyone meets.
    pub fault: Option<SipFault>,
    /// What single users meet.
    pub user_faults: BTreeMap<String, SipFault>,
}

/// The lab in short.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The domain of the zone and the realm of the registrars.
    pub domain: String,
    /// The DNS server's views.
    pub dns: Vec<ViewSummary>,
    /// DNS over HTTPS, without TLS.
    pub doh: SocketAddr,
    /// The same as a URL for each view, in order.
    pub doh_urls: [String; 2],
    /// The registrars.
    pub registrars: Vec<RegistrarSummary>,
    /// Control over HTTP.
    pub control: SocketAddr,
    /// Whence the certificate of the CA can be had.
    pub ca_url: String,
    /// How the registrars behave.
    pub settings: Settings,
    /// The DNS faults in force.
    pub dns_faults: Vec<DnsFault>,
    /// How many bindings there are.
    pub bindings: usize,
    /// What is other than usual, such as addresses that could not be bound.
    pub notes: Vec<String>,
}

/// A handle on a running lab. Cheap to clone; of no effect once the lab has stopped.
#[derive(Clone, Debug)]
pub struct Control(pub(crate) Arc<World>);

type Done = Result<(), ControlError>;

impl Control {
    /// The lab in short.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let world = &self.0;
        let views = [1, 2].into_iter().zip(world.places.dns);
        let registrars = world.registrars().iter().map(|registrar| {
            let faults = world.faults();
            RegistrarSummary {
                name: registrar.name().to_owned(),
                datacentre: datacentre_of(registrar.index),
                address: registrar.address,
                tls: registrar.tls,
                certificate: world.tls.shown(registrar.index),
                ws: registrar.ws,
                ws_url: registrar.ws_url(),
                open: registrar.is_open(),
                fault: faults.of_all(registrar.index).cloned(),
                user_faults: faults.of_users(registrar.index),
            }
        });
        Summary {
            domain: DOMAIN.to_owned(),
            dns: views.map(|(view, address)| ViewSummary { view, address }).collect(),
            doh: world.places.doh,
            doh_urls: world.places.doh_urls(),
            registrars: registrars.collect(),
            control: world.places.control,
            ca_url: world.places.ca_url(),
            settings: world.settings(),
            dns_faults: world.dns.faults(),
            bindings: self.bindings(None).len(),
            notes: world.places.notes.clone(),
        }
    }

    /// Sets (or with `None` mends) the fault of one registrar, for everyone or one user.
    ///
    /// # Errors
    /// An unknown registrar, a value out of bounds, or a port that could not be opened again.
    pub async fn fault_registrar(&self, name: &str, user: Option<&str>, fault: Option<SipFault>) -> Done {
        self.fault(&[registrar(name)?], user, fault).await
    }

    /// Sets (or with `None` mends) the fault of both registrars of a data centre, for everyone or one user.
    ///
    /// # Errors
    /// An unknown data centre, a value out of bounds, or a port that could not be opened again.
    pub async fn fault_datacentre(&self, datacentre: u8, user: Option<&str>, fault: Option<SipFault>) -> Done {
        self.fault(&registrars_of(datacentre)?, user, fault).await
    }

    async fn fault(&self, registrars: &[usize], user: Option<&str>, fault: Option<SipFault>) -> Done {
        if let Some(fault) = &fault {
            fault.validate().map_err(ControlError::Invalid)?;
        }
        for index in registrars {
            self.0.faults().set(*index, user, fault.clone());
        }
        self.follow_faults(registrars.iter().copied()).await
    }

    /// All sockets are as the faults want them when this returns.
    async fn follow_faults(&self, registrars: impl Iterator<Item = usize>) -> Done {
        self.0.faults_changed();
        for index in registrars {
            let registrar = self.0.registrar(index);
            let outcome = registrar.follow_faults(&self.0).await;
            outcome.map_err(|error| ControlError::Failed(format!("{error:#}")))?;
        }
        Ok(())
    }

    /// The certificate of the CA that signs the registrars' certificates.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        self.0.tls.ca_pem()
    }

    /// Lets one registrar show this certificate, or with `None` its usual one, from the next handshake on.
    ///
    /// # Errors
    /// An unknown registrar.
    pub fn certify_registrar(&self, name: &str, kind: Option<CertificateKind>) -> Done {
        self.certify(&[registrar(name)?], kind);
        Ok(())
    }

    /// The same for both registrars of a data centre.
    ///
    /// # Errors
    /// An unknown data centre.
    pub fn certify_datacentre(&self, datacentre: u8, kind: Option<CertificateKind>) -> Done {
        self.certify(&registrars_of(datacentre)?, kind);
        Ok(())
    }

    /// The same for all registrars.
    pub fn certify_all(&self, kind: Option<CertificateKind>) {
        self.certify(&[0, 1, 2, 3], kind);
    }

    fn certify(&self, registrars: &[usize], kind: Option<CertificateKind>) {
        for index in registrars {
            self.0.tls.show(*index, kind.unwrap_or_default());
        }
    }

    /// Sets a DNS fault, in place of one for the same name and view.
    ///
    /// # Errors
    /// A malformed name, an unknown view, or a delay that is missing or out of bounds.
    pub fn fault_dns(&self, fault: DnsFault) -> Done {
        self.0.dns.set_fault(fault).map_err(ControlError::Invalid)
    }

    /// Removes the DNS faults of a name (`None`: of every name) in a view (`None`: in every view).
    ///
    /// # Errors
    /// A malformed name or an unknown view.
    pub fn mend_dns(&self, name: Option<&str>, view: Option<u8>) -> Done {
        self.0.dns.mend(name, view).map_err(ControlError::Invalid)
    }

    /// Replaces the records of one name and type in one view, until the reset.
    ///
    /// # Errors
    /// An unknown view, a name outside the zone, or a malformed record.
    pub fn set_records(&self, view: u8, name: &str, set: &RecordSet) -> Done {
        self.0.dns.replace(view, name, set).map_err(ControlError::Invalid)
    }

    /// The records of one view, by name.
    ///
    /// # Errors
    /// An unknown view.
    pub fn records(&self, view: u8) -> Result<BTreeMap<String, Vec<RecordSet>>, ControlError> {
        self.0.dns.list(view).map_err(ControlError::Unknown)
    }

    /// How the registrars behave.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.0.settings()
    }

    /// Changes some settings; bindings already granted stay as they are.
    ///
    /// # Errors
    /// Values that exclude each other.
    pub fn change_settings(&self, change: &SettingsChange) -> Result<Settings, ControlError> {
        let settings = change.applied_to(&self.0.settings());
        settings.validate().map_err(ControlError::Invalid)?;
        self.0.set_settings(settings.clone());
        Ok(settings)
    }

    /// Who is registered where: one user, or all.
    #[must_use]
    pub fn bindings(&self, user: Option<&str>) -> Vec<Binding> {
        self.0.location().list(user, Instant::now())
    }

    /// The requests seen, of one user or all, oldest first. The last 10,000 are kept; a reset leaves them.
    #[must_use]
    pub fn log(&self, user: Option<&str>) -> Vec<LogEntry> {
        self.0.log().of(user)
    }

    /// All faults off, certificates, zone and settings as at the start, no bindings.
    ///
    /// # Errors
    /// A port that could not be opened again.
    pub async fn reset(&self) -> Done {
        self.0.faults().clear();
        self.0.dns.reset();
        self.certify_all(None);
        self.0.set_settings(self.0.settings_at_start());
        self.0.location().clear();
        for registrar in self.0.registrars() {
            registrar.forget_transactions();
        }
        self.follow_faults(0..REGISTRARS.len()).await
    }
}

fn registrar(name: &str) -> Result<usize, ControlError> {
    REGISTRARS.iter().position(|known| *known == name).ok_or_else(|| {
        ControlError::Unknown(format!("registrar {name:?} does not exist; choose one of {}", REGISTRARS.join(", ")))
    })
}

fn registrars_of(datacentre: u8) -> Result<Vec<usize>, ControlError> {
    let of: Vec<usize> = (0..REGISTRARS.len()).filter(|index| datacentre_of(*index) == datacentre).collect();
    if of.is_empty() {
        return Err(ControlError::Unknown(format!("data centre {datacentre} does not exist; choose 1 or 2")));
    }
    Ok(of)
}
