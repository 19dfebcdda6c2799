//! What only the border can get wrong: values that Rust does not have, strings and bytes that cross, memory that moves
//! meanwhile, objects that were freed. The same tests run in Node and in Chromium.
//!
//! Methods are called as JavaScript calls them, on the objects that it has, and without the package's TypeScript, which
//! checks types and ranges before it calls (`tests/errors.test.ts`).

use std::string::String;
use std::vec::Vec;
use std::{format, vec};

use js_sys::{Array, Error, Function, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::words::{TEXTS, Word};
use crate::{Core, List, Settings, Sink, settings};

const NAME: &str = "_sip._udp.example.test";
const UNDEFINED: JsValue = JsValue::UNDEFINED;

/// A sink that writes down what it is told, a line for each call.
struct Noted {
    sink: Sink,
    take: Function,
}

impl Noted {
    fn new() -> Self {
        let made = script(
            "const lines = [];
            const written = (value) => (typeof value === 'string' ? JSON.stringify(value) : String(value));
            const note = (method) => (...given) => void lines.push([method, ...given.map(written)].join(' '));
            const take = () => lines.splice(0).join('\\n');
            return { sink: new Proxy({}, { get: (_, method) => note(method) }), take };",
        );
        Self { sink: get(&made, "sink").unchecked_into(), take: get(&made, "take").unchecked_into() }
    }

    /// What it was told since it was asked last.
    fn told(&self) -> Vec<String> {
        let lines = self.take.call0(&UNDEFINED).unwrap().as_string().unwrap();
        lines.lines().map(String::from).collect()
    }

    fn js(&self) -> JsValue {
        self.sink.clone()
    }
}

fn script(source: &str) -> JsValue {
    Function::new_no_args(source).call0(&UNDEFINED).unwrap()
}

fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap()
}

fn call(object: &JsValue, method: &str, given: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = get(object, method).unchecked_into();
    Reflect::apply(&function, object, &given.iter().cloned().collect::<Array>())
}

/// The class of an object.
fn class(object: &JsValue) -> JsValue {
    get(object, "constructor")
}

fn number(value: impl Into<f64>) -> JsValue {
    JsValue::from_f64(value.into())
}

fn word(word: Word) -> JsValue {
    number(word as u32)
}

/// The place of a setting.
fn place(name: &str) -> JsValue {
    let found = settings::NAMES.split(',').position(|known| known.trim_end_matches("[]") == name).unwrap();
    number(u32::try_from(found).unwrap())
}

/// A configuration that can be used, as JavaScript has it.
fn usable() -> JsValue {
    let settings = JsValue::from(Settings::new());
    assert_eq!(call(&settings, "text", &[place("srvRecord"), NAME.into()]), Ok(true.into()));
    settings
}

/// A registration as JavaScript has it.
fn core(settings: JsValue, seed: f64, noted: &Noted) -> JsValue {
    let any = JsValue::from(Core::create(plain_settings(), 0.0, &noted.sink).unwrap());
    call(&class(&any), "create", &[settings, number(seed), noted.js()]).unwrap()
}

fn plain_settings() -> Settings {
    let mut settings = Settings::new();
    settings.config.srv_record = Some(NAME.into());
    settings
}

fn list(records: &[(u16, &str)]) -> JsValue {
    let mut list = List::new();
    for (priority, target) in records {
        list.record(*priority, 1, 5060, (*target).into());
    }
    list.into()
}

fn start(core: &JsValue, noted: &Noted) {
    call(core, "plain", &[word(Word::Start), number(0), noted.js()]).unwrap();
}

/// Hands an SRV answer in; when to call again.
fn answer(core: &JsValue, list: JsValue, noted: &Noted) -> f64 {
    let given = [number(1), word(Word::Srv), number(300), number(0), list, number(20), noted.js()];
    call(core, "answer", &given).unwrap().as_f64().unwrap()
}

fn refused(told: &[String], code: &str, field: &str) {
    let last = told.last().expect("nothing was told");
    assert!(last.starts_with(&format!("fail {code:?} {field:?} ")), "{last}");
}

