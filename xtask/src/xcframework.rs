//! The core for Apple's systems: static libraries in an XCFramework, assembled without Apple's tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::child::{cargo, output, root, succeeds, target};
use crate::swift::{copy, write};

/// A toolchain of its own: 1.95 lacks the libraries of two of the targets.
const TOOLCHAIN: &str = "1.96.0";
const LIBRARY: &str = "librehome_ffi.a";
const NAME: &str = "RehomeFFIC.xcframework";

/// One library of the XCFramework.
struct Slice {
    /// The folder, as Xcode would name it.
    name: &'static str,
    platform: &'static str,
    simulator: bool,
    parts: &'static [Part],
}

/// One architecture of a library.
struct Part {
    target: &'static str,
    architecture: &'static str,
    /// As in Mach-O's `cputype` and `cpusubtype`.
    cpu: [u32; 2],
}

const ARM64: [u32; 2] = [0x0100_000c, 0];
const X86_64: [u32; 2] = [0x0100_0007, 3];

const SLICES: [Slice; 3] = [
    Slice {
        name: "ios-arm64",
        platform: "ios",
        simulator: false,
        parts: &[Part { target: "aarch64-apple-ios", architecture: "arm64", cpu: ARM64 }],
    },
    Slice {
        name: "ios-arm64_x86_64-simulator",
        platform: "ios",
        simulator: true,
        parts: &[
            Part { target: "aarch64-apple-ios-sim", architecture: "arm64", cpu: ARM64 },
            Part { target: "x86_64-apple-ios", architecture: "x86_64", cpu: X86_64 },
        ],
    },
    Slice {
        name: "macos-arm64_x86_64",
        platform: "macos",
        simulator: false,
        parts: &[
            Part { target: "aarch64-apple-darwin", architecture: "arm64", cpu: ARM64 },
            Part { target: "x86_64-apple-darwin", architecture: "x86_64", cpu: X86_64 },
        ],
    },
];

/// Builds all libraries and assembles `RehomeFFIC.xcframework` in a folder; its path. `headers` has `RehomeFFIC.h` and
/// `RehomeFFIC.modulemap` as generated. Prints the sizes.
pub(crate) fn build(into: &Path, headers: &Path) -> Result<PathBuf> {
    let tools = toolchain()?;
    let framework = into.join(NAME);
    // The one place for a version: Info.plist has none.
    let map = headers.join("RehomeFFIC.modulemap");
    let map = std::fs::read_to_string(&map).with_context(|| format!("{} cannot be read", map.display()))?;
    let map = format!("// Rehome {}\n{map}", env!("CARGO_PKG_VERSION"));
    let _ = std::fs::remove_dir_all(&framework);
    for slice in &SLICES {
        let mut parts = Vec::new();
        for part in slice.parts {
            let library = compile(part, &tools)?;
            println!("{:24} {:>9} bytes, stripped", part.target, library.len());
            parts.push((part.cpu, library));
        }
        let whole = if parts.len() == 1 { parts.remove(0).1 } else { fat(&parts)? };
        let folder = framework.join(slice.name);
        // A folder of its own: module maps of two XCFrameworks would overwrite each other in Xcode's include folder.
        let module = folder.join("Headers/RehomeFFIC");
        copy(&headers.join("RehomeFFIC.h"), &module.join("RehomeFFIC.h"))?;
        write(&module.join("module.modulemap"), map.as_bytes())?;
        write(&folder.join(LIBRARY), &whole)?;
    }
    write(&framework.join("Info.plist"), info().as_bytes())?;
    copy(&root().join("mobile/swift/Sources/Rehome/PrivacyInfo.xcprivacy"), &framework.join("PrivacyInfo.xcprivacy"))?;
    Ok(framework)
}

/// Installs what is missing; the folder of its LLVM tools.
fn toolchain() -> Result<PathBuf> {
    let sysroot = || output(Command::new("rustup").args(["run", TOOLCHAIN, "rustc", "--print", "sysroot"]));
    let targets: Vec<&str> = SLICES.iter().flat_map(|slice| slice.parts).map(|part| part.target).collect();
    let tools = |sysroot: &str| {
        let lib = Path::new(sysroot).join("lib/rustlib");
        let host = std::fs::read_dir(&lib).ok()?.flatten().map(|entry| entry.path().join("bin/llvm-strip"));
        let strip = host.into_iter().find(|path| path.exists())?;
        targets.iter().all(|target| lib.join(target).is_dir()).then_some(strip)
    };
    if let Some(strip) = sysroot().as_deref().and_then(tools) {
        return Ok(strip);
    }
    let mut install = Command::new("rustup");
    install.args(["toolchain", "install", TOOLCHAIN, "--profile", "minimal", "--component", "llvm-tools"]);
    let wanted = targets.join(",");
    if !succeeds(install.args(["--target", &wanted])) {
        bail!(
            "Rust {TOOLCHAIN} for Apple's targets is missing: rustup toolchain install {TOOLCHAIN} --profile minimal \
             --component llvm-tools --target {wanted}"
        );
    }
    sysroot()
        .as_deref()
        .and_then(tools)
        .with_context(|| format!("Rust {TOOLCHAIN} was installed, and parts are missing"))
}

