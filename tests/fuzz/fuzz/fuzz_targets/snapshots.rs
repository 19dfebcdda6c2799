//! See `rehome_fuzz::snapshots`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rehome_fuzz::snapshots(data));
