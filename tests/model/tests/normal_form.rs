//! The normal form changes nothing: whatever happens, the plain core and one that is brought to normal form before each step
//! go on alike. Else states would be taken for one that are two, and what follows from one of them would not be seen.

use rehome::proof;
use rehome_model::space::Space;
use rehome_model::spaces::spaces;
use rehome_model::world::World;

const WALKS: u64 = 60;
const STEPS: usize = 150;

/// Numbers that are mixed well enough to choose by (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }
}

fn walk(space: &Space, dice: &mut Dice) -> usize {
    let mut plain = World { now: proof::NOW.as_millis(), ..World::new(space) };
    let mut twin = plain.clone().normalised(space.seed);
    let mut path = Vec::new();
    for _ in 0..STEPS {
        let (mut acts, mut of_twin) = (Vec::new(), Vec::new());
        plain.acts(space, &mut acts);
        twin.acts(space, &mut of_twin);
        assert_eq!(acts, of_twin, "{}: after {path:?}", space.name);
        let act = acts[dice.below(acts.len())];
        path.push(act);
        let (went, twin_went) = (plain.go(space, act), twin.go(space, act));
        assert_eq!(went, twin_went, "{}: after {path:?}", space.name);
        // The generator aside: the model takes one value of each draw.
        plain.phone.reseed(space.seed);
        twin = twin.normalised(space.seed);
        assert_eq!(plain.clone().normalised(space.seed), twin, "{}: after {path:?}", space.name);
    }
    path.len()
}

#[test]
fn the_normal_form_goes_on_as_the_plain_core() {
    let mut dice = Dice(1);
    let steps: usize = spaces().iter().map(|space| (0..WALKS).map(|_| walk(space, &mut dice)).sum::<usize>()).sum();
    assert!(steps > 150_000, "{steps} steps only");
}
