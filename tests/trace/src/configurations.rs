//! Configurations: each preset with a few changes laid over it.

use rehome::order::Rng;
use rehome::{
    Addresses, AfterLoss, Config, FailbackEvery, Meaning, Millis, OutcomeRule, Preset, Redraw, RefreshOwner,
    RetryAfter, Seconds, Selection, Site, TlsName, Transport,
};
use serde_json::Value;

/// What may be changed; the number says to what.
const CHANGES: [fn(&mut Config, usize); 30] = [
    |c, n| c.srv_record = Some(["_sips._tcp.example.test", "_sip._tcp.example.test"][n % 2].into()),
    |c, n| {
        let proxies = ["sip:proxy.example.test:5070;transport=tcp", "192.0.2.1", "[2001:db8::1]:5080"];
        (c.srv_record, c.outbound_proxy) = (None, Some(proxies[n % 3].into()));
    },
    |c, _| c.outbound_proxy = Some("proxy.example.test".into()),
    |c, n| {
        (c.srv_record, c.domain, c.lookup.discover) = (None, Some("example.test".into()), true);
        c.lookup.candidates =
            [&["_sips._tcp", "_sip._udp"][..], &["_sip._udp"], &[]][n % 3].iter().copied().map(Into::into).collect();
    },
    |c, _| c.lookup.transports = vec![Transport::Udp],
    |c, _| c.lookup.addresses = Addresses::Core,
    |c, n| c.lookup.timeout = Millis::new([100, 1_000, 20_000][n % 3]),
    |c, _| (c.srv_record, c.lookup.host_sets_tls_name) = (Some("_sip._wss.example.test".into()), false),
    |c, n| c.tls_name = [TlsName::Target, TlsName::Name("tls.example.test".into())][n % 2].clone(),
    |c, n| {
        // Texts that JSON must escape, and such as it need not.
        let site = |name: &str, hosts: &str| Site { name: name.into(), hosts: vec![hosts.into()] };
        c.lookup.sites = vec![
            site("Z\u{fc}rich \"1\"\\\u{1}\u{7f}", "*.one.test"),
            site("\u{6771}\u{4eac}\u{2028}\u{1f4de}", "*.two.test"),
        ];
        c.lookup.pin_to_site = (n % 3 == 0).then(|| c.lookup.sites[n / 3 % 2].name.clone());
    },
    |c, n| c.order.selection = [Selection::Rfc2782, Selection::HighestWeight][n % 2],
    |c, n| c.order.max_targets = [1, 2, 3, 64][n % 4],
    |c, _| c.order.redraw = Redraw::Distribute,
    |c, n| c.rollover.failures_before_rollover = [1, 2, 5, 20][n % 4],
    |c, n| c.rollover.attempt_timeout = Millis::new([1_000, 3_000, 64_000][n % 3]),
    |c, n| c.rollover.retry_interval = Millis::new([1_000, 20_000, 300_000][n % 3]),
    |c, n| c.rollover.round_wait_max = Millis::new([40_000, 3_600_000][n % 2]),
    |c, n| c.rollover.rejected_retry = [None, Some(Millis::new(30_000)), Some(Millis::new(600_000))][n % 3],
    |c, _| c.rollover.after_loss = AfterLoss::Next,
    |c, _| c.rollover.retry_after = RetryAfter::Leave,
    |c, n| c.rollover.recovery_spread = Millis::new([0, 60_000][n % 2]),
    |c, n| c.rollover.start_spread = Millis::new([500, 600_000][n % 2]),
    |c, n| {
        let rule = |code, meaning| OutcomeRule { code, meaning };
        let rules = [rule(403, Meaning::Failure), rule(5, Meaning::Rejection), rule(486, Meaning::Failure)];
        c.rollover.outcomes = rules[..=n % 3].to_vec();
    },
    |c, n| c.refresh.expires = Seconds::new([60, 600, 86_400][n % 3]),
    |c, n| c.refresh.interval = Some(Millis::new([5_000, 30_000, 600_000][n % 3])),
    |c, n| c.refresh.timer_slack = Millis::new([10_000, 600_000][n % 2]),
    |c, _| c.refresh.owner = RefreshOwner::Application,
    |c, n| {
        c.failback.every =
            [FailbackEvery::Ttl, FailbackEvery::Refresh, FailbackEvery::Millis(Millis::new(60_000))][n % 3]
    },
    |c, n| c.failback.hold_off = Millis::new([60_000, 3_700_000][n % 2]),
    |c, n| {
        let fields = [
            &mut c.failback.on_restart,
            &mut c.failback.on_loss,
            &mut c.failback.on_agent_login,
            &mut c.failback.on_manual,
            &mut c.failback.unregister_old,
        ];
        for (place, field) in fields.into_iter().enumerate() {
            *field = n >> place & 1 == 0;
        }
    },
];

/// A good configuration: of this preset, with up to `most` changes.
pub(crate) fn good(preset: Preset, most: u64, rng: &mut Rng) -> Value {
    let mut config = plain(preset);
    for _ in 0..rng.up_to(most) {
        let (change, number) = (rng.below(CHANGES.len() as u64) as usize, rng.below(1 << 16) as usize);
        let mut changed = config.clone();
        CHANGES[change](&mut changed, number);
        if changed.validate().is_ok() {
            config = changed;
        }
    }
    written(&config)
}

/// One that is refused.
pub(crate) fn bad(preset: Preset, rng: &mut Rng) -> Value {
    let mut config = plain(preset);
    match rng.below(4) {
        0 => (config.srv_record, config.domain, config.outbound_proxy) = (None, None, None),
        1 => config.rollover.failures_before_rollover = 0,
        2 => config.rollover.attempt_timeout = Millis::new((1 << 53) - 1),
        _ => config.lookup.pin_to_site = Some("nowhere\u{1}\u{1f4de}".into()),
    }
    written(&config)
}

/// A preset that registers somewhere: the one that discovers names has none given.
fn plain(preset: Preset) -> Config {
    let config = preset.config();
    if config.lookup.discover {
        return Config { outbound_proxy: Some("example.test".into()), ..config };
    }
    Config { srv_record: Some("_sip._udp.example.test".into()), ..config }
}

fn written(config: &Config) -> Value {
    serde_json::to_value(config).expect("a configuration is JSON")
}
