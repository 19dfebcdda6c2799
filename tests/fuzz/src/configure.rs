//! A configuration out of a few bytes: a preset and changes laid over it.

use rehome::{
    Addresses, AfterLoss, Config, FailbackEvery, Meaning, Millis, OutcomeRule, Preset, Redraw, RefreshOwner,
    RetryAfter, Selection, Site, TlsName,
};

use crate::bytes::Bytes;

/// What may be changed; the number comes from the bytes.
const CHANGES: [fn(&mut Config, u32); 26] = [
    |c, n| c.srv_record = [Some("_sip._udp.example.test".into()), None, Some(" ".into())][n as usize % 3].clone(),
    |c, n| {
        let proxies =
            ["sip:proxy.example.test:5070;transport=tcp", "192.0.2.1", "wss://proxy.example.test/ws", "[::1]"];
        c.outbound_proxy = Some(proxies[n as usize % 4].into());
    },
    |c, n| (c.domain, c.lookup.discover) = (Some("example.test".into()), n % 2 == 1),
    |c, n| c.lookup.addresses = if n % 2 == 0 { Addresses::Core } else { Addresses::Host },
    |c, n| c.lookup.timeout = Millis::new(n.into()),
    |c, n| c.lookup.host_sets_tls_name = n % 2 == 1,
    |c, n| c.tls_name = if n % 2 == 0 { TlsName::Target } else { TlsName::Name("tls.example.test".into()) },
    |c, n| {
        let site = |name: &str, host: &str| Site { name: name.into(), hosts: vec![host.into()] };
        c.lookup.sites = vec![site("one", "*.one.test"), site("two", "*t*w*o*.t*")];
        c.lookup.pin_to_site = [None, Some("one".into()), Some("TWO".into())][n as usize % 3].clone();
    },
    |c, n| c.order.selection = [Selection::Weighted, Selection::Rfc2782, Selection::HighestWeight][n as usize % 3],
    |c, n| c.order.max_targets = n as u8,
    |c, n| c.order.redraw = if n % 2 == 0 { Redraw::Distribute } else { Redraw::Persist },
    |c, n| c.rollover.failures_before_rollover = n as u8,
    |c, n| c.rollover.attempt_timeout = Millis::new(n.into()),
    |c, n| c.rollover.retry_interval = Millis::new(n.into()),
    |c, n| c.rollover.round_wait_max = Millis::new(n.into()),
    |c, n| c.rollover.rejected_retry = (n != 0).then(|| Millis::new(n.into())),
    |c, n| c.rollover.after_loss = if n % 2 == 0 { AfterLoss::Next } else { AfterLoss::Tier },
    |c, n| c.rollover.retry_after = if n % 2 == 0 { RetryAfter::Leave } else { RetryAfter::Count },
    |c, n| c.rollover.recovery_spread = Millis::new(n.into()),
    |c, n| c.rollover.start_spread = Millis::new(n.into()),
    |c, n| c.rollover.outcomes.push(OutcomeRule { code: n as u16, meaning: Meaning::Failure }),
    |c, n| c.refresh.interval = Some(Millis::new(n.into())),
    |c, n| c.refresh.timer_slack = Millis::new(n.into()),
    |c, _| c.refresh.owner = RefreshOwner::Application,
    |c, n| {
        let every = [FailbackEvery::Ttl, FailbackEvery::Refresh, FailbackEvery::Millis(Millis::new(n.into()))];
        (c.failback.every, c.failback.hold_off) = (every[n as usize % 3], Millis::new((n / 3).into()));
    },
    |c, n| {
        c.failback.on_restart = n & 1 == 0;
        c.failback.on_loss = n & 2 == 0;
        c.failback.on_agent_login = n & 4 == 0;
        c.failback.on_manual = n & 8 == 0;
        c.failback.unregister_old = n & 16 == 0;
    },
];

/// A configuration that is good: a change that would make it bad is left out.
pub(crate) fn configure(bytes: &mut Bytes<'_>) -> Config {
    let mut config = Preset::ALL[usize::from(bytes.u8()) % Preset::ALL.len()].config();
    config.srv_record = Some("_sip._udp.example.test".into());
    for _ in 0..bytes.u8() % 8 {
        let (change, number) = (usize::from(bytes.u8()) % CHANGES.len(), bytes.u32());
        let mut changed = config.clone();
        CHANGES[change](&mut changed, number);
        if changed.validate().is_ok() {
            config = changed;
        }
    }
    config
}
