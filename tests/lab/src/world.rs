//! What all parts of the lab share.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

use crate::dns::Dns;
use crate::fault::{Faults, SipFault};
use crate::log::Log;
use crate::settings::Settings;
use crate::sip::{Location, Registrar};
use crate::tls::Tls;

/// The state of a running lab. No lock is held across a wait, and none is taken under another.
#[derive(Debug)]
pub(crate) struct World {
    started: Instant,
    pub(crate) places: Places,
    at_start: Settings,
    settings: Mutex<Settings>,
    faults: Mutex<Faults>,
    changes: watch::Sender<()>,
    location: Mutex<Location>,
    log: Mutex<Log>,
    registrars: [Registrar; 4],
    flows: AtomicU64,
    pub(crate) tls: Tls,
    pub(crate) dns: Arc<Dns>,
}

/// Where everything really listens.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) dns: [SocketAddr; 2],
    pub(crate) registrars: [SocketAddr; 4],
    pub(crate) tls: [SocketAddr; 4],
    pub(crate) ws: [SocketAddr; 4],
    pub(crate) doh: SocketAddr,
    pub(crate) control: SocketAddr,
    pub(crate) notes: Vec<String>,
}

impl Places {
    /// DNS over HTTPS for each view.
    pub(crate) fn doh_urls(&self) -> [String; 2] {
        [1, 2].map(|view| format!("http://{}/dc{view}/dns-query", self.doh))
    }

    /// The certificate of the CA.
    pub(crate) fn ca_url(&self) -> String {
        format!("http://{}/ca.pem", self.control)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(crate) fn new(places: Places, settings: Settings, tls: Tls, dns: Arc<Dns>) -> Self {
        let registrars = [0, 1, 2, 3].map(|index| Registrar::new(index, &places));
        Self {
            started: Instant::now(),
            places,
            at_start: settings.clone(),
            settings: Mutex::new(settings),
            faults: Mutex::default(),
            changes: watch::Sender::new(()),
            location: Mutex::default(),
            log: Mutex::default(),
            registrars,
            flows: AtomicU64::new(0),
            tls,
            dns,
        }
    }

    /// Milliseconds since the lab started.
    pub(crate) fn at_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn registrars(&self) -> &[Registrar; 4] {
        &self.registrars
    }

    pub(crate) fn registrar(&self, index: usize) -> &Registrar {
        &self.registrars[index]
    }

    pub(crate) fn settings(&self) -> Settings {
        locked(&self.settings).clone()
    }

    pub(crate) fn set_settings(&self, settings: Settings) {
        let shared = settings.shared_location;
        *locked(&self.settings) = settings;
        if shared {
            self.location().merge();
        }
    }

    pub(crate) fn settings_at_start(&self) -> Settings {
        self.at_start.clone()
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        locked(&self.faults)
    }

    /// Tells open connections to look at the faults again.
    pub(crate) fn faults_changed(&self) {
        self.changes.send_replace(());
    }

    /// Waits as long as this registrar is silent for everyone.
    pub(crate) async fn silence(&self, registrar: usize) {
        let mut changes = self.fault_changes();
        while self.faults().of_all(registrar) == Some(&SipFault::Silent) {
            // It never errs: the sender is here.
            let _ = changes.changed().await;
        }
    }

    pub(crate) fn fault_changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// A number for a connection that no other has.
    pub(crate) fn new_flow(&self) -> u64 {
        self.flows.fetch_add(1, Ordering::Relaxed)
    }

    /// A WebSocket has closed.
    pub(crate) fn websocket_closed(&self, flow: u64) {
        if self.settings().drop_on_close {
            self.location().forget_flow(flow);
        }
    }

    pub(crate) fn location(&self) -> MutexGuard<'_, Location> {
        locked(&self.location)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        locked(&self.log)
    }
}
