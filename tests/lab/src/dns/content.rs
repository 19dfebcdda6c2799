//! The zone with which the lab starts.

use std::net::SocketAddr;

use super::zone::{RecordSet, Zone};
use super::{name, name_in_zone};
use crate::config::{DOMAIN, REGISTRARS};

/// How many records the set has that fits no datagram.
const MANY: usize = 200;

/// The zone as seen from data centre `view`: its own servers come first. SRV records name the ports really listened on.
pub(crate) fn zone(
    view: u8,
    sip: &[SocketAddr; 4],
    tls: &[SocketAddr; 4],
    ws: &[SocketAddr; 4],
    ttl: u32,
) -> Result<Zone, String> {
    let mut zone = Zone::default();
    hosts(&mut zone, view, sip, ttl)?;
    let services = [("_sip._udp", sip), ("_sip._tcp", sip), ("_sip._tls", tls), ("_sips._tcp", tls), ("_sip._ws", ws)];
    for (service, addresses) in services {
        genesys(&mut zone, service, view, addresses, ttl)?;
        session_border_controllers(&mut zone, service, view, addresses, ttl)?;
        odd(&mut zone, service, addresses, ttl)?;
    }
    Ok(zone)
}

fn put(zone: &mut Zone, owner: &str, set: &RecordSet) -> Result<(), String> {
    zone.replace(name_in_zone(&format!("{owner}.{DOMAIN}"))?, set)
}

/// One SRV record to a host of the lab's domain.
fn srv(priority: u16, port: u16, host: &str) -> String {
    format!("{priority} 50 {port} {host}.{DOMAIN}")
}

/// The place in [`REGISTRARS`] of the first registrar of a data centre.
const fn first_of(datacentre: u8) -> usize {
    if datacentre == 1 { 0 } else { 2 }
}

fn hosts(zone: &mut Zone, view: u8, addresses: &[SocketAddr; 4], ttl: u32) -> Result<(), String> {
    for (host, address) in REGISTRARS.iter().zip(addresses) {
        put(zone, host, &address_set(address, ttl))?;
    }
    for datacentre in [1, 2] {
        let host = format!("dc{datacentre}-sbc1");
        put(zone, &host, &address_set(&addresses[first_of(datacentre)], ttl))?;
    }
    put(zone, "outbound-proxy", &address_set(&addresses[first_of(view)], ttl))
}

fn address_set(address: &SocketAddr, ttl: u32) -> RecordSet {
    let record_type = if address.is_ipv4() { "A" } else { "AAAA" };
    RecordSet::of(record_type, ttl, [address.ip().to_string()])
}

/// The table of the SIP Cluster guide: the own data centre 10, the other 200, all of weight 50.
fn genesys(zone: &mut Zone, service: &str, view: u8, addresses: &[SocketAddr; 4], ttl: u32) -> Result<(), String> {
    let records = REGISTRARS.iter().zip(addresses).enumerate().map(|(index, (host, address))| {
        let own = crate::config::datacentre_of(index) == view;
        srv(if own { 10 } else { 200 }, address.port(), host)
    });
    put(zone, service, &RecordSet::srv(ttl, records))
}

/// One session border controller per data centre, played by its first registrar.
fn session_border_controllers(
    zone: &mut Zone,
    service: &str,
    view: u8,
    addresses: &[SocketAddr; 4],
    ttl: u32,
) -> Result<(), String> {
    let records = [1, 2].map(|datacentre| {
        let port = addresses[first_of(datacentre)].port();
        let priority = if datacentre == view { 10 } else { 20 };
        srv(priority, port, &format!("dc{datacentre}-sbc1"))
    });
    put(zone, &format!("{service}.sbc"), &RecordSet::srv(ttl, records))
}

/// What a phone may meet and must bear.
fn odd(zone: &mut Zone, service: &str, addresses: &[SocketAddr; 4], ttl: u32) -> Result<(), String> {
    let port = |registrar: usize| addresses[registrar].port();
    let mut set = |owner: &str, set: RecordSet| put(zone, &format!("{service}.{owner}.odd"), &set);
    set("off", RecordSet::srv(ttl, ["0 0 0 ."]))?;
    set("empty", RecordSet::of("TXT", ttl, ["this name has no SRV record"]))?;
    set("alias", RecordSet::of("CNAME", ttl, [format!("{service}.{DOMAIN}")]))?;
    set(
        "port0",
        RecordSet::srv(
            ttl,
            [srv(10, 0, REGISTRARS[0]), srv(10, port(1), REGISTRARS[1]), srv(20, port(2), REGISTRARS[2])],
        ),
    )?;
    set("noaddress", RecordSet::srv(ttl, [srv(10, port(0), "nowhere.odd"), srv(20, port(1), REGISTRARS[1])]))?;
    let many = (0..MANY).map(|index| srv(10, port(index % 4), &format!("host-{index:03}.many.odd")));
    set("many", RecordSet::srv(ttl, many))?;
    for index in 0..MANY {
        let owner = name(&format!("host-{index:03}.many.odd.{DOMAIN}"))?;
        zone.replace(owner, &address_set(&addresses[index % 4], ttl))?;
    }
    Ok(())
}
