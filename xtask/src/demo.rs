//! `cargo xtask demo`: the story in the terminal, then the page.

use std::ffi::OsString;
use std::fs::File;
use std::io::IsTerminal;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};

use crate::child::{build_and_run, cargo, exit_code, give_way_to, logged, root, tail};
use crate::kotlin;
use crate::npm::missing_chromium;
use crate::page::{PAGE, steps};
use crate::swift;

/// Where the page is to be found, if nothing else is there.
const PAGE_PORT: u16 = 5380;

/// How the demo is played.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only the terminal's story
    #[arg(long, conflicts_with = "headless")]
    terminal: bool,
    /// Only the page's story, played in Chromium without a window and printed
    #[arg(long, conflicts_with_all = ["speed", "transport", "seed"])]
    headless: bool,
    /// Divide the time-outs of the terminal's story; 3 is as fast as it gets
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    speed: Option<u32>,
    /// How the phone of the terminal's story registers
    #[arg(long, value_enum)]
    transport: Option<Over>,
    /// Draws which registrar of a data centre comes first in the terminal's story
    #[arg(long)]
    seed: Option<u64>,
    /// Whose phone plays the terminal's story
    #[arg(long, value_enum, default_value_t = Phone::Native, conflicts_with = "headless")]
    phone: Phone,
    /// Take any free ports instead of the documented ones
    #[arg(long)]
    any_port: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Over {
    Udp,
    Tcp,
    Tls,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Phone {
    /// The one in Rust
    Native,
    /// The Kotlin package, over JAIN SIP
    Kotlin,
    /// The Swift package, over plain sockets: UDP and TCP
    Swift,
}

pub(crate) fn demo(arguments: &Arguments) -> Result<ExitCode> {
    if arguments.headless {
        return headless();
    }
    sendable(arguments)?;
    let phone = match arguments.phone {
        Phone::Native => None,
        Phone::Kotlin => Some(kotlin::phone()?),
        Phone::Swift => Some(swift::phone()?),
    };
    let told = build_and_run(&["--package", "rehome-demo"], "rehome-demo", &for_the_story(arguments, phone))?;
    let somebody_there = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if arguments.terminal || told != ExitCode::SUCCESS || !somebody_there {
        return Ok(told);
    }
    serve(arguments.any_port)
}

/// The Swift phone is a sample over plain sockets.
fn sendable(arguments: &Arguments) -> Result<()> {
    let without_tls = arguments.phone == Phone::Swift && matches!(arguments.transport, Some(Over::Tls));
    ensure!(!without_tls, "--transport tls: the Swift phone has no TLS; write --transport udp or --transport tcp");
    Ok(())
}

/// What of the arguments is for the terminal's story.
fn for_the_story(arguments: &Arguments, phone: Option<(PathBuf, Vec<OsString>)>) -> Vec<OsString> {
    let mut words: Vec<String> = Vec::new();
    let mut give = |name: &str, value: Option<String>| words.extend(value.map(|value| format!("--{name}={value}")));
    give("speed", arguments.speed.map(|speed| speed.to_string()));
    let over = arguments.transport.and_then(|over| over.to_possible_value());
    give("transport", over.map(|over| over.get_name().to_owned()));
    give("seed", arguments.seed.map(|seed| seed.to_string()));
    if arguments.any_port {
        words.push("--any-port".into());
    }
    let mut words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    if let Some((program, before)) = phone {
        words.extend(["--phone".into(), program.into_os_string()]);
        words.extend(before.into_iter().flat_map(|argument| ["--phone-argument".into(), argument]));
    }
    words
}

/// Plays the page's story in a lab and a Chromium of its own.
fn headless() -> Result<ExitCode> {
    if let Some(remedy) = missing_chromium() {
        bail!("the page's story cannot be played: {remedy}");
    }
    if let Err(remedy) = make_the_page()? {
        bail!("the page cannot be made: {remedy}");
    }
    let mut story = Command::new("node");
    let status = story.arg("story/main.mjs").current_dir(root().join(PAGE)).status().context("node cannot be run")?;
    Ok(exit_code(status))
}

/// Serves the page until Ctrl-C. The story has been told: where there can be no page, that is no failure.
fn serve(any_port: bool) -> Result<ExitCode> {
    println!("Now the same in a page.");
    if let Err(remedy) = make_the_page()? {
        println!("The page is left out: {remedy}");
        return Ok(ExitCode::SUCCESS);
    }
    let port = if any_port { None } else { free(PAGE_PORT) };
    if port.is_none() && !any_port {
        println!("Port {PAGE_PORT} is taken, by another lab perhaps: the page takes a free one.");
    }
    let mut lab = cargo();
    lab.args(["run", "--quiet", "--package", "rehome-lab", "--bin", "rehome-lab", "--", "--page"]);
    lab.arg(root().join(PAGE).join("dist")).args(ports(port));
    println!("Open the page in a browser; Ctrl-C ends it.");
    give_way_to(&mut lab)
}

/// The port, if nothing listens there.
fn free(port: u16) -> Option<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok().then_some(port)
}

