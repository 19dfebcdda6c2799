//! See `rehome_fuzz::scenarios`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rehome_fuzz::scenarios(data));
