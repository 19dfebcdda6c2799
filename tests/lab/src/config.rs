//! Where the lab listens and what it starts with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::settings::Settings;

/// The domain of the lab's zone, and the realm of its digest challenges.
pub const DOMAIN: &str = "example.test";

/// The one password that every user has.
pub const PASSWORD: &str = "secret";

/// The names of the four registrars, in the order in which [`LabConfig::registrars`] lists their addresses.
pub const REGISTRARS: [&str; 4] = ["dc1-spx1", "dc1-spx2", "dc2-spx1", "dc2-spx2"];

/// The data centre (1 or 2) of the registrar at this place in [`REGISTRARS`].
pub(crate) const fn datacentre_of(registrar: usize) -> u8 {
    if registrar < 2 { 1 } else { 2 }
}

/// The ports of a lab at the default addresses; 0 takes any free one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// DNS on 127.0.0.11 and 127.0.0.12.
    pub dns: u16,
    /// SIP on 127.0.1.1, 127.0.1.2, 127.0.2.1 and 127.0.2.2.
    pub sip: u16,
    /// SIP over TLS on the same addresses.
    pub tls: u16,
    /// SIP over WebSocket on the same addresses.
    pub ws: u16,
    /// DNS over HTTPS on 127.0.0.1.
    pub doh: u16,
    /// Control over HTTP on 127.0.0.1.
    pub control: u16,
}

impl Default for Ports {
    /// The documented ports.
    fn default() -> Self {
        Self { dns: 5300, sip: 5060, tls: 5061, ws: 8080, doh: 8053, control: 5380 }
    }
}

impl Ports {
    /// Any free ones.
    pub const FREE: Self = Self { dns: 0, sip: 0, tls: 0, ws: 0, doh: 0, control: 0 };
}

/// Where the lab listens and what it starts with. All addresses must be loopback; port 0 takes any free port.
#[derive(Clone, Debug)]
pub struct LabConfig {
    /// DNS, UDP and TCP: the view of data centre 1, then of data centre 2.
    pub dns: [SocketAddr; 2],
    /// SIP, UDP and TCP, in the order of [`REGISTRARS`].
    pub registrars: [SocketAddr; 4],
    /// Ports of SIP over TLS, each on its registrar's address; it moves on past ports that the lab itself has there.
    pub tls: [u16; 4],
    /// Ports of SIP over WebSocket, likewise.
    pub ws: [u16; 4],
    /// DNS over HTTPS (without TLS), both views.
    pub doh: SocketAddr,
    /// Control over HTTP.
    pub control: SocketAddr,
    /// A folder to serve at the control address under `/page/`.
    pub page: Option<PathBuf>,
    /// Put everything on 127.0.0.1, with different ports. Happens by itself to an address that cannot be bound.
    pub single_address: bool,
    /// TTL of the SRV records, in seconds.
    pub srv_ttl: u32,
    /// What the registrars start with, and return to on reset.
    pub settings: Settings,
}

impl Default for LabConfig {
    /// The documented places: DNS 127.0.0.11 and .12 port 5300, SIP port 5060, TLS port 5061, WebSocket port 8080,
    /// DNS over HTTPS 127.0.0.1:8053, control 127.0.0.1:5380.
    fn default() -> Self {
        Self::with_ports(Ports::default())
    }
}

impl LabConfig {
    /// The default addresses with these ports (0: any free one).
    #[must_use]
    pub fn with_ports(ports: Ports) -> Self {
        let Ports { dns, sip, tls, ws, doh, control } = ports;
        let at = |b, c, port| SocketAddr::from((Ipv4Addr::new(127, 0, b, c), port));
        Self {
            dns: [at(0, 11, dns), at(0, 12, dns)],
            registrars: [at(1, 1, sip), at(1, 2, sip), at(2, 1, sip), at(2, 2, sip)],
            tls: [tls; 4],
            ws: [ws; 4],
            doh: at(0, 1, doh),
            control: at(0, 1, control),
            page: None,
            single_address: false,
            srv_ttl: 30,
            settings: Settings::default(),
        }
    }