#[wasm_bindgen_test]
fn all_is_told_in_order_and_each_target_before_it_is_named() {
    use Word as W;
    let noted = Noted::new();
    let core = core(usable(), 7.0, &noted);
    assert!(noted.told().is_empty());

    start(&core, &noted);
    let (event, source) = (W::Started as u32, W::Source as u32);
    assert_eq!(
        noted.told(),
        [
            format!("lookup 1 {NAME:?} {} 5000", W::Srv as u32),
            format!("event {event} 1 1"),
            format!("word {source} {}", W::SrvRecord as u32),
            format!("text {} {NAME:?}", W::Name as u32),
        ]
    );

    let wake = answer(&core, list(&[(10, "a.example.test"), (20, "b.example.test")]), &noted);
    let known = |id: u32, host: &str, priority: u32| {
        format!("known {id} \"{host}.example.test\" 5060 {} \"example.test\" {priority} 1 undefined", W::Udp as u32)
    };
    let told = noted.told();
    assert_eq!(told[..2], [known(1, "a", 10), format!("register 2 1 undefined 2 1 3600 {wake}")]);
    assert_eq!(told[2], format!("event {} 2 5", W::PlanChanged as u32));
    assert_eq!(told[3], format!("number {} 2", W::Targets as u32));
    assert_eq!(told.len(), 4);

    // Where something may be absent, both `undefined` and `null` are.
    for absent in [UNDEFINED, JsValue::NULL] {
        let given = [number(2), word(W::Accepted), number(0), absent.clone(), absent, number(30), noted.js()];
        call(&core, "outcome", &given).unwrap();
    }
    let told = noted.told();
    assert_eq!(told[0], format!("event {} 3 3", W::Registered as u32));
    assert_eq!(told[1], format!("target {} 1", W::Target as u32));
    let late = [format!("event {} 3 6", W::LateIgnored as u32), format!("number {} 2", W::Id as u32)];
    assert_eq!(told[told.len() - 2..], late);

    call(&core, "status", &[number(40), noted.js()]).unwrap();
    let told = noted.told();
    assert_eq!(told[0], format!("status {}", W::Registered as u32));
    assert_eq!(told[1], format!("target {} 1", W::Home as u32));
    assert!(told.contains(&format!("flag {} true", W::Primary as u32)));
    let entries: Vec<_> = told.iter().filter(|line| line.starts_with("entry ") || line.starts_with("known ")).collect();
    assert_eq!(entries, ["entry 1", &known(2, "b", 20), "entry 2"]);
    call(&core, "status", &[number(40), noted.js()]).unwrap();
    assert!(!noted.told().iter().any(|line| line.starts_with("known ")), "told twice");
}

#[wasm_bindgen_test]
fn every_setting_takes_or_refuses_every_value() {
    let noted = Noted::new();
    let lone = script("return 'a\\ud800'");
    let texts: [JsValue; 6] =
        ["".into(), "host".into(), "\0".into(), "ß🏢".into(), lone.clone(), "x".repeat(70_000).into()];
    let numbers =
        script("return [0, -0, 1, 2.5, -1, 255, 256, NaN, Infinity, -Infinity, 2 ** 32, 2 ** 53, 1e300, 5e-324]");
    let numbers: Vec<JsValue> = numbers.unchecked_into::<Array>().iter().collect();
    let tags = ["name", "millis", "failure", "", "__proto__"];
    let mut calls: Vec<(&str, Vec<JsValue>)> = vec![("nothing", vec![]), ("clear", vec![])];
    calls.extend([JsValue::TRUE, JsValue::FALSE].map(|flag| ("flag", vec![flag])));
    calls.extend(texts.iter().map(|text| ("text", vec![text.clone()])));
    calls.extend(numbers.iter().map(|number| ("number", vec![number.clone()])));
    for tag in tags {
        calls.extend(texts.iter().map(|text| ("text_in", vec![tag.into(), text.clone()])));
        calls.extend(numbers.iter().map(|number| ("number_in", vec![tag.into(), number.clone()])));
    }
    let names: Vec<_> = settings::NAMES.trim_end_matches(',').split(',').collect();
    let mut taken = 0;
    for name in &names {
        let place = place(name.trim_end_matches("[]"));
        for (method, given) in &calls {
            let settings = usable();
            let given: Vec<_> = core::iter::once(place.clone()).chain(given.iter().cloned()).collect();
            let last = given.last().and_then(JsValue::as_f64).unwrap_or_default();
            let good = call(&settings, method, &given).unwrap() == JsValue::TRUE;
            let is_whole = (0.0..2_f64.powi(53)).contains(&last) && last.fract() == 0.0;
            assert!(is_whole || !good, "{name} takes {last}");
            let remedy = call(&settings, "remedy", core::slice::from_ref(&place)).unwrap().as_string().unwrap();
            assert!(remedy.starts_with("write "), "{name}: {remedy}");
            if !good {
                call(&settings, "free", &[]).unwrap();
                continue;
            }
            taken += 1;
            // What is of the right type may be out of range: then that is told, with the setting's name.
            let any = JsValue::from(Core::create(plain_settings(), 0.0, &noted.sink).unwrap());
            let made = call(&class(&any), "create", &[settings, number(1), noted.js()]).unwrap();
            let told = noted.told();
            assert_eq!(made.is_undefined(), !told.is_empty(), "{name} {method} {told:?}");
            if made.is_undefined() {
                assert!(told[0].starts_with("fail \"config\" \""), "{told:?}");
                assert!(told[0].contains(&format!("{:?}", name.trim_end_matches("[]"))), "{name}: {told:?}");
            }
        }
    }
    assert!(taken > names.len(), "{taken}");
    for beyond in [names.len() as f64, 4_294_967_295.0] {
        let settings = usable();
        assert_eq!(call(&settings, "flag", &[number(beyond), true.into()]), Ok(false.into()));
        assert_eq!(call(&settings, "remedy", &[number(beyond)]), Ok("".into()));
    }
}

