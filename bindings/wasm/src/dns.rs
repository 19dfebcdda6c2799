//! DNS messages from and to bytes.

use alloc::string::ToString;
use alloc::vec::Vec;

use rehome::wire::{self, Decoded};
use rehome::{Answer, LookupKind, Seconds};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::input::value;
use crate::sink::Sink;
use crate::words::{Word, Worded};

/// A question's bytes.
#[wasm_bindgen]
#[must_use]
pub fn dns_question(name: &str, kind: u32, id: u16, sink: &Sink) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(kind) = value::<LookupKind>(kind, "kind", sink)
        && let Err(error) = wire::encode_question(name, kind, id, &mut out)
    {
        sink.fail(error.code(), "name", &error.to_string());
    }
    out
}

/// Tells the sink what a packet comes to.
#[wasm_bindgen]
pub fn dns_answer(message: &[u8], name: &str, kind: u32, id: Option<u16>, sink: &Sink) {
    let Some(kind) = value::<LookupKind>(kind, "kind", sink) else { return };
    match wire::decode_answer(message, name, kind, id) {
        Ok(Decoded::Answer(answer)) => tell(&answer, sink),
        Ok(Decoded::Truncated) => sink.answer(Word::Truncated),
        Err(error) => sink.fail(error.code(), "", &error.to_string()),
    }
}

fn tell(answer: &Answer, sink: &Sink) {
    let ttl = |ttl: &Seconds| sink.number(Word::Ttl, ttl.get());
    match answer {
        Answer::Srv { records, ttl: seconds } => {
            sink.answer(Word::Srv);
            for record in records {
                sink.record(record.priority.into(), record.weight.into(), record.port.into(), &record.target);
            }
            ttl(seconds);
        }
        Answer::Addresses { addresses, ttl: seconds } => {
            sink.answer(Word::Addresses);
            addresses.iter().for_each(|address| sink.address(&crate::address::text(*address)));
            ttl(seconds);
        }
        Answer::NoName { ttl: seconds } => {
            sink.answer(Word::NoName);
            seconds.iter().for_each(ttl);
        }
        Answer::NoData { ttl: seconds } => {
            sink.answer(Word::NoData);
            seconds.iter().for_each(ttl);
        }
        Answer::Failed { cause } => {
            sink.answer(Word::Failed);
            sink.word(Word::Cause, cause.word());
        }
    }
}
