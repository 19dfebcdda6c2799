//! A library as it lies in memory: a wasm, or an ELF.

use anyhow::{Context, Result, bail};
use object::{Object, ObjectSection, RelocationTarget};
use wasmparser::{DataKind, Operator, Parser, Payload};

/// What lies at which address.
#[derive(Debug)]
pub struct Memory {
    parts: Vec<(u64, Vec<u8>)>,
    /// Bytes of a pointer.
    pub width: usize,
}

impl Memory {
    /// The data of a library.
    ///
    /// # Errors
    /// If it is neither a wasm nor an ELF.
    pub fn of(library: &[u8]) -> Result<Self> {
        match library {
            [0, b'a', b's', b'm', ..] => Self::of_wasm(library),
            [0x7f, b'E', b'L', b'F', ..] => Self::of_elf(library),
            _ => bail!("neither a wasm nor an ELF"),
        }
    }

    fn of_wasm(wasm: &[u8]) -> Result<Self> {
        let mut parts = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            let Payload::DataSection(data) = payload? else { continue };
            for data in data {
                let data = data?;
                let DataKind::Active { offset_expr, .. } = data.kind else { continue };
                if let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? {
                    parts.push((u64::from(value as u32), data.data.to_vec()));
                }
            }
        }
        Ok(Self { parts, width: 4 })
    }

    /// With its pointers as the loader leaves them, for an address of 0.
    fn of_elf(elf: &[u8]) -> Result<Self> {
        let file = object::File::parse(elf)?;
        let mut parts = Vec::new();
        for section in file.sections().filter(|section| section.address() > 0) {
            parts.push((section.address(), section.data()?.to_vec()));
        }
        let mut memory = Self { parts, width: if file.is_64() { 8 } else { 4 } };
        for (at, relocation) in file.dynamic_relocations().into_iter().flatten() {
            if relocation.target() == RelocationTarget::Absolute && !relocation.has_implicit_addend() {
                let value = relocation.addend().to_le_bytes();
                let width = memory.width;
                let place = memory.at_mut(at, width).context("a relocation outside")?;
                place.copy_from_slice(&value[..width]);
            }
        }
        Ok(memory)
    }

    fn at_mut(&mut self, address: u64, length: usize) -> Option<&mut [u8]> {
        self.parts.iter_mut().find_map(|(start, part)| {
            let from = usize::try_from(address.checked_sub(*start)?).ok()?;
            part.get_mut(from..from.checked_add(length)?)
        })
    }

    /// So many bytes.
    #[must_use]
    pub fn at(&self, address: u64, length: usize) -> Option<&[u8]> {
        self.parts.iter().find_map(|(start, part)| {
            let from = usize::try_from(address.checked_sub(*start)?).ok()?;
            part.get(from..from.checked_add(length)?)
        })
    }

    /// Every place where so many words of the width of a pointer may lie.
    pub fn words(&self, count: usize) -> impl Iterator<Item = &[u8]> {
        let (width, length) = (self.width, self.width * count);
        self.parts.iter().flat_map(move |(start, part)| {
            let first = start.next_multiple_of(width as u64) - start;
            part.get(first as usize..).unwrap_or_default().windows(length).step_by(width)
        })
    }
}
