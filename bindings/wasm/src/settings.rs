//! The configuration, setting by setting: JavaScript takes the object apart and hands in each value by its name.
//!
//! (A derived reader would do the same, for more bytes than all the rest of this crate.)

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use rehome::{
    Addresses, AfterLoss, Config, FailbackEvery, Meaning, Millis, OutcomeRule, Redraw, RefreshOwner, RetryAfter,
    Seconds, Selection, Site, TlsName, Transport,
};
use wasm_bindgen::prelude::wasm_bindgen;

/// One value, as JavaScript has it.
#[derive(Clone, Copy)]
enum Value<'a> {
    /// `null`.
    Nothing,
    /// `true` or `false`.
    Flag(bool),
    /// A number, whole or not.
    Number(f64),
    /// A text; of a list, its next element.
    Text(&'a str),
    /// `{tag: text}`; of a list of sites, a host of the last one.
    TextIn(&'a str, &'a str),
    /// `{tag: number}`; of the table of outcomes, its next line: meaning and code.
    NumberIn(&'a str, f64),
    /// A list begins.
    Clear,
}

/// Something that can be set.
trait Setting {
    /// Takes a value; false if it is of a wrong type.
    fn set(&mut self, value: Value<'_>) -> bool;

    /// What to write.
    fn remedy(&self) -> &'static str;
}

macro_rules! fields {
    ($($name:literal $($field:ident).+;)*) => {
        /// All names, a list's with `[]`, each with a comma after it.
        pub(crate) const NAMES: &str = concat!($($name, ","),*);

        impl Settings {
            fn setting(&mut self, index: u32) -> Option<&mut dyn Setting> {
                let settings: [&mut dyn Setting; _] = [$(&mut self.config.$($field).+),*];
                settings.into_iter().nth(usize::try_from(index).ok()?)
            }
        }
    };
}

fields! {
    "srvRecord" srv_record;
    "outboundProxy" outbound_proxy;
    "domain" domain;
    "transport" transport;
    "tlsName" tls_name;
    "lookup.timeoutMs" lookup.timeout;
    "lookup.discover" lookup.discover;
    "lookup.candidates[]" lookup.candidates;
    "lookup.transports[]" lookup.transports;
    "lookup.addresses" lookup.addresses;
    "lookup.hostSetsTlsName" lookup.host_sets_tls_name;
    "lookup.sites[]" lookup.sites;
    "lookup.pinToSite" lookup.pin_to_site;
    "order.selection" order.selection;
    "order.maxTargets" order.max_targets;
    "order.redraw" order.redraw;
    "rollover.failuresBeforeRollover" rollover.failures_before_rollover;
    "rollover.attemptTimeoutMs" rollover.attempt_timeout;
    "rollover.retryIntervalMs" rollover.retry_interval;
    "rollover.roundWaitMaxMs" rollover.round_wait_max;
    "rollover.rejectedRetryMs" rollover.rejected_retry;
    "rollover.afterLoss" rollover.after_loss;
    "rollover.retryAfter" rollover.retry_after;
    "rollover.recoverySpreadMs" rollover.recovery_spread;
    "rollover.startSpreadMs" rollover.start_spread;
    "rollover.outcomes[]" rollover.outcomes;
    "refresh.expires" refresh.expires;
    "refresh.intervalMs" refresh.interval;
    "refresh.timerSlackMs" refresh.timer_slack;
    "refresh.owner" refresh.owner;
    "failback.onRestart" failback.on_restart;
    "failback.onLoss" failback.on_loss;
    "failback.onAgentLogin" failback.on_agent_login;
    "failback.onManual" failback.on_manual;
    "failback.every" failback.every;
    "failback.holdOffMs" failback.hold_off;
    "failback.unregisterOld" failback.unregister_old;
}

/// A configuration in the making. Each method takes a setting by its place among the names, and is false if the value
/// is of a wrong type.
#[wasm_bindgen]
#[derive(Default)]
pub struct Settings {
    pub(crate) config: Config,
}

#[wasm_bindgen]
impl Settings {
    /// The policy's own values.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `null`.
    pub fn nothing(&mut self, index: u32) -> bool {
        self.set(index, Value::Nothing)
    }

    /// `true` or `false`.
    pub fn flag(&mut self, index: u32, value: bool) -> bool {
        self.set(index, Value::Flag(value))
    }

    /// A number.
    pub fn number(&mut self, index: u32, value: f64) -> bool {
        self.set(index, Value::Number(value))
    }

    /// A text, or the next element of a list.
    pub fn text(&mut self, index: u32, value: &str) -> bool {
        self.set(index, Value::Text(value))
    }

    /// `{tag: text}`, or a host of the last site.
    pub fn text_in(&mut self, index: u32, tag: &str, value: &str) -> bool {
        self.set(index, Value::TextIn(tag, value))
    }

    /// `{tag: number}`, or the next line of the table of outcomes.
    pub fn number_in(&mut self, index: u32, tag: &str, value: f64) -> bool {
        self.set(index, Value::NumberIn(tag, value))
    }

    /// A list begins.
    pub fn clear(&mut self, index: u32) -> bool {
        self.set(index, Value::Clear)
    }

    /// What to write for a setting.
    pub fn remedy(&mut self, index: u32) -> String {
        self.setting(index).map_or_else(String::new, |setting| setting.remedy().to_owned())
    }

    fn set(&mut self, index: u32, value: Value<'_>) -> bool {
        self.setting(index).is_some_and(|setting| setting.set(value))
    }
}

/// A whole number up to `max`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
fn whole(value: Value<'_>, max: u64) -> Option<u64> {
    let Value::Number(number) = value else { return None };
    let whole = number as u64;
    (whole as f64 == number && whole <= max).then_some(whole)
}

fn put<T>(place: &mut T, value: Option<T>) -> bool {
    match value {
        Some(value) => {
            *place = value;
            true
        }
        None => false,
    }
}

const SAFE: u64 = (1 << 53) - 1;

impl Setting for Option<String> {
    fn set(&mut self, value: Value<'_>) -> bool {
        match value {
            Value::Text(text) => put(self, Some(Some(text.to_owned()))),
            Value::Nothing => put(self, Some(None)),
            _ => false,
        }
    }

    fn remedy(&self) -> &'static str {
        "write a text, or null for none"
    }
}

impl Setting for bool {
    fn set(&mut self, value: Value<'_>) -> bool {
        put(self, if let Value::Flag(flag) = value { Some(flag) } else { None })
    }

    fn remedy(&self) -> &'static str {
        "write true or false"
    }
}

