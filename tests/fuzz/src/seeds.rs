//! The seed corpus, made from the scenario files: `cargo run -p rehome-fuzz` writes it anew.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rehome::wire::encode_question;
use rehome::{Input, Registration, Time, WallClock};
use rehome_runner::{Op, Policy, Scenario, When, open, own_folder};
use serde_json::Value;

use crate::dns::{KINDS, NAME};
use crate::inputs::HOSTS;
use crate::phone::Phone;
use crate::snapshots::configuration;

/// Every so many scenario files give a seed: enough for each kind of input, and small.
const EVERY: usize = 4;

/// Where the seeds lie: a folder for each target.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Writes all seeds and says how many octets they are.
pub fn write() -> Result<usize> {
    let suite = open(&own_folder(), &Policy::own()?)?;
    let mut octets = 0;
    let mut put = |target: &str, name: &str, bytes: &[u8]| -> Result<()> {
        let place = folder().join(target);
        fs::create_dir_all(&place)?;
        octets += bytes.len();
        fs::write(place.join(name), bytes).with_context(|| format!("{target}/{name} cannot be written"))
    };
    for (number, scenario) in suite.scenarios.iter().enumerate() {
        let name = scenario.file.replace('/', "-").replace(".json", "");
        if number % EVERY == 0 && scenario.statistics.is_none() {
            put("steps", &name, &steps(scenario))?;
        }
        if number % (EVERY * 4) == 0 {
            put("configuration", &name, serde_json::to_string(&scenario.config)?.as_bytes())?;
            let text = fs::read_to_string(own_folder().join(&scenario.file))?;
            put("scenarios", &name, serde_json::to_string(&serde_json::from_str::<Value>(&text)?)?.as_bytes())?;
        }
    }
    for (name, bytes) in messages()? {
        put("dns", &name, &bytes)?;
    }
    for (name, bytes) in snapshots() {
        put("snapshots", &name, &bytes)?;
    }
    Ok(octets)
}

/// A scenario's inputs in the octets of the target; its configuration is the default.
fn steps(scenario: &Scenario) -> Vec<u8> {
    let mut out = vec![0, 0, scenario.seed as u8];
    let mut now = 0_u64;
    for step in &scenario.steps {
        let input = match &step.op {
            Op::Step { input, .. } => input.clone(),
            Op::SnapshotRestore { .. } => serde_json::json!({ "type": "restore" }),
            Op::Status { .. } | Op::Restart { .. } => continue,
        };
        match step.at {
            When::Wake => out.push(0),
            When::After(span) => {
                out.push(3);
                out.extend((span as u32).to_le_bytes());
            }
            When::At(at) => {
                out.push(3);
                out.extend((at.saturating_sub(now) as u32).to_le_bytes());
                now = at;
            }
        }
        self::input(&input, &mut out);
    }
    out
}

