//! The configuration: its default, the presets, and one far from both.

use rehome::{
    Config, Failback, FailbackEvery, Lookup, Meaning, Millis, Order, OutcomeRule, Preset, Redraw, Refresh, Rollover,
    Site, TlsName, Transport,
};
use serde_json::{from_str, json, to_value};

use crate::json::{all, is};

/// The whole default, so that no field's name or unit changes unseen.
#[test]
fn the_default_configuration() {
    let json = json!({
        "srvRecord": null, "outboundProxy": null, "domain": null, "transport": null, "tlsName": "domain",
        "lookup": { "timeoutMs": 5000, "discover": false, "candidates": [],
            "transports": ["tls", "wss", "dtls", "tcp", "udp", "ws"], "addresses": "host", "hostSetsTlsName": true,
            "sites": [], "pinToSite": null },
        "order": { "selection": "weighted", "maxTargets": 64, "redraw": "persist" },
        "rollover": { "failuresBeforeRollover": 3, "attemptTimeoutMs": 10000, "retryIntervalMs": 5000,
            "roundWaitMaxMs": 300_000, "rejectedRetryMs": 1_800_000, "afterLoss": "tier", "retryAfter": "count",
            "recoverySpreadMs": 2000, "startSpreadMs": 0, "outcomes": [] },
        "refresh": { "expires": 3600, "intervalMs": null, "timerSlackMs": 0, "owner": "core" },
        "failback": { "onRestart": true, "onLoss": true, "onAgentLogin": true, "onManual": true, "every": "never",
            "holdOffMs": 0, "unregisterOld": true },
    });
    is(Config::default(), json);
    assert_eq!(from_str::<Config>("{}").unwrap(), Config::default());
}

#[test]
fn every_preset_and_a_configuration_far_from_default() {
    for preset in Preset::ALL {
        let config = preset.config();
        let json = to_value(&config).unwrap();
        assert_eq!(from_str::<Config>(&json.to_string()).unwrap(), config);
        let mut from_differences = to_value(Config::default()).unwrap();
        for difference in preset.differences() {
            let (part, field) = difference.field.split_once('.').unwrap();
            assert!(from_differences[part].get(field).is_some(), "{}", difference.field);
            from_differences[part][field] = from_str(difference.value).unwrap();
            let told = json!({ "field": difference.field, "value": difference.value, "source": difference.source });
            assert_eq!(to_value(difference).unwrap(), told);
        }
        assert_eq!(from_differences, json, "{preset:?}");
    }
    let config = Config {
        srv_record: Some("_sip._udp.example.test".into()),
        transport: Some(Transport::Wss),
        tls_name: TlsName::Name("sip.example.test".into()),
        lookup: Lookup {
            sites: vec![Site { name: "one".into(), hosts: vec!["*.one.test".into()] }],
            pin_to_site: Some("one".into()),
            ..Lookup::default()
        },
        order: Order { redraw: Redraw::Distribute, ..Order::default() },
        rollover: Rollover {
            rejected_retry: None,
            outcomes: vec![OutcomeRule { code: 404, meaning: Meaning::Failure }],
            ..Rollover::default()
        },
        refresh: Refresh { interval: Some(Millis::from_secs(60)), ..Refresh::default() },
        failback: Failback { every: FailbackEvery::Millis(Millis::from_secs(90)), ..Failback::default() },
        ..Config::default()
    };
    let json = to_value(&config).unwrap();
    assert_eq!(json["tlsName"], json!({ "name": "sip.example.test" }));
    assert_eq!(json["lookup"]["sites"], json!([{ "name": "one", "hosts": ["*.one.test"] }]));
    assert_eq!(json["rollover"]["rejectedRetryMs"], json!(null));
    assert_eq!(json["rollover"]["outcomes"], json!([{ "code": 404, "meaning": "failure" }]));
    assert_eq!(json["refresh"]["intervalMs"], json!(60_000));
    assert_eq!(from_str::<Config>(&json.to_string()).unwrap(), config);
    is(TlsName::Target, json!("target"));
    all([(FailbackEvery::Never, "never"), (FailbackEvery::Ttl, "ttl"), (FailbackEvery::Refresh, "refresh")]);
}
