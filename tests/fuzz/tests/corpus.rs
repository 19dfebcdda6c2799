//! The committed corpus, and what fuzzing has ever found, replayed on the stable compiler.

use std::fs;

use rehome_fuzz::{TARGETS, Target, seeds};

fn replay((name, target): Target) {
    let folder = seeds::folder().join(name);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 15, "{name} has {} seeds: `cargo run -p rehome-fuzz` writes them", files.len());
    for file in &files {
        // The name of the file that is replayed is shown where one fails.
        println!("{}", file.display());
        let data = fs::read(file).unwrap();
        target(&data);
        // And cut short, and with octets changed: the stable compiler has no fuzzer, but it can have this much.
        for place in (0..data.len()).step_by(1 + data.len() / 40) {
            let mut other = data.clone();
            other[place] ^= 1 << (place % 8);
            target(&other);
            other.truncate(place);
            target(&other);
        }
    }
}

#[test]
fn steps() {
    replay(TARGETS[0]);
}

#[test]
fn configuration() {
    replay(TARGETS[1]);
}

#[test]
fn dns() {
    replay(TARGETS[2]);
}

#[test]
fn snapshots() {
    replay(TARGETS[3]);
}

#[test]
fn scenarios() {
    replay(TARGETS[4]);
}

#[test]
fn the_corpus_is_small() {
    let size: u64 = TARGETS
        .iter()
        .flat_map(|(name, _)| fs::read_dir(seeds::folder().join(name)).unwrap())
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert!(size < 300_000, "{size} octets");
}
