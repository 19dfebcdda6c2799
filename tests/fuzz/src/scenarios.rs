//! Scenario files.

use std::sync::OnceLock;

use rehome_runner::{Native, Policy, parse, run};

/// A file is refused with a problem that says where, or is run; neither runner nor core panics.
pub fn scenarios(data: &[u8]) {
    static POLICY: OnceLock<Policy> = OnceLock::new();
    let Ok(text) = std::str::from_utf8(data) else { return };
    let policy = POLICY.get_or_init(|| Policy::own().expect("the policy"));
    match parse(text, "fuzzed.json", policy) {
        Err(problem) => assert!(!problem.to_string().is_empty()),
        // Thousands of seeds are for the suite.
        Ok(scenario) if scenario.statistics.is_none() => {
            let ran = run(&Native, &scenario);
            assert_eq!(ran.hash.len(), 16);
            let mut differences = ran.failure.iter().flat_map(|failure| &failure.differences);
            let call = differences.find(|difference| difference.item == "call");
            assert!(call.is_none(), "{call:?}");
        }
        Ok(_) => {}
    }
}
