//! JSON: read strictly, written canonically.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads a text strictly: a field given twice is an error, and so is a number that is no integer.
pub fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str::<Strict>(text).map(|strict| strict.0)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Err(E::custom(format!("the number {value} is no integer: write one without point and exponent")))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(element)) = elements.next_element()? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let Strict(value) = entries.next_value()?;
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("the field {key:?} is given twice: remove one")));
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

/// One line of canonical JSON: keys sorted by code point, no spaces, null fields left out.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Array(list) => {
            out.push('[');
            for (index, element) in list.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(element, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            // Sorted here, since a build may make serde_json's maps keep the order of insertion.
            let mut entries: Vec<_> = map.iter().filter(|(_, value)| !value.is_null()).collect();
            entries.sort_unstable_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(&Value::from(key.as_str()), out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

/// Lays `over` on `base`, object by object; anything else, null and lists too, takes the place of what was there.
#[must_use]
pub fn lay_over(base: &Value, over: &Value) -> Value {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            let mut merged = base.clone();
            for (key, value) in over {
                let laid = base.get(key).map_or_else(|| value.clone(), |below| lay_over(below, value));
                merged.insert(key.clone(), laid);
            }
            Value::Object(merged)
        }
        _ => over.clone(),
    }
}

/// The known word that is most like this one, if any is at all.
#[must_use]
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let (distance, near) = known.iter().map(|k| (distance(word, k), *k)).min()?;
    (distance <= (word.chars().count() / 3).max(1)).then_some(near)
}

/// How many letters must be put in, taken out, replaced or swapped with their neighbour; case counts for nothing.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn canonical_is_sorted_compact_and_without_null() {
        let value = json!({ "b": [1, { "z": null, "y": "a\"\\/é\n\u{1}\u{7f}" }], "B": true, "a": null });
        assert_eq!(canonical(&value), "{\"B\":true,\"b\":[1,{\"y\":\"a\\\"\\\\/é\\n\\u0001\u{7f}\"}]}");
    }

    #[test]
    fn a_field_given_twice_and_a_fraction_are_refused() {
        assert!(parse("{\"a\":1,\"a\":1}").unwrap_err().to_string().contains("\"a\" is given twice"));
        assert!(parse("[1.5]").unwrap_err().to_string().contains("1.5 is no integer"));
        assert!(parse("[1, -2, \"x\", null, {}]").is_ok());
    }

    #[test]
    fn null_and_lists_replace() {
        let base = json!({ "a": { "b": 1, "c": [1, 2] }, "d": "x" });
        let over = json!({ "a": { "b": null, "c": [3] }, "d": { "e": 1 } });
        assert_eq!(lay_over(&base, &over), json!({ "a": { "b": null, "c": [3] }, "d": { "e": 1 } }));
    }

    #[test]
    fn typos_find_their_word() {
        assert_eq!(nearest("acitons", &["events", "actions", "atMs"]), Some("actions"));
        assert_eq!(nearest("atms", &["events", "actions", "atMs"]), Some("atMs"));
        assert_eq!(nearest("colour", &["events", "actions", "atMs"]), None);
    }
}