impl Setting for u8 {
    fn set(&mut self, value: Value<'_>) -> bool {
        put(self, whole(value, u8::MAX.into()).and_then(|number| Self::try_from(number).ok()))
    }

    fn remedy(&self) -> &'static str {
        "write a whole number from 0 to 255"
    }
}

impl Setting for Seconds {
    fn set(&mut self, value: Value<'_>) -> bool {
        let number = whole(value, u32::MAX.into()).and_then(|number| u32::try_from(number).ok());
        put(self, number.map(Self::new))
    }

    fn remedy(&self) -> &'static str {
        "write whole seconds"
    }
}

impl Setting for Millis {
    fn set(&mut self, value: Value<'_>) -> bool {
        put(self, whole(value, SAFE).map(Self::new))
    }

    fn remedy(&self) -> &'static str {
        "write whole milliseconds"
    }
}

impl Setting for Option<Millis> {
    fn set(&mut self, value: Value<'_>) -> bool {
        if let Value::Nothing = value {
            return put(self, Some(None));
        }
        put(self, whole(value, SAFE).map(|number| Some(Millis::new(number))))
    }

    fn remedy(&self) -> &'static str {
        "write whole milliseconds, or null for none"
    }
}

/// A plain enumeration by the names of its values.
trait Named: Sized {
    const REMEDY: &'static str;
    fn named(name: &str) -> Option<Self>;
}

macro_rules! named {
    ($($kind:ident: $remedy:literal $($name:literal $value:expr),*;)*) => {$(
        impl Named for $kind {
            const REMEDY: &'static str = $remedy;
            fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some($value),)*
                    _ => None,
                }
            }
        }
    )*};
}

