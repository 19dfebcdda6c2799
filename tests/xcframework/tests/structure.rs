//! A good XCFramework passes, and each way to get it wrong is named: small libraries, written here byte by byte.

use std::fs;
use std::path::{Path, PathBuf};

use rehome_xcframework::check;

const ARM64: u32 = 0x0100_000c;
const X86_64: u32 = 0x0100_0007;
const MACOS: u32 = 1;
const IOS: u32 = 2;
const SIMULATOR: u32 = 7;
/// A symbol of a section that others can use, and one that this object wants of others.
const DEFINED: u8 = 0x0f;
const WANTED: u8 = 0x01;

const FUNCTIONS: usize = 24;

fn function(number: usize) -> String {
    format!("uniffi_rehome_fn_func_f{number}")
}

/// A Mach-O object: header, build version if there is a platform, symbols.
fn object(cpu: u32, platform: Option<u32>, symbols: &[(String, u8)]) -> Vec<u8> {
    let mut commands = Vec::new();
    let build = platform.map(|platform| vec![0x32, 24, platform, 0x000d_0000, 0x000d_0000, 0]);
    let head = 32 + 24 + build.as_ref().map_or(0, |_| 24);
    let names: String = symbols.iter().map(|(name, _)| format!("_{name}\0")).collect();
    let count = u32::try_from(symbols.len()).unwrap();
    let strings = u32::try_from(names.len()).unwrap() + 1;
    commands.extend(build.iter().flatten().copied());
    commands.extend([0x2, 24, head, count, head + 16 * count, strings]);
    let header = [0xfeed_facf, cpu, 0, 1, 1 + u32::from(build.is_some()), head - 32, 0, 0];
    let mut bytes: Vec<u8> = header.into_iter().chain(commands).flat_map(u32::to_le_bytes).collect();
    let mut at = 1_u32;
    for (name, kind) in symbols {
        bytes.extend(at.to_le_bytes());
        bytes.extend([*kind, 1, 0, 0]);
        bytes.extend(0_u64.to_le_bytes());
        at += u32::try_from(name.len()).unwrap() + 2;
    }
    bytes.push(0);
    bytes.extend(names.bytes());
    bytes
}

/// An archive of one object.
fn archive(object: &[u8]) -> Vec<u8> {
    let head = format!("!<arch>\n{:16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", "a.o/", 0, 0, 0, 644, object.len());
    let mut bytes = head.into_bytes();
    bytes.extend(object);
    bytes.resize(bytes.len().next_multiple_of(2), b'\n');
    bytes
}

/// An archive with all functions.
fn whole(cpu: u32, platform: u32) -> Vec<u8> {
    let symbols: Vec<_> = (0..FUNCTIONS).map(|number| (function(number), DEFINED)).collect();
    archive(&object(cpu, Some(platform), &symbols))
}

/// Several archives in one file, each for what it is said to be.
fn fat(parts: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut head: Vec<u32> = vec![0xcafe_babe, u32::try_from(parts.len()).unwrap()];
    let mut body = Vec::new();
    for (cpu, part) in parts {
        let offset = u32::try_from(4096 + body.len()).unwrap();
        head.extend([*cpu, 0, offset, u32::try_from(part.len()).unwrap(), 12]);
        body.extend(part);
        body.resize(body.len().next_multiple_of(4096), 0);
    }
    let mut bytes: Vec<u8> = head.into_iter().flat_map(u32::to_be_bytes).collect();
    bytes.resize(4096, 0);
    bytes.extend(body);
    bytes
}

const DEVICE: &str = "ios-arm64";
const IN_SIMULATOR: &str = "ios-arm64_x86_64-simulator";
const ON_MACOS: &str = "macos-arm64_x86_64";

