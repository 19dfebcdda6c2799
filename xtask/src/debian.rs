//! Debian's packages, which root may install.

use std::process::Command;

use crate::child::{output, succeeds};

/// Whether packages can be installed here.
pub(crate) fn can_install() -> bool {
    output(Command::new("id").arg("-u")).is_some_and(|id| id == "0")
        && succeeds(Command::new("apt-get").arg("--version"))
}

/// Installs packages, where that can be done.
pub(crate) fn install(packages: &[&str]) -> bool {
    let apt_get = |arguments: &[&str], packages: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).args(packages).env("DEBIAN_FRONTEND", "noninteractive");
        succeeds(&mut command)
    };
    let install = ["install", "-y", "--no-install-recommends"];
    // The package lists may be missing, or old.
    can_install() && (apt_get(&install, packages) || (apt_get(&["update"], &[]) && apt_get(&install, packages)))
}
