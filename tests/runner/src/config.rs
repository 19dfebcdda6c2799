//! Configurations: presets, and what a file lays over them.

use rehome::{Config, Preset};
use serde_json::Value;

use crate::json;
use crate::problem::{At, Problem, instead};

/// Names of the presets.
pub(crate) fn presets() -> Vec<&'static str> {
    Preset::ALL.iter().map(|preset| preset.name()).collect()
}

/// A preset's configuration as JSON.
pub(crate) fn preset(name: &str) -> Option<Value> {
    serde_json::to_value(Preset::from_name(name)?.config()).ok()
}

/// Lays what a file says over a configuration, and checks names and types; ranges are the core's to check.
pub(crate) fn lay_over(at: &At<'_>, base: &Value, over: &Value) -> Result<Value, Problem> {
    at.object(over)?;
    names(at, over, &serde_json::to_value(Config::default()).unwrap_or_default())?;
    types(at, base, over, &|leaf| json::lay_over(base, &leaf))?;
    Ok(json::lay_over(base, over))
}

/// Refuses names that a configuration does not have.
fn names(at: &At<'_>, over: &Value, known: &Value) -> Result<(), Problem> {
    let (Value::Object(over), Value::Object(known)) = (over, known) else { return Ok(()) };
    for (key, value) in over {
        let Some(known) = known.get(key) else {
            let keys: Vec<&str> = known.keys().map(String::as_str).collect();
            let text = format!("the configuration has no field {key:?}: {}", instead(key, &keys));
            return Err(at.key(key).problem(text));
        };
        names(&at.key(key), value, known)?;
    }
    Ok(())
}

/// Tries each value alone, so that the message can say which one is of a wrong type.
fn types(at: &At<'_>, base: &Value, over: &Value, whole: &dyn Fn(Value) -> Value) -> Result<(), Problem> {
    if let (Value::Object(base), Value::Object(over)) = (base, over) {
        for (key, value) in over {
            let below = base.get(key).unwrap_or(&Value::Null);
            let nested = |leaf: Value| whole(Value::Object([(key.clone(), leaf)].into_iter().collect()));
            types(&at.key(key), below, value, &nested)?;
        }
        return Ok(());
    }
    match serde_json::from_value::<Config>(whole(over.clone())) {
        Ok(_) => Ok(()),
        Err(error) => Err(at.wrong(over, "value for this field", &error.to_string())),
    }
}
