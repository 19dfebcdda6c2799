//! See `rehome_fuzz::configuration`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rehome_fuzz::configuration(data));