named! {
    Addresses: "write \"host\" or \"core\"" "host" Self::Host, "core" Self::Core;
    Selection: "write \"weighted\", \"rfc2782\" or \"highestWeight\""
        "weighted" Self::Weighted, "rfc2782" Self::Rfc2782, "highestWeight" Self::HighestWeight;
    Redraw: "write \"persist\" or \"distribute\"" "persist" Self::Persist, "distribute" Self::Distribute;
    AfterLoss: "write \"tier\" or \"next\"" "tier" Self::Tier, "next" Self::Next;
    RetryAfter: "write \"count\" or \"leave\"" "count" Self::Count, "leave" Self::Leave;
    RefreshOwner: "write \"core\" or \"application\"" "core" Self::Core, "application" Self::Application;
    TlsName: "write \"domain\", \"target\" or {name}" "domain" Self::Domain, "target" Self::Target;
    FailbackEvery: "write \"never\", \"ttl\", \"refresh\" or {millis}"
        "never" Self::Never, "ttl" Self::Ttl, "refresh" Self::Refresh;
    Transport: "write \"udp\", \"tcp\", \"tls\", \"dtls\", \"ws\" or \"wss\""
        "udp" Self::Udp, "tcp" Self::Tcp, "tls" Self::Tls, "dtls" Self::Dtls, "ws" Self::Ws, "wss" Self::Wss;
    Meaning: "write \"failure\" or \"rejection\"" "failure" Self::Failure, "rejection" Self::Rejection;
}

fn name<T: Named>(value: Value<'_>) -> Option<T> {
    if let Value::Text(text) = value { T::named(text) } else { None }
}

macro_rules! by_name {
    ($($kind:ident)*) => {$(
        impl Setting for $kind {
            fn set(&mut self, value: Value<'_>) -> bool {
                put(self, name(value))
            }

            fn remedy(&self) -> &'static str {
                Self::REMEDY
            }
        }
    )*};
}

by_name!(Addresses Selection Redraw AfterLoss RetryAfter RefreshOwner);

impl Setting for Option<Transport> {
    fn set(&mut self, value: Value<'_>) -> bool {
        if let Value::Nothing = value { put(self, Some(None)) } else { put(self, name(value).map(Some)) }
    }

    fn remedy(&self) -> &'static str {
        Transport::REMEDY
    }
}

impl Setting for TlsName {
    fn set(&mut self, value: Value<'_>) -> bool {
        match value {
            Value::TextIn("name", text) => put(self, Some(Self::Name(text.to_owned()))),
            _ => put(self, name(value)),
        }
    }

    fn remedy(&self) -> &'static str {
        Self::REMEDY
    }
}

impl Setting for FailbackEvery {
    fn set(&mut self, value: Value<'_>) -> bool {
        match value {
            Value::NumberIn("millis", number) => {
                put(self, whole(Value::Number(number), SAFE).map(|number| Self::Millis(Millis::new(number))))
            }
            _ => put(self, name(value)),
        }
    }

    fn remedy(&self) -> &'static str {
        Self::REMEDY
    }
}

fn push<T>(list: &mut Vec<T>, element: Option<T>) -> bool {
    let good = element.is_some();
    list.extend(element);
    good
}

impl Setting for Vec<String> {
    fn set(&mut self, value: Value<'_>) -> bool {
        match value {
            Value::Clear => put(self, Some(Vec::new())),
            Value::Text(text) => push(self, Some(text.to_owned())),
            _ => false,
        }
    }

    fn remedy(&self) -> &'static str {
        "write a list of texts"
    }
}

impl Setting for Vec<Transport> {
    fn set(&mut self, value: Value<'_>) -> bool {
        if let Value::Clear = value { put(self, Some(Vec::new())) } else { push(self, name(value)) }
    }

    fn remedy(&self) -> &'static str {
        "write a list of \"udp\", \"tcp\", \"tls\", \"dtls\", \"ws\" or \"wss\""
    }
}

impl Setting for Vec<Site> {
    fn set(&mut self, value: Value<'_>) -> bool {
        match value {
            Value::Clear => put(self, Some(Vec::new())),
            Value::Text(name) => push(self, Some(Site { name: name.to_owned(), hosts: Vec::new() })),
            Value::TextIn(_, host) => self.last_mut().is_some_and(|site| push(&mut site.hosts, Some(host.to_owned()))),
            _ => false,
        }
    }

    fn remedy(&self) -> &'static str {
        "write a list of {name, hosts}"
    }
}

impl Setting for Vec<OutcomeRule> {
    fn set(&mut self, value: Value<'_>) -> bool {
        match value {
            Value::Clear => put(self, Some(Vec::new())),
            Value::NumberIn(meaning, code) => {
                let code = whole(Value::Number(code), u16::MAX.into()).and_then(|code| u16::try_from(code).ok());
                let rule = code.zip(Meaning::named(meaning)).map(|(code, meaning)| OutcomeRule { code, meaning });
                push(self, rule)
            }
            _ => false,
        }
    }

