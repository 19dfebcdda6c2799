//! Configurations without chance.

use rehome::{AfterLoss, Config, Meaning, Millis, OutcomeRule, RetryAfter, Selection};

/// A configuration; zeros are the policy's own values, so that a shrunk case is a plain one.
pub fn config([a, b, c, d, e, f, g, h]: [u8; 8]) -> Config {
    let mut config = Config { srv_record: Some("_sip._udp.example.test".into()), ..Config::default() };
    config.order.selection = Selection::HighestWeight;
    config.rollover.recovery_spread = Millis::ZERO;
    config.refresh.interval = Some(Millis::from_secs([600, 86_400, 30, 120][usize::from(a % 4)]));
    config.rollover.failures_before_rollover = [3, 1, 2, 4][usize::from(b % 4)];
    config.rollover.retry_interval = Millis::from_secs([5, 1, 20, 5][usize::from(c % 4)]);
    config.rollover.attempt_timeout = Millis::from_secs([10, 2, 32, 10][usize::from(c / 4 % 4)]);
    config.rollover.round_wait_max = Millis::from_secs([300, 40, 3600, 300][usize::from(c / 16 % 4)]);
    config.rollover.rejected_retry = [Some(1800), None, Some(30), Some(600)][usize::from(d % 4)].map(Millis::from_secs);
    config.rollover.after_loss = [AfterLoss::Tier, AfterLoss::Next][usize::from(d / 4 % 2)];
    config.rollover.retry_after = [RetryAfter::Count, RetryAfter::Leave][usize::from(d / 8 % 2)];
    config.failback.on_loss = d / 16 % 4 != 1;
    config.failback.unregister_old = d / 64 % 4 != 1;
    config.failback.on_agent_login = e % 8 != 1;
    config.failback.on_manual = e / 8 % 8 != 1;
    config.failback.hold_off = Millis::from_secs([0, 0, 60, 3700][usize::from(e / 64 % 4)]);
    config.order.max_targets = [64, 64, 1, 2][usize::from(f % 4)];
    config.refresh.timer_slack = Millis::from_secs([0, 0, 0, 60][usize::from(g / 4 % 4)]);
    config.lookup.timeout = Millis::from_secs([5, 5, 1, 20][usize::from(g / 16 % 4)]);
    if h % 4 == 3 {
        config.rollover.outcomes = vec![
            OutcomeRule { code: 403, meaning: Meaning::Failure },
            OutcomeRule { code: 5, meaning: Meaning::Rejection },
        ];
    }
    config
}

/// What differs from the policy's own values.
pub fn told(config: &Config) -> String {
    let plain = format!("{:#?}", Config::default());
    let mut text = format!("{:?}\n", config.failback);
    for line in format!("{config:#?}").lines().filter(|line| !plain.lines().any(|other| other == *line)) {
        text.push_str(line.trim());
        text.push('\n');
    }
    text
}
