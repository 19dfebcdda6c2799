//! Configurations from and to JSON, for provisioning systems and test runners.

use serde_json::Value;

use crate::mirror::{At, In, Out};
use crate::presets::named;
use crate::{Config, RehomeError, range};

/// A configuration from JSON, as `{"srvRecord":"_sip._udp.example.com","order":{"maxTargets":2}}`.
///
/// It is laid over the preset of that name (none is `default`), object by object; anything else, lists and `null` too,
/// replaces what was there. A field that does not exist, a field given twice and a value of a wrong type throw, and the
/// message begins with the field. Ranges are checked by `checkConfig`, or when a registration is made of it.
#[uniffi::export(default(preset = None))]
pub fn config_from_json(json: &str, preset: Option<String>) -> Result<Config, RehomeError> {
    let base = named(preset.as_deref().unwrap_or("default"))?.config();
    // First the text by itself: what is wrong in it is found with its place.
    read(&mut serde_json::Deserializer::from_str(json))?;
    let over: Value = serde_json::from_str(json).map_err(|error| wrong("", &error))?;
    let base = serde_json::to_value(base).map_err(|error| wrong("", &error))?;
    Ok(Config::out(&read(lay_over("", base, over)?)?, None))
}

/// The whole of a configuration as JSON: every field, the defaults too.
#[uniffi::export]
pub fn config_to_json(config: Config) -> Result<String, RehomeError> {
    let config: rehome::Config = config.into_core(&At::CONFIGURATION)?;
    serde_json::to_string(&config).map_err(|error| wrong("", &error))
}

/// Throws what a registration would: the first field that cannot be used, with its value and what to write instead.
#[uniffi::export]
pub fn check_config(config: Config) -> Result<(), RehomeError> {
    let config: rehome::Config = config.into_core(&At::CONFIGURATION)?;
    Ok(config.validate()?)
}

fn read<'de, D>(json: D) -> Result<rehome::Config, RehomeError>
where
    D: serde::Deserializer<'de, Error = serde_json::Error>,
{
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        wrong(&path, error.inner())
    })
}

/// serde_json names the value, and what was expected; the rest is for people who do not write Rust.
fn wrong(path: &str, error: &serde_json::Error) -> RehomeError {
    // A text that breaks off leaves a `?` behind.
    let path = path.trim_end_matches(['.', '?']);
    let field = if path.is_empty() { "config" } else { path };
    let mut text = error.to_string();
    let number = range::remedy(path).map_or("a whole number".into(), |remedy| format!("a whole number: {remedy}"));
    for (rust, words) in
        [("u8", &*number), ("u16", &number), ("u32", &number), ("u64", &number), ("a sequence", "a list")]
    {
        if let Some((before, after)) = text.split_once(&format!("expected {rust}"))
            && !after.starts_with(|next: char| next.is_ascii_alphanumeric())
        {
            text = format!("{before}expected {words}{after}");
        }
    }
    if let Some((before, after)) = text.split_once("expected struct ") {
        let after = after.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric());
        text = format!("{before}expected an object{after}");
    }
    RehomeError::Config(format!("{field}: {text}"))
}

/// Serde would take a list for an object, field by field.
fn lay_over(path: &str, base: Value, over: Value) -> Result<Value, RehomeError> {
    match (base, over) {
        (Value::Object(mut base), Value::Object(over)) => {
            for (key, value) in over {
                let laid = match base.remove(&key) {
                    Some(below) => {
                        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                        lay_over(&path, below, value)?
                    }
                    None => value,
                };
                base.insert(key, laid);
            }
            Ok(Value::Object(base))
        }
        (Value::Object(_), _) => {
            let field = if path.is_empty() { "config" } else { path };
            Err(RehomeError::Config(format!("{field}: a list cannot be used: write an object")))
        }
        (_, over) => Ok(over),
    }
}
