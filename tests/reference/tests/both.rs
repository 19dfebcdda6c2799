//! The core and the reference side by side over generated inputs: the same ones each time. `REHOME_CASES` says how many
//! cases (default 3,000), `REHOME_SEED` which; a long run asks for many. Seeds of cases that failed are kept beside this
//! file and run first.

mod drive;

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{
    Config, FileFailurePersistence, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner,
};

const CASES: u32 = 3_000;

fn asked(name: &str) -> Option<u32> {
    std::env::var(name).ok().and_then(|number| number.parse().ok())
}

#[test]
fn the_core_and_the_reference_say_the_same() {
    let (count, first) = (asked("REHOME_CASES").unwrap_or(CASES), asked("REHOME_SEED").unwrap_or(1));
    let config = Config {
        cases: count,
        source_file: Some(file!()),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::default()
    };
    let cases = (any::<[u8; 8]>(), vec(any::<[u8; 4]>(), 1..120));
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&first.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let result = TestRunner::new_with_rng(config, rng)
        .run(&cases, |(settings, deeds)| drive::side_by_side(settings, &deeds).map_err(TestCaseError::fail));
    match result {
        // For `cargo xtask prove`.
        Ok(()) if std::env::var_os("REHOME_PROVE").is_some() => {
            println!("\nresult {count} cases of up to 120 inputs, seed {first}: the core and the second writing agree");
        }
        Ok(()) => {}
        Err(TestError::Fail(difference, _)) => panic!("{difference}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}
