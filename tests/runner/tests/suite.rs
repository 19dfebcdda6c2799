//! The whole suite, as `cargo xtask scenarios` runs it.

use rehome_runner::{Native, Policy, open, own_folder, run_suite};

#[test]
fn all_scenarios_pass() {
    let suite = open(&own_folder(), &Policy::own().unwrap()).unwrap();
    let report = run_suite(&Native, &suite);
    assert!(report.failed == 0, "\n{}", report.text);
}
