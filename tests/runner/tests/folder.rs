//! A folder of scenarios: what is wrong with it, its report, its cover and its hash.

use std::fs;
use std::path::{Path, PathBuf};

use rehome_runner::{Instance, Output, Policy, Refusal, Subject, Suite, cover, main_scenarios, open, run_suite};
use serde_json::{Value, json};

/// A subject that puts out nothing, ever.
struct Silent;

impl Subject for Silent {
    fn create(&self, _config: &Value, _seed: u64) -> Result<Box<dyn Instance>, Refusal> {
        Ok(Box::new(Silent))
    }

    fn restore(&self, _: &Value, _: u64, _: &[u8], _: u64, _: u64) -> Result<Box<dyn Instance>, Refusal> {
        Ok(Box::new(Silent))
    }
}

impl Instance for Silent {
    fn step(&mut self, _input: &Value, _now: u64) -> Result<Output, Refusal> {
        Ok(Output::default())
    }

    fn status(&mut self, _now: u64) -> Result<Value, Refusal> {
        Ok(json!({ "state": "stopped", "plan": [] }))
    }

    fn snapshot(&mut self, _now: u64, _wall: u64) -> Vec<u8> {
        Vec::new()
    }
}

/// A folder of its own for each test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn scenario(description: &str, rule: &str, steps: Value) -> String {
    json!({
        "schemaVersion": 1, "description": description, "rules": [rule], "sentences": [format!("{rule}a")],
        "source": { "title": "Rehome", "section": "runner" }, "seed": 1, "steps": steps,
    })
    .to_string()
}

fn quiet(description: &str, rule: &str) -> String {
    scenario(description, rule, json!([{ "atMs": 0, "op": "step", "input": { "type": "start" }, "wakeMs": null }]))
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn read(folder: &Path) -> Suite {
    open(folder, &Policy::own().unwrap()).unwrap()
}

fn problems(suite: &Suite) -> Vec<String> {
    suite.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_good_folder_passes_and_its_hash_is_the_documented_one() {
    let folder = folder("good");
    write(&folder, "suite.json", "{\"schemaVersion\":1,\"files\":2}");
    write(&folder, "4-rollover/b.json", &quiet("One.", "4.1"));
    let steps = json!([
        { "atMs": 0, "op": "step", "input": { "type": "start" }, "wakeMs": null },
        { "atMs": 0, "op": "status", "expect": { "state": "stopped" } },
    ]);
    write(&folder, "1-where/a.json", &scenario("Two.", "1.1", steps));
    let report = run_suite(&Silent, &read(&folder));
    assert_eq!((report.passed, report.failed), (2, 0));
    // By tests/README.md: the trace of each file, then that of the folder.
    let a = fnv("{\"step\":0}\n{}\n{\"step\":1}\n{\"plan\":[],\"state\":\"stopped\"}\n");
    let b = fnv("{\"step\":0}\n{}\n");
    let all = fnv(&format!("1-where/a.json {a}\n4-rollover/b.json {b}\n"));
    assert_eq!(report.text, format!("trace hash {all}\n2 passed, 0 failed\n"));
    // A part of it keeps its names and is not counted.
    let part = read(&folder.join("4-rollover"));
    assert_eq!(part.scenarios[0].file, "4-rollover/b.json");
    assert!(part.problems.is_empty());
    assert_eq!(read(&folder.join("1-where/a.json")).scenarios.len(), 1);
}

/// FNV-1a by its definition, once more.
fn fnv(text: &str) -> String {
    let mut hash: u64 = 14_695_981_039_346_656_037;
    for byte in text.bytes() {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(1_099_511_628_211);
    }
    format!("{hash:016x}")
}

#[test]
fn a_folder_says_what_is_wrong_with_it() {
    let folder = folder("wrong");
    write(&folder, "suite.json", "{\"schemaVersion\":1,\"files\":9}");
    write(&folder, "4-rollover/a.json", &quiet("The same.", "4.1"));
    write(&folder, "4-rollover/b.json", &quiet("The same.", "4.1"));
    write(&folder, "4-rollover/c.json", &quiet("Another.", "1.1"));
    write(&folder, "4-rollover/d.json", &scenario("Empty.", "4.1", json!([])));
    write(&folder, "4-rollover/notes.txt", "x");
    write(&folder, "4-rollover/.hidden", "x");
    write(&folder, "e.json", &quiet("Outside.", "4.1"));
    write(&folder, "9-nowhere/f.json", &quiet("Elsewhere.", "4.1"));
    let suite = read(&folder);
    assert_eq!(
        problems(&suite),
        [
            "4-rollover/b.json, field /description: 4-rollover/a.json has the same description: say what is different here",
            "4-rollover/c.json, field /rules: none of them is of section 4, in whose folder the file is: move it to the section of 1.1",
            "4-rollover/d.json, field /steps: a scenario without a step shows nothing: add one",
            "4-rollover/notes.txt: it is not run: end its name in .json, or take it away",
            "9-nowhere/f.json: it is in no section's folder: move it into one, as 4-rollover",
            "e.json: it is in no section's folder: move it into one, as 4-rollover",
            "suite.json, field /files: 9 files are listed, 7 are there: find out what became of them, or write 7 if they are meant",
        ]
    );
    let report = run_suite(&Silent, &suite);
    assert_eq!((report.passed, report.failed), (1, 7));
    assert_eq!(report.text.lines().last(), Some("1 passed, 7 failed"));
}

#[test]
fn a_manifest_is_read_strictly() {
    let folder = folder("manifest");
    write(&folder, "4-rollover/a.json", &quiet("One.", "4.1"));
    for (manifest, fragment) in [
        ("{\"schemaVersion\":1,\"file\":1}", "did you mean \"files\"?"),
        ("{\"schemaVersion\":2,\"files\":1}", "the file has version 2, this runner reads 1"),
        ("files: 1", "write {\"schemaVersion\":1,\"files\":1}"),
    ] {
        write(&folder, "suite.json", manifest);
        let problems = problems(&read(&folder));
        assert!(problems.len() == 1 && problems[0].contains(fragment), "{problems:?}");
    }
}

#[test]
fn a_folder_elsewhere_needs_no_sections_but_files() {
    let folder = folder("elsewhere");
    let error = open(&folder, &Policy::own().unwrap()).unwrap_err().to_string();
    assert!(error.contains("holds no scenario: name a folder"), "{error}");
    write(&folder, "a.json", &quiet("One.", "4.1"));
    assert!(read(&folder).problems.is_empty());
    let error = main_scenarios(Some(&folder.join("gone")), false).unwrap_err().to_string();
    assert!(error.contains("gone cannot be read: name a folder"), "{error}");
}

#[test]
fn the_cover_names_files_and_what_has_none() {
    let folder = folder("cover");
    write(&folder, "a.json", &quiet("One.", "9.1"));
    let policy =
        "### 9.1\n- **9.1a** Seen.\n- **9.1b** Not shown.\n- **9.1c** Never. (Not seen from outside: a type.)\n";
    let policy = Policy::parse(policy).unwrap();
    let (text, empty) = cover(&policy, &open(&folder, &policy).unwrap());
    assert_eq!(empty, 1);
    assert_eq!(
        text,
        "9.1 (1 file)\n  9.1a Seen.\n       a.json\n  9.1b Not shown.\n       NO FILE\n  \
         9.1c Never. (Not seen from outside: a type.)\n\
         1 rules; 1 of 2 sentences have a file, 1 more are not seen from outside\nwithout a file: 9.1b\n"
    );
}
