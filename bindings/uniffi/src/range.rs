//! What a setting's number may be: asked of the core by one that cannot be, so that it is said in one place.

use serde_json::{Value, json};

/// The largest number of each width: beyond the range of every setting.
const BEYOND: [u64; 4] = [u64::MAX, u32::MAX as u64, u16::MAX as u64, u8::MAX as u64];

/// What to write at a field, as `use 1 to 20` at `rollover.failuresBeforeRollover`; none if it holds no number.
pub(crate) fn remedy(field: &str) -> Option<&'static str> {
    // As the core names it: `rollover.outcomes`, `failback.every`.
    let (group, name) = field.split_once('.')?;
    let name = name.split(['.', '[']).next()?;
    let named = format!("{group}.{name}");
    BEYOND.into_iter().find_map(|number| {
        let value = match name {
            "outcomes" => json!([{ "code": number, "meaning": "failure" }]),
            "every" => json!({ "millis": number }),
            _ => number.into(),
        };
        refusal(&named, &json!({ "srvRecord": "_sip._udp.a", group: { name: value } }))
    })
}

/// None where the number is too wide to be read, or something else is wrong.
fn refusal(named: &str, config: &Value) -> Option<&'static str> {
    let config: rehome::Config = serde::Deserialize::deserialize(config).ok()?;
    match config.validate() {
        Err(rehome::Error::Config { field, remedy, .. }) if field == named => Some(remedy),
        _ => None,
    }
}
