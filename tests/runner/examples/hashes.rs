//! Prints `FILE HASH` of each scenario, for other languages' runners to compare with.

fn main() -> anyhow::Result<()> {
    let passed = rehome_runner::main_hashes(None)?;
    anyhow::ensure!(passed, "some scenarios failed: see above");
    Ok(())
}
