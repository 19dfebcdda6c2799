//! Which files show which sentence of the policy.

use std::fmt::Write as _;

use crate::policy::Policy;
use crate::suite::Suite;

/// Every rule and sentence with its files, and how many sentences have none.
#[must_use]
pub fn cover(policy: &Policy, suite: &Suite) -> (String, usize) {
    let mut text = String::new();
    let mut empty = Vec::new();
    for rule in &policy.rules {
        let files = suite.scenarios.iter().filter(|scenario| scenario.rules.contains(rule)).count();
        let _ = writeln!(text, "{rule} ({files} {})", if files == 1 { "file" } else { "files" });
        for sentence in policy.sentences.iter().filter(|sentence| sentence.rule() == rule) {
            let _ = writeln!(text, "  {} {}", sentence.id, sentence.text);
            let files = suite.scenarios.iter().filter(|scenario| scenario.sentences.contains(&sentence.id));
            let files: Vec<&str> = files.map(|scenario| scenario.file.as_str()).collect();
            for file in &files {
                let _ = writeln!(text, "       {file}");
            }
            if files.is_empty() && sentence.unseen.is_none() {
                let _ = writeln!(text, "       NO FILE");
                empty.push(sentence.id.as_str());
            }
        }
    }
    let seen = policy.sentences.iter().filter(|sentence| sentence.unseen.is_none()).count();
    let _ = writeln!(
        text,
        "{} rules; {} of {seen} sentences have a file, {} more are not seen from outside",
        policy.rules.len(),
        seen - empty.len(),
        policy.sentences.len() - seen,
    );
    if !empty.is_empty() {
        let _ = writeln!(text, "without a file: {}", empty.join(", "));
    }
    (text, empty.len())
}
