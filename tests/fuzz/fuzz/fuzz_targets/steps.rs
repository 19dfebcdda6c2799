//! See `rehome_fuzz::steps`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rehome_fuzz::steps(data));
