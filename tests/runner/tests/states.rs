//! The diagram on the crate's front page against the scenarios, both ways.

use std::path::Path;

use rehome_runner::{disagreements, edges, own_folder, parse_states};

#[test]
fn the_diagram_has_what_the_scenarios_go_through_and_no_more() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/src/STATES.md");
    let diagram = std::fs::read_to_string(file).expect("core/src/STATES.md holds the table of states");
    let diagram = parse_states(&diagram).unwrap();
    let seen = edges(&own_folder()).unwrap();
    let wrong = disagreements(&diagram, &seen);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_table_is_read_in_three_columns() {
    let text = "# States\n\n| a | b |\n|---|---|\n\n| from | input | to |\n|---|---|---|\n\
                | `stopped` | start | lookingUp, registering |\n| waiting, rejected | wake | lookingUp |\n\nmore | text |\n";
    let edges = parse_states(text).unwrap();
    let named = |from: &str, input: &str, to: &str| edges.contains(&(from.into(), input.into(), to.into()));
    assert_eq!(edges.len(), 4);
    assert!(named("stopped", "start", "registering") && named("rejected", "wake", "lookingUp"));
}

#[test]
fn a_table_with_a_typo_is_refused() {
    let table = |row: &str| format!("| from | input | to |\n|---|---|---|\n{row}\n");
    for (row, fragment) in [
        ("| stoped | start | lookingUp |", "line 3: \"stoped\" is no state: did you mean stopped?"),
        ("| stopped | begin | lookingUp |", "\"begin\" is no input: write one of start"),
        ("| stopped | start | stopped |", "stopped stays stopped"),
        ("| stopped | start |", "2 cells"),
        (
            "| stopped | start | lookingUp |\n| stopped | start | lookingUp |",
            "line 4: stopped, start, lookingUp is listed twice",
        ),
    ] {
        let error = parse_states(&table(row)).unwrap_err().to_string();
        assert!(error.contains(fragment), "{error}");
    }
    assert!(parse_states("| from | to |").unwrap_err().to_string().contains("no table of states"));
}

#[test]
fn disagreements_name_file_and_step() {
    let edge = |to: &str| ("stopped".to_owned(), "start".to_owned(), to.to_owned());
    let diagram = [edge("registering")].into();
    let seen = [(edge("lookingUp"), "1-where/x.json > step 0".to_owned())].into();
    assert_eq!(
        disagreements(&diagram, &seen),
        [
            "the diagram lacks | stopped | start | lookingUp |, which happens in 1-where/x.json > step 0",
            "no scenario shows | stopped | start | registering |, which the diagram has",
        ]
    );
}
