//! The model check on the command line: `rehome-model [NAME ...]`, `--all`, `--defects`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rehome_model::check::{Found, Limits, check};
use rehome_model::defects::{defects, fits, seed};
use rehome_model::property::Property;
use rehome_model::scenario::scenario;
use rehome_model::space::Space;
use rehome_model::spaces::spaces;
use rehome_proving::{Lines, grouped};

/// Searches every state that the core can get into. Exit code 0: every property held; 1: one is broken, or a seeded defect
/// was not caught.
#[derive(Parser)]
struct Arguments {
    /// Configurations by name; the quick ones if none is named.
    names: Vec<String>,
    /// All of them, the long ones too.
    #[arg(long)]
    all: bool,
    /// Says which there are.
    #[arg(long)]
    list: bool,
    /// Seconds for each; what is not closed by then is told so.
    #[arg(long, default_value_t = 3600)]
    seconds: u64,
    /// Steps for each.
    #[arg(long, default_value_t = usize::MAX)]
    steps: usize,
    /// Threads; one, the default, finds the shortest counterexample for sure. With --for-prove as many as there are processors.
    #[arg(long)]
    threads: Option<usize>,
    /// A closed space is asked for: exit code 1 where it is not.
    #[arg(long)]
    must_close: bool,
    /// Where counterexamples are written, as scenario files.
    #[arg(long, default_value = "target/model")]
    keep: PathBuf,
    /// Lays each seeded defect (or those named) on a copy of the core and looks for it.
    #[arg(long)]
    defects: bool,
    /// Prints the lines that `cargo xtask prove` follows; every configuration must close.
    #[arg(long)]
    for_prove: bool,
    /// The quick ones until a property is broken: what a seeded defect is looked for with.
    #[arg(long, hide = true)]
    until_broken: bool,
    /// The configuration to begin with.
    #[arg(long, hide = true)]
    first: Option<String>,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.defects {
        return all_defects(&arguments.names, Lines { shown: arguments.for_prove });
    }
    let mut chosen: Vec<Space> = spaces();
    if arguments.list {
        chosen.iter().for_each(|space| println!("{:<16} {}", space.name, space.about));
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(name) = arguments.names.iter().find(|name| chosen.iter().all(|space| space.name != **name)) {
        anyhow::bail!("there is no configuration {name}; --list says which there are");
    }
    chosen.retain(|space| match arguments.names.is_empty() {
        true => arguments.all || space.quick,
        false => arguments.names.iter().any(|name| name == space.name),
    });
    chosen.sort_by_key(|space| arguments.first.as_deref() != Some(space.name));
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let limits = Limits {
        time: Duration::from_secs(arguments.seconds),
        steps: arguments.steps,
        threads: arguments.threads.unwrap_or(if arguments.for_prove { processors } else { 1 }),
        progress: !arguments.until_broken,
    };
    println!(
        "{:<16}{:>10}{:>11}{:>6}{:>7}{:>8}  properties",
        "configuration", "states", "steps", "depth", "closed", "s"
    );
    let (lines, all) = (Lines { shown: arguments.for_prove }, chosen.len());
    let (mut ok, mut open, mut states) = (true, 0, 0);
    lines.progress(0, all, "configurations");
    for (at, space) in chosen.iter().enumerate() {
        let found = check(space, limits);
        let held = told(space, &found, &arguments)?;
        states += found.states;
        ok &= held;
        open += usize::from(!found.closed);
        lines.result(summary(space, &found));
        lines.progress(at + 1, all, "configurations");
        if arguments.until_broken && !held {
            break;
        }
    }
    let verdict = if ok { "every property held" } else { "NOT every property held" };
    lines.result(format!("{all} configurations: {} states, {} closed, {verdict}", grouped(states as u64), all - open));
    ok &= open == 0 || !(arguments.must_close || arguments.for_prove);
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The same for `cargo xtask prove`.
fn summary(space: &Space, found: &Found) -> String {
    let (states, depth, seconds) = (grouped(found.states as u64), found.depth, found.time.as_secs());
    let closed = if found.closed { "closed" } else { "NOT closed" };
    let held = match &found.broken {
        None => format!("all {} properties held", Property::ALL.len()),
        Some((broken, _)) => format!("BROKEN: {}", broken.property.text()),
    };
    format!("{} ({}): {states} states, depth {depth}, {closed}, {held}, {seconds} s", space.name, space.about)
}

/// One line of the table; and the way to what is broken.
fn told(space: &Space, found: &Found, arguments: &Arguments) -> anyhow::Result<bool> {
    let verdict = match &found.broken {
        None => format!("all {} held", Property::ALL.len()),
        Some((broken, _)) => format!("broken: {}", broken.property.text()),
    };
    let (closed, seconds) = (if found.closed { "yes" } else { "no" }, found.time.as_secs_f64());
    println!(
        "{:<16}{:>10}{:>11}{:>6}{:>7}{:>8.1}  {verdict}",
        space.name, found.states, found.steps, found.depth, closed, seconds
    );
    let Some((broken, acts)) = &found.broken else { return Ok(true) };
    println!("  {}\n  {acts:?}", broken.what);
    println!("caught: {} in {}, after {} steps: {}", broken.property.name(), space.name, acts.len(), broken.what);
    match scenario(space, acts, broken) {
        Ok(text) => {
            std::fs::create_dir_all(&arguments.keep)?;
            let file = arguments.keep.join(format!("{}.json", space.name));
            std::fs::write(&file, text)?;
            println!("  the same on the plain core: {}", file.display());
        }
        Err(error) => println!("  {error}"),
    }
    Ok(false)
}

fn all_defects(names: &[String], lines: Lines) -> anyhow::Result<ExitCode> {
    let mut chosen = defects()?;
    chosen.retain(|defect| names.is_empty() || names.contains(&defect.name));
    chosen.iter().try_for_each(fits)?;
    let (mut caught, all) = (0, chosen.len());
    lines.progress(0, all, "defects");
    for (at, defect) in chosen.iter().enumerate() {
        let found = seed(defect)?;
        caught += usize::from(found.is_some());
        println!("{}: {}\n    {}", defect.name, defect.about, found.as_deref().unwrap_or("NOT CAUGHT"));
        if found.is_none() {
            lines.result(format!("NOT CAUGHT: {}: {}", defect.name, defect.about));
        }
        lines.progress(at + 1, all, "defects");
    }
    println!("{caught} of {all} seeded defects caught");
    lines.result(format!("{caught} of {all} seeded defects caught"));
    Ok(if caught == all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
