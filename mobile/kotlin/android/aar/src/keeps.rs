//! Whether R8, with the archive's own rules, keeps by name what JNA looks up by name at run time.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Classes and members that must keep their names: JNA binds functions, reads structures and calls back by them.
const KEPT: [(&str, &[&str]); 6] = [
    ("dev.rehome.ffi.UniffiLib", &["uniffi_rehome_ffi_fn_method_registration_step", "ffi_rehome_ffi_rustbuffer_alloc"]),
    ("dev.rehome.ffi.IntegrityCheckingUniffiLib", &["ffi_rehome_ffi_uniffi_contract_version"]),
    ("dev.rehome.ffi.RustBuffer", &["capacity", "len", "data"]),
    ("dev.rehome.ffi.UniffiRustCallStatus", &["code", "error_buf"]),
    ("com.sun.jna.Pointer", &["peer"]),
    ("com.sun.jna.Native", &["register"]),
];

/// What is lost or renamed in a jar that R8 made (`--classfile`), as sentences; asks `javap`.
pub fn faults(jar: &Path) -> Result<Vec<String>> {
    let mut javap = Command::new("javap");
    javap.args(["-p", "-cp"]).arg(jar).args(KEPT.map(|(class, _)| class));
    let output = javap.output().context("javap cannot be run: install a JDK")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if said.is_empty() {
        bail!("javap finds nothing in {}: {}", jar.display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(lost(&said))
}

/// The same of what javap says: a class's line ends with `{`, its members are indented, `}` ends it.
fn lost(said: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (class, members) in KEPT {
        let heads = |line: &&str| line.ends_with('{') && line.split([' ', '<']).any(|word| word == class);
        let body: Option<Vec<&str>> = said
            .lines()
            .any(|line| heads(&line))
            .then(|| said.lines().skip_while(|line| !heads(line)).take_while(|line| *line != "}").collect());
        let Some(body) = body else {
            faults.push(format!("{class} is gone or renamed: proguard.txt must keep it"));
            continue;
        };
        for member in members {
            let (field, method) = (format!(" {member};"), format!(" {member}("));
            if !body.iter().any(|line| line.contains(&field) || line.contains(&method)) {
                faults.push(format!("{class}.{member} is gone or renamed: proguard.txt must keep it"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What javap says where all is kept.
    fn all() -> String {
        let class = |(name, members): &(&str, &[&str])| {
            let member = |(index, name): (usize, &&str)| match index {
                0 => format!("  public final native long {name}(long);\n"),
                _ => format!("  public long {name};\n"),
            };
            let members: String = members.iter().enumerate().map(member).collect();
            format!("Compiled from \"rehome.kt\"\npublic class {name} extends com.sun.jna.Structure {{\n{members}}}\n")
        };
        KEPT.iter().map(class).collect()
    }

    #[test]
    fn what_keeps_all_has_no_faults() {
        assert_eq!(lost(&all()), Vec::<String>::new());
    }

    #[test]
    fn what_is_renamed_or_gone_is_named() {
        let renamed = all().replace(" error_buf;", " a;").replace("class com.sun.jna.Pointer", "class a.b");
        let faults = lost(&renamed);
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].contains("UniffiRustCallStatus.error_buf"), "{faults:?}");
        assert!(faults[1].contains("com.sun.jna.Pointer is gone"), "{faults:?}");
    }
}
