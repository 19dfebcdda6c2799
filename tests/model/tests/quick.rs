//! The configurations that close within seconds close, and every property holds in them.

use std::time::Duration;

use rehome_model::check::{Found, Limits, check};
use rehome_model::defects::{defects, fits};
use rehome_model::scenario::scenario;
use rehome_model::space::Space;
use rehome_model::spaces::spaces;

fn search(space: &Space) -> Found {
    check(space, Limits { time: Duration::from_secs(300), steps: usize::MAX, threads: 2, progress: false })
}

#[test]
fn the_quick_configurations_close_and_every_property_holds() {
    let mut states = 0;
    for space in spaces().into_iter().filter(|space| space.quick) {
        let found = search(&space);
        println!("{}: {} states, depth {}, {:.1} s", space.name, found.states, found.depth, found.time.as_secs_f64());
        if let Some((broken, acts)) = &found.broken {
            let file = scenario(&space, acts, broken).unwrap_or_else(|error| error.to_string());
            panic!("{}: {}: {}\n{acts:?}\n{file}", space.name, broken.property.text(), broken.what);
        }
        assert!(found.closed, "{} is not closed after {} states", space.name, found.states);
        states += found.states;
    }
    assert!(states > 100_000, "{states} states only: what is left out?");
}

#[test]
fn a_search_says_when_it_was_cut_off() {
    let space = &spaces()[0];
    let limits = Limits { time: Duration::from_secs(300), steps: 2_000, threads: 1, progress: false };
    assert!(!check(space, limits).closed);
}

#[test]
fn every_seeded_defect_fits_the_core_as_it_is() {
    let errors = defects().unwrap().into_iter().filter_map(|defect| fits(&defect).err());
    let errors: Vec<String> = errors.map(|error| format!("{error:#}")).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn there_are_enough_defects_and_each_names_a_configuration() {
    let (defects, spaces) = (defects().unwrap(), spaces());
    assert!(defects.len() >= 10, "{} defects", defects.len());
    for defect in defects {
        assert!(spaces.iter().any(|space| space.name == defect.space), "{}: {}", defect.name, defect.space);
    }
}