    /// Any free ports: such labs run side by side. The zone names the ports that were found.
    #[must_use]
    pub fn ephemeral() -> Self {
        Self::with_ports(Ports::FREE)
    }

    /// Checks what no socket would tell.
    pub(crate) fn validate(&self) -> Result<()> {
        let all = self.dns.iter().chain(&self.registrars).chain([&self.doh, &self.control]);
        for address in all {
            ensure!(
                address.ip().is_loopback(),
                "address {address}: the lab listens on loopback only; choose one in 127.0.0.0/8 or [::1]"
            );
        }
        if let Some(folder) = &self.page {
            ensure!(folder.is_dir(), "page {}: there is no such folder; name one with --page", folder.display());
        }
        self.settings.validate().map_err(anyhow::Error::msg)
    }

    /// Where the registrar at `registrar` takes what has another port: on the same address, past what is `taken` there.
    pub(crate) fn beside(registrar: SocketAddr, port: u16, taken: &[SocketAddr]) -> SocketAddr {
        let wanted = SocketAddr::new(registrar.ip(), port);
        let mut places = (0..=taken.len()).map(|steps| moved_on(wanted, steps));
        places.find(|place| !taken.contains(place)).unwrap_or(wanted)
    }

    /// The place on 127.0.0.1 of the `index`th server of a kind: the port moves on, so that all of the kind fit.
    pub(crate) fn fallback(address: SocketAddr, index: usize) -> SocketAddr {
        moved_on(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port()), index)
    }
}

/// `address` with a port `steps` further on; a free one stays free.
fn moved_on(address: SocketAddr, steps: usize) -> SocketAddr {
    let port = match address.port() {
        0 => 0,
        port => port.saturating_add(u16::try_from(steps).unwrap_or(0)),
    };
    SocketAddr::new(address.ip(), port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fallback_keeps_the_servers_of_a_kind_apart() {
        let ports: Vec<String> = LabConfig::default()
            .registrars
            .iter()
            .enumerate()
            .map(|(index, address)| LabConfig::fallback(*address, index).to_string())
            .collect();
        assert_eq!(ports, ["127.0.0.1:5060", "127.0.0.1:5061", "127.0.0.1:5062", "127.0.0.1:5063"]);
    }

    #[test]
    fn listeners_of_one_address_are_kept_apart() {
        let places = |registrars: [SocketAddr; 4], ports: [u16; 4]| {
            let mut taken = registrars.to_vec();
            for (registrar, port) in registrars.into_iter().zip(ports) {
                taken.push(LabConfig::beside(registrar, port, &taken));
            }
            taken.split_off(4).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let LabConfig { registrars: usual, tls, ws, .. } = LabConfig::default();
        assert_eq!(places(usual, ws), ["127.0.1.1:8080", "127.0.1.2:8080", "127.0.2.1:8080", "127.0.2.2:8080"]);
        let single = [0, 1, 2, 3].map(|index| LabConfig::fallback(usual[index], index));
        assert_eq!(places(single, ws), ["127.0.0.1:8080", "127.0.0.1:8081", "127.0.0.1:8082", "127.0.0.1:8083"]);
        assert_eq!(places(single, tls), ["127.0.0.1:5064", "127.0.0.1:5065", "127.0.0.1:5066", "127.0.0.1:5067"]);
        let own = [9001, 9002, 0, 0];
        assert_eq!(places(single, own), ["127.0.0.1:9001", "127.0.0.1:9002", "127.0.0.1:0", "127.0.0.1:0"]);
    }

    #[test]
    fn an_address_that_is_not_loopback_is_refused() {
        let config = LabConfig { control: "192.0.2.1:5380".parse().unwrap(), ..LabConfig::default() };
        let error = config.validate().unwrap_err().to_string();
        assert!(error.contains("192.0.2.1:5380") && error.contains("loopback"), "{error}");
    }
}