#[wasm_bindgen_test]
fn numbers_that_are_no_time_and_no_seed_break_nothing() {
    let noted = Noted::new();
    let huge = 2_f64.powi(53);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.5, huge, 1e300] {
        let other = core(usable(), value, &noted);
        assert!(other.is_object(), "seed {value}");
        noted.told();
        let before = core(usable(), 1.0, &noted);
        start(&before, &noted);
        noted.told();
        let wake = call(&before, "plain", &[word(Word::Busy), number(value), noted.js()]).unwrap();
        let told = noted.told();
        if value >= huge {
            assert_eq!(wake, number(-1.0));
            refused(&told, "timeOutOfRange", "");
        } else {
            assert!(wake.as_f64().unwrap() >= 0.0 && !told.iter().any(|line| line.starts_with("fail")), "{told:?}");
        }
        call(&before, "status", &[number(value), noted.js()]).unwrap();
        let bytes = call(&before, "snapshot", &[number(value), number(value)]).unwrap();
        assert!(bytes.unchecked_into::<Uint8Array>().length() > 20);
    }
}

#[wasm_bindgen_test]
fn kinds_that_are_none_are_refused_with_the_words_that_would_do() {
    let noted = Noted::new();
    let core = core(usable(), 1.0, &noted);
    let inputs = TEXTS.split(',').position(|text| text == "srv").unwrap();
    let words = TEXTS.trim_end_matches(',').split(',').count();
    for kind in (inputs..words + 3).chain([0x7fff_ffff, 0xffff_ffff]) {
        let kind = number(kind as f64);
        assert_eq!(call(&core, "plain", &[kind.clone(), number(0), noted.js()]), Ok(number(-1.0)));
        refused(&noted.told(), "invalidInput", "type");
    }
    start(&core, &noted);
    noted.told();
    let given = |kind, cause| [number(1), kind, UNDEFINED, cause, UNDEFINED, number(1), noted.js()];
    call(&core, "answer", &given(word(Word::Accepted), number(0))).unwrap();
    refused(&noted.told(), "invalidInput", "answer.type");
    call(&core, "answer", &given(word(Word::Failed), word(Word::NoRoute))).unwrap();
    let told = noted.told();
    refused(&told, "invalidInput", "answer.cause");
    let choices = [Word::Timeout, Word::ServFail, Word::Refused, Word::Malformed, Word::Network, Word::Other];
    assert_eq!(told[..6], choices.map(|choice| format!("choice {}", choice as u32)));
    let outcome = |kind, code| [UNDEFINED, kind, code, UNDEFINED, UNDEFINED, number(1), noted.js()];
    call(&core, "outcome", &outcome(word(Word::Srv), number(0))).unwrap();
    refused(&noted.told(), "invalidInput", "outcome.type");
    call(&core, "outcome", &outcome(word(Word::Status), number(100))).unwrap();
    refused(&noted.told(), "notFinal", "");
}

