//! The page check, on libraries made here: one that is right, and one for each way to be wrong.

use std::path::Path;
use std::process::Command;

use rehome_aar::elf::{PAGE, faults};

const AARCH64: u16 = 183;
const ARM: u16 = 40;
const HEADER: usize = 64;
const SEGMENT: usize = 56;

/// The headers of a 64-bit shared library; a segment is its offset, address and alignment.
fn library(machine: u16, segments: &[(u64, u64, u64)]) -> Vec<u8> {
    let mut bytes = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0];
    bytes.resize(16, 0);
    bytes.extend([3, 0]); // a shared library
    bytes.extend(machine.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(0_u64.to_le_bytes());
    bytes.extend((HEADER as u64).to_le_bytes());
    bytes.extend(0_u64.to_le_bytes());
    bytes.extend(0_u32.to_le_bytes());
    for half in [HEADER, SEGMENT, segments.len(), 64, 0, 0] {
        bytes.extend((half as u16).to_le_bytes());
    }
    for &(offset, address, align) in segments {
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(5_u32.to_le_bytes());
        for word in [offset, address, address, 0x1000, 0x1000, align] {
            bytes.extend(word.to_le_bytes());
        }
    }
    bytes
}

#[test]
fn a_good_library_has_no_faults() {
    let good = library(AARCH64, &[(0, 0, PAGE), (0x4f00, 0x8f00, PAGE), (0x1_0000, 0x2_0000, 4 * PAGE)]);
    assert_eq!(faults(&good, "arm64-v8a"), Vec::<String>::new());
}

#[test]
fn one_segment_for_small_pages_is_named_with_the_remedy() {
    let faults = faults(&library(AARCH64, &[(0, 0, PAGE), (0x1000, 0x5000, 4096)]), "arm64-v8a");
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("segment 1 is aligned to 4096") && faults[0].contains("max-page-size"), "{faults:?}");
}

#[test]
fn an_alignment_that_is_no_power_of_two_is_a_fault() {
    assert_eq!(faults(&library(AARCH64, &[(0, 0, PAGE + 1)]), "arm64-v8a").len(), 1);
    assert_eq!(faults(&library(AARCH64, &[(0, 0, 0)]), "arm64-v8a").len(), 1);
}

#[test]
fn a_file_that_lies_otherwise_than_memory_is_a_fault() {
    let faults = faults(&library(AARCH64, &[(0x1000, 0x2000, PAGE)]), "arm64-v8a");
    assert!(faults.len() == 1 && faults[0].contains("0x1000") && faults[0].contains("0x2000"), "{faults:?}");
}

#[test]
fn devices_of_32_bits_have_small_pages() {
    assert_eq!(faults(&library(ARM, &[(0, 0, 4096)]), "armeabi-v7a"), Vec::<String>::new());
}

#[test]
fn another_processor_is_named() {
    let faults = faults(&library(ARM, &[(0, 0, PAGE)]), "arm64-v8a");
    assert!(faults.len() == 1 && faults[0].contains("cargo ndk --target arm64-v8a"), "{faults:?}");
}

#[test]
fn what_is_no_library_is_refused() {
    assert!(faults(b"#!/bin/sh\n", "arm64-v8a")[0].contains("no ELF file"));
    assert!(faults(&[], "arm64-v8a")[0].contains("no ELF file"));
    assert!(faults(&library(AARCH64, &[]), "arm64-v8a")[0].contains("no PT_LOAD"));
    assert!(faults(&library(AARCH64, &[(0, 0, PAGE)])[..HEADER + 8], "arm64-v8a")[0].contains("cut short"));
    assert!(faults(&library(AARCH64, &[]), "mips")[0].contains("arm64-v8a, x86_64, armeabi-v7a"));
}

/// Links a library that holds one function; `None` where there is no C compiler for such files.
fn linked(folder: &Path, page_size: u32) -> Option<Vec<u8>> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return None;
    }
    let (source, library) = (folder.join("one.c"), folder.join(format!("lib{page_size}.so")));
    std::fs::write(&source, "int one(void) { return 1; }\nint two = 2;\n").unwrap();
    let mut command = Command::new("cc");
    command.args(["-shared", "-fPIC", "-nostdlib"]).arg(format!("-Wl,-z,max-page-size={page_size}"));
    let made = command.arg("-o").arg(&library).arg(&source).status();
    made.is_ok_and(|status| status.success()).then(|| std::fs::read(&library).unwrap())
}

#[test]
fn what_a_linker_makes_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (Some(large), Some(small)) = (linked(folder.path(), 16_384), linked(folder.path(), 4096)) else {
        eprintln!("there is no C compiler here: only the libraries made by hand were checked");
        return;
    };
    assert_eq!(faults(&large, "x86_64"), Vec::<String>::new());
    let faults = faults(&small, "x86_64");
    assert!(!faults.is_empty() && faults.iter().all(|fault| fault.contains("4096 bytes")), "{faults:?}");
}
