//! The loopback world in which phones and browsers really register: DNS with two views (also over HTTPS), four
//! registrars in two data centres (also over TLS and WebSocket), and control over HTTP. Everything can fail on demand, for
//! everyone or for one user.
//!
//! ```
//! # async fn example() -> anyhow::Result<()> {
//! use rehome_lab::{Lab, LabConfig, SipFault};
//!
//! let lab = Lab::start(LabConfig::ephemeral()).await?;
//! println!("DNS of data centre 1: {}", lab.dns_address(1)?);
//! lab.control().fault_datacentre(1, None, Some(SipFault::Refuse)).await?;
//! assert!(lab.control().bindings(Some("alice")).is_empty());
//! lab.stop().await;
//! # Ok(())
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
//! ```

mod bind;
mod config;
mod control;
mod cors;
mod dns;
mod fault;
mod http;
mod lab;
mod log;
mod page;
pub mod phones;
mod serve;
mod settings;
mod sip;
mod tls;
mod world;

pub use config::{DOMAIN, LabConfig, PASSWORD, Ports, REGISTRARS};
pub use control::{Control, ControlError, RegistrarSummary, Summary, ViewSummary};
pub use dns::{DnsFault, DnsFaultKind, RecordSet};
pub use fault::SipFault;
pub use lab::Lab;
pub use log::{LogEntry, Transport};
pub use settings::{Settings, SettingsChange};
pub use sip::Binding;
pub use tls::CertificateKind;
