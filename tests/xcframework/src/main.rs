//! `rehome-xcframework DIR`: checks an XCFramework, and says what is in it.

use std::path::PathBuf;

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("name the XCFramework's folder")?.into();
    for line in rehome_xcframework::check(&folder, "RehomeFFIC")? {
        println!("{line}");
    }
    Ok(())
}
