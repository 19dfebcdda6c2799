//! What a configuration may say, and what follows from it: sections 1 and 3.2 of the policy as far as they need no time.

mod source;

use alloc::string::String;
use alloc::sync::Arc;

pub(crate) use self::source::{Name, SourcePlan, Static, source};
use crate::host::{address, check_host, lower_case, without_dot};
use crate::{Config, Error, FailbackEvery, Meaning, Site, TlsName};

const SECOND: u64 = 1000;
const HOUR: u64 = 3600 * SECOND;
const DAY: u64 = 24 * HOUR;

impl Config {
    /// Whether every value is in its range and there is somewhere to register to.
    ///
    /// # Errors
    /// [`Error::Config`] names the first field that cannot be used, its value, and what to write instead.
    pub fn validate(&self) -> Result<(), Error> {
        self.check_lookup()?;
        source(self)?;
        let name = set(self.domain.as_ref());
        if name.is_some_and(|name| !host_or_address(name)) {
            return Err(wrong("domain", name, "write a host name, as example.com"));
        }
        if let TlsName::Name(name) = &self.tls_name
            && !host_or_address(name.trim())
        {
            return Err(wrong("tlsName", Some(name), "write a host name, as example.com"));
        }
        let targets = u64::from(self.order.max_targets);
        within("order.maxTargets", targets, 1, 64, "use 1 to 64")?;
        self.check_rollover()?;
        self.check_refresh_and_failback()
    }

    fn check_lookup(&self) -> Result<(), Error> {
        let lookup = &self.lookup;
        within("lookup.timeoutMs", lookup.timeout.get(), 100, 60 * SECOND, "use 100 to 60000")?;
        at_most("lookup.candidates", lookup.candidates.len(), 16, "list at most 16")?;
        for candidate in &lookup.candidates {
            let labels = lower_case(candidate.trim());
            if self.transport.is_none() && source::known(&labels).is_none() {
                const REMEDY: &str = "use a name of rule 1.3, as _sips._tcp, or set transport as well";
                return Err(wrong("lookup.candidates", Some(candidate), REMEDY));
            }
            if check_host(&labels).is_some() {
                return Err(wrong("lookup.candidates", Some(candidate), "write it without the domain, as _sips._tcp"));
            }
        }
        if lookup.transports.is_empty() {
            return Err(wrong("lookup.transports", None, "list the transports that the host supports"));
        }
        at_most("lookup.transports", lookup.transports.len(), 6, "list each transport once")?;
        at_most("lookup.sites", lookup.sites.len(), 16, "list at most 16")?;
        for (place, site) in lookup.sites.iter().enumerate() {
            if set(Some(&site.name)).is_none() {
                return Err(wrong("lookup.sites", Some(&site.name), "give each site a name"));
            }
            if lookup.sites.iter().take(place).any(|other| same(&other.name, &site.name)) {
                return Err(wrong("lookup.sites", Some(&site.name), "give each site a name of its own"));
            }
            if site.hosts.is_empty() || site.hosts.len() > 16 {
                return Err(wrong("lookup.sites", Some(&site.name), "list 1 to 16 host patterns for it"));
            }
            for pattern in &site.hosts {
                // A letter at the end: so that 10.*.5 is not taken for an address.
                let plain = without_dot(pattern.trim()).replace(['*'], "x");
                let mut host = plain.clone();
                host.push('x');
                if plain.is_empty() || check_host(&host).is_some() && address(&plain).is_none() {
                    return Err(wrong("lookup.sites", Some(pattern), "write a host name; * stands for any characters"));
                }
            }
        }
        match set(lookup.pin_to_site.as_ref()) {
            Some(pin) if !lookup.sites.iter().any(|site| same(&site.name, pin)) => {
                Err(wrong("lookup.pinToSite", Some(pin), "name one of lookup.sites"))
            }
            _ => Ok(()),
        }
    }

