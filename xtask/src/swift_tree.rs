//! A Swift for machines that have none: Debian 13's, unpacked into a tree of its own, with the checkout bound into it.
//!
//! The tree is unpacked, not installed: no script of a package runs, so nothing is mounted and no root is needed for it.
//! To run a program in it, its folder must become `/`, and there are two ways. In a mount namespace of its own
//! (`unshare`) the binds vanish with the process: bind mounts in the machine's own namespace would outlive a kill, and
//! `cargo clean` would then delete the checkout through them. Where a container forbids that, `proot` needs no right but
//! to trace its own children, and is half as fast.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::child::{absolute, output, root, succeeds, target};
use crate::debian;

/// Where the tree comes from; it is large (3 GB), so it is never copied.
const SUITE: &str = "trixie";
const PACKAGES: &str = "swiftlang,libc6-dev";
/// The least Swift whose package manager reads the manifest.
const LEAST: u32 = 6;
/// Says one of the two ways, where another than the first that works is wanted.
const WAY: &str = "REHOME_SWIFT_WAY";

/// Binds what is seen in the tree, then becomes the program. `$1` is the tree, `$2` the working folder, the binds end at `--`.
const IN_NAMESPACE: &str = r#"
tree=$1; folder=$2; shift 2
while [ "$1" != -- ]; do mkdir -p "$tree$1"; mount --rbind "$1" "$tree$1"; shift; done
shift
unshare=$(command -v unshare)
PATH=/usr/libexec/swift/bin:/usr/bin:/bin; HOME=/root; LANG=C.UTF-8
export PATH HOME LANG
exec "$unshare" --root="$tree" --wd="$folder" "$@"
"#;

/// A Swift toolchain that can be run here.
#[derive(Debug)]
pub(crate) enum Swift {
    /// `swift` on PATH.
    Own,
    /// The tree, and how programs run in it.
    Tree(PathBuf, Way),
}

/// How a program gets the tree as its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A mount namespace, by root's right to make one.
    Namespace,
    /// A mount namespace inside a user namespace: no rights needed where the system lets users have them.
    UserNamespace,
    /// Every path is translated by a tracer.
    Proot,
}

impl Way {
    const ALL: [(&'static str, Self); 3] =
        [("namespace", Self::Namespace), ("user-namespace", Self::UserNamespace), ("proot", Self::Proot)];
}

impl Swift {
    /// Finds a Swift, or installs one; the remedy where neither can be done.
    pub(crate) fn find() -> Result<Self, String> {
        let version = output(Command::new("swift").arg("--version"));
        match version.as_deref().and_then(major) {
            Some(major) if major >= LEAST => return Ok(Self::Own),
            Some(major) if !cfg!(target_os = "linux") => {
                return Err(format!("Swift {major} is too old: install Swift {LEAST} or later (swift.org/install)"));
            }
            _ if !cfg!(target_os = "linux") => return Err(remedy("")),
            _ => {}
        }
        let tree = target().join("swift-toolchain");
        if !tree.join("usr/libexec/swift/bin/swift").exists() {
            unpack(&tree)?;
        }
        let way = choose(&tree)?;
        Ok(Self::Tree(tree, way))
    }

    /// A command that runs a program (`swift`, or one that was built) in a folder, both as they are named here.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        match self {
            Self::Own => {
                let mut command = Command::new(program);
                command.current_dir(folder);
                command
            }
            Self::Tree(tree, way) => within(tree, *way, program.as_ref(), folder),
        }
    }
}

fn remedy(why: &str) -> String {
    format!("Swift is missing{why}: install Swift {LEAST} or later (swift.org/install) so that `swift` is on PATH")
}

/// `Swift version 6.0.3 (...)`, on Apple's systems after some other words.
fn major(version: &str) -> Option<u32> {
    version.split("Swift version ").nth(1)?.split('.').next()?.parse().ok()
}

