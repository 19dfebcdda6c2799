//! What a phone can be told while it runs.

use rehome::{Config, Input};
use serde::{Deserialize, Serialize};

/// One command; as JSON `{"command":"login"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "camelCase", deny_unknown_fields)]
pub enum Command {
    /// Begin to register.
    Start,
    /// Unregister and end.
    Stop,
    /// A new agent login session began.
    Login,
    /// Try the primary, asked by hand.
    TryPrimary,
    /// A call is up.
    Busy,
    /// The last call has ended.
    Idle,
    /// The device has no network any more.
    NetworkDown,
    /// The device has a network again, or another one.
    NetworkChanged,
    /// The device woke up.
    Resumed,
    /// Report the status.
    Status,
    /// Another configuration.
    Configure {
        /// The whole of it; what is left out has its default.
        config: Box<Config>,
    },
}

impl Command {
    /// Reads one line of input. The error is a sentence.
    pub fn from_line(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map_err(|error| {
            format!(
                "command {line:?} is not understood ({error}); write one line of JSON such as {{\"command\":\"start\"}}; \
                 the commands are start, stop, login, tryPrimary, busy, idle, networkDown, networkChanged, resumed, \
                 status and configure (with config)"
            )
        })
    }

    /// What it means to the core; `status` means nothing to it.
    pub(crate) fn input(self) -> Option<Input> {
        Some(match self {
            Self::Start => Input::Start,
            Self::Stop => Input::Stop,
            Self::Login => Input::AgentLogin,
            Self::TryPrimary => Input::TryPrimary,
            Self::Busy => Input::Busy,
            Self::Idle => Input::Idle,
            Self::NetworkDown => Input::NetworkDown,
            Self::NetworkChanged => Input::NetworkChanged,
            Self::Resumed => Input::Resumed,
            Self::Configure { config } => Input::Configure { config },
            Self::Status => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_json_lines() {
        assert_eq!(Command::from_line(r#"{"command":"tryPrimary"}"#), Ok(Command::TryPrimary));
        let line = r#"{"command":"configure","config":{"srvRecord":"_sip._tcp.example.test"}}"#;
        let Ok(Command::Configure { config }) = Command::from_line(line) else { panic!("{line}") };
        assert_eq!(config.srv_record.as_deref(), Some("_sip._tcp.example.test"));
    }

    #[test]
    fn a_wrong_command_is_answered_with_a_sentence() {
        let error = Command::from_line(r#"{"command":"dance"}"#).unwrap_err();
        assert!(error.contains("dance") && error.contains("start"), "{error}");
    }
}
