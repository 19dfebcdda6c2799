//! The model check on the command line: `rehome-model [NAME ...]`, `--all`, `--defects`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use rehome_model::check::{Found, Limits, check};
use rehome_model::defects::{defects, seed};
use rehome_model::property::Property;
use rehome_model::scenario::scenario;
use rehome_model::space::Space;
use rehome_model::spaces::spaces;

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
    #[arg(long, default_value_t = 600)]
    seconds: u64,
    /// Steps for each.
    #[arg(long, default_value_t = usize::MAX)]
    steps: usize,
    /// Threads; one finds the shortest counterexample for sure.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// A closed space is asked for: exit code 1 where it is not.
    #[arg(long)]
    must_close: bool,
    /// Where counterexamples are written, as scenario files.
    #[arg(long, default_value = "target/model")]
    keep: PathBuf,
    /// Lays each seeded defect (or those named) on a copy of the core and looks for it.
    #[arg(long)]
    defects: bool,
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
        return all_defects(&arguments.names);
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
    let limits = Limits {
        time: Duration::from_secs(arguments.seconds),
        steps: arguments.steps,
        threads: arguments.threads,
        progress: !arguments.until_broken,
    };
    println!(
        "{:<16}{:>10}{:>11}{:>6}{:>7}{:>8}  properties",
        "configuration", "states", "steps", "depth", "closed", "s"
    );
    let mut ok = true;
    for space in chosen {
        let found = check(&space, limits);
        ok &= told(&space, &found, &arguments)?;
        ok &= found.closed || !arguments.must_close;
        if arguments.until_broken && found.broken.is_some() {
            break;
        }
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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

fn all_defects(names: &[String]) -> anyhow::Result<ExitCode> {
    let (mut caught, mut seeded) = (0, 0);
    for defect in defects()? {
        if !names.is_empty() && !names.contains(&defect.name) {
            continue;
        }
        seeded += 1;
        let found = seed(&defect)?;
        caught += usize::from(found.is_some());
        println!("{}: {}\n    {}", defect.name, defect.about, found.as_deref().unwrap_or("NOT CAUGHT"));
    }
    println!("{caught} of {seeded} seeded defects caught");
    Ok(if caught == seeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