    fn check_rollover(&self) -> Result<(), Error> {
        let rollover = &self.rollover;
        let failures = u64::from(rollover.failures_before_rollover);
        within("rollover.failuresBeforeRollover", failures, 1, 20, "use 1 to 20")?;
        let timeout = rollover.attempt_timeout.get();
        within("rollover.attemptTimeoutMs", timeout, SECOND, 64 * SECOND, "use 1000 to 64000")?;
        let interval = rollover.retry_interval.get();
        within("rollover.retryIntervalMs", interval, SECOND, 600 * SECOND, "use 1000 to 600000")?;
        let wait = rollover.round_wait_max.get();
        within("rollover.roundWaitMaxMs", wait, interval, HOUR, "use retryIntervalMs to 3600000")?;
        if let Some(retry) = rollover.rejected_retry {
            const REMEDY: &str = "use 30000 to 86400000, or null for never";
            within("rollover.rejectedRetryMs", retry.get(), 30 * SECOND, DAY, REMEDY)?;
        }
        within("rollover.recoverySpreadMs", rollover.recovery_spread.get(), 0, 60 * SECOND, "use 0 to 60000")?;
        within("rollover.startSpreadMs", rollover.start_spread.get(), 0, 600 * SECOND, "use 0 to 600000")?;
        at_most("rollover.outcomes", rollover.outcomes.len(), 64, "list at most 64")?;
        for (place, rule) in rollover.outcomes.iter().enumerate() {
            if !matches!(rule.code, 3..=6 | 300..=699) {
                let code = text(rule.code.into());
                return Err(wrong("rollover.outcomes", Some(&code), "use a code, 300 to 699, or a class, 3 to 6"));
            }
            if rollover.outcomes.iter().take(place).any(|other| other.code == rule.code) {
                return Err(wrong("rollover.outcomes", Some(&text(rule.code.into())), "list each code or class once"));
            }
        }
        Ok(())
    }

    fn check_refresh_and_failback(&self) -> Result<(), Error> {
        let refresh = &self.refresh;
        within("refresh.expires", u64::from(refresh.expires.get()), 10, 86_400, "use 10 to 86400")?;
        if let Some(interval) = refresh.interval {
            within("refresh.intervalMs", interval.get(), 5 * SECOND, DAY, "use 5000 to 86400000, or null")?;
        }
        within("refresh.timerSlackMs", refresh.timer_slack.get(), 0, 600 * SECOND, "use 0 to 600000")?;
        if let FailbackEvery::Millis(every) = self.failback.every {
            within("failback.every", every.get(), 30 * SECOND, DAY, "use 30000 to 86400000")?;
        }
        within("failback.holdOffMs", self.failback.hold_off.get(), 0, DAY, "use 0 to 86400000")
    }
}

/// The name a target's certificate must carry: the target's own host where the configuration says so, else the domain
/// (rule 1.6).
pub(crate) fn tls_name(config: &Config, tls_domain: &Arc<str>, host: &Arc<str>) -> Arc<str> {
    Arc::clone(if config.tls_name == TlsName::Target { host } else { tls_domain })
}

/// Whether both configurations register at the same place (rule 6.9): by what is in force, not by how it is written. An
/// outbound proxy that is not used, white space and case are no change.
pub(crate) fn same_place(a: &Config, b: &Config) -> bool {
    let (Ok(from), Ok(to)) = (source(a), source(b)) else { return false };
    let by_target = |config: &Config| config.tls_name == TlsName::Target;
    let pin = |config: &Config| set(config.lookup.pin_to_site.as_ref()).map(lower_case);
    let same_site = |(a, b): (&Site, &Site)| {
        let hosts = a.hosts.iter().zip(&b.hosts);
        same(&a.name, &b.name) && a.hosts.len() == b.hosts.len() && hosts.into_iter().all(|(a, b)| same(a, b))
    };
    let (sites, others) = (&a.lookup.sites, &b.lookup.sites);
    from == to
        && by_target(a) == by_target(b)
        && pin(a) == pin(b)
        && sites.len() == others.len()
        && sites.iter().zip(others).all(same_site)
}

/// The site that a host belongs to: the first with a pattern that matches (rule 1.7).
pub(crate) fn site_of<'a>(config: &'a Config, host: &str) -> Option<&'a Site> {
    let fits = |pattern: &String| matches(without_dot(pattern.trim()).as_bytes(), host.as_bytes());
    config.lookup.sites.iter().find(|site| site.hosts.iter().any(fits))
}

