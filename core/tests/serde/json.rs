//! Whether a value and its JSON are the same, and the numbers that many values carry.

use std::fmt::Debug;

use rehome::{Id, Seconds, TargetId, Time};
use serde_json::{Value, from_str, json, to_value};

/// The value is written as this JSON, and read from it as the same.
pub fn is<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(value: T, json: Value) {
    assert_eq!(to_value(&value).unwrap(), json);
    assert_eq!(from_str::<T>(&json.to_string()).unwrap(), value);
}

pub fn all<T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + Debug>(
    values: impl IntoIterator<Item = (T, &'static str)>,
) {
    for (value, name) in values {
        is(value, json!(name));
    }
}

pub fn refuses<T: serde::de::DeserializeOwned + Debug>(json: Value) {
    let read = from_str::<T>(&json.to_string());
    assert!(read.is_err(), "{json} was read as {read:?}");
}

pub const ID: Id = Id::from_raw(7);
pub const TARGET: TargetId = TargetId::from_raw(3);
pub const AT: Time = Time::from_millis(5_000);
pub const HOUR: Seconds = Seconds::new(3600);
