//! An archive made of small parts: what is in it, and what the check finds when a part is missing or wrong.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;

use rehome_aar::assemble::{Parts, archive, unzipped, zipped};
use rehome_aar::layout::{ABIS, Purpose, faults, other_faults, sizes};

/// The files as they are shipped.
const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/main/aar");
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../..");

fn put(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

fn jar(path: &Path, names: &[&str]) {
    let entries: BTreeMap<String, Vec<u8>> =
        names.iter().map(|name| ((*name).into(), name.as_bytes().to_vec())).collect();
    put(path, &zipped(&entries).unwrap());
}

/// A shared library for an ABI that is only its headers; 16 KB pages.
fn library(abi: &str) -> Vec<u8> {
    let machine: u16 = if abi == "arm64-v8a" { 183 } else { 62 };
    let mut bytes = vec![0; 64 + 56];
    bytes[..8].copy_from_slice(&[0x7f, b'E', b'L', b'F', 2, 1, 1, 0]);
    bytes[16..20].copy_from_slice(&[3, 0, machine as u8, 0]);
    bytes[32] = 64; // program headers
    bytes[54..58].copy_from_slice(&[56, 0, 1, 0]); // one of 56 bytes
    bytes[64] = 1; // PT_LOAD
    bytes[64 + 48..64 + 56].copy_from_slice(&16_384_u64.to_le_bytes());
    if abi == "armeabi-v7a" {
        bytes = vec![0; 52];
        bytes[..8].copy_from_slice(&[0x7f, b'E', b'L', b'F', 1, 1, 1, 0]);
        bytes[16..20].copy_from_slice(&[3, 0, 40, 0]);
    }
    bytes
}

/// All parts, right.
fn parts(folder: &Path) -> Parts {
    let (own, bindings) = (folder.join("android.jar"), folder.join("ffi.jar"));
    jar(
        &own,
        &[
            "META-INF/MANIFEST.MF",
            "META-INF/android.kotlin_module",
            "META-INF/maven/dev.rehome/android/pom.xml",
            "dev/rehome/RegistrationDriver.class",
            "dev/rehome/android/AndroidDnsResolver.class",
            "dev/rehome/android/NetworkWatch.class",
        ],
    );
    jar(
        &bindings,
        &[
            "META-INF/MANIFEST.MF",
            "META-INF/ffi.kotlin_module",
            "dev/rehome/ffi/Registration.class",
            "dev/rehome/ffi/UniffiLib.class",
            "linux-x86-64/librehome_ffi.so",
        ],
    );
    let library = |abi: &&str| {
        let path = folder.join(abi);
        put(&path, &library(abi));
        ((*abi).to_owned(), path)
    };
    let libraries = ABIS.iter().map(library).collect();
    let root = Path::new(ROOT);
    let files = vec![SHIPPED.into(), root.join("LICENSE-MIT"), root.join("LICENSE-APACHE")];
    Parts { jars: vec![own, bindings], files, libraries }
}

#[test]
fn an_archive_of_all_parts_has_no_faults_and_no_more_than_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = archive(&parts(folder.path())).unwrap();
    assert_eq!(faults(&bytes, Purpose::Trial), Vec::<String>::new());
    let entries = unzipped(Cursor::new(&bytes)).unwrap();
    let classes = unzipped(Cursor::new(&entries["classes.jar"])).unwrap();
    let names: Vec<&str> = classes.keys().map(String::as_str).collect();
    let expected = [
        "META-INF/android.kotlin_module",
        "META-INF/ffi.kotlin_module",
        "dev/rehome/RegistrationDriver.class",
        "dev/rehome/android/AndroidDnsResolver.class",
        "dev/rehome/android/NetworkWatch.class",
        "dev/rehome/ffi/Registration.class",
        "dev/rehome/ffi/UniffiLib.class",
    ];
    assert_eq!(names, expected);
    assert_eq!(bytes, archive(&parts(folder.path())).unwrap(), "equal parts give another archive");
}

#[test]
fn each_part_that_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let whole = unzipped(Cursor::new(archive(&parts(folder.path())).unwrap())).unwrap();
    for name in whole.keys() {
        let mut rest = whole.clone();
        rest.remove(name);
        let faults = faults(&zipped(&rest).unwrap(), Purpose::Trial);
        assert!(faults.iter().any(|fault| fault.contains(name.as_str())), "{name} is not missed: {faults:?}");
    }
}

