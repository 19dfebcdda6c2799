//! The scenario files that play the same steps for many seeds.

use rehome_runner::{Native, Policy, open, own_folder, run_suite};

#[test]
fn all_statistics_pass() {
    let mut suite = open(&own_folder(), &Policy::own().unwrap()).unwrap();
    suite.scenarios.retain(|scenario| scenario.statistics.is_some());
    let report = run_suite(&Native, &suite);
    assert!(report.failed == 0, "\n{}", report.text);
}
