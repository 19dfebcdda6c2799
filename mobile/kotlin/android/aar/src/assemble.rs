//! Puts the archive together. Equal inputs give an equal file, byte for byte: no times, entries in one order.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

/// What an archive is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Jars whose classes become `classes.jar`: the module's own and the generated bindings'.
    pub jars: Vec<PathBuf>,
    /// Folders and files that are copied as they are: the manifest, the rules, the licences.
    pub files: Vec<PathBuf>,
    /// The library for each ABI.
    pub libraries: Vec<(String, PathBuf)>,
}

/// What is no class, or is another's: the JVM's native library, Maven's and Java's own notes.
const LEFT_OUT: [&str; 4] = ["META-INF/MANIFEST.MF", "META-INF/maven/", "META-INF/versions/", "META-INF/INDEX.LIST"];

/// The library's name in each ABI's folder.
pub const LIBRARY: &str = "librehome_ffi.so";

/// Name and content of each entry, in the order of the names.
type Entries = BTreeMap<String, Vec<u8>>;

/// The archive's bytes.
pub fn archive(parts: &Parts) -> Result<Vec<u8>> {
    let mut entries = Entries::new();
    for path in &parts.files {
        add(&mut entries, path)?;
    }
    for (abi, path) in &parts.libraries {
        let content = std::fs::read(path)
            .with_context(|| format!("{} cannot be read: run build-jni.sh with the NDK first", path.display()))?;
        entries.insert(format!("jni/{abi}/{LIBRARY}"), content);
    }
    entries.insert("classes.jar".into(), classes(&parts.jars)?);
    zipped(&entries)
}

/// One jar of the classes of several; a class that two of them have must be the same in both.
fn classes(jars: &[PathBuf]) -> Result<Vec<u8>> {
    let mut entries = Entries::new();
    for jar in jars {
        let file = File::open(jar).with_context(|| format!("{} cannot be read: build it with Maven", jar.display()))?;
        for (name, content) in unzipped(file).with_context(|| format!("{} is no jar", jar.display()))? {
            let native = name.ends_with(".so") || name.ends_with(".dll") || name.ends_with(".dylib");
            if native || LEFT_OUT.iter().any(|left_out| name.starts_with(left_out)) {
                continue;
            }
            if entries.get(&name).is_some_and(|other| *other != content) {
                bail!("{name} of {} is also in another jar, and differs: leave one of them out", jar.display());
            }
            entries.insert(name, content);
        }
    }
    zipped(&entries)
}

/// A folder's content, or a file by its own name.
fn add(entries: &mut Entries, path: &Path) -> Result<()> {
    if path.is_dir() {
        return add_folder(entries, path, "");
    }
    let content = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let name = path.file_name().with_context(|| format!("{} has no name", path.display()))?;
    entries.insert(name.to_string_lossy().into_owned(), content);
    Ok(())
}

fn add_folder(entries: &mut Entries, folder: &Path, prefix: &str) -> Result<()> {
    for found in std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let found = found?;
        let name = format!("{prefix}{}", found.file_name().to_string_lossy());
        if found.file_type()?.is_dir() {
            add_folder(entries, &found.path(), &format!("{name}/"))?;
        } else {
            let content = std::fs::read(found.path()).with_context(|| format!("{name} cannot be read"))?;
            entries.insert(name, content);
        }
    }
    Ok(())
}

/// The files of a zip archive.
pub fn unzipped(archive: impl Read + Seek) -> Result<Entries> {
    let mut archive = ZipArchive::new(archive)?;
    let mut entries = Entries::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        if entry.is_file() {
            let name = entry.name()?.into_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            if entries.contains_key(&name) {
                bail!("{name} is in it twice");
            }
            entries.insert(name, content);
        }
    }
    Ok(entries)
}

/// A zip archive of files, with one time for all.
pub fn zipped(entries: &Entries) -> Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(name.as_str(), options)?;
        writer.write_all(content)?;
    }
    Ok(writer.finish()?.into_inner())
}
