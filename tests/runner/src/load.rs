//! Reading a scenario file: strictly, with an error that says where and what instead.

use std::path::Path;

use serde_json::{Map, Value};

use crate::json;
use crate::policy::{Policy, rule_of};
use crate::problem::{At, Problem, instead};
use crate::scenario::{Expect, Fresh, Op, Scenario, Step, When};
use crate::{config, input, schema};

/// The version of the format that is read.
pub const SCHEMA_VERSION: u64 = 1;

/// The largest number that every language holds exactly: 2^53 - 1.
const SAFE: u64 = (1 << 53) - 1;

/// Reads a file; `name` is its path from the scenarios folder.
pub fn load(path: &Path, name: &str, policy: &Policy) -> Result<Scenario, Problem> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| At::file(name).problem(format!("it cannot be read ({error}): give it as text in UTF-8")))?;
    parse(&text, name, policy)
}

/// Reads the text of a file.
pub fn parse(text: &str, name: &str, policy: &Policy) -> Result<Scenario, Problem> {
    let at = At::file(name);
    let value = json::parse(text).map_err(|error| at.problem(format!("it is not the JSON of a scenario: {error}")))?;
    let file = at.object(&value)?;
    version(&at, file)?;
    at.fields(
        file,
        &["schemaVersion", "description", "rules", "sentences", "source", "steps"],
        &["preset", "config", "seed", "statistics"],
    )?;
    let description = at.key("description").text(&file["description"])?.to_owned();
    let (rules, sentences) = proves(&at, file, policy)?;
    let source = source(&at.key("source"), &file["source"])?;
    let (preset, config) = configuration(&at, file)?;
    let statistics = match file.get("statistics") {
        Some(value) => Some(crate::stats::read(&at.key("statistics"), value)?),
        None => None,
    };
    let seed = match (file.get("seed"), &statistics) {
        (Some(seed), None) => at.key("seed").integer(seed, 0, SAFE)?,
        (Some(seed), Some(_)) if seed.as_u64() != Some(1) => {
            return Err(at.key("seed").wrong(
                seed,
                "seed for statistics",
                "they run from 1 on: write 1, or leave it out",
            ));
        }
        (_, Some(_)) => 1,
        (None, None) => return Err(at.key("seed").problem("the field \"seed\" is missing: add it")),
    };
    let mut scenario = Scenario {
        file: name.to_owned(),
        description,
        rules,
        sentences,
        source,
        preset,
        config,
        seed,
        steps: vec![],
        statistics,
    };
    let at = at.key("steps");
    for (index, step) in at.array(&file["steps"])?.iter().enumerate() {
        let step = self::step(&at.step(index), step, &scenario)?;
        scenario.steps.push(step);
    }
    if scenario.steps.is_empty() {
        return Err(at.problem("a scenario without a step shows nothing: add one"));
    }
    observable(&at, &scenario)?;
    Ok(scenario)
}

/// Looked at before anything else: a newer file may have fields that are unknown here.
pub(crate) fn version(at: &At<'_>, file: &Map<String, Value>) -> Result<(), Problem> {
    let at = at.key("schemaVersion");
    let Some(version) = file.get("schemaVersion") else {
        return Err(at.problem("the field \"schemaVersion\" is missing: add \"schemaVersion\": 1"));
    };
    match at.integer(version, 1, SAFE)? {
        SCHEMA_VERSION => Ok(()),
        newer => Err(at
            .problem(format!("the file has version {newer}, this runner reads {SCHEMA_VERSION}: take a newer runner"))),
    }
}