fn entry(name: &str, platform: &str, parts: &[&str], variant: &str) -> String {
    let parts: String = parts.iter().map(|part| format!("<string>{part}</string>")).collect();
    format!(
        "<dict><key>BinaryPath</key><string>librehome_ffi.a</string><key>HeadersPath</key><string>Headers</string>\
         <key>LibraryIdentifier</key><string>{name}</string><key>LibraryPath</key><string>librehome_ffi.a</string>\
         <key>SupportedArchitectures</key><array>{parts}</array>\
         <key>SupportedPlatform</key><string>{platform}</string>{variant}</dict>"
    )
}

/// A framework as it should be, in a folder of the test's own.
fn good(name: &str) -> PathBuf {
    let framework = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&framework);
    let both = |platform| fat(&[(ARM64, whole(ARM64, platform)), (X86_64, whole(X86_64, platform))]);
    let header: String = (0..FUNCTIONS).map(|number| format!("void {}(void);\n", function(number))).collect();
    for (slice, library) in [(DEVICE, whole(ARM64, IOS)), (IN_SIMULATOR, both(SIMULATOR)), (ON_MACOS, both(MACOS))] {
        let headers = framework.join(slice).join("Headers/RehomeFFIC");
        fs::create_dir_all(&headers).unwrap();
        fs::write(headers.join("RehomeFFIC.h"), &header).unwrap();
        fs::write(headers.join("module.modulemap"), "module RehomeFFIC {\n    header \"RehomeFFIC.h\"\n}\n").unwrap();
        fs::write(framework.join(slice).join("librehome_ffi.a"), library).unwrap();
    }
    let simulator = "<key>SupportedPlatformVariant</key><string>simulator</string>";
    let entries = [
        entry(DEVICE, "ios", &["arm64"], ""),
        entry(IN_SIMULATOR, "ios", &["arm64", "x86_64"], simulator),
        entry(ON_MACOS, "macos", &["arm64", "x86_64"], ""),
    ];
    let info = format!(
        "<plist version=\"1.0\"><dict><key>AvailableLibraries</key><array>{}</array>\
         <key>CFBundlePackageType</key><string>XFWK</string>\
         <key>XCFrameworkFormatVersion</key><string>1.0</string></dict></plist>",
        entries.concat()
    );
    fs::write(framework.join("Info.plist"), info).unwrap();
    let privacy = "<plist version=\"1.0\"><dict><key>NSPrivacyTracking</key><false/></dict></plist>";
    fs::write(framework.join("PrivacyInfo.xcprivacy"), privacy).unwrap();
    framework
}

/// One text of a file is another.
fn replace(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from} is not in {}", file.display());
    fs::write(file, text.replace(from, to)).unwrap();
}

#[test]
fn a_good_one_passes() {
    let lines = check(&good("good"), "RehomeFFIC").unwrap();
    assert_eq!(lines.len(), 3);
    assert!(lines[1].starts_with("ios-arm64_x86_64-simulator: arm64 x86_64, 24 functions, "), "{}", lines[1]);
}

type Change = fn(&Path);

