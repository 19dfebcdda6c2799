//! What a configuration may say, the text of its errors, and the presets.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::disallowed_macros, clippy::disallowed_methods)]

use std::collections::BTreeSet;
use std::fmt::{Debug, Write};

use rehome::{
    Config, Error, Failback, FailbackEvery, Lookup, Meaning, Millis, Order, OutcomeRule, Preset, Refresh, Rollover,
    Seconds, Site, TlsName, Transport,
};

fn srv() -> Config {
    Config { srv_record: Some("_sip._udp.example.test".into()), ..Config::default() }
}

/// The field that the configuration is refused for, or nothing.
fn refused(config: &Config) -> &'static str {
    match config.validate() {
        Ok(()) => "",
        Err(Error::Config { field, remedy, .. }) => {
            assert!(!remedy.is_empty());
            field
        }
        Err(other) => panic!("{other}"),
    }
}

fn after(change: impl FnOnce(&mut Config)) -> &'static str {
    let mut config = srv();
    change(&mut config);
    refused(&config)
}

type Setter = fn(&mut Config, u64);

fn byte(value: u64) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

/// Every number with its range, as its documentation says it.
const RANGES: [(&str, u64, u64, Setter); 15] = [
    ("lookup.timeoutMs", 100, 60_000, |config, value| config.lookup.timeout = Millis::new(value)),
    ("order.maxTargets", 1, 64, |config, value| config.order.max_targets = byte(value)),
    ("rollover.failuresBeforeRollover", 1, 20, |config, value| config.rollover.failures_before_rollover = byte(value)),
    ("rollover.attemptTimeoutMs", 1_000, 64_000, |config, value| config.rollover.attempt_timeout = Millis::new(value)),
    ("rollover.retryIntervalMs", 1_000, 600_000, |config, value| {
        config.rollover.retry_interval = Millis::new(value);
        config.rollover.round_wait_max = Millis::from_secs(3600);
    }),
    ("rollover.roundWaitMaxMs", 5_000, 3_600_000, |config, value| config.rollover.round_wait_max = Millis::new(value)),
    ("rollover.rejectedRetryMs", 30_000, 86_400_000, |config, value| {
        config.rollover.rejected_retry = Some(Millis::new(value));
    }),
    ("rollover.recoverySpreadMs", 0, 60_000, |config, value| config.rollover.recovery_spread = Millis::new(value)),
    ("rollover.startSpreadMs", 0, 600_000, |config, value| config.rollover.start_spread = Millis::new(value)),
    ("refresh.expires", 10, 86_400, |config, value| {
        config.refresh.expires = Seconds::new(u32::try_from(value).unwrap_or(u32::MAX));
    }),
    ("refresh.intervalMs", 5_000, 86_400_000, |config, value| config.refresh.interval = Some(Millis::new(value))),
    ("refresh.timerSlackMs", 0, 600_000, |config, value| config.refresh.timer_slack = Millis::new(value)),
    ("failback.every", 30_000, 86_400_000, |config, value| {
        config.failback.every = FailbackEvery::Millis(Millis::new(value));
    }),
    ("failback.holdOffMs", 0, 86_400_000, |config, value| config.failback.hold_off = Millis::new(value)),
    ("rollover.outcomes", 300, 699, |config, value| {
        let code = u16::try_from(value).unwrap_or(u16::MAX);
        config.rollover.outcomes.push(OutcomeRule { code, meaning: Meaning::Failure });
    }),
];

#[test]
fn both_ends_of_every_range_are_in_it_and_the_next_are_not() {
    for (field, low, high, set) in RANGES {
        assert_eq!(after(|config| set(config, low)), "", "{field} {low}");
        assert_eq!(after(|config| set(config, high)), "", "{field} {high}");
        assert_eq!(after(|config| set(config, high + 1)), field, "{field} {high} + 1");
        if low > 0 {
            assert_eq!(after(|config| set(config, low - 1)), field, "{field} {low} - 1");
        }
    }
    assert_eq!(after(|config| config.rollover.rejected_retry = None), "");
}

