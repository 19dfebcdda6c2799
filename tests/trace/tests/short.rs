//! A short trace: it goes everywhere, is the same again, and one that was changed is found out.

use std::fs;
use std::path::{Path, PathBuf};

use rehome_runner::{Native, Policy};
use rehome_trace::{Tally, play, run, scenarios, write};

/// What takes more inputs than these few to be sure of.
const RARE: [&str; 4] = ["candidatesBarred", "lateUnregistered", "recordsTruncated", "tlsNameMismatch"];

#[test]
fn it_goes_everywhere() {
    let policy = Policy::own().unwrap();
    let mut tally = Tally::default();
    for number in 0..12 {
        tally.add(&play(number, 1_500, 1, &policy).unwrap().tally);
    }
    assert_eq!(tally.count(), 18_000);
    let missing: Vec<_> = tally.missing().into_iter().filter(|kind| !RARE.contains(kind)).collect();
    assert!(missing.is_empty(), "never seen: {missing:?}\n{tally}");
    assert_eq!(tally.inputs.len(), 15, "{tally}");
    assert_eq!(tally.actions.len(), 4, "{tally}");
    assert_eq!(tally.states.len(), 9, "{tally}");
    let errors: Vec<&str> = tally.errors.keys().map(String::as_str).collect();
    assert_eq!(errors, ["config", "notFinal", "timeOutOfRange", "unknownId", "unknownTarget", "wrongKind"]);
    // Most of it is a phone's life, not its refusals.
    let (errors, registered) = (tally.errors.values().sum::<u64>(), tally.states["registered"]);
    assert!(errors * 20 < tally.count() && registered * 3 > tally.count(), "{tally}");
}

#[test]
fn equal_seeds_play_alike() {
    let policy = Policy::own().unwrap();
    let played = play(1, 300, 7, &policy).unwrap();
    assert_eq!(play(1, 300, 7, &policy).unwrap(), played);
    assert_ne!(play(1, 300, 8, &policy).unwrap().hash, played.hash);
    assert_ne!(play(2, 300, 7, &policy).unwrap().hash, played.hash);
}

fn short(name: &str) -> (PathBuf, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut told = Vec::new();
    let (tally, hash) = write(&folder, 2, 400, 3, |done| told.push(done)).unwrap();
    assert_eq!((tally.count(), told), (800, vec![1, 2]));
    (folder, hash)
}

#[test]
fn what_was_written_runs_alike() {
    let (folder, hash) = short("alike");
    assert_eq!(run(&Native, &folder, |_, _| {}).unwrap(), (800, hash.clone()));
    // As any other folder of scenarios too.
    let suite = rehome_runner::open(&scenarios(&folder), &Policy::own().unwrap()).unwrap();
    let report = rehome_runner::run_suite(&Native, &suite);
    assert_eq!((report.failed, report.hash), (0, hash));
}

#[test]
fn a_difference_names_file_and_step() {
    let (folder, _) = short("changed");
    let file = scenarios(&folder).join("2-order/trace-0001.json");
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let place = lines.iter().position(|line| line.contains("\"type\":\"start\"")).unwrap();
    let changed = lines[place].replace("\"type\":\"start\"", "\"type\":\"stop\"");
    let text = text.replace(lines[place], &changed);
    fs::write(&file, text).unwrap();
    let error = run(&Native, &folder, |_, _| {}).unwrap_err().to_string();
    // The head of the file is a line, and steps are counted from 0.
    assert!(error.starts_with(&format!("2-order/trace-0001.json > step {} ", place - 1)), "{error}");
    assert!(error.contains("\n  hash\n"), "{error}");
    fs::remove_file(file).unwrap();
    assert!(run(&Native, &folder, |_, _| {}).is_err());
}