/// Where the lab of the page listens. The page learns all of it from control: any free port will do for the others.
fn ports(control: Option<u16>) -> Vec<String> {
    let others = ["dns", "sip", "tls", "ws", "doh"].map(|what| format!("--{what}-port=0"));
    others.into_iter().chain([format!("--control-port={}", control.unwrap_or(0))]).collect()
}

/// Does all that the page needs and says how far it is; the remedy where it cannot be done.
fn make_the_page() -> Result<Result<(), String>> {
    let steps = match steps() {
        Ok(steps) => steps,
        Err(remedy) => return Ok(Err(remedy)),
    };
    let folder = root().join("target/xtask");
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let path = folder.join("page.log");
    let log = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    let count = steps.len();
    for (index, mut step) in steps.into_iter().enumerate() {
        let label = format!("[{}/{count}] {}", index + 1, step.name);
        let begun = Instant::now();
        let done = logged(&mut step.command, &log, &label, begun)?;
        let start = if std::io::stdout().is_terminal() { "\r\x1b[2K" } else { "" };
        println!("{start}{label}: {}, {:.1} s", if done { "ready" } else { "FAILED" }, begun.elapsed().as_secs_f64());
        if !done {
            tail(&path);
            return Ok(Err(format!("making the {} failed, its last words are above; then try again", step.name)));
        }
    }
    Ok(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn parsed(line: &str) -> Result<Arguments, clap::Error> {
        Line::try_parse_from(line.split(' ')).map(|line| line.arguments)
    }

    #[test]
    fn the_story_gets_what_is_for_it() {
        let arguments = parsed("demo --terminal --speed 4 --transport tcp --any-port --seed 9").unwrap();
        assert_eq!(for_the_story(&arguments, None), ["--speed=4", "--transport=tcp", "--seed=9", "--any-port"]);
        assert!(for_the_story(&parsed("demo").unwrap(), None).is_empty());
        let other = Some(("java".into(), vec!["-cp".into()]));
        let words = for_the_story(&parsed("demo --phone kotlin").unwrap(), other);
        assert_eq!(words, ["--phone", "java", "--phone-argument", "-cp"]);
    }

    #[test]
    fn the_page_needs_one_port_and_not_even_that() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_eq!(free(port), None);
        drop(taken);
        assert_eq!(free(port), Some(port));
        let others = ["--dns-port=0", "--sip-port=0", "--tls-port=0", "--ws-port=0", "--doh-port=0"];
        assert_eq!(ports(Some(port))[..5], others);
        assert_eq!(ports(Some(5380))[5], "--control-port=5380");
        assert_eq!(ports(None)[5], "--control-port=0");
    }

    #[test]
    fn the_swift_phone_has_no_tls() {
        let error = sendable(&parsed("demo --phone swift --transport tls").unwrap()).unwrap_err().to_string();
        assert!(error.contains("--transport tls: the Swift phone has no TLS"), "{error}");
        for fine in ["demo --phone swift --transport tcp", "demo --phone swift", "demo --transport tls"] {
            sendable(&parsed(fine).unwrap()).unwrap();
        }
    }

    #[test]
    fn wrong_options_are_refused() {
        for wrong in [
            "--speed 0",
            "--speed x",
            "--transport dtls",
            "--headless --terminal",
            "--headless --speed 2",
            "--phone nokia",
            "x",
        ] {
            assert_eq!(parsed(&format!("demo {wrong}")).unwrap_err().exit_code(), 2, "{wrong}");
        }
        assert!(parsed("demo --headless --any-port").is_ok());
    }
}
