//! Every preset, with changes laid over it alone and together.

use rehome::order::Rng;
use rehome::{
    Addresses, AfterLoss, Config, FailbackEvery, Millis, Preset, Redraw, RefreshOwner, RetryAfter, Selection, Site,
    TlsName,
};

/// Changes laid over a preset, alone and together.
const CHANGES: [fn(&mut Config); 38] = [
    |c| c.outbound_proxy = Some("sip:proxy.example.test:5070;transport=tcp".into()),
    |c| (c.srv_record, c.outbound_proxy) = (None, Some("sip:proxy.example.test:5070;transport=tcp".into())),
    |c| (c.srv_record, c.outbound_proxy) = (None, Some("sip:192.0.2.1:5060;transport=udp".into())),
    |c| {
        (c.srv_record, c.outbound_proxy) = (None, Some("proxy.example.test".into()));
        c.lookup.discover = true;
    },
    |c| {
        (c.srv_record, c.outbound_proxy, c.domain) = (None, None, Some("example.test".into()));
        c.lookup.discover = true;
    },
    |c| c.lookup.addresses = Addresses::Core,
    |c| (c.lookup.addresses, c.lookup.timeout) = (Addresses::Core, Millis::new(100)),
    |c| c.lookup.timeout = Millis::from_secs(60),
    |c| c.lookup.host_sets_tls_name = false,
    |c| c.tls_name = TlsName::Target,
    |c| c.lookup.sites = sites(),
    |c| (c.lookup.sites, c.lookup.pin_to_site) = (sites(), Some("one".into())),
    |c| c.order.selection = Selection::HighestWeight,
    |c| c.order.selection = Selection::Rfc2782,
    |c| c.order.max_targets = 2,
    |c| c.order.redraw = Redraw::Distribute,
    |c| (c.order.redraw, c.lookup.addresses) = (Redraw::Distribute, Addresses::Core),
    |c| c.rollover.failures_before_rollover = 1,
    |c| c.rollover.failures_before_rollover = 2,
    |c| c.rollover.attempt_timeout = Millis::from_secs(1),
    |c| c.rollover.retry_interval = Millis::from_secs(1),
    |c| {
        c.rollover.retry_interval = Millis::from_secs(600);
        c.rollover.round_wait_max = Millis::from_secs(3600);
    },
    |c| c.rollover.rejected_retry = None,
    |c| c.rollover.rejected_retry = Some(Millis::from_secs(30)),
    |c| c.rollover.after_loss = AfterLoss::Next,
    |c| c.rollover.retry_after = RetryAfter::Leave,
    |c| c.rollover.recovery_spread = Millis::ZERO,
    |c| c.rollover.start_spread = Millis::from_secs(600),
    |c| c.refresh.interval = Some(Millis::from_secs(5)),
    |c| c.refresh.timer_slack = Millis::from_secs(600),
    |c| c.refresh.owner = RefreshOwner::Application,
    |c| c.failback.every = FailbackEvery::Ttl,
    |c| c.failback.every = FailbackEvery::Refresh,
    |c| c.failback.every = FailbackEvery::Millis(Millis::from_secs(30)),
    |c| c.failback.hold_off = Millis::from_secs(120),
    |c| (c.failback.on_restart, c.failback.on_loss) = (false, false),
    |c| (c.failback.on_agent_login, c.failback.on_manual) = (false, false),
    |c| c.failback.unregister_old = false,
];

fn sites() -> Vec<Site> {
    let site = |name: &str, pattern: &str| Site { name: name.into(), hosts: vec![pattern.into()] };
    vec![site("one", "*.one.test"), site("two", "*.two.test")]
}

/// A preset with any of the changes that go together.
pub fn any_config(case: usize, rng: &mut Rng) -> Config {
    let mut config = Preset::ALL[case % Preset::ALL.len()].config();
    config.srv_record = Some("_sip._udp.example.test".into());
    // Each change alone first, then several.
    let each = [CHANGES[(case / Preset::ALL.len()) % CHANGES.len()]];
    let more = (0..rng.below(5)).map(|_| CHANGES[rng.below(38) as usize]).collect::<Vec<_>>();
    for change in each.into_iter().chain(more) {
        let mut changed = config.clone();
        change(&mut changed);
        if changed.validate().is_ok() {
            config = changed;
        }
    }
    config
}

/// From any state to registered, if nothing goes wrong: the wait after a round (4.4d, 3.4b), the pause when nothing was
/// sent (3.7a), the spreads (4.6), stopping (6.8) and an unregister there (6.9a), a spacing, lookups; and answers' time.
pub fn longest_wait(config: &Config) -> u64 {
    let rollover = &config.rollover;
    let rejected = rollover.rejected_retry.map_or(0, Millis::get);
    rollover.round_wait_max.get().max(rejected)
        + 60_000
        + rollover.recovery_spread.get()
        + rollover.start_spread.get()
        + 10_000
        + rollover.retry_interval.get()
        + 2 * config.lookup.timeout.get()
        + 10_000
}
