//! Errors of a file: one sentence that names file, step, field, value and remedy.

use std::fmt;

use serde_json::{Map, Value};

use crate::json;

/// An error of a file: it is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as its path from the scenarios folder.
    pub file: String,
    /// The step, from 0.
    pub step: Option<usize>,
    /// The field, as a JSON pointer; empty for the whole file.
    pub field: String,
    /// What is wrong, and what to write instead.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(step) = self.step {
            write!(f, " > step {step}")?;
        }
        if !self.field.is_empty() {
            write!(f, ", field {}", self.field)?;
        }
        write!(f, ": {}", self.text)
    }
}

impl std::error::Error for Problem {}

/// A place in a file, from which problems are reported.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    file: &'a str,
    step: Option<usize>,
    pointer: String,
}

impl<'a> At<'a> {
    pub(crate) fn file(file: &'a str) -> Self {
        Self { file, step: None, pointer: String::new() }
    }

    /// A field of this object.
    pub(crate) fn key(&self, key: &str) -> Self {
        let escaped = key.replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("{}/{escaped}", self.pointer), ..self.clone() }
    }

    /// An element of this array.
    pub(crate) fn index(&self, index: usize) -> Self {
        Self { pointer: format!("{}/{index}", self.pointer), ..self.clone() }
    }

    /// A step of the file: an element of `/steps`.
    pub(crate) fn step(&self, index: usize) -> Self {
        Self { step: Some(index), ..self.index(index) }
    }

    pub(crate) fn problem(&self, text: impl Into<String>) -> Problem {
        Problem { file: self.file.to_owned(), step: self.step, field: self.pointer.clone(), text: text.into() }
    }

    /// "VALUE is no WHAT: REMEDY".
    pub(crate) fn wrong(&self, value: &Value, what: &str, remedy: &str) -> Problem {
        self.problem(format!("{} is no {what}: {remedy}", shown(value)))
    }

    pub(crate) fn object<'v>(&self, value: &'v Value) -> Result<&'v Map<String, Value>, Problem> {
        value.as_object().ok_or_else(|| self.wrong(value, "object", "write { ... }"))
    }

    pub(crate) fn array<'v>(&self, value: &'v Value) -> Result<&'v [Value], Problem> {
        value.as_array().map(Vec::as_slice).ok_or_else(|| self.wrong(value, "list", "write [ ... ]"))
    }

    pub(crate) fn text<'v>(&self, value: &'v Value) -> Result<&'v str, Problem> {
        match value.as_str() {
            Some(text) if !text.trim().is_empty() => Ok(text),
            Some(_) => Err(self.problem("the text is empty: write one")),
            None => Err(self.wrong(value, "text", "write it in quotes")),
        }
    }

    /// An integer from `min` to `max`.
    pub(crate) fn integer(&self, value: &Value, min: u64, max: u64) -> Result<u64, Problem> {
        value
            .as_u64()
            .filter(|n| (min..=max).contains(n))
            .ok_or_else(|| self.wrong(value, "integer in range", &format!("write one from {min} to {max}")))
    }

    /// One of these words.
    pub(crate) fn word<'v>(&self, value: &'v Value, what: &str, known: &[&str]) -> Result<&'v str, Problem> {
        let word = self.text(value)?;
        if known.contains(&word) { Ok(word) } else { Err(self.wrong(value, what, &instead(word, known))) }
    }

    /// Refuses fields that are not listed, and missing ones.
    pub(crate) fn fields(
        &self,
        object: &Map<String, Value>,
        required: &[&str],
        optional: &[&str],
    ) -> Result<(), Problem> {
        let known: Vec<&str> = required.iter().chain(optional).copied().collect();
        for key in object.keys() {
            if !known.contains(&key.as_str()) {
                return Err(self
                    .key(key)
                    .problem(format!("the field {key:?} is unknown here: {}", instead(key, &known))));
            }
        }
        for key in required {
            if !object.contains_key(*key) {
                return Err(self.key(key).problem(format!("the field {key:?} is missing: add it")));
            }
        }
        Ok(())
    }
}

/// A value for a message: compact, cut at 80 characters.
pub(crate) fn shown(value: &Value) -> String {
    let text = json::canonical(value);
    if text.chars().count() <= 80 { text } else { text.chars().take(77).chain("...".chars()).collect() }
}

/// "did you mean X?", or what may stand there.
pub(crate) fn instead(word: &str, known: &[&str]) -> String {
    match json::nearest(word, known) {
        Some(near) => format!("did you mean {near:?}?"),
        None if known.is_empty() => "nothing may be written here".to_owned(),
        None => format!("write one of {}", known.join(", ")),
    }
}
