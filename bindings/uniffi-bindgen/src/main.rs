//! `rehome-uniffi-bindgen ARGS`: what the `uniffi-bindgen` command does, with the same arguments.

fn main() {
    uniffi::uniffi_bindgen_main();
}
