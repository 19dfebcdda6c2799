//! How the phones are configured.

use rehome::{Config, Millis};

/// Which herd it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fleet {
    /// The core as it is shipped, and what the scenario sets.
    Shipped,
    /// The same with every draw in time that can be switched off switched off, to see what the draws are worth.
    Naive,
}

impl Fleet {
    /// The configuration of each phone; `change` is the scenario's.
    #[must_use]
    pub fn config(self, change: fn(&mut Config)) -> Config {
        let mut config = Config { srv_record: Some("_sip._udp.example.test".into()), ..Config::default() };
        change(&mut config);
        if self == Self::Naive {
            config.rollover.recovery_spread = Millis::ZERO;
            config.rollover.start_spread = Millis::ZERO;
            config.rollover.round_wait_max = config.rollover.retry_interval;
            config.refresh.interval = Some(Millis::from_secs(150));
        }
        config
    }
}
