//! The search: breadth first over every state, so that a counterexample is as short as can be.

use std::io::Write;
use std::time::{Duration, Instant};

use stateright::report::{ReportData, ReportDiscovery, Reporter};
use stateright::{Checker, HasDiscoveries, Model, Property as Rule};

use crate::alive;
use crate::property::{Broken, Property};
use crate::space::{Act, Space};
use crate::world::World;

/// A state of the search.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The world, in normal form.
    pub world: World,
    /// The property that the last step broke.
    pub broken: Option<Broken>,
}

/// How far to go.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For so long.
    pub time: Duration,
    /// For so many steps.
    pub steps: usize,
    /// By so many threads; one finds the shortest counterexample for sure.
    pub threads: usize,
    /// Whether to say now and then how far it is.
    pub progress: bool,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Found {
    /// States that differ.
    pub states: usize,
    /// Steps taken.
    pub steps: usize,
    /// The longest of the shortest paths.
    pub depth: usize,
    /// Whether all that can be reached was seen.
    pub closed: bool,
    /// How long it took.
    pub time: Duration,
    /// The property that does not hold, and the way there.
    pub broken: Option<(Broken, Vec<Act>)>,
}

struct Search(Space);

fn holds(search: &Search, state: &State, property: Property) -> bool {
    match &state.broken {
        Some(broken) => broken.property != property,
        None => property != Property::AliveIsReached || alive::unreached(&state.world, &search.0).is_none(),
    }
}

impl Model for Search {
    type State = State;
    type Action = Act;

    fn init_states(&self) -> Vec<State> {
        vec![State { world: World::new(&self.0).normalised(self.0.seed), broken: None }]
    }

    fn actions(&self, state: &State, acts: &mut Vec<Act>) {
        if state.broken.is_none() {
            state.world.acts(&self.0, acts);
        }
    }

    fn next_state(&self, state: &State, act: Act) -> Option<State> {
        let mut world = state.world.clone();
        let broken = match world.go(&self.0, act) {
            Ok(false) => return None,
            Ok(true) => None,
            Err(broken) => Some(broken),
        };
        Some(State { world: world.normalised(self.0.seed), broken })
    }

    fn properties(&self) -> Vec<Rule<Self>> {
        macro_rules! all {
            ($($name:ident),+) => {
                vec![$(Rule::always(Property::$name.text(), |search, state| holds(search, state, Property::$name))),+]
            };
        }
        all!(
            OneInFlight,
            NeverForgotten,
            OnlyThoseRollOver,
            NextIsTheWalks,
            Sticky,
            ExcursionKeepsHome,
            OnlyOnTriggers,
            AliveIsReached,
            NoSecondBinding,
            Spacing,
            BackOff,
            SnapshotBehaves,
            SaysTheTruth
        )
    }
}

struct Progress {
    name: &'static str,
    shown: bool,
    told: u64,
}

impl<M: Model> Reporter<M> for Progress {
    fn report_checking(&mut self, data: ReportData) {
        if self.shown && data.duration.as_secs() / 5 > self.told {
            self.told = data.duration.as_secs() / 5;
            let (unique, depth) = (data.unique_states, data.max_depth);
            let mut err = std::io::stderr().lock();
            let _ = writeln!(err, "{}: {unique} states, depth {depth}, {} s", self.name, data.duration.as_secs());
        }
    }

    fn report_discoveries(&mut self, _: &M, _: std::collections::BTreeMap<&'static str, ReportDiscovery<M>>) {}

    fn delay(&self) -> Duration {
        if self.shown { Duration::from_millis(500) } else { Duration::from_millis(20) }
    }
}

/// Searches one configuration.
#[must_use]
pub fn check(space: &Space, limits: Limits) -> Found {
    let begun = Instant::now();
    let checker = Search(space.clone())
        .checker()
        .threads(limits.threads)
        .timeout(limits.time)
        .target_state_count(limits.steps)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .report(&mut Progress { name: space.name, shown: limits.progress, told: 0 });
    let time = begun.elapsed();
    let (states, steps, depth) = (checker.unique_state_count(), checker.state_count(), checker.max_depth());
    let broken = checker.discoveries().into_iter().next().map(|(_, path)| {
        let (last, acts) = (path.last_state().clone(), path.into_actions());
        let broken = last.broken.unwrap_or_else(|| {
            let host = alive::unreached(&last.world, space);
            Broken { property: Property::AliveIsReached, what: format!("{host:?} is alive, and not reached") }
        });
        (broken, acts)
    });
    let closed = broken.is_none() && time < limits.time && steps < limits.steps;
    Found { states, steps, depth, closed, time, broken }
}