#[wasm_bindgen_test]
fn texts_cross_whole_and_half_characters_cross_as_no_character() {
    let noted = Noted::new();
    let site = "Zürich 🏢 \u{202e}\0\u{ffff}";
    let settings = usable();
    for (method, given) in [
        ("clear", vec![place("lookup.sites")]),
        ("text", vec![place("lookup.sites"), site.into()]),
        ("text_in", vec![place("lookup.sites"), "".into(), "a.example.test".into()]),
    ] {
        assert_eq!(call(&settings, method, &given), Ok(true.into()), "{method}");
    }
    let core = core(settings, 1.0, &noted);
    start(&core, &noted);
    noted.told();
    let records = list(&[(1, "a.example.test")]);
    for target in ["return '\\ud83c.example.test'", "return 'a\\udfe2'", "return '\\0'", "return 'é.example.test'"] {
        call(&records, "record", &[number(1), number(1), number(5060), script(target)]).unwrap();
    }
    answer(&core, records, &noted);
    let told = noted.told();
    let written = call(&get(&js_sys::global(), "JSON"), "stringify", &[site.into()]).unwrap().as_string().unwrap();
    assert!(told[0].starts_with("known 1 \"a.example.test\" ") && told[0].ends_with(&written), "{told:?}");
    let bad = format!("word {} {}", Word::Reason as u32, Word::BadName as u32);
    assert_eq!(told.iter().filter(|line| **line == bad).count(), 4, "{told:?}");

    let addresses = list(&[]);
    for text in
        ["return '192.0.2.1\\ud800'", "return ' 192.0.2.1'", "return '١٩٢.0.2.1'", "return '::1%lo'", "return ''"]
    {
        assert_eq!(call(&addresses, "address", &[script(text)]), Ok(false.into()), "{text}");
    }
}

#[wasm_bindgen_test]
fn huge_answers_cost_time_and_nothing_else() {
    let noted = Noted::new();
    let core = core(usable(), 1.0, &noted);
    start(&core, &noted);
    noted.told();
    // Memory grows again and again meanwhile: views of it go stale.
    let records = list(&[]);
    call(&records, "record", &[number(9), number(1), number(5060), "x".repeat(3_000_000).as_str().into()]).unwrap();
    for index in 0..50_000 {
        let target = format!("host-{index}-{}.example.test", "y".repeat(40));
        call(&records, "record", &[number(10), number(1), number(5060), target.as_str().into()]).unwrap();
    }
    answer(&core, records, &noted);
    let told = noted.told();
    assert!(told[0].starts_with("known 1 \"host-"), "{}", told[0]);
    assert!(told.len() < 500, "{}", told.len());
    assert!(told.contains(&format!("event {} 2 7", Word::RecordsTruncated as u32)));
    assert!(told.contains(&format!("word {} {}", Word::Reason as u32, Word::NameTooLong as u32)));
}

