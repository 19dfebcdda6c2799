//! What a phone is started with.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use rehome::{Config, Millis, Preset, Transport};

use crate::token::random;
use crate::trust::Trust;

/// Everything a phone needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where and how to register.
    pub config: Config,
    /// For the core's draws; each device brings its own (rule 2.6).
    pub seed: u64,
    /// The DNS server to ask.
    pub dns: SocketAddr,
    /// The user part of the address of record, and the user name for digest authentication.
    pub user: String,
    /// The password for digest authentication; the core never sees it.
    pub password: String,
    /// The domain of the address of record; `None`: the configuration's, else the name that certificates must carry,
    /// which is the domain of the SRV record or proxy unless the configuration says otherwise.
    pub domain: Option<String>,
    /// Whom to believe over TLS; `None`: nobody, and nothing is sent over TLS.
    pub trust: Option<Trust>,
    /// How often CRLFCRLF is sent on a connection; `None`: never.
    pub keep_alive: Option<Duration>,
    /// Uses one Contact for all bindings, as stacks do that allow no other; then an unregister may delete too much.
    pub one_contact: bool,
}

/// A native phone: reads commands as JSON lines, registers as the policy says, reports as JSON lines.
///
/// Commands: {"command":"start"}, and likewise stop, login, tryPrimary, busy, idle, networkDown, networkChanged,
/// resumed, status, and configure with "config". The end of the input unregisters and ends the phone.
#[derive(Clone, Debug, Parser)]
#[command(name = "rehome-phone", version)]
pub struct Args {
    /// A configuration as JSON; what it leaves out has its default
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A named starting point: default, xima, tpi, genesys, broadworks or rfc3263
    #[arg(long, value_name = "NAME", value_parser = preset, conflicts_with = "config")]
    pub preset: Option<Preset>,
    /// The SRV record, such as _sip._udp.example.test
    #[arg(long, value_name = "NAME")]
    pub srv: Option<String>,
    /// The outbound proxy, used if there is no SRV record: host, host:port or a sip: URL
    #[arg(long, value_name = "PROXY")]
    pub proxy: Option<String>,
    /// The transport, where the SRV record or the proxy does not say it
    #[arg(long, value_name = "udp|tcp|tls", value_parser = transport)]
    pub transport: Option<Transport>,
    /// The certificates of the CAs to believe over TLS, in PEM; without it nothing is sent over TLS
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// The DNS server
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.11:5300", value_parser = server)]
    pub dns: SocketAddr,
    /// The user
    #[arg(long, default_value = "alice", value_parser = user)]
    pub user: String,
    /// The password
    #[arg(long, default_value = "secret")]
    pub password: String,
    /// The domain of the address of record, if it is not that of the SRV record or proxy, or if "tlsName" is set
    #[arg(long)]
    pub domain: Option<String>,
    /// The seed of the core's draws; a random one if absent
    #[arg(long)]
    pub seed: Option<u64>,
    /// Send CRLFCRLF on connections every so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub keep_alive: Option<u64>,
    /// Use one Contact for all bindings, as stacks do that allow no other
    #[arg(long)]
    pub one_contact: bool,
    /// Divide the attempt time-out, the retry interval, the recovery spread and a fixed refresh interval by this
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub speed: u32,
    /// Begin to register at once, without a start command
    #[arg(long)]
    pub start: bool,
}

impl Args {
    /// Reads the configuration file and checks what can be checked before the start.
    pub fn options(self) -> Result<Options> {
        let mut config = match &self.config {
            None => self.preset.unwrap_or_default().config(),
            Some(path) => {
                let shown = path.display();
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("--config {shown}: cannot be read; give the path of a JSON file"))?;
                serde_json::from_str(&text)
                    .with_context(|| format!("--config {shown}: is no configuration; correct the field named here"))?
            }
        };
        if self.srv.is_some() {
            config.srv_record = self.srv;
        }
        if self.proxy.is_some() {
            config.outbound_proxy = self.proxy;
        }
        if self.transport.is_some() {
            config.transport = self.transport;
        }
        let trust = self.ca.as_deref().map(trust).transpose()?;
        ensure!(
            trust.is_some() || config.transport != Some(Transport::Tls),
            "the transport is tls, and nobody is believed: name the CA's certificate with --ca FILE"
        );
        faster(&mut config, self.speed);
        Ok(Options {
            config,
            seed: self.seed.unwrap_or_else(random),
            dns: self.dns,
            user: self.user,
            password: self.password,
            domain: self.domain,
            trust,
            keep_alive: self.keep_alive.map(Duration::from_secs),
            one_contact: self.one_contact,
        })
    }
}

