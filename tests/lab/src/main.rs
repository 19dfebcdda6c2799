//! `rehome-lab`: the lab as a program. Runs until Ctrl-C.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use rehome_lab::{DOMAIN, Lab, LabConfig, PASSWORD, Ports, REGISTRARS, Settings};

/// The loopback world in which phones and browsers really register: DNS, four registrars, control over HTTP.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// Port of DNS on 127.0.0.11 and 127.0.0.12 (0: any free one)
    #[arg(long, default_value_t = 5300)]
    dns_port: u16,
    /// Port of SIP on 127.0.1.1, 127.0.1.2, 127.0.2.1, 127.0.2.2 (0: any free one)
    #[arg(long, default_value_t = 5060)]
    sip_port: u16,
    /// Port of SIP over TLS on the same addresses (0: any free one)
    #[arg(long, default_value_t = 5061)]
    tls_port: u16,
    /// Port of SIP over WebSocket on the same addresses (0: any free one)
    #[arg(long, default_value_t = 8080)]
    ws_port: u16,
    /// Port of DNS over HTTPS, without TLS, on 127.0.0.1 (0: any free one)
    #[arg(long, default_value_t = 8053)]
    doh_port: u16,
    /// Port of control over HTTP on 127.0.0.1 (0: any free one)
    #[arg(long, default_value_t = 5380)]
    control_port: u16,
    /// Another place for one registrar, such as dc1-spx1=127.0.1.1:6060 (repeatable)
    #[arg(long, value_name = "NAME=ADDRESS:PORT", value_parser = registrar)]
    registrar: Vec<(usize, SocketAddr)>,
    /// Any free ports, unless one is given above
    #[arg(long)]
    ephemeral: bool,
    /// Everything on 127.0.0.1, with different ports
    #[arg(long)]
    single_address: bool,
    /// TTL of the zone's records, in seconds
    #[arg(long, default_value_t = 30)]
    srv_ttl: u32,
    /// One location table over both data centres
    #[arg(long)]
    shared_location: bool,
    /// Accept every REGISTER without authentication
    #[arg(long)]
    no_digest: bool,
    /// Shortest expiry granted, in seconds
    #[arg(long, default_value_t = 5)]
    min_expires: u32,
    /// Longest expiry granted, in seconds
    #[arg(long, default_value_t = 3600)]
    max_expires: u32,
    /// Forget a binding made over WebSocket when its connection closes
    #[arg(long)]
    drop_on_close: bool,
    /// Write the certificate of the CA that signs the registrars' certificates to this file
    #[arg(long, value_name = "PATH")]
    ca_file: Option<PathBuf>,
    /// A folder to serve at the control address under /page/
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
}

fn registrar(text: &str) -> Result<(usize, SocketAddr), String> {
    let (name, address) = text.split_once('=').ok_or("write NAME=ADDRESS:PORT")?;
    let index = REGISTRARS
        .iter()
        .position(|known| *known == name)
        .ok_or_else(|| format!("registrar {name:?} does not exist; choose one of {}", REGISTRARS.join(", ")))?;
    let address = address.parse().map_err(|_| format!("{address:?} is no ADDRESS:PORT such as 127.0.1.1:6060"))?;
    Ok((index, address))
}

impl Arguments {
    fn config(&self) -> LabConfig {
        let usual = Ports::default();
        let port = |given: u16, usual: u16| if self.ephemeral && given == usual { 0 } else { given };
        let mut config = LabConfig::with_ports(Ports {
            dns: port(self.dns_port, usual.dns),
            sip: port(self.sip_port, usual.sip),
            tls: port(self.tls_port, usual.tls),
            ws: port(self.ws_port, usual.ws),
            doh: port(self.doh_port, usual.doh),
            control: port(self.control_port, usual.control),
        });
        for (index, address) in &self.registrar {
            config.registrars[*index] = *address;
        }
        config.single_address = self.single_address;
        config.srv_ttl = self.srv_ttl;
        config.page.clone_from(&self.page);
        config.settings = Settings {
            shared_location: self.shared_location,
            min_expires: self.min_expires,
            max_expires: self.max_expires,
            digest: !self.no_digest,
            drop_on_close: self.drop_on_close,
            ..Settings::default()
        };
        config
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rehome-lab: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    let lab = Lab::start(arguments.config()).await?;
    if let Some(path) = &arguments.ca_file {
        std::fs::write(path, lab.ca_pem())
            .with_context(|| format!("--ca-file {}: cannot be written; choose another place", path.display()))?;
    }
    for view in [1, 2] {
        println!("DNS, view of data centre {view}: {} (UDP, TCP)", lab.dns_address(view)?);
    }
    for (view, url) in [1, 2].into_iter().zip(lab.doh_urls()) {
        println!("DNS over HTTPS, view of data centre {view}: {url}");
    }
    let secure = lab.tls_addresses().into_iter().zip(lab.ws_addresses());
    for ((name, address), (tls, ws)) in REGISTRARS.iter().zip(lab.registrar_addresses()).zip(secure) {
        println!("registrar {name}: {address} (UDP, TCP), {tls} (TLS), ws://{ws}/ws");
    }
    println!("CA of their certificates: http://{}/ca.pem", lab.control_address());
    println!("control: http://{}/", lab.control_address());
    println!("domain {DOMAIN}, any user, password {PASSWORD}; Ctrl-C stops the lab");
    if arguments.page.is_some() {
        println!("page: http://{}/page/", lab.control_address());
    }
    tokio::signal::ctrl_c().await?;
    lab.stop().await;
    Ok(())
}