/// The round's wait may be as short as the retry interval, whatever that is.
#[test]
fn the_round_wait_is_not_below_the_retry_interval() {
    let wait = |interval, wait| {
        after(|config| {
            config.rollover.retry_interval = Millis::new(interval);
            config.rollover.round_wait_max = Millis::new(wait);
        })
    };
    assert_eq!(wait(600_000, 600_000), "");
    assert_eq!(wait(1_000, 1_000), "");
    assert_eq!(wait(600_000, 599_999), "rollover.roundWaitMaxMs");
}

/// The error names the field, the value and the remedy.
#[test]
fn errors_say_what_to_write_instead() {
    let text = |change: fn(&mut Config)| {
        let mut config = srv();
        change(&mut config);
        config.validate().expect_err("refused").to_string()
    };
    assert_eq!(
        text(|config| config.rollover.failures_before_rollover = 0),
        "rollover.failuresBeforeRollover: 0 cannot be used: use 1 to 20"
    );
    assert_eq!(
        text(|config| config.srv_record = None),
        "srvRecord: (blank) cannot be used: set srvRecord or outboundProxy (or domain with lookup.discover)"
    );
    assert_eq!(
        text(|config| config.srv_record = Some("_sip._sctp.example.test".into())),
        "srvRecord: _sip._sctp.example.test cannot be used: write it as _sip._udp.example.com, or set transport as well"
    );
    let long = text(|config| config.srv_record = Some("é".repeat(1_000_000)));
    assert_eq!(long, format!("srvRecord: {} cannot be used: write it as _sip._udp.example.com", "é".repeat(80)));
}

/// 1.1a, 1.1c.
#[test]
fn there_must_be_somewhere_to_register_to() {
    for blank in [None, Some(""), Some(" \t")] {
        let blank = blank.map(String::from);
        let mut config = Config { srv_record: blank.clone(), outbound_proxy: blank, ..Config::default() };
        assert_eq!(refused(&config), "srvRecord");
        config.domain = Some("example.test".into());
        assert_eq!(refused(&config), "srvRecord");
        config.lookup.discover = true;
        assert_eq!(refused(&config), "");
        config.domain = Some(" ".into());
        assert_eq!(refused(&config), "srvRecord");
        config.outbound_proxy = Some("sip:p.example.test;lr".into());
        assert_eq!(refused(&config), "");
        config.outbound_proxy = Some("sip:p.example.test:99999".into());
        assert_eq!(refused(&config), "outboundProxy");
    }
}

#[test]
fn names_must_be_names() {
    assert_eq!(after(|config| config.domain = Some("a b".into())), "domain");
    assert_eq!(after(|config| config.domain = Some(" Example.test. ".into())), "");
    assert_eq!(after(|config| config.tls_name = TlsName::Name(" ".into())), "tlsName");
    assert_eq!(after(|config| config.tls_name = TlsName::Name("*.example.test".into())), "tlsName");
    assert_eq!(after(|config| config.tls_name = TlsName::Name("192.0.2.1".into())), "");
    assert_eq!(after(|config| config.tls_name = TlsName::Target), "");
}

