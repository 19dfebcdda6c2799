//! `rehome-wasm-bindgen-test FILE`: cargo's runner for tests on `wasm32-unknown-unknown`, in Node or in a browser: what
//! the `wasm-bindgen-test-runner` command does.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