/// Divides the time-outs of a configuration by `speed`, down to the least values it may have.
pub fn faster(config: &mut Config, speed: u32) {
    let shorter = |span: Millis, least: u64| Millis::new((span.get() / u64::from(speed.max(1))).max(least));
    if speed > 1 {
        config.rollover.attempt_timeout = shorter(config.rollover.attempt_timeout, 1000);
        config.rollover.retry_interval = shorter(config.rollover.retry_interval, 1000);
        config.rollover.recovery_spread = shorter(config.rollover.recovery_spread, 0);
        config.refresh.interval = config.refresh.interval.map(|interval| shorter(interval, 5000));
    }
}

fn trust(path: &Path) -> Result<Trust> {
    let shown = path.display();
    let pem =
        std::fs::read(path).with_context(|| format!("--ca {shown}: cannot be read; give the path of a PEM file"))?;
    Trust::from_pem(&pem).with_context(|| format!("--ca {shown}: is no list of CAs; give their certificates in PEM"))
}

fn server(text: &str) -> Result<SocketAddr, String> {
    let server: SocketAddr =
        text.parse().map_err(|_| "write ADDRESS:PORT, such as 127.0.0.1:53 or [::1]:53".to_owned())?;
    if server.port() == 0 {
        return Err("port 0 cannot be asked; name the port, usually 53".into());
    }
    Ok(server)
}

fn preset(text: &str) -> Result<Preset, String> {
    Preset::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Preset::ALL.iter().map(|preset| preset.name()).collect();
        format!("there is no such preset; choose one of {}", names.join(", "))
    })
}

fn transport(text: &str) -> Result<Transport, String> {
    match text.to_ascii_lowercase().as_str() {
        "udp" => Ok(Transport::Udp),
        "tcp" => Ok(Transport::Tcp),
        "tls" => Ok(Transport::Tls),
        _ => Err("this phone has udp, tcp and tls; choose one of them".into()),
    }
}

/// A name that needs no quoting, neither in a URI nor in digest authentication.
fn user(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
    if !text.is_empty() && text.len() <= 64 && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    Err("use 1 to 64 letters, digits, and - _ . +".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_stops_at_the_least_values() {
        let mut config = Config::default();
        config.refresh.interval = Some(Millis::from_secs(8));
        faster(&mut config, 4);
        assert_eq!(config.rollover.attempt_timeout, Millis::new(2500));
        assert_eq!(config.rollover.retry_interval, Millis::new(1250));
        faster(&mut config, 100);
        assert_eq!(config.rollover.attempt_timeout, Millis::new(1000));
        assert_eq!(config.refresh.interval, Some(Millis::new(5000)));
    }

    #[test]
    fn flags_lie_over_the_file() {
        let args = ["rehome-phone", "--srv", "_sip._tcp.example.test", "--seed", "7", "--keep-alive", "30"];
        let options = Args::try_parse_from(args).unwrap().options().unwrap();
        assert_eq!(options.config.srv_record.as_deref(), Some("_sip._tcp.example.test"));
        assert_eq!((options.seed, options.keep_alive), (7, Some(Duration::from_secs(30))));
    }

    #[test]
    fn wrong_flags_are_named() {
        for (flag, value) in
            [("--user", "a b"), ("--preset", "tpy"), ("--transport", "sctp"), ("--dns", "nowhere"), ("--speed", "0")]
        {
            let error = Args::try_parse_from(["rehome-phone", flag, value]).unwrap_err().to_string();
            assert!(error.contains(flag) && error.contains(value), "{error}");
        }
        for flag in ["--config", "--ca"] {
            let missing = Args::try_parse_from(["rehome-phone", flag, "/no/such/file"]).unwrap();
            assert!(format!("{:#}", missing.options().unwrap_err()).contains(&format!("{flag} /no/such/file")));
        }
        let unbelieving = Args::try_parse_from(["rehome-phone", "--transport", "tls"]).unwrap();
        assert!(format!("{:#}", unbelieving.options().unwrap_err()).contains("--ca"));
    }
}