    fn remedy(&self) -> &'static str {
        "write a list of {code, meaning}, each meaning \"failure\" or \"rejection\""
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn names() -> Vec<&'static str> {
        NAMES.trim_end_matches(',').split(',').collect()
    }

    fn feed(settings: &mut Settings, index: u32, json: &Json) -> bool {
        match json {
            Json::Null => settings.nothing(index),
            Json::Bool(flag) => settings.flag(index, *flag),
            Json::Number(number) => settings.number(index, number.as_f64().unwrap()),
            Json::String(text) => settings.text(index, text),
            Json::Array(list) => {
                settings.clear(index)
                    && list.iter().all(|element| match element {
                        Json::Object(site) if site.contains_key("hosts") => {
                            feed(settings, index, &site["name"])
                                && site["hosts"]
                                    .as_array()
                                    .unwrap()
                                    .iter()
                                    .all(|host| settings.text_in(index, "", host.as_str().unwrap()))
                        }
                        Json::Object(rule) => {
                            settings.number_in(index, rule["meaning"].as_str().unwrap(), rule["code"].as_f64().unwrap())
                        }
                        other => feed(settings, index, other),
                    })
            }
            Json::Object(tagged) => {
                let (tag, value) = tagged.iter().next().unwrap();
                match value {
                    Json::String(text) => settings.text_in(index, tag, text),
                    other => settings.number_in(index, tag, other.as_f64().unwrap()),
                }
            }
        }
    }

    fn leaves(at: &str, json: &Json, out: &mut Vec<(String, Json)>) {
        match json {
            Json::Object(group) if names().iter().any(|name| name.starts_with(&format!("{at}."))) || at.is_empty() => {
                for (key, value) in group {
                    leaves(&if at.is_empty() { key.clone() } else { format!("{at}.{key}") }, value, out);
                }
            }
            _ => out.push((at.to_owned(), json.clone())),
        }
    }

    /// Every field of the JSON has its setting, and every setting takes the JSON's value to the same place.
    #[test]
    fn settings_are_the_json() {
        let mut unlike = serde_json::to_value(Config::default()).unwrap();
        let other = json!({
            "srvRecord": "_sip._udp.example.test", "outboundProxy": "p", "domain": "d", "transport": "wss",
            "tlsName": { "name": "n" },
            "lookup": { "timeoutMs": 1, "discover": true, "candidates": ["a", "b"], "transports": ["ws"],
                "addresses": "core", "hostSetsTlsName": false, "sites": [{ "name": "s", "hosts": ["x", "y"] }],
                "pinToSite": "s" },
            "order": { "selection": "rfc2782", "maxTargets": 2, "redraw": "distribute" },
            "rollover": { "failuresBeforeRollover": 9, "attemptTimeoutMs": 3, "retryIntervalMs": 4,
                "roundWaitMaxMs": 5, "rejectedRetryMs": null, "afterLoss": "next", "retryAfter": "leave",
                "recoverySpreadMs": 6, "startSpreadMs": 7,
                "outcomes": [{ "code": 4, "meaning": "failure" }, { "code": 503, "meaning": "rejection" }] },
            "refresh": { "expires": 8, "intervalMs": 9, "timerSlackMs": 10, "owner": "application" },
            "failback": { "onRestart": false, "onLoss": false, "onAgentLogin": false, "onManual": false,
                "every": { "millis": 11 }, "holdOffMs": 12, "unregisterOld": false },
        });
        let mut fields = Vec::new();
        leaves("", &unlike, &mut fields);
        assert_eq!(fields.len(), names().len());
        unlike = other;
        let mut given = Vec::new();
        leaves("", &unlike, &mut given);
        assert_eq!(given.len(), names().len());
        let mut settings = Settings::new();
        for (name, json) in &given {
            let place = names().iter().position(|known| known.trim_end_matches("[]") == name);
            let place = place.unwrap_or_else(|| panic!("{name} has no setting"));
            assert_eq!(names()[place].ends_with("[]"), json.is_array(), "{name}");
            assert!(feed(&mut settings, place as u32, json), "{name}");
        }
        assert_eq!(serde_json::to_value(&settings.config).unwrap(), unlike);
    }
}