fn proves(at: &At<'_>, file: &Map<String, Value>, policy: &Policy) -> Result<(Vec<String>, Vec<String>), Problem> {
    let rules = texts(&at.key("rules"), &file["rules"])?;
    for (index, rule) in rules.iter().enumerate() {
        if !policy.has_rule(rule) {
            let known: Vec<&str> = policy.rules.iter().map(String::as_str).collect();
            let text = format!("the policy has no rule {rule:?}: {}", instead(rule, &known));
            return Err(at.key("rules").index(index).problem(text));
        }
    }
    let sentences = texts(&at.key("sentences"), &file["sentences"])?;
    for (index, id) in sentences.iter().enumerate() {
        let at = at.key("sentences").index(index);
        if policy.sentence(id).is_none() {
            let known = policy.sentences_of(rule_of(id));
            let remedy = if known.is_empty() {
                "write one as \"4.1a\"".to_owned()
            } else {
                format!("write one of {}", known.join(", "))
            };
            return Err(at.problem(format!("the policy has no sentence {id:?}: {remedy}")));
        }
        if !rules.iter().any(|rule| rule == rule_of(id)) {
            let rule = rule_of(id);
            return Err(at.problem(format!(
                "the sentence {id} belongs to rule {rule}, which the file does not list: add {rule:?} to \"rules\", or take the sentence out"
            )));
        }
    }
    Ok((rules, sentences))
}

/// A list of texts, none empty, none twice, at least one.
fn texts(at: &At<'_>, value: &Value) -> Result<Vec<String>, Problem> {
    let mut texts: Vec<String> = Vec::new();
    for (index, text) in at.array(value)?.iter().enumerate() {
        let text = at.index(index).text(text)?;
        if texts.iter().any(|other| other == text) {
            return Err(at.index(index).problem(format!("{text:?} is listed twice: remove one")));
        }
        texts.push(text.to_owned());
    }
    if texts.is_empty() { Err(at.problem("the list is empty: name at least one")) } else { Ok(texts) }
}

fn source(at: &At<'_>, value: &Value) -> Result<(String, String), Problem> {
    let object = at.object(value)?;
    at.fields(object, &["title", "section"], &[])?;
    let text = |key: &str| at.key(key).text(&object[key]).map(str::to_owned);
    Ok((text("title")?, text("section")?))
}

/// The preset's configuration, and the file's: that with its own laid over it.
fn configuration(at: &At<'_>, file: &Map<String, Value>) -> Result<(Value, Value), Problem> {
    let base = match file.get("preset") {
        Some(name) => {
            let name = at.key("preset").word(name, "preset", &config::presets())?;
            config::preset(name)
        }
        None => config::preset("default"),
    };
    let base =
        base.ok_or_else(|| at.key("preset").problem("the preset has no configuration: this is a fault of the runner"))?;
    let config = match file.get("config") {
        Some(over) => config::lay_over(&at.key("config"), &base, over)?,
        None => base.clone(),
    };
    Ok((base, config))
}

fn step(at: &At<'_>, value: &Value, file: &Scenario) -> Result<Step, Problem> {
    let object = at.object(value)?;
    let Some(op) = object.get("op") else {
        return Err(at.key("op").problem("the field \"op\" is missing: add it"));
    };
    let ops = ["step", "status", "snapshotRestore", "restart"];
    let op = at.key("op").word(op, "operation", &ops)?;
    let (required, optional): (&[&str], &[&str]) = match op {
        "step" if file.statistics.is_some() => (&["op", "atMs", "input"], &[]),
        "step" if object.contains_key("error") => (&["op", "atMs", "input", "error"], &[]),
        "step" if object.contains_key("hash") => (&["op", "atMs", "input", "hash"], &[]),
        "step" => (&["op", "atMs", "input", "wakeMs"], &["actions", "events"]),
        "status" if file.statistics.is_some() => {
            return Err(at.key("op").problem("a file with statistics compares counts only: remove the step"));
        }
        "status" => (&["op", "atMs", "expect"], &[]),
        "snapshotRestore" => (&["op", "atMs", "wallMs", "restoreAtMs", "restoreWallMs"], &["config", "seed", "error"]),
        _ => (&["op", "atMs"], &["config", "seed", "error"]),
    };
    at.fields(object, required, optional)?;
    let when = when(&at.key("atMs"), &object["atMs"], file.steps.is_empty())?;
    let number = |key: &str| at.key(key).integer(&object[key], 0, SAFE);
    let op = match op {
        "step" => Op::Step {
            input: input::read(&at.key("input"), &object["input"], &file.preset)?,
            expect: expect(at, object, file)?,
        },
        "status" => Op::Status { expect: status(&at.key("expect"), &object["expect"])? },
        "snapshotRestore" => Op::SnapshotRestore {
            wall: number("wallMs")?,
            restore_at: number("restoreAtMs")?,
            restore_wall: number("restoreWallMs")?,
            with: fresh(at, object, file)?,
        },
        _ => Op::Restart { with: fresh(at, object, file)? },
    };
    Ok(Step { at: when, op })
}

