//! What is thrown: field, value and remedy, and nothing has changed.

use rehome::{LookupKind, Meaning, Selection};

use super::across;
use crate::{
    Answer, Config, Decoded, FailbackEvery, Input, Outcome, OutcomeRule, Registration, RehomeError, SrvRecord,
    check_config, config_from_json, decode_answer, encode_question, order_draw, order_normalise, order_shares, preset,
};

fn phone() -> std::sync::Arc<Registration> {
    let config = Config { srv_record: Some("_sip._udp.example.com".into()), ..Config::default() };
    Registration::new(config, -1).unwrap()
}

fn record(port: i32) -> SrvRecord {
    SrvRecord { priority: 10, weight: 5, port, target: "a.example.com".into() }
}

fn text<T: std::fmt::Debug>(result: Result<T, RehomeError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn configurations() {
    let wrong = |change: fn(&mut Config)| {
        let mut config = Config { srv_record: Some("_sip._udp.example.com".into()), ..Config::default() };
        change(&mut config);
        let error = check_config(across(config.clone())).unwrap_err();
        assert!(matches!(error, RehomeError::Config(_)), "{error:?}");
        assert_eq!(Registration::new(config.clone(), 1).unwrap_err(), error);
        // The same inside an input.
        assert_eq!(phone().step(Input::Configure { config }, 0).unwrap_err(), error);
        error.to_string()
    };
    assert_eq!(
        wrong(|config| config.rollover.failures_before_rollover = 0),
        "rollover.failuresBeforeRollover: 0 cannot be used: use 1 to 20"
    );
    assert_eq!(
        wrong(|config| config.rollover.failures_before_rollover = 300),
        "rollover.failuresBeforeRollover: 300 cannot be used: use 1 to 20"
    );
    assert_eq!(
        wrong(|config| config.failback.every = Some(FailbackEvery::Millis { ms: -1 })),
        "failback.every.ms: -1 cannot be used: use 30000 to 86400000"
    );
    assert_eq!(
        wrong(|config| config.rollover.outcomes = vec![OutcomeRule { code: -1, meaning: Meaning::Failure }]),
        "rollover.outcomes[0].code: -1 cannot be used: use a code, 300 to 699, or a class, 3 to 6"
    );
    assert_eq!(
        wrong(|config| config.lookup.transports = Some(vec![])),
        "lookup.transports: (blank) cannot be used: list the transports that the host supports"
    );
    let text = text(Registration::new(Config::default(), 1));
    assert!(text.starts_with("srvRecord: (blank) cannot be used: "), "{text}");
}

/// The remedy is the range that the core itself names, whether a number is out of that or of what can cross at all.
#[test]
fn each_number_has_its_own_range() {
    type Change = fn(&mut Config, i64);
    let settings: [(&str, Change); 13] = [
        ("lookup.timeoutMs", |config, number| config.lookup.timeout = number),
        ("order.maxTargets", |config, number| config.order.max_targets = small(number)),
        ("rollover.failuresBeforeRollover", |config, number| config.rollover.failures_before_rollover = small(number)),
        ("rollover.attemptTimeoutMs", |config, number| config.rollover.attempt_timeout = number),
        ("rollover.retryIntervalMs", |config, number| config.rollover.retry_interval = number),
        ("rollover.roundWaitMaxMs", |config, number| config.rollover.round_wait_max = number),
        ("rollover.rejectedRetryMs", |config, number| config.rollover.rejected_retry = Some(number)),
        ("rollover.recoverySpreadMs", |config, number| config.rollover.recovery_spread = number),
        ("rollover.startSpreadMs", |config, number| config.rollover.start_spread = number),
        ("refresh.expires", |config, number| config.refresh.expires = number),
        ("refresh.intervalMs", |config, number| config.refresh.interval = Some(number)),
        ("refresh.timerSlackMs", |config, number| config.refresh.timer_slack = number),
        ("failback.holdOffMs", |config, number| config.failback.hold_off = number),
    ];
    for (field, change) in settings {
        let remedy = |number| {
            let mut config = Config { srv_record: Some("_sip._udp.example.com".into()), ..Config::default() };
            change(&mut config, number);
            let text = text(check_config(config));
            let remedy = text.strip_prefix(&format!("{field}: {number} cannot be used: use "));
            remedy.unwrap_or_else(|| panic!("{text}")).to_owned()
        };
        // 200 targets and an hour more than a day of anything can cross: that the core refuses by itself.
        let most = if field.starts_with("order") || field.contains("failures") { 200 } else { 90_000_000 };
        assert_eq!(remedy(-1), remedy(most), "{field}");
        let (group, name) = field.split_once('.').unwrap();
        let json = text(config_from_json(&format!(r#"{{"{group}":{{"{name}":-1}}}}"#), None));
        assert!(json.contains(&format!("expected a whole number: use {} at line 1", remedy(-1))), "{json}");
    }
}

fn small(number: i64) -> i32 {
    i32::try_from(number).unwrap()
}

#[test]
fn configurations_from_json() {
    let wrong = |json: &str| {
        let error = config_from_json(json, None).unwrap_err();
        assert!(matches!(error, RehomeError::Config(_)), "{error:?}");
        error.to_string()
    };
    let unknown = wrong(r#"{"rollover":{"failures":3}}"#);
    assert!(
        unknown.starts_with("rollover.failures: unknown field `failures`, expected one of `failuresBeforeRollover`, "),
        "{unknown}"
    );
    assert_eq!(
        wrong(r#"{"rollover":{"failuresBeforeRollover":300}}"#),
        "rollover.failuresBeforeRollover: invalid value: integer `300`, expected a whole number: use 1 to 20 at \
         line 1 column 41"
    );
    assert_eq!(
        wrong(r#"{"order":{"selection":"best"}}"#),
        "order.selection: unknown variant `best`, expected one of `weighted`, `rfc2782`, `highestWeight` at line 1 \
         column 28"
    );
    assert_eq!(
        wrong(r#"{"lookup":{"sites":[{"name":"a","hosts":7}]}}"#),
        "lookup.sites[0].hosts: invalid type: integer `7`, expected a list at line 1 column 41"
    );
    assert_eq!(
        wrong(r#"{"order":{"maxTargets":1,"maxTargets":2}}"#),
        "order: duplicate field `maxTargets` at line 1 column 37"
    );
    assert_eq!(wrong("[]"), "config: a list cannot be used: write an object");
    assert_eq!(wrong(r#"{"order":["weighted"]}"#), "order: a list cannot be used: write an object");
    assert_eq!(wrong(r#"{"lookup":null}"#), "lookup: invalid type: null, expected an object at line 1 column 14");
    assert!(wrong("{").starts_with("config: EOF while parsing"));
    assert!(wrong(r#"{"order":{"#).starts_with("order: EOF while parsing"));
    assert!(wrong("{} {}").starts_with("config: trailing characters"));
    assert_eq!(
        text(config_from_json("{}", Some("polycom".into()))),
        "there is no preset \"polycom\": use default, xima, tpi, genesys, broadworks, rfc3263"
    );
    assert!(matches!(preset("Xima"), Err(RehomeError::UnknownPreset(_))));
}

#[test]
fn steps() {
    let phone = phone();
    phone.step(Input::Start, 0).unwrap();
    let before = phone.snapshot(0, 0);
    let wrong = |input, now| {
        let error = phone.step(across(input), now).unwrap_err();
        assert_eq!(phone.snapshot(0, 0), before);
        error
    };
    let answer = |id, answer| Input::Answer { id, answer };
    let accepted = || Outcome::Accepted { expires: Some(60) };
    for (input, now, expected) in [
        (
            Input::Wake,
            -1,
            RehomeError::TimeOutOfRange("time -1 ms is out of range: use milliseconds from 0 to 2^53 - 1".into()),
        ),
        (
            Input::Wake,
            1 << 53,
            RehomeError::TimeOutOfRange(
                "time 9007199254740992 ms is out of range: use milliseconds from 0 to 2^53 - 1".into(),
            ),
        ),
        (
            Input::Outcome { id: 1, outcome: accepted() },
            0,
            RehomeError::WrongKind(
                "id 1 is of another kind: answers belong to lookups, outcomes to registers and unregisters".into(),
            ),
        ),
        (
            answer(7, Answer::NoName { ttl: None }),
            0,
            RehomeError::UnknownId(
                "id 7 was never given out: hand back the id of the lookup, register or unregister action".into(),
            ),
        ),
        (
            answer(-7, Answer::NoName { ttl: None }),
            0,
            RehomeError::UnknownId(
                "id -7 was never given out: hand back the id of the lookup, register or unregister action".into(),
            ),
        ),
        (
            Input::FlowLost { target: 1 << 40 },
            0,
            RehomeError::UnknownTarget(
                "target 1099511627776 never was: hand back the target of an action or of the status".into(),
            ),
        ),
        (
            answer(1, Answer::Srv { records: vec![record(5060), record(65536)], ttl: 60 }),
            0,
            RehomeError::InvalidInput("answer.records[1].port: 65536 cannot be used: use 0 to 65535".into()),
        ),
        (
            answer(1, Answer::Srv { records: vec![], ttl: -60 }),
            0,
            RehomeError::InvalidInput("answer.ttl: -60 cannot be used: write seconds, 0 or more".into()),
        ),
        (
            answer(1, Answer::Addresses { addresses: vec!["fe80::1%wlan0".into()], ttl: 60 }),
            0,
            RehomeError::InvalidInput(
                "answer.addresses[0]: \"fe80::1%wlan0\" cannot be used: write an IPv4 or IPv6 address, without brackets \
                 or zone"
                    .into(),
            ),
        ),
        (
            Input::Refreshed { outcome: Outcome::Status { code: 100, retry_after: None, min_expires: Some(-1) } },
            0,
            RehomeError::InvalidInput("outcome.minExpires: -1 cannot be used: write seconds, 0 or more".into()),
        ),
        (
            Input::Refreshed { outcome: Outcome::Status { code: 100, retry_after: None, min_expires: None } },
            0,
            RehomeError::NotFinal(
                "status 100 is not a final answer: hand in the final one (200 to 699) that follows".into(),
            ),
        ),
    ] {
        assert_eq!(wrong(input, now), expected);
    }
    assert_eq!(phone.target(-1), None);
    assert_eq!(phone.status(-1), phone.status(0));
    assert_eq!(phone.snapshot(-1, -1), phone.snapshot(0, 0));
}

/// What a server says is taken as it is, however much it is.
#[test]
fn seconds_have_no_end() {
    let phone = phone();
    phone.step(Input::Start, 0).unwrap();
    phone.step(Input::Answer { id: 1, answer: Answer::Srv { records: vec![record(5060)], ttl: i64::MAX } }, 0).unwrap();
    let outcome = Outcome::Status { code: 503, retry_after: Some(i64::MAX), min_expires: None };
    phone.step(Input::Outcome { id: 2, outcome }, 0).unwrap();
}

#[test]
fn snapshots() {
    let config = || Config { srv_record: Some("_sip._udp.example.com".into()), ..Config::default() };
    let snapshot = phone().snapshot(0, 0);
    assert!(Registration::restore(config(), 1, snapshot.clone(), 0, 0).is_ok());
    let half = snapshot[..snapshot.len() / 2].to_vec();
    let error = Registration::restore(config(), 1, half, 0, 0).unwrap_err();
    assert!(matches!(&error, RehomeError::Snapshot(text) if text.contains("start afresh")), "{error:?}");
    // The first byte is the version that wrote it.
    let (mut newer, supported) = (snapshot.clone(), snapshot[0]);
    newer[0] = 200;
    let error = Registration::restore(config(), 1, newer, 0, 0).unwrap_err();
    assert_eq!(
        error,
        RehomeError::SnapshotVersion(format!(
            "the snapshot has version 200, this library reads up to {supported}: start afresh, or update"
        ))
    );
}

#[test]
fn dns() {
    let question = encode_question("_sip._udp.example.com", LookupKind::Srv, 7).unwrap();
    let decode = |message, id| decode_answer(message, "_sip._udp.example.com", LookupKind::Srv, id);
    assert!(matches!(decode(question.clone(), None), Err(RehomeError::DnsPacket(_))));
    let mut answer = question;
    answer[2] |= 0x80;
    answer[3] = 3;
    assert_eq!(decode(answer.clone(), Some(7)).unwrap(), Decoded::Answer { answer: Answer::NoName { ttl: None } });
    assert_eq!(text(decode(answer.clone(), Some(8))), "the packet answers question 7, not 8: ignore it");
    assert_eq!(text(decode(answer.clone(), Some(-8))), "id: -8 cannot be used: use 0 to 65535");
    answer[2] |= 0x02;
    assert_eq!(decode(answer, None).unwrap(), Decoded::Truncated);
    assert!(matches!(encode_question("a..b", LookupKind::A, 0), Err(RehomeError::DnsName(_))));
}

#[test]
fn order() {
    let records =
        vec![record(5060), record(0), SrvRecord { weight: 15, target: "B.example.com.".into(), ..record(5060) }];
    let clean = across(order_normalise(records.clone()).unwrap());
    assert_eq!(
        clean.set.iter().map(|candidate| &*candidate.host).collect::<Vec<_>>(),
        ["a.example.com", "b.example.com"]
    );
    assert_eq!((clean.dropped.len(), clean.dropped[0].index, clean.not_offered), (1, 1, false));
    let shares = across(order_shares(records.clone(), Selection::Weighted).unwrap());
    assert_eq!(
        shares.iter().map(|share| (share.numerator, share.denominator)).collect::<Vec<_>>(),
        [(5, 20), (15, 20)]
    );
    let drawn = order_draw(records.clone(), Selection::HighestWeight, -1, 1).unwrap();
    assert_eq!(drawn, [clean.set[1].clone()]);
    assert_eq!(text(order_draw(records, Selection::Weighted, 1, -1)), "maxTargets: -1 cannot be used: use 0 to 255");
    assert_eq!(text(order_normalise(vec![record(-1)])), "records[0].port: -1 cannot be used: use 0 to 65535");
}
