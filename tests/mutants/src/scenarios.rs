//! What each scenario file is good for: a mutant of its rule that it notices, the one that the fewest others notice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, Result};
use regex::Regex;
use rehome_proving::root;
use rehome_runner::{Policy, open, own_folder};
use serde::{Deserialize, Serialize};

use crate::ledger::read;
use crate::outcomes::Report;

/// By file, as `4-rollover/next.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenarios(BTreeMap<String, Worth>);

/// Why a scenario is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Worth {
    /// The mutant of its rule that the fewest scenarios notice, as `FILE:LINE MUTANT`; empty where it notices none of its rule.
    pub mutant: String,
    /// How many scenarios notice this mutant.
    pub noticed_by: usize,
    /// Where it notices none of its rule: why it is kept all the same.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// A mutant that scenarios notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Noticed {
    /// As `FILE:LINE MUTANT`.
    pub mutant: String,
    /// The rules that its function and its file cite.
    pub rules: BTreeSet<String>,
    /// The scenarios that fail of it.
    pub scenarios: BTreeSet<String>,
}

/// What the logs of a run of `cargo-mutants` say of scenarios.
pub fn noticed(out: &Path, report: &Report) -> Result<Vec<Noticed>> {
    let mut all = Vec::new();
    for (mutant, log) in report.logs() {
        let log = fs::read(out.join("mutants.out").join(log))?;
        let scenarios = failed(&String::from_utf8_lossy(&log));
        if scenarios.is_empty() {
            continue;
        }
        let file = &mutant.file;
        let source = fs::read_to_string(root().join(file)).with_context(|| format!("{file} cannot be read"))?;
        let around = mutant.function.as_ref().map_or(&mutant.span, |function| &function.span);
        let rules = rules_around(&source, around.start.line as usize, around.end.line as usize);
        all.push(Noticed { mutant: format!("{file}:{} {}", mutant.span.start.line, mutant.text()), rules, scenarios });
    }
    Ok(all)
}

/// Leaves them under `target`, for whoever wants to know what a scenario notices.
pub fn leave(file: &str, noticed: &[Noticed]) -> Result<()> {
    let folder = root().join("target/mutants/noticed");
    fs::create_dir_all(&folder)?;
    let text = serde_json::to_string_pretty(noticed)?;
    Ok(fs::write(folder.join(file.replace('/', "-")).with_extension("json"), text)?)
}

/// The files that a report of the scenario runner has failures of: `FILE > WHERE` at the beginning of a line.
fn failed(log: &str) -> BTreeSet<String> {
    let file = |line: &str| Some(line.split_once(" > ")?.0.to_owned());
    log.lines().filter_map(file).filter(|file| file.ends_with(".json") && !file.contains(' ')).collect()
}

/// The rules cited in lines of a source, in the comment above them, and at the top of the file: 3.4 of `rule 3.4b` and of `event(3, 4, …)`.
fn rules_around(source: &str, first: usize, last: usize) -> BTreeSet<String> {
    let lines: Vec<_> = source.lines().collect();
    let above = lines.iter().take(first.saturating_sub(1)).rev();
    let above = above.take_while(|line| ["//", "#["].iter().any(|mark| line.trim_start().starts_with(mark)));
    let within = lines.iter().take(last).skip(first.saturating_sub(1));
    let of_the_file = lines.iter().take_while(|line| line.starts_with("//!"));
    of_the_file.chain(above).chain(within).flat_map(|line| rules_in(line)).collect()
}

fn rules_in(line: &str) -> Vec<String> {
    static CITED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|[^\w.])([0-7])\.(\d{1,2})[a-z]?\b|\(([0-7]), (\d{1,2})\b").expect("a regular expression")
    });
    CITED.captures_iter(line).map(|found| found.extract::<2>().1.join(".")).collect()
}

/// The rules that each scenario file names.
pub fn rules_of_scenarios() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let suite = open(&own_folder(), &Policy::own()?)?;
    Ok(suite.scenarios.into_iter().map(|one| (one.file, one.rules.into_iter().collect())).collect())
}

fn place() -> PathBuf {
    root().join("tests/mutants/scenarios.json")
}

impl Scenarios {
    /// The committed ones; none where there is no such file.
    pub fn read() -> Result<Self> {
        read(&place())
    }

    /// Writes them where they are committed, a line each.
    pub fn write(&self) -> Result<()> {
        let mut text = String::from("{");
        for (at, (name, worth)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let _ = write!(text, "{comma}\n  {}: {}", serde_json::to_string(name)?, serde_json::to_string(worth)?);
        }
        text.push_str("\n}\n");
        fs::write(place(), text).with_context(|| format!("{} cannot be written", place().display()))
    }