/// The library of one target, without what only debuggers want.
fn compile(part: &Part, strip: &Path) -> Result<Vec<u8>> {
    // Its own folder: builds of another compiler would throw each other's out.
    let folder = target().join("apple");
    let mut command = Command::new("rustup");
    command.args(["run", TOOLCHAIN, "cargo", "rustc", "--package", "rehome-uniffi", "--lib", "--profile", "mobile"]);
    command.args(["--crate-type", "staticlib", "--target", part.target]).arg("--target-dir").arg(&folder);
    command.current_dir(root()).env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC");
    ensure!(command.status().context("rustup cannot be run")?.success(), "{} cannot be built: see above", part.target);
    let built = folder.join(part.target).join("mobile").join(LIBRARY);
    let stripped = built.with_extension("stripped.a");
    let status = Command::new(strip).args(["-S", "-o"]).args([&stripped, &built]).status();
    ensure!(status.is_ok_and(|status| status.success()), "{} cannot be stripped", built.display());
    std::fs::read(&stripped).with_context(|| format!("{} cannot be read", stripped.display()))
}

/// Several architectures in one file: what `lipo -create` writes.
fn fat(parts: &[([u32; 2], Vec<u8>)]) -> Result<Vec<u8>> {
    const MAGIC: u32 = 0xcafe_babe;
    /// As a power of two; that of pages, so that any part can be mapped.
    const ALIGN: u32 = 14;
    let aligned = |length: usize| length.next_multiple_of(1 << ALIGN);
    let mut header = Vec::new();
    let mut put = |number: u32| header.extend_from_slice(&number.to_be_bytes());
    put(MAGIC);
    put(u32::try_from(parts.len())?);
    let mut offset = aligned(8 + 20 * parts.len());
    let mut offsets = Vec::new();
    for ([kind, subkind], library) in parts {
        for number in [*kind, *subkind, u32::try_from(offset)?, u32::try_from(library.len())?, ALIGN] {
            put(number);
        }
        offsets.push(offset);
        offset = aligned(offset + library.len());
    }
    let mut file = header;
    for (offset, (_, library)) in offsets.into_iter().zip(parts) {
        file.resize(offset, 0);
        file.extend_from_slice(library);
    }
    Ok(file)
}

/// What there is for which platform, as `xcodebuild -create-xcframework` writes it.
fn info() -> String {
    let libraries: String = SLICES.iter().map(library).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>AvailableLibraries</key>
	<array>
{libraries}	</array>
	<key>CFBundlePackageType</key>
	<string>XFWK</string>
	<key>XCFrameworkFormatVersion</key>
	<string>1.0</string>
</dict>
</plist>
"#
    )
}

fn library(slice: &Slice) -> String {
    let architectures: String =
        slice.parts.iter().map(|part| format!("\t\t\t\t<string>{}</string>\n", part.architecture)).collect();
    let variant = if slice.simulator {
        "\t\t\t<key>SupportedPlatformVariant</key>\n\t\t\t<string>simulator</string>\n"
    } else {
        ""
    };
    let (name, platform) = (slice.name, slice.platform);
    let string = |key: &str, value: &str| format!("\t\t\t<key>{key}</key>\n\t\t\t<string>{value}</string>\n");
    [
        "\t\t<dict>\n".to_owned(),
        string("BinaryPath", LIBRARY),
        string("HeadersPath", "Headers"),
        string("LibraryIdentifier", name),
        string("LibraryPath", LIBRARY),
        format!("\t\t\t<key>SupportedArchitectures</key>\n\t\t\t<array>\n{architectures}\t\t\t</array>\n"),
        string("SupportedPlatform", platform),
        variant.to_owned(),
        "\t\t</dict>\n".to_owned(),
    ]
    .concat()
}

/// The assembled folder is what Xcode expects: checked by a crate that can read archives and property lists.
pub(crate) fn check(framework: &Path) -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "rehome-xcframework", "--"]).arg(framework);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fat_file_lists_its_parts() {
        let file = fat(&[(ARM64, vec![1; 3]), (X86_64, vec![2; 5])]).unwrap();
        assert_eq!(file[..8], [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2]);
        let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
        assert_eq!([number(8), number(16), number(20), number(24)], [0x0100_000c, 0x4000, 3, 14]);
        assert_eq!([number(28), number(36), number(40)], [0x0100_0007, 0x8000, 5]);
        assert_eq!(file[0x4000..0x4003], [1; 3]);
        assert_eq!(file[0x8000..], [2; 5]);
    }
}
