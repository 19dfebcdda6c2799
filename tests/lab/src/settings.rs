//! What can be changed in the registrars while they run.

use serde::{Deserialize, Serialize};

/// How the registrars behave when no fault is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// One location table over both data centres instead of one for each.
    pub shared_location: bool,
    /// Shortest expiry granted, in seconds; a shorter one (0 aside) is answered 423.
    pub min_expires: u32,
    /// Longest expiry granted, in seconds; a longer one is cut to it.
    pub max_expires: u32,
    /// Ask for digest authentication of every REGISTER.
    pub digest: bool,
    /// How long a nonce is good, in seconds; then the answer is 401 with `stale=true`.
    pub nonce_seconds: u32,
    /// Forget a binding made over WebSocket when its connection closes.
    pub drop_on_close: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            shared_location: false,
            min_expires: 5,
            max_expires: 3600,
            digest: true,
            nonce_seconds: 300,
            drop_on_close: false,
        }
    }
}

impl Settings {
    /// A sentence about the first value that cannot be.
    pub(crate) fn validate(&self) -> Result<(), String> {
        if self.max_expires == 0 {
            return Err("maxExpires 0: nobody could register; choose at least 1 second".into());
        }
        if self.min_expires > self.max_expires {
            return Err(format!(
                "minExpires {} is above maxExpires {}: no expiry would do; lower one or raise the other",
                self.min_expires, self.max_expires
            ));
        }
        Ok(())
    }
}

/// A change of some of the [`Settings`]; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingsChange {
    /// See [`Settings::shared_location`].
    pub shared_location: Option<bool>,
    /// See [`Settings::min_expires`].
    pub min_expires: Option<u32>,
    /// See [`Settings::max_expires`].
    pub max_expires: Option<u32>,
    /// See [`Settings::digest`].
    pub digest: Option<bool>,
    /// See [`Settings::nonce_seconds`].
    pub nonce_seconds: Option<u32>,
    /// See [`Settings::drop_on_close`].
    pub drop_on_close: Option<bool>,
}

impl SettingsChange {
    /// `settings` with this change made.
    pub(crate) fn applied_to(&self, settings: &Settings) -> Settings {
        Settings {
            shared_location: self.shared_location.unwrap_or(settings.shared_location),
            min_expires: self.min_expires.unwrap_or(settings.min_expires),
            max_expires: self.max_expires.unwrap_or(settings.max_expires),
            digest: self.digest.unwrap_or(settings.digest),
            nonce_seconds: self.nonce_seconds.unwrap_or(settings.nonce_seconds),
            drop_on_close: self.drop_on_close.unwrap_or(settings.drop_on_close),
        }
    }
}