    /// Takes what came of a core file's mutants, in place of what is known of that file, or in addition to it; scenarios that
    /// are gone go.
    pub fn enter(&mut self, file: &str, noticed: &[Noticed], rules: &BTreeMap<String, BTreeSet<String>>, added: bool) {
        let old = format!("{file}:");
        self.0.retain(|name, _| rules.contains_key(name));
        for (name, rules) in rules {
            let worth = self.0.entry(name.clone()).or_insert_with(Worth::none);
            if !added && worth.mutant.starts_with(&old) {
                *worth = Worth { reason: std::mem::take(&mut worth.reason), ..Worth::none() };
            }
            let of_its_rule =
                noticed.iter().filter(|one| one.scenarios.contains(name) && !one.rules.is_disjoint(rules));
            for one in of_its_rule {
                if worth.mutant.is_empty() || one.scenarios.len() < worth.noticed_by {
                    worth.mutant.clone_from(&one.mutant);
                    worth.noticed_by = one.scenarios.len();
                }
            }
        }
    }

    /// Those that notice no mutant of their rule, and of which nobody has said why they are kept.
    #[must_use]
    pub fn unexplained(&self) -> Vec<&str> {
        let open = self.0.iter().filter(|(_, worth)| worth.mutant.is_empty() && worth.reason.trim().is_empty());
        open.map(|(name, _)| name.as_str()).collect()
    }

    /// The counts, in a line.
    #[must_use]
    pub fn summary(&self) -> String {
        let sharp = self.0.values().filter(|worth| !worth.mutant.is_empty()).count();
        let alone = self.0.values().filter(|worth| worth.noticed_by == 1).count();
        format!(
            "{sharp} of {} scenario files notice a mutant of their rule, {alone} of them one that no other notices",
            self.0.len()
        )
    }
}

impl Worth {
    fn none() -> Self {
        Self { mutant: String::new(), noticed_by: 0, reason: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_from_comments_and_code() {
        let found = |line| rules_in(line);
        assert_eq!(found("/// Rules 3.4b and 6.6, not 8.1 nor 13.4."), ["3.4", "6.6"]);
        assert_eq!(found("out.event(0, 4, EventKind::ClockSetBack);"), ["0.4"]);
        assert_eq!(found("self.cancel_attempt((3, 6), reason, out);"), ["3.6"]);
        assert_eq!(found("let version = \"1.2.3\"; // 7.12c"), ["1.2", "7.12"]);
        assert!(found("max(30, 5) + f(1, x) - 5.x + 192.1.2").is_empty());
    }

    #[test]
    fn a_function_has_the_rules_of_the_comment_above_it() {
        let source = "//! Rule 5.5.\n\n/// Rule 1.1.\nfn a() {}\n\n/// Rule 2.2.\n#[must_use]\nfn b() {\n    c(); // 3.3\n}\n// 4.4\n";
        let rules = |first, last| rules_around(source, first, last).into_iter().collect::<Vec<_>>();
        assert_eq!(rules(4, 4), ["1.1", "5.5"]);
        assert_eq!(rules(8, 10), ["2.2", "3.3", "5.5"]);
    }

    #[test]
    fn the_failures_of_a_report_are_found() {
        let log = "\n1-where/a.json > step 2 (30 ms)\n  about > this.json > x\n2-order/b.json > 400 seeds\nwarning: c.json > d";
        assert_eq!(failed(log).into_iter().collect::<Vec<_>>(), ["1-where/a.json", "2-order/b.json"]);
    }

    #[test]
    fn a_scenario_has_the_mutant_that_fewest_notice() {
        let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
        let noticed = |mutant: &str, rules: &[&str], scenarios: &[&str]| Noticed {
            mutant: mutant.into(),
            rules: set(rules),
            scenarios: set(scenarios),
        };
        let rules = BTreeMap::from([("a".to_owned(), set(&["3.1"])), ("b".to_owned(), set(&["3.2"]))]);
        let mut all = Scenarios::default();
        all.enter(
            "x.rs",
            &[noticed("x.rs:1 m", &["3.1"], &["a", "b"]), noticed("x.rs:2 n", &["4.4"], &["b"])],
            &rules,
            false,
        );
        assert_eq!(all.0["a"], Worth { mutant: "x.rs:1 m".into(), noticed_by: 2, reason: String::new() });
        assert_eq!(all.unexplained(), ["b"]);
        all.enter("y.rs", &[noticed("y.rs:1 m", &["3.1", "3.2"], &["a"])], &rules, false);
        assert_eq!(all.0["a"].mutant, "y.rs:1 m");
        assert_eq!(
            all.summary(),
            "1 of 2 scenario files notice a mutant of their rule, 1 of them one that no other notices"
        );
        all.enter("y.rs", &[], &rules, false);
        assert_eq!(all.unexplained(), ["a", "b"]);
    }

    #[test]
    fn each_scenario_notices_a_mutant_of_its_rule_or_says_why_it_is_kept() {
        let all = Scenarios::read().unwrap();
        assert!(!all.0.is_empty(), "tests/mutants/scenarios.json is missing: cargo xtask prove mutants");
        assert_eq!(all.unexplained(), Vec::<&str>::new());
        let there = rules_of_scenarios().unwrap();
        let gone: Vec<_> = all.0.keys().filter(|name| !there.contains_key(*name)).collect();
        assert!(gone.is_empty(), "there is no such scenario: take it out of tests/mutants/scenarios.json: {gone:?}");
    }
}
