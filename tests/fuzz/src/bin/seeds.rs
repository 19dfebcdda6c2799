//! Writes the seed corpus anew.

fn main() -> anyhow::Result<()> {
    let octets = rehome_fuzz::seeds::write()?;
    println!("{octets} octets in {}", rehome_fuzz::seeds::folder().display());
    Ok(())
}
