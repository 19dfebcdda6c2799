//! Whether a shared library loads on a device whose memory pages are 16 KB, and for which processor it is.

use goblin::container::{Container, Ctx, Endian};
use goblin::elf::header::{EI_CLASS, ELFCLASS64, EM_386, EM_AARCH64, EM_ARM, EM_X86_64, ET_DYN};
use goblin::elf::program_header::{PT_LOAD, ProgramHeader};
use goblin::elf::{Elf, header::Header};

/// The page size that Android 15 and later may have on 64-bit devices; Google Play asks for it there, and there alone.
pub const PAGE: u64 = 16 * 1024;

/// The ABIs of an archive: the folder's name, the processor, and whether its devices may have 16 KB pages.
const ABIS: [(&str, u16, bool); 4] = [
    ("arm64-v8a", EM_AARCH64, true),
    ("x86_64", EM_X86_64, true),
    ("armeabi-v7a", EM_ARM, false),
    ("x86", EM_386, false),
];

/// What is wrong with a library for an ABI, as sentences; empty if nothing is.
pub fn faults(library: &[u8], abi: &str) -> Vec<String> {
    let Some(&(_, machine, large_pages)) = ABIS.iter().find(|(name, ..)| *name == abi) else {
        let known = ABIS.map(|(name, ..)| name).join(", ");
        return vec![format!("{abi} is not an ABI of Android: use {known}")];
    };
    let header = match Elf::parse_header(library) {
        Ok(header) => header,
        Err(error) => return vec![format!("it is no ELF file ({error}): put a library built by the NDK there")],
    };
    let mut faults = Vec::new();
    if header.e_machine != machine {
        let found = goblin::elf::header::machine_to_str(header.e_machine);
        faults.push(format!("it is for {found}, not for {abi}: build it with `cargo ndk --target {abi}`"));
    }
    if header.e_type != ET_DYN {
        faults.push("it is no shared library: build it with `--crate-type cdylib`".into());
    }
    if large_pages {
        faults.extend(page_faults(library, &header));
    }
    faults
}

/// Whether a library asks for Android's C library: one that was linked without the NDK does not, and would not load.
pub fn is_linked(library: &[u8]) -> bool {
    Elf::parse(library).is_ok_and(|elf| elf.libraries.contains(&"libc.so"))
}

/// What keeps a library from being loaded on 16 KB pages.
fn page_faults(library: &[u8], header: &Header) -> Vec<String> {
    let segments = match segments(library, header) {
        Ok(segments) => segments,
        Err(error) => return vec![format!("its program headers cannot be read ({error}): it is cut short or damaged")],
    };
    let loaded: Vec<&ProgramHeader> = segments.iter().filter(|segment| segment.p_type == PT_LOAD).collect();
    if loaded.is_empty() {
        return vec!["it has no PT_LOAD segment, so nothing of it is loaded: it is no library for a device".into()];
    }
    let faulty = |(index, segment): (usize, &&ProgramHeader)| {
        let align = segment.p_align;
        if !align.is_power_of_two() || align < PAGE {
            return Some(format!(
                "segment {index} is aligned to {align} bytes, less than the {PAGE} of a 16 KB page: link it with \
                 -Wl,-z,max-page-size=16384"
            ));
        }
        // The loader maps whole pages: what lies at one place in its page of memory must lie there in the file.
        (segment.p_vaddr % align != segment.p_offset % align).then(|| {
            let (offset, address) = (segment.p_offset, segment.p_vaddr);
            format!(
                "segment {index} lies at {offset:#x} in the file and at {address:#x} in memory, which differ modulo its \
                 alignment of {align}: link it again, without tools that move segments afterwards"
            )
        })
    };
    loaded.iter().enumerate().filter_map(faulty).collect()
}

fn segments(library: &[u8], header: &Header) -> goblin::error::Result<Vec<ProgramHeader>> {
    let container = if header.e_ident[EI_CLASS] == ELFCLASS64 { Container::Big } else { Container::Little };
    let context = Ctx::new(container, header.endianness().unwrap_or(Endian::Little));
    let at = usize::try_from(header.e_phoff).map_err(|_| goblin::error::Error::Malformed("offset".into()))?;
    ProgramHeader::parse(library, at, header.e_phnum.into(), context)
}