#[test]
fn lists_are_bounded_and_of_known_things() {
    let many = |count: usize, text: &str| vec![String::from(text); count];
    assert_eq!(after(|config| config.lookup.candidates = many(16, "_sip._udp")), "");
    assert_eq!(after(|config| config.lookup.candidates = many(17, "_sip._udp")), "lookup.candidates");
    assert_eq!(after(|config| config.lookup.candidates = many(1, "_sip._sctp")), "lookup.candidates");
    assert_eq!(after(|config| config.lookup.candidates = many(1, "_sip._udp.example.test")), "lookup.candidates");
    let explicit = after(|config| {
        config.transport = Some(Transport::Tcp);
        config.lookup.candidates = many(1, "_sip._sctp");
    });
    assert_eq!(explicit, "");
    assert_eq!(after(|config| config.lookup.transports.clear()), "lookup.transports");
    assert_eq!(after(|config| config.lookup.transports = vec![Transport::Udp; 7]), "lookup.transports");

    let site = |name: &str, hosts: Vec<String>| Site { name: name.into(), hosts };
    let sites = |sites: Vec<Site>| after(|config| config.lookup.sites = sites);
    assert_eq!(sites(vec![site("one", many(16, "*.dc1.example.test")), site("two", many(1, "10.*.5"))]), "");
    assert_eq!(sites(vec![site("one", many(17, "*"))]), "lookup.sites");
    assert_eq!(sites(vec![site("one", Vec::new())]), "lookup.sites");
    assert_eq!(sites(vec![site(" ", many(1, "*"))]), "lookup.sites");
    assert_eq!(sites(vec![site("one", many(1, "*")), site(" ONE", many(1, "a"))]), "lookup.sites");
    for bad in ["", " ", "a..b", "a b", "."] {
        assert_eq!(sites(vec![site("one", many(1, bad))]), "lookup.sites", "{bad:?}");
    }
    let named: Vec<Site> = (0..17).map(|number| site(&number.to_string(), many(1, "*"))).collect();
    assert_eq!(sites(named[..16].to_vec()), "");
    assert_eq!(sites(named), "lookup.sites");

    let pinned = |pin: &str| {
        after(|config| {
            config.lookup.sites = vec![site("one", many(1, "*"))];
            config.lookup.pin_to_site = Some(pin.into());
        })
    };
    assert_eq!([pinned("one"), pinned(" One "), pinned(""), pinned("two")], ["", "", "", "lookup.pinToSite"]);

    let rule = |code| OutcomeRule { code, meaning: Meaning::Rejection };
    assert_eq!(after(|config| config.rollover.outcomes = [3, 4, 5, 6].map(rule).into()), "");
    for bad in [0, 1, 2, 7, 200, 299, 700] {
        assert_eq!(after(|config| config.rollover.outcomes = [rule(bad)].into()), "rollover.outcomes", "{bad}");
    }
    assert_eq!(after(|config| config.rollover.outcomes = [rule(404), rule(404)].into()), "rollover.outcomes");
    assert_eq!(after(|config| config.rollover.outcomes = (400..464).map(rule).collect()), "");
    assert_eq!(after(|config| config.rollover.outcomes = (400..465).map(rule).collect()), "rollover.outcomes");
}

#[test]
fn presets_are_found_by_name() {
    let names: BTreeSet<&str> = Preset::ALL.iter().map(|preset| preset.name()).collect();
    assert_eq!(names, BTreeSet::from(["broadworks", "default", "genesys", "rfc3263", "tpi", "xima"]));
    for preset in Preset::ALL {
        assert_eq!(Preset::from_name(preset.name()), Some(preset));
    }
    assert_eq!(Preset::from_name("Xima"), None);
    assert_eq!(Preset::default().config(), Config::default());
}

#[test]
fn presets_need_a_place_only() {
    for preset in Preset::ALL {
        assert_eq!(refused(&Config { srv_record: srv().srv_record, ..preset.config() }), "", "{}", preset.name());
        assert_eq!(refused(&Config { outbound_proxy: Some("p.test".into()), ..preset.config() }), "");
    }
}

/// What a preset says of itself is what it is: field by field, each with its source.
#[test]
fn differences_are_the_real_ones() {
    let default = fields(&Config::default());
    for preset in Preset::ALL {
        let own = fields(&preset.config());
        let real: Vec<(&str, String)> =
            own.into_iter().zip(&default).filter(|(own, default)| own != *default).map(|(own, _)| own).collect();
        let said: Vec<(&str, String)> =
            preset.differences().iter().map(|difference| (difference.field, difference.value.into())).collect();
        assert_eq!(said, real, "{}", preset.name());
        assert!(preset.differences().iter().all(|difference| difference.source.len() > 10));
    }
}

