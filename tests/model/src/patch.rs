//! Unified diffs, laid on files: as much of it as the seeded defects need, so that no other program is.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// One place that is changed: what is there, what is to be, and where about.
#[derive(Debug)]
struct Hunk {
    file: PathBuf,
    line: usize,
    old: Vec<String>,
    new: Vec<String>,
}

fn hunks(patch: &str) -> Result<Vec<Hunk>> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut file = None;
    for line in patch.trim_end_matches('\n').lines() {
        if line.starts_with("--- a/") {
            continue;
        }
        if let Some(name) = line.strip_prefix("+++ b/") {
            file = Some(PathBuf::from(name));
        } else if let Some(place) = line.strip_prefix("@@ -") {
            let number = place.split([',', ' ']).next().and_then(|number| number.parse().ok());
            let line = number.with_context(|| format!("no line number in: {line}"))?;
            let file = file.clone().context("a hunk before its file")?;
            hunks.push(Hunk { file, line, old: Vec::new(), new: Vec::new() });
        } else if let Some(hunk) = hunks.last_mut() {
            // An editor may have taken the blank of an empty line.
            let (sign, text) = line.split_at_checked(1).unwrap_or((" ", ""));
            let text = text.to_string();
            match sign {
                " " => {
                    hunk.old.push(text.clone());
                    hunk.new.push(text);
                }
                "-" => hunk.old.push(text),
                "+" => hunk.new.push(text),
                _ => bail!("not a line of a patch: {line}"),
            }
        }
    }
    if hunks.is_empty() {
        bail!("it changes nothing");
    }
    Ok(hunks)
}

/// What the files below `root` are with the patch on them. Lines may have moved, but must all be there.
///
/// # Errors
/// If what a hunk changes is not there, or a file cannot be read.
pub fn patched(patch: &str, root: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut files: Vec<(PathBuf, Vec<String>)> = Vec::new();
    for hunk in hunks(patch)? {
        let at = match files.iter().position(|(file, _)| *file == hunk.file) {
            Some(at) => at,
            None => {
                let path = root.join(&hunk.file);
                let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                files.push((hunk.file.clone(), text.lines().map(ToString::to_string).collect()));
                files.len() - 1
            }
        };
        let lines = &mut files[at].1;
        let places = (0..=lines.len().saturating_sub(hunk.old.len())).filter(|at| lines[*at..].starts_with(&hunk.old));
        let place = places.min_by_key(|at| at.abs_diff(hunk.line));
        let place = place.with_context(|| format!("{} has no\n{}", hunk.file.display(), hunk.old.join("\n")))?;
        lines.splice(place..place + hunk.old.len(), hunk.new);
    }
    Ok(files.into_iter().map(|(file, lines)| (file, lines.join("\n") + "\n")).collect())
}