#[test]
fn each_wrong_one_is_named() {
    let wrong: &[(&str, Change, &str)] = &[
        ("no Info.plist", |it| fs::remove_file(it.join("Info.plist")).unwrap(), "Info.plist cannot be read"),
        ("a framework", |it| replace(&it.join("Info.plist"), "XFWK", "FMWK"), "FMWK 1.0 is no XCFramework"),
        ("a slice twice", |it| replace(&it.join("Info.plist"), "macos<", "ios<"), "Info.plist lists"),
        ("a slice less", |it| replace(&it.join("Info.plist"), "<string>x86_64</string>", ""), "Info.plist lists"),
        (
            "no library",
            |it| fs::remove_file(it.join(DEVICE).join("librehome_ffi.a")).unwrap(),
            "librehome_ffi.a cannot be read",
        ),
        (
            "another library's name",
            |it| {
                let info = it.join("Info.plist");
                replace(&info, "librehome_ffi.a", "rehome_ffi.a");
                fs::rename(it.join(DEVICE).join("librehome_ffi.a"), it.join(DEVICE).join("rehome_ffi.a")).unwrap();
            },
            "rehome_ffi.a is no name for -l",
        ),
        (
            "two paths",
            |it| replace(&it.join("Info.plist"), "<key>BinaryPath</key><string>lib", "<key>BinaryPath</key><string>"),
            "BinaryPath and LibraryPath differ",
        ),
        (
            "an architecture too few",
            |it| fs::write(it.join(ON_MACOS).join("librehome_ffi.a"), whole(ARM64, MACOS)).unwrap(),
            r#"librehome_ffi.a holds {"arm64"}, and Info.plist says {"arm64", "x86_64"}"#,
        ),
        (
            "parts changed about",
            |it| {
                let parts = [(X86_64, whole(ARM64, MACOS)), (ARM64, whole(X86_64, MACOS))];
                fs::write(it.join(ON_MACOS).join("librehome_ffi.a"), fat(&parts)).unwrap();
            },
            "the part for x86_64 holds arm64",
        ),
        (
            "another platform",
            |it| fs::write(it.join(DEVICE).join("librehome_ffi.a"), whole(ARM64, SIMULATOR)).unwrap(),
            r#"arm64 was built for ("ios", Some("simulator"))"#,
        ),
        (
            "no platform",
            |it| {
                let symbols: Vec<_> = (0..FUNCTIONS).map(|number| (function(number), DEFINED)).collect();
                let library = archive(&object(ARM64, None, &symbols));
                fs::write(it.join(DEVICE).join("librehome_ffi.a"), library).unwrap();
            },
            "does not say for what it was built",
        ),
        (
            "a function less",
            |it| {
                let kind = |number| if number == 7 { WANTED } else { DEFINED };
                let symbols: Vec<_> = (0..FUNCTIONS).map(|number| (function(number), kind(number))).collect();
                let library = archive(&object(ARM64, Some(IOS), &symbols));
                fs::write(it.join(DEVICE).join("librehome_ffi.a"), library).unwrap();
            },
            r#"arm64 lacks what the header declares: ["uniffi_rehome_fn_func_f7"]"#,
        ),
        (
            "an empty header",
            |it| fs::write(it.join(DEVICE).join("Headers/RehomeFFIC/RehomeFFIC.h"), "").unwrap(),
            "the header declares 0 functions only",
        ),
        (
            "an open module map",
            |it| {
                let headers = it.join(IN_SIMULATOR).join("Headers");
                fs::copy(headers.join("RehomeFFIC/module.modulemap"), headers.join("module.modulemap")).unwrap();
            },
            "ios-arm64_x86_64-simulator: the module map lies open in Headers",
        ),
        (
            "no module map",
            |it| fs::remove_file(it.join(DEVICE).join("Headers/RehomeFFIC/module.modulemap")).unwrap(),
            "module.modulemap cannot be read",
        ),
        (
            "another module",
            |it| {
                replace(
                    &it.join(DEVICE).join("Headers/RehomeFFIC/module.modulemap"),
                    "module RehomeFFIC",
                    "module Rehome",
                );
            },
            "the module map does not declare RehomeFFIC",
        ),
        (
            "another header",
            |it| replace(&it.join(DEVICE).join("Headers/RehomeFFIC/module.modulemap"), "RehomeFFIC.h", "rehome.h"),
            "the module map does not name the header",
        ),
        (
            "no privacy manifest",
            |it| fs::remove_file(it.join("PrivacyInfo.xcprivacy")).unwrap(),
            "PrivacyInfo.xcprivacy cannot be read",
        ),
        (
            "somebody is tracked",
            |it| replace(&it.join("PrivacyInfo.xcprivacy"), "<false/>", "<true/>"),
            "PrivacyInfo.xcprivacy does not say that nobody is tracked",
        ),
    ];
    for (name, change, expected) in wrong {
        let framework = good(&name.replace(' ', "-"));
        change(&framework);
        let error = check(&framework, "RehomeFFIC").expect_err(name);
        assert!(format!("{error:#}").contains(expected), "{name}: {error:#}");
    }
}
