//! Runs the scenario files of `tests/scenarios`; `tests/README.md` has their format and the rules of matching.
//!
//! `cargo xtask scenarios` calls [`main_scenarios`]. Another language's runner compares the trace hash with the one
//! printed here.

mod compare;
mod config;
mod cover;
mod hash;
mod input;
mod json;
mod load;
mod native;
mod notation;
mod policy;
mod problem;
mod report;
mod run;
mod scenario;
mod schema;
mod states;
mod stats;
mod subject;
mod suite;

use std::path::Path;

pub use compare::Difference;
pub use cover::cover;
pub use hash::Hash;
pub use load::{SCHEMA_VERSION, load, parse};
pub use native::Native;
pub use policy::{Policy, Sentence};
pub use problem::Problem;
pub use report::{Report, explain, run_suite};
pub use run::{Entry, Failure, Run, run, trace};
pub use scenario::{Expect, Fresh, Observe, Op, Scenario, Statistics, Step, When};
pub use schema::{EVENTS, Shape};
pub use states::{Edge, disagreements, edges, parse_states};
pub use subject::{Instance, Output, Refusal, Subject};
pub use suite::{MANIFEST, Suite, open, own_folder};

/// `cargo xtask scenarios [DIR] [--cover]`: prints its report and says whether all is well.
///
/// An error is one sentence about the call itself, as a folder that is not there.
pub fn main_scenarios(dir: Option<&Path>, cover: bool) -> anyhow::Result<bool> {
    let policy = Policy::own()?;
    let own = own_folder();
    let suite = open(dir.unwrap_or(&own), &policy)?;
    if cover {
        let (text, empty) = self::cover(&policy, &suite);
        print!("{text}");
        for problem in &suite.problems {
            println!("{problem}");
        }
        return Ok(empty == 0 && suite.problems.is_empty());
    }
    let report = run_suite(&Native, &suite);
    print!("{}", report.text);
    Ok(report.failed == 0)
}

/// `cargo xtask scenarios --hashes [DIR]`: prints `FILE HASH` of each file, then the report.
pub fn main_hashes(dir: Option<&Path>) -> anyhow::Result<bool> {
    let suite = open(dir.unwrap_or(&own_folder()), &Policy::own()?)?;
    let report = run_suite(&Native, &suite);
    report.hashes.iter().for_each(|line| println!("{line}"));
    print!("{}", report.text);
    Ok(report.failed == 0)
}
