//! The diagram of states against what the scenarios go through.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::bail;

use crate::json;
use crate::native::Native;
use crate::policy::Policy;
use crate::run;
use crate::schema::{INPUTS, STATES};
use crate::suite;

/// State before, type of the input, state after.
pub type Edge = (String, String, String);

/// Every change of state in the scenarios of a folder, each with one file and step in which it happens.
///
/// A scenario that fails counts up to there; a file that cannot be read is an error.
pub fn edges(folder: &Path) -> anyhow::Result<BTreeMap<Edge, String>> {
    let suite = suite::open(folder, &Policy::own()?)?;
    let unread = suite.problems.iter().find(|problem| problem.file != suite::MANIFEST);
    if let Some(problem) = unread {
        bail!("{problem}");
    }
    let mut edges = BTreeMap::new();
    for scenario in &suite.scenarios {
        for (edge, step) in run::edges(&Native, scenario) {
            let place = || format!("{} > step {step}", scenario.file);
            edges.entry((edge.from, edge.input, edge.to)).or_insert_with(place);
        }
    }
    Ok(edges)
}

/// The edges of the table `| from | input | to |`; each cell may list several, with commas.
pub fn parse_states(markdown: &str) -> anyhow::Result<BTreeSet<Edge>> {
    let cells = |line: &str| -> Option<Vec<String>> {
        let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        Some(inner.split('|').map(|cell| cell.replace('`', "").trim().to_owned()).collect())
    };
    let mut edges = BTreeSet::new();
    let mut lines =
        markdown.lines().enumerate().skip_while(|(_, line)| cells(line).is_none_or(|c| c != ["from", "input", "to"]));
    if lines.next().is_none() {
        bail!("no table of states: write one that begins with `| from | input | to |`");
    }
    let inputs: Vec<&str> = INPUTS.iter().map(|shape| shape.kind).collect();
    for (index, line) in lines.skip(1) {
        let Some(row) = cells(line) else { break };
        let [from, input, to] = row.as_slice() else {
            bail!("line {}: {} cells: write three, from, input and to", index + 1, row.len());
        };
        for from in words(from, "state", STATES, index)? {
            for input in words(input, "input", &inputs, index)? {
                for to in words(to, "state", STATES, index)? {
                    if from == to {
                        bail!("line {}: {from} stays {to}: leave out what changes nothing", index + 1);
                    }
                    if !edges.insert((from.clone(), input.clone(), to.clone())) {
                        bail!("line {}: {from}, {input}, {to} is listed twice: remove one", index + 1);
                    }
                }
            }
        }
    }
    Ok(edges)
}

fn words(cell: &str, what: &str, known: &[&str], index: usize) -> anyhow::Result<Vec<String>> {
    let words: Vec<String> = cell.split(',').map(|word| word.trim().to_owned()).collect();
    for word in &words {
        if !known.contains(&word.as_str()) {
            let near = json::nearest(word, known).map(|near| format!("did you mean {near}?"));
            let remedy = near.unwrap_or_else(|| format!("write one of {}", known.join(", ")));
            bail!("line {}: {word:?} is no {what}: {remedy}", index + 1);
        }
    }
    Ok(words)
}

/// What the diagram lacks, with file and step, and what no scenario shows; empty if they agree.
#[must_use]
pub fn disagreements(diagram: &BTreeSet<Edge>, seen: &BTreeMap<Edge, String>) -> Vec<String> {
    let lacking = seen.iter().filter(|(edge, _)| !diagram.contains(edge)).map(|((from, input, to), place)| {
        format!("the diagram lacks | {from} | {input} | {to} |, which happens in {place}")
    });
    let unseen = diagram
        .iter()
        .filter(|edge| !seen.contains_key(edge))
        .map(|(from, input, to)| format!("no scenario shows | {from} | {input} | {to} |, which the diagram has"));
    lacking.chain(unseen).collect()
}
