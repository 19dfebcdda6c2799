//! Starting and stopping.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Result, ensure};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::bind::{self, Pair};
use crate::config::{LabConfig, REGISTRARS};
use crate::control::Control;
use crate::dns::{self, Dns};
use crate::http;
use crate::serve;
use crate::sip::Sockets;
use crate::tls::Tls;
use crate::world::{Places, World};

/// A running lab. All of it stops when this is stopped or dropped.
pub struct Lab {
    world: Arc<World>,
    http: JoinSet<()>,
    dns: Vec<Box<dyn Send>>,
}

impl Lab {
    /// Opens every socket, or none: an error names the address, what wanted it, and the remedy.
    ///
    /// # Errors
    /// A configuration that cannot be, or an address that cannot be bound.
    pub async fn start(config: LabConfig) -> Result<Self> {
        config.validate()?;
        let mut notes = Notes::default();
        let single = config.single_address;
        let mut registrars = Vec::with_capacity(4);
        for (index, (name, address)) in REGISTRARS.iter().zip(config.registrars).enumerate() {
            let what = format!("registrar {name}");
            registrars.push(open(address, index, single, &what, "--sip-port", &mut notes).await?);
        }
        let mut views = Vec::with_capacity(2);
        for (index, address) in config.dns.into_iter().enumerate() {
            let what = format!("DNS view {}", index + 1);
            views.push(open(address, index, single, &what, "--dns-port", &mut notes).await?);
        }
        let sip = addresses(&registrars)?;
        let mut taken = sip.to_vec();
        let (secure, tls) = listeners(&sip, config.tls, "TLS", "--tls-port", &mut taken).await?;
        let (websockets, ws) = listeners(&sip, config.ws, "WebSocket", "--ws-port", &mut taken).await?;
        let doh = bind::listener(config.doh, "DNS over HTTPS", "--doh-port").await?;
        let control = bind::listener(config.control, "control", "--control-port").await?;
        let places = Places {
            dns: addresses(&views)?,
            registrars: sip,
            tls,
            ws,
            doh: doh.local_addr()?,
            control: control.local_addr()?,
            notes: notes.0,
        };
        let dns = Dns::new(&sip, &tls, &ws, config.srv_ttl).map_err(anyhow::Error::msg)?;
        let world = Arc::new(World::new(places, config.settings, Tls::new()?, Arc::new(dns)));
        let sockets = registrars.into_iter().zip(secure).zip(websockets);
        for (registrar, ((sip, tls), ws)) in world.registrars().iter().zip(sockets) {
            registrar.open(&world, Sockets { sip, tls, ws });
        }
        let dns = [1, 2].into_iter().zip(views).map(|(view, pair)| {
            let server: Box<dyn Send> = Box::new(dns::serve(Arc::clone(&world.dns), view, pair));
            server
        });
        let dns = dns.collect();
        let mut http = JoinSet::new();
        http.spawn(serve::http(doh, dns::doh::router(Arc::clone(&world.dns))));
        http.spawn(serve::http(control, http::router(Control(Arc::clone(&world)), config.page)));
        Ok(Self { http, dns, world })
    }

    /// A handle to control and watch the lab from this process.
    #[must_use]
    pub fn control(&self) -> Control {
        Control(Arc::clone(&self.world))
    }

    /// Where the view of a data centre (1 or 2) answers DNS, UDP and TCP.
    ///
    /// # Errors
    /// There is no such data centre.
    pub fn dns_address(&self, datacentre: u8) -> Result<SocketAddr> {
        ensure!(matches!(datacentre, 1 | 2), "data centre {datacentre} does not exist; choose 1 or 2");
        Ok(self.world.places.dns[usize::from(datacentre - 1)])
    }

    /// Where the registrars answer SIP, UDP and TCP, in the order of [`REGISTRARS`].
    #[must_use]
    pub fn registrar_addresses(&self) -> [SocketAddr; 4] {
        self.world.places.registrars
    }

    /// Where the registrars answer SIP over TLS, in the order of [`REGISTRARS`].
    #[must_use]
    pub fn tls_addresses(&self) -> [SocketAddr; 4] {
        self.world.places.tls
    }

    /// The certificate of the CA that signs the registrars' certificates; another at each start.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        self.world.tls.ca_pem()
    }

    /// Where the registrars take SIP over WebSocket, in the order of [`REGISTRARS`]. The path is `/ws`.
    #[must_use]
    pub fn ws_addresses(&self) -> [SocketAddr; 4] {
        self.world.places.ws
    }

    /// The URLs of DNS over HTTPS, of view 1 and of view 2.
    #[must_use]
    pub fn doh_urls(&self) -> [String; 2] {
        self.world.places.doh_urls()
    }

    /// Where DNS over HTTPS listens.
    #[must_use]
    pub fn doh_address(&self) -> SocketAddr {
        self.world.places.doh
    }

    /// Where control over HTTP listens.
    #[must_use]
    pub fn control_address(&self) -> SocketAddr {
        self.world.places.control
    }

    /// What is other than usual, such as addresses that could not be bound.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.world.places.notes
    }

    /// Stops everything; when it returns, all but the DNS server's UDP and TCP sockets are closed.
    pub async fn stop(mut self) {
        self.http.shutdown().await;
        for registrar in self.world.registrars() {
            if let Some(mut tasks) = registrar.stop() {
                tasks.shutdown().await;
            }
        }
        self.dns.clear();
    }
}

impl Drop for Lab {
    /// The registrars' tasks hold the world that holds them: the ring is cut here.
    fn drop(&mut self) {
        for registrar in self.world.registrars() {
            drop(registrar.stop());
        }
    }
}

/// What is other than usual; each is also said on stderr.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, note: String) {
        eprintln!("rehome-lab: {note}");
        self.0.push(note);
    }
}

/// Opens the `index`th server of a kind at its address or, if this machine lacks that, on 127.0.0.1.
async fn open(
    address: SocketAddr,
    index: usize,
    single: bool,
    what: &str,
    flag: &str,
    notes: &mut Notes,
) -> Result<Pair> {
    let fallback = LabConfig::fallback(address, index);
    if single {
        return bind::pair(fallback, what, flag).await;
    }
    match bind::pair(address, what, flag).await {
        Err(error) if bind::no_such_address(&error) => {
            let pair = bind::pair(fallback, what, flag).await?;
            notes.add(format!(
                "{what} listens on {} because this machine has no address {}",
                pair.address,
                address.ip()
            ));
            Ok(pair)
        }
        outcome => outcome,
    }
}

/// Opens one listener more at each registrar, past the ports that the lab has `taken` there.
async fn listeners(
    registrars: &[SocketAddr; 4],
    ports: [u16; 4],
    kind: &str,
    flag: &str,
    taken: &mut Vec<SocketAddr>,
) -> Result<(Vec<TcpListener>, [SocketAddr; 4])> {
    let (mut all, mut places) = (Vec::with_capacity(4), *registrars);
    for ((name, place), port) in REGISTRARS.iter().zip(&mut places).zip(ports) {
        let what = format!("registrar {name} ({kind})");
        let listener = bind::listener(LabConfig::beside(*place, port, taken), &what, flag).await?;
        *place = listener.local_addr()?;
        taken.push(*place);
        all.push(listener);
    }
    Ok((all, places))
}

fn addresses<const N: usize>(pairs: &[Pair]) -> Result<[SocketAddr; N]> {
    let all: Vec<SocketAddr> = pairs.iter().map(|pair| pair.address).collect();
    <[SocketAddr; N]>::try_from(all).map_err(|all| anyhow::anyhow!("{} sockets instead of {N}", all.len()))
}
