//! Where the lab listens and what it starts with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

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

/// Where the lab listens and what it starts with. All addresses must be loopback; port 0 takes any free port.
#[derive(Clone, Debug)]
pub struct LabConfig {
    /// DNS, UDP and TCP: the view of data centre 1, then of data centre 2.
    pub dns: [SocketAddr; 2],
    /// SIP, UDP and TCP, in the order of [`REGISTRARS`].
    pub registrars: [SocketAddr; 4],
    /// Control over HTTP.
    pub control: SocketAddr,
    /// Put everything on 127.0.0.1, with different ports. Happens by itself to an address that cannot be bound.
    pub single_address: bool,
    /// TTL of the SRV records, in seconds.
    pub srv_ttl: u32,
    /// What the registrars start with, and return to on reset.
    pub settings: Settings,
}

impl Default for LabConfig {
    /// The documented places: DNS 127.0.0.11 and .12 port 5300, SIP port 5060, control 127.0.0.1:5380.
    fn default() -> Self {
        Self::with_ports(5300, 5060, 5380)
    }
}

impl LabConfig {
    /// The default addresses with these ports (0: any free one).
    #[must_use]
    pub fn with_ports(dns: u16, sip: u16, control: u16) -> Self {
        let at = |b, c, port| SocketAddr::from((Ipv4Addr::new(127, 0, b, c), port));
        Self {
            dns: [at(0, 11, dns), at(0, 12, dns)],
            registrars: [at(1, 1, sip), at(1, 2, sip), at(2, 1, sip), at(2, 2, sip)],
            control: at(0, 1, control),
            single_address: false,
            srv_ttl: 30,
            settings: Settings::default(),
        }
    }

    /// Any free ports: such labs run side by side. The zone names the ports that were found.
    #[must_use]
    pub fn ephemeral() -> Self {
        Self::with_ports(0, 0, 0)
    }

    /// Checks what no socket would tell.
    pub(crate) fn validate(&self) -> Result<()> {
        let all = self.dns.iter().chain(&self.registrars).chain([&self.control]);
        for address in all {
            ensure!(
                address.ip().is_loopback(),
                "address {address}: the lab listens on loopback only; choose one in 127.0.0.0/8 or [::1]"
            );
        }
        self.settings.validate().map_err(anyhow::Error::msg)
    }

    /// The place on 127.0.0.1 of the `index`th server of a kind: the port moves on, so that all of the kind fit.
    pub(crate) fn fallback(address: SocketAddr, index: usize) -> SocketAddr {
        let offset = u16::try_from(index).unwrap_or(0);
        let port = match address.port() {
            0 => 0,
            port => port.saturating_add(offset),
        };
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
    }
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
    fn an_address_that_is_not_loopback_is_refused() {
        let config = LabConfig { control: "192.0.2.1:5380".parse().unwrap(), ..LabConfig::default() };
        let error = config.validate().unwrap_err().to_string();
        assert!(error.contains("192.0.2.1:5380") && error.contains("loopback"), "{error}");
    }
}
