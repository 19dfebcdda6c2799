//! Running other commands.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// How often a wait looks at the child, and shows the seconds on a terminal.
const TICK: Duration = Duration::from_millis(200);
/// How often a wait says that it goes on where there is no terminal.
const STILL_THERE: Duration = Duration::from_secs(30);
/// How much of a failed command's output is shown, in lines.
const SHOWN: usize = 120;

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Cargo's target folder, by its whole path.
pub(crate) fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").map(|folder| root().join(folder));
    absolute(&root()).join(named.unwrap_or_else(|| "target".into()))
}

/// A path without `..`, as other programs know it.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// The cargo that runs this.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Whether a command can be run and succeeds; nothing is shown.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// What a command prints, if it succeeds.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Builds a program of this workspace in sight of the user, and runs it where the user is.
pub(crate) fn build_and_run(package: &[&str], program: &str, arguments: &[OsString]) -> Result<ExitCode> {
    eprintln!("building {program} (the first time takes a minute or two)");
    let with = |verb: &str| {
        let mut command = cargo();
        command.arg(verb).args(package).args(["--bin", program]);
        command
    };
    if !with("build").status().context("cargo cannot be run")?.success() {
        return Ok(ExitCode::FAILURE);
    }
    let mut run = with("run");
    run.args(["--quiet", "--"]).args(arguments);
    let status = run.current_dir(std::env::current_dir()?).status().context("cargo cannot be run")?;
    Ok(exit_code(status))
}

/// Runs a command in this program's place: Ctrl-C is then its own, and so is the exit code.
#[cfg(unix)]
pub(crate) fn give_way_to(command: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).with_context(|| format!("{} cannot be run", command.get_program().to_string_lossy()))
}

/// Runs a command to its end.
#[cfg(not(unix))]
pub(crate) fn give_way_to(command: &mut Command) -> Result<ExitCode> {
    let status = command.status();
    status.map(exit_code).with_context(|| format!("{} cannot be run", command.get_program().to_string_lossy()))
}

/// A child's end as this program's own.
pub(crate) fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Runs a command with its output in a file; `begun` is when the suite began. True if it succeeded.
pub(crate) fn logged(command: &mut Command, log: &File, label: &str, begun: Instant) -> Result<bool> {
    let name = command.get_program().to_string_lossy().into_owned();
    let shown: Vec<&OsStr> = command.get_args().collect();
    let shown = shown.join(OsStr::new(" "));
    let program = Path::new(&name).file_stem().unwrap_or_default().to_string_lossy();
    writeln!(&*log, "$ {program} {}", shown.to_string_lossy())?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?);
    let mut child = command.spawn().with_context(|| format!("{name} cannot be run"))?;
    let terminal = std::io::stdout().is_terminal();
    let mut next_word = begun.elapsed() + STILL_THERE;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if terminal {
            print!("\r{label} ... {} s ", begun.elapsed().as_secs());
            std::io::stdout().flush()?;
        } else if begun.elapsed() >= next_word {
            println!("{label} ... {} s", begun.elapsed().as_secs());
            next_word += STILL_THERE;
        }
        std::thread::sleep(TICK);
    }
}

/// Shows the end of a log.
pub(crate) fn tail(path: &Path) {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    for line in lines.iter().skip(lines.len().saturating_sub(SHOWN)) {
        println!("    {line}");
    }
    println!("    (all of it: target/xtask/{})", path.file_name().unwrap_or_default().to_string_lossy());
}
