//! Static libraries: archives of Mach-O objects, one or several in a file.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use object::macho::{LC_BUILD_VERSION, LC_VERSION_MIN_IPHONEOS, LC_VERSION_MIN_MACOSX, MachHeader64};
use object::read::archive::ArchiveFile;
use object::read::macho::{FatArch, LoadCommandVariant, MachHeader, MachOFatFile32};
use object::{Architecture as Cpu, Endianness, Object, ObjectSymbol};

/// One architecture of a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Architecture {
    /// `arm64` or `x86_64`.
    pub name: String,
    /// For what its objects were built: platform and variant.
    pub platforms: BTreeSet<(&'static str, Option<&'static str>)>,
    /// The functions that it defines for others.
    pub symbols: BTreeSet<String>,
}

/// What is in a library.
///
/// # Errors
/// It is none, or its objects are not of the architecture that it names.
pub fn architectures(data: &[u8]) -> Result<Vec<Architecture>> {
    if !data.starts_with(&object::macho::FAT_MAGIC.to_be_bytes()) {
        return Ok(vec![archive(data)?]);
    }
    let fat = MachOFatFile32::parse(data).context("no fat file")?;
    fat.arches()
        .iter()
        .map(|part| {
            let said = name(part.architecture())?;
            let found = archive(part.data(data).context("a part lies outside of the file")?)?;
            ensure!(found.name == said, "the part for {said} holds {}", found.name);
            Ok(found)
        })
        .collect()
}

fn name(cpu: Cpu) -> Result<String> {
    Ok(match cpu {
        Cpu::Aarch64 => "arm64",
        Cpu::X86_64 => "x86_64",
        other => bail!("{other:?} is not expected"),
    }
    .to_owned())
}

fn archive(data: &[u8]) -> Result<Architecture> {
    let archive = ArchiveFile::parse(data).context("no archive")?;
    let mut found: Option<Architecture> = None;
    for member in archive.members() {
        let member = member.context("a member of the archive cannot be read")?;
        let bytes = member.data(data).context("a member of the archive lies outside of it")?;
        let file = object::File::parse(bytes)
            .with_context(|| format!("{} is no object file", String::from_utf8_lossy(member.name())))?;
        let own = name(file.architecture())?;
        let all = found.get_or_insert_with(|| Architecture {
            name: own.clone(),
            platforms: BTreeSet::new(),
            symbols: BTreeSet::new(),
        });
        ensure!(all.name == own, "{} and {own} in one archive", all.name);
        all.platforms.extend(platform(bytes, own == "x86_64")?);
        let defined = file.symbols().filter(|symbol| symbol.is_global() && symbol.is_definition());
        // Mach-O writes an underscore before each name.
        let names = defined.filter_map(|symbol| Some(symbol.name().ok()?.strip_prefix('_')?.to_owned()));
        all.symbols.extend(names.filter(|name| name.contains("ffi_rehome") || name.contains("uniffi_rehome")));
    }
    found.context("an archive without members")
}

/// What an object says that it was built for, if it says so; `simulator`: what says iOS means its simulator.
fn platform(bytes: &[u8], simulator: bool) -> Result<Option<(&'static str, Option<&'static str>)>> {
    let header = MachHeader64::<Endianness>::parse(bytes, 0).context("no 64-bit Mach-O")?;
    let endian = header.endian().context("no Mach-O")?;
    let mut commands = header.load_commands(endian, bytes, 0).context("no load commands")?;
    while let Some(command) = commands.next().context("a load command cannot be read")? {
        match command.cmd() {
            LC_BUILD_VERSION => {}
            // Older systems were named like this; of iOS only the simulator ran on x86_64.
            LC_VERSION_MIN_IPHONEOS => return Ok(Some(("ios", simulator.then_some("simulator")))),
            LC_VERSION_MIN_MACOSX => return Ok(Some(("macos", None))),
            _ => continue,
        }
        if let LoadCommandVariant::BuildVersion(version) = command.variant().context("a build version is damaged")? {
            return Ok(Some(match version.platform.get(endian) {
                object::macho::PLATFORM_IOS => ("ios", None),
                object::macho::PLATFORM_IOSSIMULATOR => ("ios", Some("simulator")),
                object::macho::PLATFORM_MACOS => ("macos", None),
                other => bail!("platform {other} is not expected"),
            }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_library_is_said() {
        assert!(architectures(b"nothing").unwrap_err().to_string().contains("no archive"));
        assert!(architectures(b"!<arch>\n").unwrap_err().to_string().contains("without members"));
        assert!(architectures(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 9]).is_err());
    }
}