/// Whether targets of this site may be used (rule 1.7).
pub(crate) fn pinned(config: &Config, site: Option<&str>) -> bool {
    let pin = set(config.lookup.pin_to_site.as_ref());
    pin.is_none_or(|pin| site.is_some_and(|site| same(site, pin)))
}

/// What a final answer other than 2xx means (rule 3.2); a 423 is looked at by rule 3.5 before.
pub(crate) fn classify(config: &Config, code: u16) -> Meaning {
    let table = |wanted: u16| config.rollover.outcomes.iter().find(|rule| rule.code == wanted).map(|rule| rule.meaning);
    table(code).or_else(|| table(code / 100)).unwrap_or(match code {
        300..=399 | 408 | 429 | 430 | 439 | 480 | 494 | 500..=599 => Meaning::Failure,
        _ => Meaning::Rejection,
    })
}

/// The value without white space around it; none if nothing is left.
fn set(value: Option<&String>) -> Option<&str> {
    value.map(|text| text.trim()).filter(|text| !text.is_empty())
}

fn same(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

fn host_or_address(name: &str) -> bool {
    check_host(without_dot(name)).is_none() || address(name).is_some()
}

/// Whether a pattern fits, `*` standing for any run of characters; goes back to the last `*` only.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut place) = (0_usize, 0_usize);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(place) {
        match (pattern.get(at), star) {
            (Some(b'*'), _) => {
                star = Some((at.saturating_add(1), place));
                at = at.saturating_add(1);
            }
            (Some(expected), _) if expected.eq_ignore_ascii_case(byte) => {
                at = at.saturating_add(1);
                place = place.saturating_add(1);
            }
            (_, Some((after, from))) => {
                at = after;
                place = from.saturating_add(1);
                star = Some((after, place));
            }
            (_, None) => return false,
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

fn within(field: &'static str, value: u64, low: u64, high: u64, remedy: &'static str) -> Result<(), Error> {
    if (low..=high).contains(&value) { Ok(()) } else { Err(wrong(field, Some(&text(value)), remedy)) }
}

fn at_most(field: &'static str, count: usize, most: usize, remedy: &'static str) -> Result<(), Error> {
    if count <= most {
        Ok(())
    } else {
        Err(wrong(field, Some(&text(u64::try_from(count).unwrap_or(u64::MAX))), remedy))
    }
}

/// The number in digits, without the weight of `core::fmt`.
fn text(mut value: u64) -> String {
    let mut digits = alloc::vec::Vec::new();
    while value > 0 || digits.is_empty() {
        let digit = u8::try_from(value % 10).unwrap_or_default();
        digits.push(char::from(digit.saturating_add(b'0')));
        value /= 10;
    }
    digits.iter().rev().collect()
}

fn wrong(field: &'static str, value: Option<&str>, remedy: &'static str) -> Error {
    let value = value.map(str::trim).filter(|value| !value.is_empty()).unwrap_or("(blank)");
    // What would garble a log is shown as U+FFFD.
    let shown = value.chars().take(80).map(|letter| if letter.is_control() { '\u{fffd}' } else { letter });
    Error::Config { field, value: shown.collect(), remedy }
}

#[cfg(test)]
#[allow(clippy::disallowed_macros, clippy::disallowed_methods)]
mod tests {
    use super::*;
    use crate::{OutcomeRule, Preset};
    use alloc::vec::Vec;

    fn srv(record: &str) -> Config {
        Config { srv_record: Some(record.into()), ..Config::default() }
    }

    /// 3.2a, 3.2b.
    #[test]
    fn codes_mean_what_the_rule_says() {
        let config = Config::default();
        let failures: Vec<u16> = (300..700).filter(|code| classify(&config, *code) == Meaning::Failure).collect();
        let expected: Vec<u16> = (300..400).chain([408, 429, 430, 439, 480, 494]).chain(500..600).collect();
        assert_eq!(failures, expected);
        assert_eq!(classify(&config, 999), Meaning::Rejection);
    }

    /// 3.2c.
    #[test]
    fn the_table_goes_before_the_rule_and_a_code_before_its_class() {
        assert!((300..700).all(|code| classify(&Preset::Xima.config(), code) == Meaning::Failure));
        let mut config = Config::default();
        let rule = |code, meaning| OutcomeRule { code, meaning };
        config.rollover.outcomes = Vec::from([rule(4, Meaning::Failure), rule(403, Meaning::Rejection)]);
        assert_eq!(classify(&config, 404), Meaning::Failure);
        assert_eq!(classify(&config, 403), Meaning::Rejection);
        assert_eq!(classify(&config, 600), Meaning::Rejection);
    }

    /// 1.7a.
    #[test]
    fn sites_are_found_by_pattern() {
        let fits = |pattern: &str, host: &str| {
            let mut config = Config::default();
            config.lookup.sites.push(Site { name: "one".into(), hosts: Vec::from([pattern.into()]) });
            site_of(&config, host).is_some()
        };
        for (pattern, host) in [
            ("*", "a"),
            ("*.DC1.example.test.", "a.b.dc1.example.test"),
            ("sbc*-a.*.test", "sbc12-a.x-a.test"),
            ("10.*.5", "10.1.2.5"),
            ("a**b", "ab"),
            ("ab*ab", "abab"),
        ] {
            assert!(fits(pattern, host), "{pattern} {host}");
        }
        for (pattern, host) in [("*.dc1.test", "dc1.test"), ("a", "ab"), ("ab*ab", "aba"), ("a*b", "a"), ("a", "")] {
            assert!(!fits(pattern, host), "{pattern} {host}");
        }
        let long: String = "a*".repeat(120) + "b";
        assert!(!fits(&long, &"a".repeat(253)));
    }

    /// 1.7b.
    #[test]
    fn a_pin_takes_its_site_only() {
        let mut config = Config::default();
        assert!(pinned(&config, None) && pinned(&config, Some("one")));
        config.lookup.pin_to_site = Some(" One".into());
        assert!(pinned(&config, Some("one")) && !pinned(&config, Some("two")) && !pinned(&config, None));
    }

    /// 6.9b.
    #[test]
    fn a_place_is_what_is_in_force() {
        let base = srv("_sip._udp.example.test");
        let moved = |change: fn(&mut Config)| {
            let mut config = base.clone();
            change(&mut config);
            !same_place(&base, &config)
        };
        assert!(!moved(|config| config.srv_record = Some(" _SIP._udp.Example.test. ".into())));
        assert!(!moved(|config| config.outbound_proxy = Some("unused.example.test".into())));
        assert!(!moved(|config| config.rollover.failures_before_rollover = 5));
        assert!(!moved(|config| config.lookup.pin_to_site = Some(" ".into())));
        assert!(moved(|config| config.srv_record = Some("_sip._tcp.example.test".into())));
        assert!(moved(|config| config.srv_record = Some(String::new())));
        assert!(moved(|config| config.tls_name = TlsName::Target));
        assert!(moved(|config| config.tls_name = TlsName::Name("sip.example.test".into())));
        assert!(moved(|config| config.lookup.pin_to_site = Some("one".into())));
        assert!(moved(|config| {
            config.srv_record = None;
            config.outbound_proxy = Some("a.example.test".into());
        }));
    }

    /// 6.9b: sites are part of the place.
    #[test]
    fn another_site_is_another_place() {
        let sited = |name: &str, hosts: &[&str]| {
            let mut config = srv("_sip._udp.example.test");
            config
                .lookup
                .sites
                .push(Site { name: name.into(), hosts: hosts.iter().map(|host| (*host).into()).collect() });
            config
        };
        let base = sited("one", &["a.test", "b.test"]);
        assert!(same_place(&base, &sited(" ONE", &["A.test", "b.test "])));
        assert!(!same_place(&base, &sited("two", &["a.test", "b.test"])));
        assert!(!same_place(&base, &sited("one", &["a.test", "c.test"])));
        assert!(!same_place(&base, &sited("one", &["a.test"])));
        assert!(!same_place(&base, &srv("_sip._udp.example.test")));
    }
}
