//! `rehome-demo`: starts the lab and a phone, plays the story, and says whether all of it happened.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use rehome::Transport;
use rehome_demo::{Line, PhoneProgram, Story, Style, ending, line, play};
use rehome_lab::{Lab, LabConfig, Ports};

/// A phone loses its data centre, is back in service, and comes home when an agent logs in
#[derive(Debug, Parser)]
#[command(name = "demo", bin_name = "cargo xtask demo", version)]
struct Arguments {
    /// Divide the story's time-outs; 3 is as fast as it gets
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    speed: u32,
    /// How the phone registers
    #[arg(long, value_enum, default_value_t = Over::Udp)]
    transport: Over,
    /// Draws which registrar of a data centre comes first
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Take any free ports instead of 5300 (DNS), 5060 (SIP), 5061 (TLS) and 5380 (control)
    #[arg(long)]
    any_port: bool,
    /// Another phone: a program that takes the commands and reports as the native one does
    #[arg(long, value_name = "PROGRAM")]
    phone: Option<PathBuf>,
    /// What comes before that phone's own arguments; repeatable
    #[arg(long, value_name = "ARGUMENT", requires = "phone", allow_hyphen_values = true)]
    phone_argument: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Over {
    Udp,
    Tcp,
    Tls,
}

/// The first argument by which this program is its own phone.
const PHONE: &str = "phone";

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == PHONE) {
        arguments.remove(1);
        return rehome_phone::program(rehome_phone::Args::parse_from(arguments));
    }
    match demo(&Arguments::parse_from(arguments)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn demo(arguments: &Arguments) -> Result<bool> {
    let config = if arguments.any_port { LabConfig::ephemeral() } else { native_ports() };
    let lab =
        Lab::start(config).await.context("the lab cannot start (cargo xtask demo --any-port takes any free ports)")?;
    let story = Story {
        phone: match &arguments.phone {
            Some(program) => PhoneProgram { program: program.clone(), arguments: arguments.phone_argument.clone() },
            None => PhoneProgram { program: std::env::current_exe()?, arguments: vec![PHONE.into()] },
        },
        user: "alice".into(),
        transport: match arguments.transport {
            Over::Udp => Transport::Udp,
            Over::Tcp => Transport::Tcp,
            Over::Tls => Transport::Tls,
        },
        dns: lab.dns_address(1)?,
        speed: arguments.speed,
        seed: arguments.seed,
    };
    let coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let style = if coloured { Style::Coloured } else { Style::Plain };
    say(&format!(
        "A phone, a DNS server at {} and four registrars in two data centres, over {}. Numbers in brackets are rules of \
         core/POLICY.md.",
        story.dns,
        story.transport.as_str().to_uppercase()
    ));
    let control = lab.control();
    let mut tell = |told: &Line| say(&line(told, style));
    let came = tokio::select! {
        came = play(&story, &control, &mut tell) => came?,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("stopped by Ctrl-C before the end"),
    };
    // The lab first, so that nothing is left running when the verdict is read.
    let stopped = tokio::time::timeout(Duration::from_secs(5), lab.stop()).await;
    if stopped.is_err() {
        say("the lab took more than 5 s to stop");
    }
    say(&ending(&came, style));
    Ok(came.is_happy())
}

/// A closed pipe is no reason to fail: the verdict is also the exit code.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// The documented ports of what a native phone uses; those of browsers may be taken by something else, as 8080 often is.
fn native_ports() -> LabConfig {
    LabConfig::with_ports(Ports { ws: 0, doh: 0, ..Ports::default() })
}
