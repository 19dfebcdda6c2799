//! Where output goes: an object of JavaScript's that is told what to build, one scalar at a time.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::words::Word;

#[wasm_bindgen]
extern "C" {
    /// Builds plain objects out of what it is told. Its methods never throw: nothing may unwind through Rust.
    pub type Sink;

    #[wasm_bindgen(method)]
    pub(crate) fn lookup(this: &Sink, id: u32, name: &str, kind: u32, deadline: f64);

    #[allow(clippy::too_many_arguments)]
    #[wasm_bindgen(method)]
    pub(crate) fn register(
        this: &Sink,
        id: u32,
        target: u32,
        address: Option<&str>,
        binding: u32,
        attempt: u32,
        expires: u32,
        deadline: f64,
    );

    #[wasm_bindgen(method)]
    pub(crate) fn unregister(this: &Sink, id: u32, target: u32, address: Option<&str>, binding: u32, deadline: f64);

    #[wasm_bindgen(method)]
    pub(crate) fn cancel(this: &Sink, id: u32);

    /// Begins an event; the fields that follow are its.
    #[wasm_bindgen(method, js_name = "event")]
    fn event_raw(this: &Sink, kind: u32, section: u32, number: u32);

    /// Begins an answer; the fields that follow are its.
    #[wasm_bindgen(method, js_name = "answer")]
    fn answer_raw(this: &Sink, kind: u32);

    #[wasm_bindgen(method, js_name = "number")]
    fn number_raw(this: &Sink, key: u32, value: f64);

    #[wasm_bindgen(method, js_name = "flag")]
    fn flag_raw(this: &Sink, key: u32, value: bool);

    #[wasm_bindgen(method, js_name = "text")]
    fn text_raw(this: &Sink, key: u32, value: &str);

    #[wasm_bindgen(method, js_name = "word")]
    fn word_raw(this: &Sink, key: u32, value: u32);

    /// A field `{tag: number}`.
    #[wasm_bindgen(method, js_name = "numberIn")]
    fn number_in_raw(this: &Sink, key: u32, tag: u32, value: u32);

    /// A field `{tag: word}`.
    #[wasm_bindgen(method, js_name = "wordIn")]
    fn word_in_raw(this: &Sink, key: u32, tag: u32, value: u32);

    /// A field that holds the target of this number, told before.
    #[wasm_bindgen(method, js_name = "target")]
    fn target_raw(this: &Sink, key: u32, id: u32);

    /// A target's record: it is new, or has changed.
    #[allow(clippy::too_many_arguments)]
    #[wasm_bindgen(method)]
    pub(crate) fn known(
        this: &Sink,
        id: u32,
        host: &str,
        port: u32,
        transport: u32,
        tls_name: &str,
        priority: u32,
        weight: u32,
        site: Option<&str>,
    );

    /// Forgets all targets told.
    #[wasm_bindgen(method)]
    pub(crate) fn forget(this: &Sink);

    /// An SRV record of an answer.
    #[wasm_bindgen(method)]
    pub(crate) fn record(this: &Sink, priority: u32, weight: u32, port: u32, target: &str);

    /// An address of an answer.
    #[wasm_bindgen(method)]
    pub(crate) fn address(this: &Sink, address: &str);

    /// A record of a clean set.
    #[wasm_bindgen(method)]
    pub(crate) fn candidate(this: &Sink, host: &str, port: u32, priority: u32, weight: u32);

    /// A record that is not of the set.
    #[wasm_bindgen(method)]
    pub(crate) fn dropped(this: &Sink, index: u32, reason: u32);

    /// A value in which a preset differs: field, JSON, source.
    #[wasm_bindgen(method)]
    pub(crate) fn difference(this: &Sink, field: &str, value: &str, source: &str);

    /// A field that holds a rule.
    #[wasm_bindgen(method, js_name = "rule")]
    fn rule_raw(this: &Sink, key: u32, section: u32, number: u32);

    /// Begins the status; the fields that follow are its.
    #[wasm_bindgen(method)]
    pub(crate) fn status(this: &Sink, state: u32);

    /// Begins an entry of its plan; the fields that follow are the entry's.
    #[wasm_bindgen(method)]
    pub(crate) fn entry(this: &Sink, target: u32);

    /// One of the words that would have been right: `fail` follows.
    #[wasm_bindgen(method)]
    pub(crate) fn choice(this: &Sink, word: u32);

    /// The call was wrong.
    #[wasm_bindgen(method)]
    pub(crate) fn fail(this: &Sink, code: &str, field: &str, message: &str);
}

impl Sink {
    pub(crate) fn event(&self, kind: Word, section: u8, number: u8) {
        self.event_raw(kind as u32, section.into(), number.into());
    }

    #[cfg(feature = "dns")]
    pub(crate) fn answer(&self, kind: Word) {
        self.answer_raw(kind as u32);
    }

    pub(crate) fn number(&self, key: Word, value: impl Into<f64>) {
        self.number_raw(key as u32, value.into());
    }

    pub(crate) fn flag(&self, key: Word, value: bool) {
        self.flag_raw(key as u32, value);
    }

    pub(crate) fn text(&self, key: Word, value: &str) {
        self.text_raw(key as u32, value);
    }

    pub(crate) fn word(&self, key: Word, value: Word) {
        self.word_raw(key as u32, value as u32);
    }

    pub(crate) fn number_in(&self, key: Word, tag: Word, value: u32) {
        self.number_in_raw(key as u32, tag as u32, value);
    }

    pub(crate) fn word_in(&self, key: Word, tag: Word, value: Word) {
        self.word_in_raw(key as u32, tag as u32, value as u32);
    }

    pub(crate) fn rule(&self, key: Word, section: u8, number: u8) {
        self.rule_raw(key as u32, section.into(), number.into());
    }

    pub(crate) fn target(&self, key: Word, id: u32) {
        self.target_raw(key as u32, id);
    }
}
