//! The herd on the command line: `rehome-herd NAME ...`.

use std::process::ExitCode;

use clap::Parser;
use rehome_herd::figures::{heading, seconds};
use rehome_herd::fleet::Fleet;
use rehome_herd::scenarios::{Recovery, scenarios};
use rehome_proving::Lines;

/// Plays what happens to a herd of phones in virtual time. Exit code 0: no phone was left behind, and every bound held.
#[derive(Parser)]
struct Arguments {
    /// Scenarios by name; all if none is named.
    names: Vec<String>,
    /// How many phones.
    #[arg(long, default_value_t = 10_000)]
    phones: usize,
    /// The seed of the phones and of the network.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Says which scenarios there are.
    #[arg(long)]
    list: bool,
    /// Lines for `cargo xtask prove`.
    #[arg(long)]
    for_prove: bool,
}

/// How many phones that are not as they should be are named.
const COMPLAINTS: usize = 5;

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut chosen = scenarios();
    if arguments.list {
        chosen.iter().for_each(|scenario| println!("{:<16}{}", scenario.name, scenario.about));
        return Ok(ExitCode::SUCCESS);
    }
    let is_known = |name: &String| chosen.iter().any(|scenario| scenario.name == name);
    if let Some(name) = arguments.names.iter().find(|name| !is_known(name)) {
        anyhow::bail!("there is no scenario {name}; --list says which there are");
    }
    chosen.retain(|scenario| arguments.names.is_empty() || arguments.names.iter().any(|name| name == scenario.name));
    println!("{} phones of the core, seed {}\n{}", arguments.phones, arguments.seed, heading());
    let (lines, mut ok) = (Lines { shown: arguments.for_prove }, true);
    for (done, scenario) in chosen.iter().enumerate() {
        lines.progress(done, chosen.len(), "scenarios");
        let play = |fleet| scenario.play(fleet, arguments.phones, arguments.seed);
        let (shipped, naive) = std::thread::scope(|scope| {
            let naive = scope.spawn(|| play(Fleet::Naive));
            (play(Fleet::Shipped), naive.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        for (shipped, naive) in shipped?.iter().zip(&naive?) {
            ok &= told(shipped, naive, lines);
        }
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A fault in a few lines; whether all was as it must be.
fn told(shipped: &Recovery, naive: &Recovery, lines: Lines) -> bool {
    let (figures, plain) = (&shipped.figures, &naive.figures);
    println!("\n{}\n{figures}\n{plain}  without spreads", shipped.what);
    println!("  {}", figures.curve);
    if shipped.left_to_expire > 0 {
        println!("  {} bindings left to expire when the last was back", shipped.left_to_expire);
    }
    shipped.bounds.iter().for_each(|bound| println!("  {bound}"));
    shipped.complaints.iter().take(COMPLAINTS).for_each(|complaint| println!("  {complaint}"));
    match shipped.complaints.len() {
        0..=COMPLAINTS => {}
        more => println!("  and {} more", more - COMPLAINTS),
    }
    let ok = shipped.holds();
    if shipped.ended {
        let verdict = if ok { "none left behind" } else { "BROKEN" };
        let (last, ratio) = (seconds(figures.last), figures.ratio());
        lines.result(format_args!(
            "herd, {}: the last of {} back after {last} s, at most {} REGISTERs/s (mean {:.0}, ratio {ratio:.1}; without spreads {}/s), {verdict}",
            shipped.what, figures.out, figures.peak, figures.mean, plain.peak,
        ));
    }
    ok
}
