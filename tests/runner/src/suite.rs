//! A folder of scenarios: which files there are, and what is wrong with the folder itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::json;
use crate::load;
use crate::policy::Policy;
use crate::problem::{At, Problem};
use crate::scenario::Scenario;

/// The file in the scenarios folder that says how many scenarios there are.
pub const MANIFEST: &str = "suite.json";

/// Scenarios, and problems of files and folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suite {
    /// Good files, in order of file name.
    pub scenarios: Vec<Scenario>,
    /// Everything that is wrong, at most one thing a file.
    pub problems: Vec<Problem>,
}

/// The scenarios of this repository.
#[must_use]
pub fn own_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios")
}

/// Reads the scenarios folder whole, any folder of it, a single file of it, or a folder elsewhere.
///
/// The scenarios folder is the nearest one upwards that holds `suite.json`; names are paths from there. The number of
/// files is checked only where that folder itself is read. A folder elsewhere is not asked for sections.
pub fn open(place: &Path, policy: &Policy) -> anyhow::Result<Suite> {
    let remedy = "name a folder of scenarios, as tests/scenarios/4-rollover, or none for all";
    let place = place.canonicalize().with_context(|| format!("{} cannot be read: {remedy}", place.display()))?;
    let own = own_folder().canonicalize().ok();
    let root = place.ancestors().find(|folder| folder.join(MANIFEST).is_file() || own.as_deref() == Some(*folder));
    let base = root.unwrap_or(if place.is_dir() { &place } else { place.parent().unwrap_or(&place) });
    let mut files = Vec::new();
    if place.is_dir() {
        walk(&place, &mut files)?
    } else {
        files.push(place.clone())
    }
    let mut named: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in files {
        let parts: Vec<_> = file.strip_prefix(base)?.components().map(|c| c.as_os_str().to_string_lossy()).collect();
        named.insert(parts.join("/"), file.clone());
    }
    let mut suite = Suite::default();
    let mut found = 0;
    for (name, path) in &named {
        if name == MANIFEST && root.is_some() {
            continue;
        }
        found += 1;
        suite.add(name, path, policy, root.is_some());
    }
    if found == 0 {
        bail!("{} holds no scenario: {remedy}", place.display());
    }
    if root == Some(&place)
        && let Err(problem) = count(&place.join(MANIFEST), found)
    {
        suite.problems.push(problem);
    }
    Ok(suite)
}

impl Suite {
    fn add(&mut self, name: &str, path: &Path, policy: &Policy, sections: bool) {
        match read(name, path, policy, sections) {
            Ok(scenario) => match self.scenarios.iter().find(|other| other.description == scenario.description) {
                Some(other) => {
                    let text = format!("{} has the same description: say what is different here", other.file);
                    self.problems.push(At::file(name).key("description").problem(text));
                }
                None => self.scenarios.push(scenario),
            },
            Err(problem) => self.problems.push(problem),
        }
    }
}

fn read(name: &str, path: &Path, policy: &Policy, sections: bool) -> Result<Scenario, Problem> {
    let at = At::file(name);
    if !name.ends_with(".json") {
        return Err(at.problem("it is not run: end its name in .json, or take it away"));
    }
    let section = name.split_once('/').and_then(|(folder, _)| folder.split_once('-')).map(|(section, _)| section);
    let known = section.is_some_and(|s| policy.rules.iter().any(|rule| rule.split('.').next() == Some(s)));
    if sections && !known {
        return Err(at.problem("it is in no section's folder: move it into one, as 4-rollover"));
    }
    let scenario = load::load(path, name, policy)?;
    let proves = |section| scenario.rules.iter().any(|rule| rule.split('.').next() == Some(section));
    match section.filter(|_| sections) {
        Some(section) if !proves(section) => Err(at.key("rules").problem(format!(
            "none of them is of section {section}, in whose folder the file is: move it to the section of {}",
            scenario.rules.join(", ")
        ))),
        _ => Ok(scenario),
    }
}

/// All files below a folder, without those whose name begins with a dot.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')) {
            continue;
        }
        if path.is_dir() { walk(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// Compares the number of files with the manifest's, so that a runner that finds fewer fails.
fn count(manifest: &Path, found: u64) -> Result<(), Problem> {
    let at = At::file(MANIFEST);
    let text = std::fs::read_to_string(manifest).map_err(|error| {
        at.problem(format!("it cannot be read ({error}): write {{\"schemaVersion\":1,\"files\":{found}}}"))
    })?;
    let value = json::parse(&text).map_err(|error| {
        at.problem(format!(
            "it is not the JSON of a manifest ({error}): write {{\"schemaVersion\":1,\"files\":{found}}}"
        ))
    })?;
    let object = at.object(&value)?;
    load::version(&at, object)?;
    at.fields(object, &["schemaVersion", "files"], &[])?;
    let at = at.key("files");
    match at.integer(&object["files"], 0, u64::MAX)? {
        listed if listed == found => Ok(()),
        listed => Err(at.problem(format!(
            "{listed} files are listed, {found} are there: find out what became of them, or write {found} if they are meant"
        ))),
    }
}