/// Brings the tree, whole or not at all.
fn unpack(tree: &Path) -> Result<(), String> {
    get("mmdebstrap")?;
    // Half a tree would be taken for a whole one.
    let partial = tree.with_extension("partial");
    let _ = std::fs::remove_dir_all(&partial);
    std::fs::create_dir_all(partial.parent().unwrap_or(Path::new(".")))
        .map_err(|error| remedy(&format!(" ({error})")))?;
    let mut command = Command::new("mmdebstrap");
    command.args(["--quiet", "--mode=chrootless", "--variant=extract"]);
    command.arg("--aptopt=APT::Install-Recommends \"false\"");
    command.arg(format!("--include={PACKAGES}")).arg(SUITE).arg(&partial);
    if !succeeds(&mut command) {
        let _ = std::fs::remove_dir_all(&partial);
        return Err(remedy(&format!(", and Debian's packages of {SUITE} cannot be had by mmdebstrap")));
    }
    finish(&partial, tree).map_err(|error| remedy(&format!(", and {} cannot be made ({error})", tree.display())))
}

/// What the scripts of packages would have done.
fn finish(partial: &Path, tree: &Path) -> std::io::Result<()> {
    for link in ["bin", "sbin", "lib", "lib64"] {
        let path = partial.join(link);
        if !path.exists() && partial.join("usr").join(link).exists() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(Path::new("usr").join(link), path)?;
        }
    }
    for folder in ["proc", "dev", "root", "home", "tmp"] {
        std::fs::create_dir_all(partial.join(folder))?;
    }
    std::fs::rename(partial, tree)
}

/// A Debian package whose program has its name; installed if root can.
fn get(package: &str) -> Result<(), String> {
    let there = || succeeds(Command::new(package).arg("--version"));
    if there() {
        return Ok(());
    }
    debian::install(&[package]);
    if there() {
        Ok(())
    } else {
        Err(remedy(&format!(", and so is {package}, which would bring one (apt-get install {package})")))
    }
}

/// The first way that works here.
fn choose(tree: &Path) -> Result<Way, String> {
    let wanted = std::env::var(WAY).ok();
    for (name, way) in Way::ALL {
        if wanted.as_deref().is_some_and(|wanted| wanted != name) || (way == Way::Proot && get("proot").is_err()) {
            continue;
        }
        if succeeds(within(tree, way, OsStr::new("swift"), &absolute(&root())).arg("--version")) {
            return Ok(way);
        }
    }
    let tried = wanted.map_or_else(|| "unshare and proot".into(), |wanted| format!("{WAY}={wanted}"));
    Err(remedy(&format!(", and {} cannot be entered by {tried}", tree.display())))
}

fn within(tree: &Path, way: Way, program: &OsStr, folder: &Path) -> Command {
    let mut seen =
        vec![PathBuf::from("/proc"), PathBuf::from("/dev"), absolute(&root()), target(), std::env::temp_dir()];
    seen.dedup();
    let mut command;
    if way == Way::Proot {
        command = Command::new("proot");
        command.arg("-r").arg(tree).arg("-w").arg(folder);
        for path in &seen {
            command.arg("-b").arg(path);
        }
        command.env("PATH", "/usr/libexec/swift/bin:/usr/bin:/bin").env("HOME", "/root").env("LANG", "C.UTF-8");
    } else {
        command = Command::new("unshare");
        command.args((way == Way::UserNamespace).then_some("--map-root-user"));
        command.args(["--mount", "sh", "-ec", IN_NAMESPACE, "sh"]).arg(tree).arg(folder).args(&seen).arg("--");
    }
    command.arg(program);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(major("Swift version 6.0.3 (swift-6.0.3-RELEASE)\nTarget: x86_64"), Some(6));
        assert_eq!(major("swift-driver version: 1.115 Apple Swift version 5.10 (swiftlang-5.10)"), Some(5));
        assert_eq!(major("zsh: command not found: swift"), None);
    }

    #[test]
    fn what_is_seen_in_the_tree_ends_before_the_program() {
        let command = within(Path::new("/t"), Way::Namespace, OsStr::new("swift"), Path::new("/f"));
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        assert_eq!(words[0], "--mount");
        assert_eq!(words[words.len() - 2..], ["--", "swift"]);
        assert!(words.contains(&target().to_string_lossy().into_owned()));
    }
}
