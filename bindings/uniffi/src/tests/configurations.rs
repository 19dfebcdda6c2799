//! `Config()`, the presets and JSON are the core's, field by field.

use rehome::{FailbackEvery, Millis, Preset, TlsName, Transport};
use serde_json::{Value, json};

use super::across;
use crate::mirror::{At, In, Out};
use crate::{Config, config_from_json, config_to_json, preset, preset_differences, preset_names};

fn core_json(config: &rehome::Config) -> Value {
    serde_json::to_value(config).unwrap()
}

fn exported_json(config: &Config) -> Value {
    serde_json::from_str(&config_to_json(across(config.clone())).unwrap()).unwrap()
}

fn back(config: Config) -> rehome::Config {
    across(config).into_core(&At::CONFIGURATION).unwrap()
}

#[test]
fn the_default_is_the_cores() {
    assert_eq!(Config::default(), Config::out(&rehome::Config::default(), None));
    assert_eq!(exported_json(&Config::default()), core_json(&rehome::Config::default()));
    assert_eq!(Config::default(), preset("default").unwrap());
    assert_eq!(Config::default(), config_from_json("{}", None).unwrap());
}

#[test]
fn each_preset_is_the_cores() {
    assert_eq!(preset_names().len(), Preset::ALL.len());
    for core in Preset::ALL {
        let config = preset(core.name()).unwrap();
        assert_eq!(back(config.clone()), core.config());
        assert_eq!(exported_json(&config), core_json(&core.config()));
        assert_eq!(config_from_json("{}", Some(core.name().into())).unwrap(), config);
        let differences = preset_differences(core.name()).unwrap();
        assert_eq!(differences.len(), core.differences().len());
        for (exported, core) in differences.iter().zip(core.differences()) {
            assert_eq!((&*exported.field, &*exported.value, &*exported.source), (core.field, core.value, core.source));
        }
    }
}

/// No field is left at its default.
#[test]
fn every_field_crosses() {
    let mut json = json!({
        "srvRecord": "_sip._udp.example.com", "outboundProxy": "p.example.com", "domain": "example.com",
        "transport": "wss", "tlsName": { "name": "tls.example.com" },
        "lookup": {
            "timeoutMs": 4_000, "discover": true, "candidates": ["_sip._tcp"], "transports": ["tcp", "udp"],
            "addresses": "core", "hostSetsTlsName": false,
            "sites": [{ "name": "a", "hosts": ["a*.example.com", "b.example.com"] }], "pinToSite": "a"
        },
        "order": { "selection": "rfc2782", "maxTargets": 7, "redraw": "distribute" },
        "rollover": {
            "failuresBeforeRollover": 4, "attemptTimeoutMs": 11_000, "retryIntervalMs": 6_000, "roundWaitMaxMs": 60_000,
            "rejectedRetryMs": null, "afterLoss": "next", "retryAfter": "leave", "recoverySpreadMs": 3_000,
            "startSpreadMs": 1_000, "outcomes": [{ "code": 503, "meaning": "rejection" }]
        },
        "refresh": { "expires": 600, "intervalMs": 30_000, "timerSlackMs": 5_000, "owner": "application" },
        "failback": {
            "onRestart": false, "onLoss": false, "onAgentLogin": false, "onManual": false,
            "every": { "millis": 60_000 }, "holdOffMs": 90_000, "unregisterOld": false
        }
    });
    let config = config_from_json(&json.to_string(), None).unwrap();
    assert_eq!(exported_json(&config), json);
    let default = core_json(&rehome::Config::default());
    differs("", &json, &default);
    // As a type, too: what serde makes of it is not what is tested here.
    let core: rehome::Config = serde_json::from_value(json.take()).unwrap();
    assert_eq!(back(Config::out(&core, None)), core);
    assert_eq!(core.tls_name, TlsName::Name("tls.example.com".into()));
    assert_eq!(core.failback.every, FailbackEvery::Millis(Millis::new(60_000)));
    assert_eq!(core.lookup.transports, [Transport::Tcp, Transport::Udp]);
}

fn differs(at: &str, value: &Value, default: &Value) {
    match (value, default) {
        (Value::Object(value), Value::Object(default)) => {
            assert_eq!(value.len(), default.len(), "{at}");
            value.iter().for_each(|(key, value)| differs(&format!("{at}.{key}"), value, &default[key]));
        }
        _ => assert_ne!(value, default, "{at}"),
    }
}

#[test]
fn json_is_laid_over_the_preset() {
    let json = r#"{"order":{"maxTargets":2},"rollover":{"outcomes":[]}}"#;
    let config = config_from_json(json, Some("xima".into())).unwrap();
    let mut expected = preset("xima").unwrap();
    expected.order.max_targets = 2;
    expected.rollover.outcomes.clear();
    assert_eq!(config, expected);
    assert_eq!(config.rollover.round_wait_max, 5_000, "the preset's own");
}