fn input(input: &Value, out: &mut Vec<u8>) {
    const KINDS: [&str; 16] = [
        "wake",
        "start",
        "stop",
        "agentLogin",
        "tryPrimary",
        "networkDown",
        "networkChanged",
        "resumed",
        "busy",
        "idle",
        "configure",
        "flowLost",
        "answer",
        "outcome",
        "refreshed",
        "restore",
    ];
    let kind = KINDS.iter().position(|kind| input["type"] == *kind).unwrap_or(0) as u8;
    out.push(kind);
    match kind {
        10 => out.extend([0, 0]),
        11 => out.push(1),
        12 => {
            out.push(7 + input["id"].as_u64().unwrap_or(0).min(248) as u8);
            answer(&input["answer"], out);
        }
        13 => {
            out.push(7 + input["id"].as_u64().unwrap_or(0).min(248) as u8);
            outcome(&input["outcome"], out);
        }
        14 => outcome(&input["outcome"], out),
        15 => out.extend(5_000_u32.to_le_bytes()),
        _ => {}
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

fn option(value: &Value, out: &mut Vec<u8>) {
    match value.as_u64() {
        None => out.push(0),
        Some(some) => {
            out.push(1);
            out.extend((some as u32).to_le_bytes());
        }
    }
}

fn answer(answer: &Value, out: &mut Vec<u8>) {
    out.extend((number(&answer["ttl"]) as u32).to_le_bytes());
    match answer["type"].as_str() {
        Some("srv") => {
            out.push(0);
            let records: Vec<&str> =
                answer["records"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            out.push(records.len().min(40) as u8);
            for record in records.iter().take(40) {
                let mut parts = record.splitn(4, ' ');
                let mut next = || parts.next().unwrap_or_default();
                let (priority, weight, port) = (next(), next(), next());
                out.push(priority.parse::<u16>().unwrap_or(0) as u8);
                out.extend(weight.parse::<u16>().unwrap_or(0).to_le_bytes());
                out.extend(port.parse::<u16>().unwrap_or(0).to_le_bytes());
                let target = next();
                // Names are not what a scenario of steps is about: the first letter tells them apart.
                let first = target.bytes().next().unwrap_or(b'a');
                let known = HOSTS.iter().position(|host| *host == target).unwrap_or(usize::from(first) % 5);
                out.push(known as u8);
            }
        }
        Some("noName") => {
            out.push(2);
            option(&answer["ttl"], out);
        }
        Some("noData") => {
            out.push(3);
            option(&answer["ttl"], out);
        }
        Some("addresses") => out.extend([1, 2, 0, 1, 0, 2]),
        _ => out.extend([4, 1]),
    }
}

fn outcome(outcome: &Value, out: &mut Vec<u8>) {
    match outcome["type"].as_str() {
        Some("accepted") => {
            out.push(0);
            option(&outcome["expires"], out);
        }
        Some("status") => {
            out.push(1);
            out.extend((number(&outcome["code"]) as u16).to_le_bytes());
            option(&outcome["retryAfter"], out);
            option(&outcome["minExpires"], out);
        }
        Some("unreachable") => out.extend([2, 0]),
        Some("noAddress") => out.push(3),
        _ => out.push(4),
    }
}

/// A question, and answers to it with records, an alias, and none.
fn messages() -> Result<Vec<(String, Vec<u8>)>> {
    const OWNER: [u8; 2] = [0xC0, 12];
    let mut messages = Vec::new();
    for (at, (kind, (number, data))) in KINDS
        .into_iter()
        .zip([(33, &b"\0\x01\0\x3c\x13\xc4\x01a\xC0\x16"[..]), (1, &[192, 0, 2, 1]), (28, &[0x20; 16])])
        .enumerate()
    {
        let record = |number: u16, data: &[u8]| {
            let length = (data.len() as u16).to_be_bytes();
            [&OWNER[..], &number.to_be_bytes(), &[0, 1, 0, 0, 1, 44], &length, data].concat()
        };
        let mut question = Vec::new();
        encode_question(NAME, kind, 0x1234, &mut question)?;
        messages.push((format!("{kind:?}-question"), [&[at as u8][..], &question].concat()));
        let code = |name: &str| format!("{kind:?}-{name}");
        let head = |answers: u8, rcode: u8| vec![0x81 + [2, 0, 1][at], 0x80 | rcode, answers, 0, 0];
        messages.push((code("one"), [head(1, 0), record(number, data)].concat()));
        messages.push((code("two"), [head(2, 0), record(number, data), record(number, data)].concat()));
        messages.push((code("alias"), [head(1, 0), record(5, b"\x01b\xC0\x16")].concat()));
        messages.push((code("nxdomain"), head(0, 3)));
    }
    Ok(messages)
}

/// Snapshots of a phone on its way, without their checksum.
fn snapshots() -> Vec<(String, Vec<u8>)> {
    let mut taken = Vec::new();
    for which in 0..2_u8 {
        let mut phone =
            Phone::new(Registration::new(configuration(which), 7).expect("a good configuration"), 1_000_000);
        phone.hand_in(Input::Start, 1_000_000);
        for step in 0..14 {
            let (now, wall) = (Time::from_millis(phone.now), WallClock::from_millis(1_700_000_000_000));
            let bytes = phone.registration.snapshot(now, wall).into_bytes();
            let body = &bytes[..bytes.len() - 8];
            let length = (body.len() as u16).to_le_bytes();
            taken.push((format!("{which}-{step}"), [&[which, 1][..], &length, body, &[0, 0, 0, 0]].concat()));
            next(&mut phone, step);
        }
    }
    taken
}

/// The host's next deed: answers, a failure now and then.
fn next(phone: &mut Phone, step: u32) {
    use rehome::{Answer, LookupKind, Outcome, Seconds, SrvRecord};
    let now = phone.now + 10;
    if let Some(id) = phone.flight {
        let failed = Outcome::Status { code: 503, retry_after: Some(Seconds::new(60)), min_expires: None };
        let accepted = Outcome::Accepted { expires: Some(Seconds::new(3600)) };
        phone.hand_in(Input::Outcome { id, outcome: if step.is_multiple_of(3) { failed } else { accepted } }, now);
    } else if let Some((id, kind)) = phone.lookups.first().copied() {
        let record = |priority, target: &str| SrvRecord { priority, weight: 1, port: 5060, target: target.into() };
        let ttl = Seconds::new(300);
        let answer = match kind {
            LookupKind::Srv => Answer::Srv { records: vec![record(1, HOSTS[0]), record(2, HOSTS[3])], ttl },
            LookupKind::A => Answer::Addresses { addresses: vec![[192, 0, 2, 1].into()], ttl },
            LookupKind::Aaaa => Answer::NoData { ttl: None },
        };
        phone.hand_in(Input::Answer { id, answer }, now);
    } else {
        let wake = phone.step.wake.map_or(now, Time::as_millis);
        phone.hand_in(if step == 9 { Input::AgentLogin } else { Input::Wake }, wake);
    }
}