/// Every field with its value as JSON, in the order of declaration. A new field does not compile until it is here.
fn fields(config: &Config) -> Vec<(&'static str, String)> {
    let Config {
        srv_record,
        outbound_proxy,
        domain,
        transport,
        tls_name,
        lookup,
        order: Order { selection, max_targets, redraw },
        rollover,
        refresh: Refresh { expires, interval, timer_slack, owner },
        failback,
    } = config;
    let Lookup { timeout, discover, candidates, transports, addresses, host_sets_tls_name, sites, pin_to_site } =
        lookup;
    let Rollover {
        failures_before_rollover,
        attempt_timeout,
        retry_interval,
        round_wait_max,
        rejected_retry,
        after_loss,
        retry_after,
        recovery_spread,
        start_spread,
        outcomes,
    } = rollover;
    let Failback { on_restart, on_loss, on_agent_login, on_manual, every, hold_off, unregister_old } = failback;
    let outcomes = outcomes.iter().fold(String::new(), |mut text, rule| {
        let comma = if text.is_empty() { "" } else { "," };
        write!(text, r#"{comma}{{"code":{},"meaning":{}}}"#, rule.code, name(rule.meaning))
            .expect("writes to a string");
        text
    });
    vec![
        ("srvRecord", debug(srv_record)),
        ("outboundProxy", debug(outbound_proxy)),
        ("domain", debug(domain)),
        ("transport", debug(transport)),
        ("tlsName", debug(tls_name)),
        ("lookup.timeoutMs", timeout.get().to_string()),
        ("lookup.discover", discover.to_string()),
        ("lookup.candidates", format!("{candidates:?}").replace(", ", ",")),
        ("lookup.transports", debug(transports)),
        ("lookup.addresses", name(addresses)),
        ("lookup.hostSetsTlsName", host_sets_tls_name.to_string()),
        ("lookup.sites", debug(sites)),
        ("lookup.pinToSite", debug(pin_to_site)),
        ("order.selection", name(selection)),
        ("order.maxTargets", max_targets.to_string()),
        ("order.redraw", name(redraw)),
        ("rollover.failuresBeforeRollover", failures_before_rollover.to_string()),
        ("rollover.attemptTimeoutMs", attempt_timeout.get().to_string()),
        ("rollover.retryIntervalMs", retry_interval.get().to_string()),
        ("rollover.roundWaitMaxMs", round_wait_max.get().to_string()),
        ("rollover.rejectedRetryMs", debug(rejected_retry)),
        ("rollover.afterLoss", name(after_loss)),
        ("rollover.retryAfter", name(retry_after)),
        ("rollover.recoverySpreadMs", recovery_spread.get().to_string()),
        ("rollover.startSpreadMs", start_spread.get().to_string()),
        ("rollover.outcomes", format!("[{outcomes}]")),
        ("refresh.expires", expires.get().to_string()),
        ("refresh.intervalMs", debug(interval)),
        ("refresh.timerSlackMs", timer_slack.get().to_string()),
        ("refresh.owner", name(owner)),
        ("failback.onRestart", on_restart.to_string()),
        ("failback.onLoss", on_loss.to_string()),
        ("failback.onAgentLogin", on_agent_login.to_string()),
        ("failback.onManual", on_manual.to_string()),
        ("failback.every", debug(every)),
        ("failback.holdOffMs", hold_off.get().to_string()),
        ("failback.unregisterOld", unregister_old.to_string()),
    ]
}

fn debug(value: impl Debug) -> String {
    format!("{value:?}")
}

/// An enumeration's value, as JSON has it.
fn name(value: impl Debug) -> String {
    let text = debug(value);
    let (first, rest) = text.split_at(1);
    format!("\"{}{rest}\"", first.to_lowercase())
}
