//! Whether an archive holds what Gradle and a device need, and nothing that does harm.

use std::collections::BTreeMap;
use std::io::Cursor;

use anyhow::Result;

use crate::assemble::{LIBRARY, unzipped};
use crate::elf;

/// What an archive must hold.
const NEEDED: [&str; 8] = [
    "AndroidManifest.xml",
    "R.txt",
    "classes.jar",
    "proguard.txt",
    "META-INF/com/android/build/gradle/aar-metadata.properties",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "NOTICE",
];

/// The classes without which nothing runs: the driver, Android's parts, the bindings.
const CLASSES: [&str; 5] = [
    "dev/rehome/RegistrationDriver.class",
    "dev/rehome/android/AndroidDnsResolver.class",
    "dev/rehome/android/NetworkWatch.class",
    "dev/rehome/ffi/Registration.class",
    "dev/rehome/ffi/UniffiLib.class",
];

/// Where each rule of R8's that the bindings depend on must be named.
const RULES: [&str; 3] = ["com.sun.jna", "dev.rehome.ffi", "-dontwarn java.awt"];

/// The ABIs that are shipped.
pub const ABIS: [&str; 3] = ["arm64-v8a", "armeabi-v7a", "x86_64"];

/// What an archive is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be shipped: its libraries are linked against Android's own.
    Release,
    /// To see that the parts fit together, on a machine without the NDK.
    Trial,
}

/// What is wrong with an archive, as sentences; empty if nothing is.
pub fn faults(archive: &[u8], purpose: Purpose) -> Vec<String> {
    let entries = match unzipped(Cursor::new(archive)) {
        Ok(entries) => entries,
        Err(error) => return vec![format!("the archive cannot be read ({error}): assemble it again")],
    };
    let mut faults = Vec::new();
    for name in NEEDED {
        match entries.get(name) {
            None => faults.push(format!("{name} is missing: assemble the archive of all its parts")),
            // An archive without resources has an empty list of them.
            Some(content) if content.is_empty() && name != "R.txt" => faults.push(format!("{name} is empty")),
            Some(_) => {}
        }
    }
    faults.extend(manifest_faults(&text(&entries, "AndroidManifest.xml")));
    let rules = text(&entries, "proguard.txt");
    faults.extend(RULES.iter().filter(|rule| !rules.contains(**rule)).map(|rule| {
        format!("proguard.txt does not name {rule}: an application that is shrunk would stop at its first call")
    }));
    if let Some(classes) = entries.get("classes.jar") {
        faults.extend(class_faults(classes));
    }
    faults.extend(library_faults(&entries, purpose));
    faults
}

/// How large the library of each ABI is, in bytes.
pub fn sizes(archive: &[u8]) -> Result<Vec<(String, usize)>> {
    let entries = unzipped(Cursor::new(archive))?;
    let libraries = entries.iter().filter_map(|(name, content)| Some((name.strip_prefix("jni/")?, content.len())));
    Ok(libraries.map(|(name, size)| (name.split('/').next().unwrap_or(name).to_owned(), size)).collect())
}

/// What keeps another archive's libraries from being loaded, for the ABIs that are shipped here.
pub fn other_faults(archive: &[u8]) -> Result<Vec<String>> {
    let entries = unzipped(Cursor::new(archive))?;
    let mut faults = Vec::new();
    for abi in ABIS {
        let folder = format!("jni/{abi}/");
        let libraries: Vec<_> = entries.iter().filter(|(name, _)| name.starts_with(&folder)).collect();
        if libraries.is_empty() {
            faults.push(format!("there is no library for {abi}: an application for it would stop at its first call"));
        }
        for (name, content) in libraries {
            faults.extend(elf::faults(content, abi).into_iter().map(|fault| format!("{name}: {fault}")));
        }
    }
    Ok(faults)
}

fn text(entries: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8_lossy(entries.get(name).map_or(&[], Vec::as_slice)).into_owned()
}

fn manifest_faults(manifest: &str) -> Vec<String> {
    let needed = [
        ("android:minSdkVersion=\"26\"", "Gradle would take it for any Android"),
        ("package=\"dev.rehome.android\"", "Gradle asks for a package"),
        ("android.permission.INTERNET", "no socket could be opened"),
        ("android.permission.ACCESS_NETWORK_STATE", "NetworkWatch would throw"),
    ];
    let missing = needed.iter().filter(|(text, _)| !manifest.contains(text));
    missing.map(|(text, why)| format!("AndroidManifest.xml lacks {text}: {why}")).collect()
}

fn class_faults(classes: &[u8]) -> Vec<String> {
    let entries = match unzipped(Cursor::new(classes)) {
        Ok(entries) => entries,
        Err(error) => return vec![format!("classes.jar cannot be read ({error})")],
    };
    let missing = CLASSES.iter().filter(|class| !entries.contains_key(**class));
    let mut faults: Vec<String> = missing.map(|class| format!("classes.jar lacks {class}")).collect();
    // What the application has from elsewhere, too, would be there twice, and Gradle refuses that.
    let foreign = |name: &&String| name.ends_with(".class") && !name.starts_with("dev/rehome/");
    if let Some(name) = entries.keys().find(foreign) {
        faults.push(format!("classes.jar holds {name}, which is another library's: name that in the pom instead"));
    }
    faults
}

fn library_faults(entries: &BTreeMap<String, Vec<u8>>, purpose: Purpose) -> Vec<String> {
    let mut faults = Vec::new();
    for abi in ABIS {
        let name = format!("jni/{abi}/{LIBRARY}");
        if !entries.contains_key(&name) {
            faults.push(format!("{name} is missing: run build-jni.sh with the NDK"));
        }
    }
    for (name, content) in entries.iter().filter(|(name, _)| name.starts_with("jni/")) {
        let abi = name.split('/').nth(1).unwrap_or_default();
        faults.extend(elf::faults(content, abi).into_iter().map(|fault| format!("{name}: {fault}")));
        if purpose == Purpose::Release && !elf::is_linked(content) {
            faults.push(format!(
                "{name}: it is not linked against Android's libc.so: build it with the NDK, by build-jni.sh"
            ));
        }
    }
    faults
}