#[wasm_bindgen_test]
fn a_snapshot_is_bytes_of_its_own_and_any_view_of_them_restores() {
    let noted = Noted::new();
    let first = core(usable(), 1.0, &noted);
    start(&first, &noted);
    answer(&first, list(&[(10, "a.example.test")]), &noted);
    noted.told();
    let snapshot = |of: &JsValue| {
        let bytes = call(of, "snapshot", &[number(100), number(1_000)]).unwrap();
        bytes.unchecked_into::<Uint8Array>()
    };
    let bytes = snapshot(&first);
    let kept = bytes.to_vec();
    assert_eq!(snapshot(&first).to_vec(), kept);
    for _ in 0..100 {
        snapshot(&first);
    }
    call(&list(&[]), "record", &[number(1), number(1), number(1), "z".repeat(5_000_000).as_str().into()]).unwrap();
    assert_eq!(bytes.to_vec(), kept, "they moved with the memory");

    let restore = |bytes: &JsValue| {
        call(&class(&first), "restore", &[usable(), number(1), bytes.clone(), number(5), number(1_000), noted.js()])
            .unwrap()
    };
    let around = Uint8Array::new_with_length(bytes.length() + 11);
    around.set(&bytes, 7);
    let view = around.subarray(7, 7 + bytes.length());
    let (one, other) = (restore(&bytes), restore(&view));
    assert!(noted.told().is_empty());
    let went_on = |core: &JsValue| {
        call(core, "plain", &[word(Word::Wake), number(6), noted.js()]).unwrap();
        call(core, "status", &[number(7), noted.js()]).unwrap();
        (noted.told(), snapshot(core).to_vec())
    };
    assert_eq!(went_on(&one), went_on(&other));

    for length in 0..bytes.length() {
        assert!(restore(&bytes.subarray(0, length)).is_undefined(), "{length} bytes");
        assert!(noted.told()[0].starts_with("fail \"snapshot"));
    }
    for place in 0..bytes.length() {
        let changed = Uint8Array::new(&bytes);
        changed.set_index(place, changed.get_index(place) ^ 0x5a);
        let restored = restore(&changed);
        assert_eq!(restored.is_undefined(), !noted.told().is_empty(), "byte {place}");
    }
}

#[wasm_bindgen_test]
fn what_was_freed_or_given_away_throws_and_harms_no_other() {
    let noted = Noted::new();
    let (one, other) = (core(usable(), 1.0, &noted), core(usable(), 2.0, &noted));
    call(&one, "free", &[]).unwrap();
    let thrown = |result: Result<JsValue, JsValue>| assert!(result.unwrap_err().is_instance_of::<Error>());
    thrown(call(&one, "plain", &[word(Word::Start), number(0), noted.js()]));
    thrown(call(&one, "status", &[number(0), noted.js()]));
    thrown(call(&one, "snapshot", &[number(0), number(0)]));
    thrown(call(&one, "free", &[]));

    // `create` takes the settings, `answer` the list.
    let settings = usable();
    call(&class(&other), "create", &[settings.clone(), number(1), noted.js()]).unwrap();
    thrown(call(&class(&other), "create", &[settings.clone(), number(1), noted.js()]));
    thrown(call(&settings, "flag", &[number(0), true.into()]));
    thrown(call(&settings, "free", &[]));
    start(&other, &noted);
    let records = list(&[(10, "a.example.test")]);
    answer(&other, records.clone(), &noted);
    thrown(call(&records, "record", &[number(1), number(1), number(1), "b".into()]));
    noted.told();
    call(&other, "status", &[number(40), noted.js()]).unwrap();
    assert_eq!(noted.told()[0], format!("status {}", Word::Registering as u32));
}

#[cfg(feature = "dns")]
#[wasm_bindgen_test]
fn a_packet_comes_to_an_answer_or_to_an_error_whatever_is_in_it() {
    let noted = Noted::new();
    let question = |name: &str| crate::dns::dns_question(name, Word::A as u32, 7, &noted.sink);
    let mut packet = question("a.example.test");
    // Its answer: the response bit, one record, of which the name points to the question's; nothing additional.
    packet.truncate(12 + 16 + 4);
    packet[2] |= 0x80;
    (packet[7], packet[11]) = (1, 0);
    packet.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
    let answer = |bytes: &[u8]| {
        crate::dns::dns_answer(bytes, "a.example.test", Word::A as u32, Some(7), &noted.sink);
        noted.told()
    };
    let good = vec![
        format!("answer {}", Word::Addresses as u32),
        "address \"192.0.2.1\"".into(),
        format!("number {} 60", Word::Ttl as u32),
    ];
    assert_eq!(answer(&packet), good);
    let failed = format!("answer {}", Word::Failed as u32);
    for length in 0..packet.len() {
        let told = answer(&packet[..length]);
        assert!(told[0] == failed || told[0].starts_with("fail "), "{length} bytes: {told:?}");
    }
    for place in 0..packet.len() {
        for bit in 0..8 {
            let mut changed = packet.clone();
            changed[place] ^= 1 << bit;
            let told = answer(&changed);
            assert!(told[0].starts_with("answer ") || told[0].starts_with("fail "), "{told:?}");
        }
    }
    assert!(question("a..b").is_empty());
    refused(&noted.told(), "labelEmpty", "name");
}
