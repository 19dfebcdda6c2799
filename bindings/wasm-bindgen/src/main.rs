//! `rehome-wasm-bindgen ARGS`: what the `wasm-bindgen` command does, with the same arguments.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os())
}
