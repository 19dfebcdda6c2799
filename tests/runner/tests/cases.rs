//! The runner's own cases: files that must pass, must fail and are invalid.
//!
//! `NAME.script.json` is what a made-up subject puts out; without it the library itself is run. Each paragraph of
//! `NAME.txt` (one line, with `\n` for a line's end) must occur in the report.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rehome_runner::{
    Failure, Instance, Native, Output, Policy, Problem, Refusal, Scenario, Subject, explain, load, run,
};
use serde_json::{Value, json};

/// Puts out what the script says, call by call.
struct Scripted {
    script: Value,
    creations: Mutex<usize>,
}

struct Playing {
    script: Value,
    steps: usize,
    statuses: usize,
}

impl Scripted {
    fn playing(&self) -> Box<dyn Instance> {
        Box::new(Playing { script: self.script.clone(), steps: 0, statuses: 0 })
    }
}

impl Subject for Scripted {
    fn create(&self, _config: &Value, seed: u64) -> Result<Box<dyn Instance>, Refusal> {
        if let Some(first) = self.script["first"].as_array() {
            // Statistics: the seed says which target comes first.
            let target = &first[usize::try_from(seed).unwrap() % first.len()];
            let step = json!({ "actions": [{ "type": "register", "target": target }] });
            return Ok(Box::new(Playing { script: json!({ "steps": [step] }), steps: 0, statuses: 0 }));
        }
        let mut creations = self.creations.lock().unwrap();
        let code = self.script["create"][*creations].as_str().unwrap_or_default();
        *creations += 1;
        if code.is_empty() { Ok(self.playing()) } else { Err(refusal(code, false)) }
    }

    fn restore(
        &self,
        _config: &Value,
        seed: u64,
        snapshot: &[u8],
        now: u64,
        wall: u64,
    ) -> Result<Box<dyn Instance>, Refusal> {
        assert_eq!((seed, now, wall), (2, 50, 1_700_000_060_000));
        assert_eq!(snapshot, b"2000 1700000000000");
        // Goes on in the script where the first process stopped.
        Ok(Box::new(Playing { script: self.script.clone(), steps: 1, statuses: 0 }))
    }
}

impl Instance for Playing {
    fn step(&mut self, _input: &Value, _now: u64) -> Result<Output, Refusal> {
        let step = self.script["steps"][self.steps].clone();
        self.steps += 1;
        if let Some(text) = step["panic"].as_str() {
            std::panic::resume_unwind(Box::new(text.to_owned()));
        }
        if let Some(code) = step["error"].as_str() {
            return Err(refusal(code, step["changed"] == true));
        }
        let list = |key: &str| step[key].as_array().cloned().unwrap_or_default();
        Ok(Output { actions: list("actions"), events: list("events"), wake: step["wakeMs"].as_u64() })
    }

    fn status(&mut self, now: u64) -> Result<Value, Refusal> {
        // The new process of the case `another-process` is asked last.
        let index = if now >= 105 { 2 } else { self.statuses };
        self.statuses += 1;
        Ok(self.script["status"][index].clone())
    }

    fn snapshot(&mut self, now: u64, wall: u64) -> Vec<u8> {
        format!("{now} {wall}").into_bytes()
    }
}

fn refusal(code: &str, changed: bool) -> Refusal {
    Refusal { code: code.to_owned(), text: "as the script says".to_owned(), changed }
}

/// The cases of a folder: name, file, and what running it came to.
fn cases(folder: &str) -> Vec<(String, Result<Scenario, Problem>, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(folder);
    let policy = Policy::own().unwrap();
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "json") && !text(path).ends_with(".script.json"));
    paths.sort();
    let case = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name.clone(), load(&path, &name, &policy), path)
    };
    paths.into_iter().map(case).collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn failure(scenario: &Scenario, path: &Path) -> Option<Failure> {
    let Ok(script) = fs::read_to_string(path.with_extension("script.json")) else {
        return run(&Native, scenario).failure;
    };
    let script = serde_json::from_str(&script).unwrap();
    run(&Scripted { script, creations: Mutex::new(0) }, scenario).failure
}

/// The fragments of `NAME.txt` that the report lacks.
fn lacking(report: &str, path: &Path) -> Vec<String> {
    let wanted = fs::read_to_string(path.with_extension("txt")).unwrap();
    let wanted: Vec<String> = wanted.lines().map(|line| line.replace("\\n", "\n")).collect();
    assert!(!wanted.is_empty(), "{path:?}");
    wanted.into_iter().filter(|fragment| !report.contains(fragment.as_str())).collect()
}

#[test]
fn pass() {
    let mut wrong = String::new();
    for (name, scenario, path) in cases("pass") {
        match scenario.map(|scenario| failure(&scenario, &path).map(|failure| explain(&scenario, &failure))) {
            Ok(None) => {}
            Ok(Some(report)) => wrong += &report,
            Err(problem) => wrong += &format!("{name}: {problem}\n"),
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn fail() {
    let mut wrong = String::new();
    for (name, scenario, path) in cases("fail") {
        let scenario = scenario.unwrap_or_else(|problem| panic!("{problem}"));
        let Some(failure) = failure(&scenario, &path) else {
            wrong += &format!("{name} passed\n");
            continue;
        };
        let report = explain(&scenario, &failure);
        for fragment in lacking(&report, &path) {
            wrong += &format!("{name}: the report lacks {fragment:?}\n{report}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn invalid() {
    let mut wrong = String::new();
    for (name, scenario, path) in cases("invalid") {
        let Err(problem) = scenario else {
            wrong += &format!("{name} was read\n");
            continue;
        };
        let report = problem.to_string();
        assert!(!report.contains('\n'), "{report}");
        for fragment in lacking(&report, &path) {
            wrong += &format!("{name}: the sentence lacks {fragment:?}\n  {report}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