#[test]
fn a_library_for_small_pages_is_found_in_the_archive() {
    let folder = tempfile::tempdir().unwrap();
    let parts = parts(folder.path());
    let mut small = library("x86_64");
    small[64 + 48..64 + 56].copy_from_slice(&4096_u64.to_le_bytes());
    put(&folder.path().join("x86_64"), &small);
    let faults = faults(&archive(&parts).unwrap(), Purpose::Trial);
    assert!(faults.len() == 1 && faults[0].starts_with("jni/x86_64/librehome_ffi.so: segment 0"), "{faults:?}");
}

#[test]
fn libraries_of_another_archive_are_checked_where_ours_are_shipped() {
    let mut entries: BTreeMap<String, Vec<u8>> =
        ABIS.iter().map(|abi| (format!("jni/{abi}/libjnidispatch.so"), library(abi))).collect();
    entries.insert("jni/mips/libjnidispatch.so".into(), b"none of Android's today".to_vec());
    assert_eq!(other_faults(&zipped(&entries).unwrap()).unwrap(), Vec::<String>::new());
    entries.remove("jni/x86_64/libjnidispatch.so");
    let small = entries.get_mut("jni/arm64-v8a/libjnidispatch.so").unwrap();
    small[64 + 48..64 + 56].copy_from_slice(&4096_u64.to_le_bytes());
    let faults = other_faults(&zipped(&entries).unwrap()).unwrap();
    assert!(faults.len() == 2 && faults[0].contains("segment 0") && faults[1].contains("x86_64"), "{faults:?}");
}

#[test]
fn the_size_of_each_library_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = archive(&parts(folder.path())).unwrap();
    let expected: Vec<(String, usize)> = ABIS.iter().map(|abi| ((*abi).to_owned(), library(abi).len())).collect();
    assert_eq!(sizes(&bytes).unwrap(), expected);
}

#[test]
fn a_library_that_was_not_built_is_named_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let parts = parts(folder.path());
    std::fs::remove_file(folder.path().join("x86_64")).unwrap();
    assert!(archive(&parts).unwrap_err().to_string().contains("build-jni.sh"));
}

#[test]
fn libraries_linked_without_the_ndk_are_not_for_release() {
    let folder = tempfile::tempdir().unwrap();
    let faults = faults(&archive(&parts(folder.path())).unwrap(), Purpose::Release);
    assert_eq!(faults.len(), ABIS.len(), "{faults:?}");
    assert!(faults.iter().all(|fault| fault.contains("libc.so")), "{faults:?}");
}

/// The text between an element's tags, the first time it is there.
fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split_once(&open).and_then(|(_, rest)| rest.split_once(&close)).map_or("", |(text, _)| text)
}

#[test]
fn the_published_pom_names_the_versions_that_were_built_with() {
    let read = |path: &str| std::fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
    let (published, built) = (read("mobile/kotlin/android/aar/pom.xml"), read("mobile/kotlin/pom.xml"));
    assert_eq!(element(&published, "version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(element(&published, "packaging"), "aar");
    let wanted = [
        ("kotlin-stdlib", "stdlib.version"),
        ("kotlinx-coroutines-core", "coroutines.version"),
        ("jna", "jna.version"),
    ];
    for (artifact, property) in wanted {
        let (_, dependency) = published.split_once(&format!("<artifactId>{artifact}</artifactId>")).unwrap();
        assert_eq!(element(dependency, "version"), element(&built, property), "{artifact}");
    }
    let (_, jna) = published.split_once("<artifactId>jna</artifactId>").unwrap();
    assert_eq!(element(jna, "type"), "aar");
}

#[test]
fn classes_of_others_and_two_of_one_name_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut parts = parts(folder.path());
    let other = folder.path().join("other.jar");
    jar(&other, &["kotlin/Unit.class"]);
    parts.jars.push(other.clone());
    let faults = faults(&archive(&parts).unwrap(), Purpose::Trial);
    assert!(faults.len() == 1 && faults[0].contains("kotlin/Unit.class"), "{faults:?}");
    let same = BTreeMap::from([("dev/rehome/ffi/Registration.class".to_owned(), b"another".to_vec())]);
    put(&other, &zipped(&same).unwrap());
    assert!(archive(&parts).unwrap_err().to_string().contains("also in another jar"));
}

#[test]
fn what_is_no_archive_is_refused() {
    assert!(faults(b"no zip", Purpose::Trial)[0].contains("cannot be read"));
}
