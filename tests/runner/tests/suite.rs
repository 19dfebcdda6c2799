//! The whole suite, as `cargo xtask scenarios` runs it. The files with statistics come apart, in `statistics.rs`: they take
//! longer than all others together, and a mutant of the core is mostly caught without them.

use rehome_runner::{Native, Policy, open, own_folder, run_suite};

#[test]
fn all_scenarios_pass() {
    let mut suite = open(&own_folder(), &Policy::own().unwrap()).unwrap();
    suite.scenarios.retain(|scenario| scenario.statistics.is_none());
    let report = run_suite(&Native, &suite);
    assert!(report.failed == 0, "\n{}", report.text);
}
