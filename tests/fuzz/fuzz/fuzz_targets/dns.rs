//! See `rehome_fuzz::dns`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rehome_fuzz::dns(data));