fn when(at: &At<'_>, value: &Value, first: bool) -> Result<When, Problem> {
    let when = match value {
        Value::String(word) if word == "wake" => When::Wake,
        Value::Object(object) => {
            at.fields(object, &["after"], &[])?;
            When::After(at.key("after").integer(&object["after"], 0, SAFE)?)
        }
        // Times beyond 2^53 - 1 are for the library to refuse.
        Value::Number(number) if number.is_u64() => When::At(number.as_u64().unwrap_or_default()),
        _ => return Err(at.wrong(value, "time", "write a number, \"wake\" or {\"after\":n}")),
    };
    match when {
        When::At(_) => Ok(when),
        _ if first => Err(at.wrong(value, "time for the first step", "write a number")),
        _ => Ok(when),
    }
}

fn expect(at: &At<'_>, step: &Map<String, Value>, file: &Scenario) -> Result<Expect, Problem> {
    if file.statistics.is_some() {
        return Ok(Expect::Anything);
    }
    if let Some(error) = step.get("error") {
        return Ok(Expect::Error(at.key("error").word(error, "error code", schema::ERRORS)?.to_owned()));
    }
    if let Some(hash) = step.get("hash") {
        let at = at.key("hash");
        let text = at.text(hash)?;
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 16 || !digits {
            return Err(at.wrong(hash, "trace hash", "write 16 hexadecimal digits, in small letters"));
        }
        return Ok(Expect::Hash(text.to_owned()));
    }
    let list = |key: &str, what: &str, shapes, common: &[&'static str]| -> Result<Option<Vec<Value>>, Problem> {
        let Some(value) = step.get(key) else { return Ok(None) };
        let at = at.key(key);
        for (index, item) in at.array(value)?.iter().enumerate() {
            schema::tagged(&at.index(index), item, what, shapes, common)?;
            schema::expected(&at.index(index), item)?;
        }
        Ok(Some(at.array(value)?.to_vec()))
    };
    schema::time(&at.key("wakeMs"), &step["wakeMs"])?;
    Ok(Expect::Output {
        actions: list("actions", "action", schema::ACTIONS, &[])?.unwrap_or_default(),
        wake: step["wakeMs"].clone(),
        events: list("events", "event", schema::EVENTS, &["rule"])?,
    })
}

fn status(at: &At<'_>, expect: &Value) -> Result<Value, Problem> {
    let object = at.object(expect)?;
    at.fields(object, &[], schema::STATUS)?;
    schema::expected(at, expect)?;
    if object.is_empty() {
        return Err(at.problem("nothing is compared: name at least one field of the status"));
    }
    Ok(expect.clone())
}

fn fresh(at: &At<'_>, step: &Map<String, Value>, file: &Scenario) -> Result<Fresh, Problem> {
    let config = match step.get("config") {
        Some(over) => config::lay_over(&at.key("config"), &file.config, over)?,
        None => file.config.clone(),
    };
    let seed = match step.get("seed") {
        Some(seed) => Some(at.key("seed").integer(seed, 0, SAFE)?),
        None => None,
    };
    let error = match step.get("error") {
        Some(error) => Some(at.key("error").word(error, "error code", schema::ERRORS)?.to_owned()),
        None => None,
    };
    Ok(Fresh { config, seed, error })
}

/// A file must compare something: a step that expects, a status, or statistics.
fn observable(at: &At<'_>, scenario: &Scenario) -> Result<(), Problem> {
    let compares = |step: &Step| match &step.op {
        Op::Step { .. } | Op::Status { .. } => true,
        Op::SnapshotRestore { with, .. } | Op::Restart { with } => with.error.is_some(),
    };
    if scenario.statistics.is_some() || scenario.steps.iter().any(compares) {
        return Ok(());
    }
    Err(at.problem("the file compares nothing: add a \"step\" or a \"status\""))
}
