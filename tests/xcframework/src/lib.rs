//! Checks that an assembled XCFramework is what Xcode and the Swift package manager expect: `Info.plist`, a library for each
//! platform with the architectures that it names, headers with a module map in a folder of their own, the privacy manifest.

mod library;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

pub use library::{Architecture, architectures};

/// What must be there, as platform, variant and architectures.
const WANTED: [(&str, Option<&str>, &[&str]); 3] = [
    ("ios", None, &["arm64"]),
    ("ios", Some("simulator"), &["arm64", "x86_64"]),
    ("macos", None, &["arm64", "x86_64"]),
];

/// `Info.plist`.
#[derive(Debug, Deserialize)]
struct Info {
    #[serde(rename = "AvailableLibraries")]
    libraries: Vec<Library>,
    #[serde(rename = "CFBundlePackageType")]
    kind: String,
    #[serde(rename = "XCFrameworkFormatVersion")]
    version: String,
}

/// One of its libraries.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Library {
    binary_path: String,
    headers_path: String,
    library_identifier: String,
    library_path: String,
    supported_architectures: Vec<String>,
    supported_platform: String,
    supported_platform_variant: Option<String>,
}

/// Checks the folder; what there is, a line for each library. The error is the first thing that is not as it should be.
///
/// # Errors
/// Something is missing, or is not what `Info.plist` says.
pub fn check(framework: &Path, module: &str) -> Result<Vec<String>> {
    let info: Info = plist::from_file(framework.join("Info.plist")).context("Info.plist cannot be read")?;
    ensure!(
        info.kind == "XFWK" && info.version == "1.0",
        "Info.plist: {} {} is no XCFramework",
        info.kind,
        info.version
    );
    let there: BTreeSet<_> = info.libraries.iter().map(named).collect();
    let wanted: BTreeSet<_> = WANTED
        .iter()
        .map(|(platform, variant, parts)| {
            let parts: Vec<String> = parts.iter().map(|&part| part.into()).collect();
            ((*platform).to_owned(), variant.map(str::to_owned), parts)
        })
        .collect();
    ensure!(there == wanted, "Info.plist lists {there:?} instead of {wanted:?}");
    let privacy: plist::Dictionary =
        plist::from_file(framework.join("PrivacyInfo.xcprivacy")).context("PrivacyInfo.xcprivacy cannot be read")?;
    ensure!(
        privacy.get("NSPrivacyTracking").and_then(plist::Value::as_boolean) == Some(false),
        "PrivacyInfo.xcprivacy does not say that nobody is tracked"
    );
    info.libraries.iter().map(|library| check_library(framework, library, module)).collect()
}

fn named(library: &Library) -> (String, Option<String>, Vec<String>) {
    let mut parts = library.supported_architectures.clone();
    parts.sort();
    (library.supported_platform.clone(), library.supported_platform_variant.clone(), parts)
}

fn check_library(framework: &Path, library: &Library, module: &str) -> Result<String> {
    let name = &library.library_identifier;
    let folder = framework.join(name);
    ensure!(library.binary_path == library.library_path, "{name}: BinaryPath and LibraryPath differ");
    ensure!(library.library_path.starts_with("lib"), "{name}: {} is no name for -l", library.library_path);

    // In a folder of their own: module maps of two XCFrameworks meet in one include folder.
    let headers = folder.join(&library.headers_path);
    ensure!(!headers.join("module.modulemap").exists(), "{name}: the module map lies open in {}", library.headers_path);
    let map = headers.join(module).join("module.modulemap");
    let map = std::fs::read_to_string(&map).with_context(|| format!("{} cannot be read", map.display()))?;
    ensure!(map.contains(&format!("module {module} {{")), "{name}: the module map does not declare {module}");
    let header = headers.join(module).join(format!("{module}.h"));
    let header = std::fs::read_to_string(&header).with_context(|| format!("{} cannot be read", header.display()))?;
    ensure!(map.contains(&format!("header \"{module}.h\"")), "{name}: the module map does not name the header");
    let declared = functions(&header);
    ensure!(declared.len() > 20, "{name}: the header declares {} functions only", declared.len());

    let path = folder.join(&library.library_path);
    let data = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let found = architectures(&data).with_context(|| format!("{}", path.display()))?;
    let names: BTreeSet<&str> = found.iter().map(|found| found.name.as_str()).collect();
    let said: BTreeSet<&str> = library.supported_architectures.iter().map(String::as_str).collect();
    ensure!(names == said, "{name}: {} holds {names:?}, and Info.plist says {said:?}", library.library_path);
    let platform = (library.supported_platform.as_str(), library.supported_platform_variant.as_deref());
    for part in &found {
        for built in &part.platforms {
            ensure!(platform == (built.0, built.1), "{name}: {} was built for {built:?}", part.name);
        }
        ensure!(!part.platforms.is_empty(), "{name}: {} does not say for what it was built", part.name);
        let missing: Vec<_> = declared.iter().filter(|function| !part.symbols.contains(**function)).collect();
        ensure!(missing.is_empty(), "{name}: {} lacks what the header declares: {missing:?}", part.name);
    }
    Ok(format!(
        "{name}: {}, {} functions, {} bytes",
        said.into_iter().collect::<Vec<_>>().join(" "),
        declared.len(),
        data.len()
    ))
}

/// The functions that a header declares: what stands before a bracket and begins as uniffi's do.
fn functions(header: &str) -> BTreeSet<&str> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = header.match_indices('(').filter_map(|(at, _)| header[..at].rsplit(|c| !word(c)).next());
    words.filter(|word| word.starts_with("uniffi_rehome") || word.starts_with("ffi_rehome")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_a_header() {
        let header =
            "typedef void (*Callback)(int);\nuint64_t uniffi_rehome_f(uint64_t a\n);\nvoid ffi_rehome_g(void);";
        assert_eq!(functions(header), BTreeSet::from(["uniffi_rehome_f", "ffi_rehome_g"]));
    }

    #[test]
    fn a_folder_without_anything_is_named() {
        let error = check(Path::new("/no/such/folder"), "RehomeFFIC").unwrap_err();
        assert!(error.to_string().contains("Info.plist"), "{error}");
    }
}
